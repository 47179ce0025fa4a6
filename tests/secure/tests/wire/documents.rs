//! Clients that are described by a document at the URL that is their id.

use secure::DocumentHosts;
use secure_tests::{Authorization, REDIRECT, Registered, System, Tokens};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// Answers every request with what the closure makes of its host, and counts them.
async fn site(
    certified: &System,
    answer: impl Fn(&str) -> String + Send + 'static,
) -> (String, Arc<AtomicUsize>) {
    let file = |name| certified.directory().join(name);
    let chain = CertificateDer::pem_file_iter(file("certificate.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.map(Result::unwrap).collect(), key)
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (requests, counted) = (Arc::new(AtomicUsize::new(0)), host.clone());
    let counter = requests.clone();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let mut stream = tls.accept(tcp).await.unwrap();
            let mut head = [0; 4096];
            let read = stream.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..read]).to_lowercase();
            assert!(!head.contains("authorization:") && !head.contains("cookie:"));
            counter.fetch_add(1, Ordering::SeqCst);
            let answer = answer(&counted);
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (host, requests)
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn document(host: &str) -> Value {
    json!({
        "client_id": format!("https://{host}/client.json"), "client_name": "Documented",
        "redirect_uris": [REDIRECT], "grant_types": ["authorization_code", "refresh_token"],
    })
}

/// A server that believes the documents of a host, whose certificate `certified` has.
async fn believing(certified: &System, host: &str) -> System {
    let authority = CertificateDer::from_pem_file(certified.running.authority().unwrap()).unwrap();
    let hosts = DocumentHosts::trusting([host.to_owned()], [authority]).unwrap();
    System::with(|options| options.document_hosts = Some(hosts)).await
}

fn client(host: &str) -> Registered {
    Registered {
        id: format!("https://{host}/client.json"),
        secret: None,
    }
}

#[tokio::test]
async fn a_document_stands_for_a_registration() {
    let certified = System::start().await;
    let (host, requests) = site(&certified, |host| ok(&document(host).to_string())).await;
    let system = believing(&certified, &host).await;
    let metadata = system
        .client
        .get("/.well-known/oauth-authorization-server")
        .await;
    assert_eq!(
        metadata.json().await["client_id_metadata_document_supported"],
        true
    );
    let client = client(&host);
    for _ in 0..2 {
        let code = Authorization::new(&system, &client, "notes:read")
            .code(&system)
            .await;
        Tokens::of(system.redeem(&client, &code).await).await;
    }
    assert_eq!(
        requests.load(Ordering::SeqCst),
        1,
        "a document is believed for a while"
    );
}

#[tokio::test]
async fn what_is_no_document_about_itself_is_nobody() {
    let certified = System::start().await;
    type Answer = fn(&str) -> String;
    let answers: [Answer; 4] = [
        |_| ok(&document("other.example").to_string()),
        |host| {
            format!("HTTP/1.1 302 Found\r\nLocation: https://{host}/\r\nContent-Length: 0\r\n\r\n")
        },
        |host| {
            let mut large = document(host);
            large["padding"] = json!("x".repeat(6 * 1024));
            ok(&large.to_string())
        },
        |_| "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{".to_owned(),
    ];
    for answer in answers {
        let (host, requests) = site(&certified, answer).await;
        let system = believing(&certified, &host).await;
        let reply = Authorization::new(&system, &client(&host), "notes:read")
            .send(&system)
            .await;
        assert_eq!(reply.status, 400);
        assert_eq!(
            requests.load(Ordering::SeqCst),
            1,
            "no redirect is followed"
        );
    }
}

#[tokio::test]
async fn hosts_that_are_not_named_are_not_asked() {
    let certified = System::start().await;
    let (host, requests) = site(&certified, |host| ok(&document(host).to_string())).await;
    for system in [
        System::start().await,
        believing(&certified, "127.0.0.1:1").await,
    ] {
        let reply = Authorization::new(&system, &client(&host), "notes:read")
            .send(&system)
            .await;
        assert_eq!(reply.status, 400);
    }
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}
