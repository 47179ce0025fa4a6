//! A client in a browser: it asks before it sends, it has to read the 401, and it reads the
//! document from any page.

use auth_tests::{DOCUMENT, Issuer, challenge, service};
use http_tests::{Client, Post, all};
use mcp_tower::{AllowedHosts, Cors};
use serde_json::json;

const PAGE: &str = "https://app.example.com";

#[tokio::test]
async fn a_page_can_find_out_where_to_get_a_token() {
    let issuer = Issuer::new("one");
    let hosts = AllowedHosts::new().allow_origin(PAGE);
    let service = service(&issuer).allowed_hosts(hosts).cors(Cors::new());
    for running in all(&service).await {
        let mut client = Client::connect(running.address).await;
        let preflight = Post::raw("")
            .verb("OPTIONS")
            .add("origin", PAGE)
            .add("access-control-request-method", "POST")
            .add(
                "access-control-request-headers",
                "authorization,content-type",
            );
        let reply = client.send(&preflight).await;
        assert_eq!(reply.status, 204, "{}", running.name);
        assert!(
            reply
                .header("access-control-allow-headers")
                .contains("authorization")
        );
        // Without a token, with a bad one, and with a good one: always readable.
        let call = Post::call("whoami", json!({})).add("origin", PAGE);
        let bad = call.clone().add("authorization", "Bearer abc");
        let good = format!("Bearer {}", issuer.token("ada"));
        let good = call.clone().add("authorization", good);
        for (post, status) in [(&call, 401), (&bad, 401), (&good, 200)] {
            let reply = client.send(post).await;
            assert_eq!(reply.status, status);
            assert_eq!(reply.header("access-control-allow-origin"), PAGE);
            let exposed = reply.header("access-control-expose-headers");
            assert!(exposed.to_ascii_lowercase().contains("www-authenticate"));
        }
        let reply = client.send(&call).await;
        assert_eq!(reply.header("www-authenticate"), challenge(None));
        // The document of a public endpoint is no secret of that page.
        let path = DOCUMENT.trim_start_matches("https://mcp.example.com");
        let elsewhere = Post::raw("").verb("GET").path(path);
        let elsewhere = elsewhere.add("origin", "https://other.example.com");
        let reply = client.send(&elsewhere).await;
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
}
