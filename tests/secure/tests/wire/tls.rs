//! The listener.

use http::Request;
use secure_tests::System;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::rustls::ProtocolVersion;

#[tokio::test]
async fn both_http_versions_are_offered() {
    let system = System::start().await;
    for protocol in ["h2", "http/1.1"] {
        let stream = system.client.connect("localhost", &[protocol]).await;
        let (_, session) = stream.get_ref();
        assert_eq!(session.alpn_protocol(), Some(protocol.as_bytes()));
        assert_eq!(session.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    }
    let metadata = format!("{}/.well-known/oauth-authorization-server", system.url());
    let request = Request::get(&metadata).body(String::new()).unwrap();
    let reply = system.client.send_http2(request).await;
    assert_eq!(
        (reply.status.as_u16(), reply.version),
        (200, http::Version::HTTP_2)
    );
    assert_eq!(reply.json().await["issuer"], system.url());
}

#[tokio::test]
async fn the_certificate_is_for_every_name_of_this_machine() {
    let system = System::start().await;
    for name in ["localhost", "127.0.0.1", "::1"] {
        system.client.connect(name, &["h2"]).await;
    }
}

#[tokio::test]
async fn an_old_protocol_is_refused() {
    let system = System::start().await;
    let answer = async |version| {
        let mut tcp = TcpStream::connect(system.running.address()).await.unwrap();
        tcp.write_all(&client_hello([3, version])).await.unwrap();
        let mut answer = [0; 7];
        tcp.read_exact(&mut answer).await.unwrap();
        (answer[0], answer[5], answer[6])
    };
    for old in [1, 2] {
        // A fatal alert: `protocol_version`.
        assert_eq!(answer(old).await, (21, 2, 70));
    }
    // The same message in TLS 1.2 is answered: `ServerHello`.
    let (kind, message, _) = answer(3).await;
    assert_eq!((kind, message), (22, 2));
}

/// The first message of a client that knows nothing newer than this version of TLS.
fn client_hello(version: [u8; 2]) -> Vec<u8> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..], // the curve P-256
        &[0, 11, 0, 2, 1, 0],            // points without compression
        &[0, 13, 0, 4, 0, 2, 4, 3],      // ECDSA with SHA-256
    ]
    .concat();
    let hello = [
        &version[..],
        &[7; 32],                        // random
        &[0],                            // no session
        &[0, 4, 0xc0, 0x2b, 0xc0, 0x09], // ECDHE-ECDSA with AES-128, GCM and CBC
        &[1, 0],                         // no compression
        &length(&extensions),
        &extensions,
    ]
    .concat();
    let handshake = [&[1, 0][..], &length(&hello), &hello].concat();
    [&[22, 3, 1][..], &length(&handshake), &handshake].concat()
}

#[tokio::test]
async fn the_plain_port_only_knows_the_way_to_https() {
    let system = System::with(|options| options.redirect = Some(([127, 0, 0, 1], 0).into())).await;
    let plain = system.running.redirect().unwrap();
    let mut tcp = TcpStream::connect(plain).await.unwrap();
    let request = "POST /mcp?a=b HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\
                   Connection: close\r\n\r\n";
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
    let location = format!("location: {}/mcp?a=b\r\n", system.url());
    assert!(answer.contains(&location), "{answer}");
}

#[tokio::test]
async fn every_answer_says_that_https_is_meant() {
    let system = System::start().await;
    for path in ["/mcp", "/authorize", "/jwks.json", "/nothing"] {
        let reply = system.client.get(path).await;
        assert_eq!(
            reply.header("strict-transport-security"),
            "max-age=60",
            "{path}"
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let system = System::start().await;
    let request = Request::get("/jwks.json").header("x-large", "x".repeat(20 * 1024));
    let reply = system
        .client
        .send(request.body(String::new()).unwrap())
        .await;
    assert_eq!(reply.status, 431);
}

#[tokio::test]
async fn secrets_are_for_their_owner_alone() {
    let system = System::start().await;
    let mode = |name: &str| {
        let file = std::fs::metadata(system.directory().join(name)).unwrap();
        file.permissions().mode() & 0o777
    };
    assert_eq!((mode("key.pem"), mode("service.json")), (0o600, 0o600));
    assert_eq!(mode(""), 0o700);
    let key = std::fs::read_to_string(system.directory().join("key.pem")).unwrap();
    let kept = std::fs::read_to_string(system.directory().join("ca.pem")).unwrap();
    assert!(key.contains("PRIVATE KEY") && !kept.contains("PRIVATE KEY"));
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_one_made() {
    let first = System::start().await;
    let data = first.directory().clone();
    let read = |name: &str| std::fs::read_to_string(data.join(name)).unwrap();
    let before = ["ca.pem", "certificate.pem", "key.pem", "service.json"].map(read);
    let second = System::with(|options| options.data = data.clone()).await;
    let after = ["ca.pem", "certificate.pem", "key.pem", "service.json"].map(read);
    assert_eq!(before, after);
    assert_eq!(first.client.get("/jwks.json").await.status, 200);
    assert_eq!(second.client.get("/jwks.json").await.status, 200);
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused() {
    let mut options = secure::Options::new("never-made");
    options.bind = ([0, 0, 0, 0], 0).into();
    assert!(secure::start(options).await.is_err());
    assert!(!std::path::Path::new("never-made").exists());
}

#[tokio::test]
async fn a_body_that_is_too_large_for_the_issuer_is_refused() {
    let system = System::start().await;
    let body = json!({"redirect_uris": ["https://a.example/"], "padding": "x".repeat(20_000)});
    let reply = system.client.post_json("/register", &body).await;
    assert_eq!(reply.status, 400);
}
