//! HTTP/2 with prior knowledge, over every mount.

use bytes::Bytes;
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use http_tests::{Post, Probe, Running, all, server};
use hyper::{body::Incoming, client::conn::http2::SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcp_tower::Limits;
use serde_json::{Value, json};
use tokio::net::TcpStream;

type Sender = SendRequest<Full<Bytes>>;

async fn connect(running: &Running) -> Sender {
    let stream = TcpStream::connect(running.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    sender
}

/// The host is the authority; there is no `Host` header.
fn request(post: Post, authority: &str) -> Request<Full<Bytes>> {
    let mut request = post.without("host").request();
    let uri = format!("http://{authority}{}", request.uri());
    *request.uri_mut() = uri.parse().unwrap();
    *request.version_mut() = Version::HTTP_2;
    request
}

async fn json(response: Response<Incoming>) -> Value {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

fn add() -> Post {
    Post::call("add", json!({"a": 2, "b": 3}))
}

#[tokio::test]
async fn requests_are_answered_by_their_authority() {
    for running in all(&server()).await {
        let mut sender = connect(&running).await;
        let reply = sender
            .send_request(request(add(), "localhost:80"))
            .await
            .unwrap();
        assert_eq!(
            (reply.status(), reply.version()),
            (StatusCode::OK, Version::HTTP_2)
        );
        assert_eq!(json(reply).await["result"]["content"][0]["text"], "5");
        let reply = sender
            .send_request(request(add(), "evil.example.com"))
            .await
            .unwrap();
        assert_eq!(reply.status(), 403, "{}", running.name);
        // A host header does not help a bad authority.
        let sneaky = request(add(), "evil.example.com");
        let (mut parts, body) = sneaky.into_parts();
        parts.headers.insert("host", "localhost".parse().unwrap());
        let reply = sender
            .send_request(Request::from_parts(parts, body))
            .await
            .unwrap();
        assert_eq!(reply.status(), 403, "{}", running.name);
    }
}

#[tokio::test]
async fn streams_and_errors_share_a_connection() {
    let limits = Limits::new().body_bytes(2_000);
    for running in all(&server().limits(limits)).await {
        let mut sender = connect(&running).await;
        let params = json!({"name": "talk", "arguments": {}});
        let talk = Post::modern_with("tools/call", params, json!({"progressToken": 1}));
        let mut large = add();
        large.body.resize(5_000, b' ');
        for (post, status) in [
            (talk, 200),
            (Post::raw("{"), 400),
            (large, 413),
            (Post::modern("no/such", json!({})), 404),
            (add(), 200),
        ] {
            let reply = sender
                .send_request(request(post, "localhost"))
                .await
                .unwrap();
            assert_eq!(reply.status(), status, "{}", running.name);
            let streams = reply.headers()["content-type"] == "text/event-stream";
            let body = reply.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(streams, body.starts_with(b"event: message\n"));
        }
    }
}

#[tokio::test]
async fn one_stream_can_be_reset_while_others_go_on() {
    let probe = Probe::default();
    for running in all(&probe.service()).await {
        let mut sender = connect(&running).await;
        let hold = |tool: &str| request(Post::call(tool, json!({})), "localhost");
        let held = tokio::spawn(sender.send_request(hold("hold")));
        probe.entered().await;
        // Dropping the response resets the stream; the connection stays.
        held.abort();
        probe.dropped().await;
        let reply = sender
            .send_request(request(add(), "localhost"))
            .await
            .unwrap();
        assert_eq!(json(reply).await["result"]["content"][0]["text"], "5");
        let params = json!({"name": "hold_loudly", "arguments": {}});
        let loud = Post::modern_with("tools/call", params, json!({"progressToken": 1}));
        let mut reply = sender
            .send_request(request(loud, "localhost"))
            .await
            .unwrap();
        let first = reply.body_mut().frame().await.unwrap().unwrap();
        assert!(first.into_data().unwrap().ends_with(b"\n\n"));
        drop(reply);
        probe.dropped().await;
        let reply = sender
            .send_request(request(add(), "localhost"))
            .await
            .unwrap();
        assert_eq!(reply.status(), 200, "{}", running.name);
        probe.entered().await;
    }
}

#[tokio::test]
async fn grpc_and_mcp_share_a_port() {
    let running = http_tests::tonic(server()).await;
    let mut sender = connect(&running).await;
    let check = Request::post("http://localhost/grpc.health.v1.Health/Check")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        // A message of no bytes: the health of the server as a whole.
        .body(Full::from(Bytes::from_static(&[0, 0, 0, 0, 0])))
        .unwrap();
    let reply = sender.send_request(check).await.unwrap();
    assert_eq!(reply.headers()["content-type"], "application/grpc");
    let collected = reply.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
    let reply = sender
        .send_request(request(add(), "localhost"))
        .await
        .unwrap();
    assert_eq!(json(reply).await["result"]["content"][0]["text"], "5");
}
