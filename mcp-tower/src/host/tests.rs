use super::*;
use proptest::prelude::*;

fn check(hosts: &AllowedHosts, uri: &str, host: &[&str], origin: &[&str]) -> Result<(), Forbidden> {
    let mut headers = HeaderMap::new();
    for value in host {
        headers.append(header::HOST, HeaderValue::from_str(value).unwrap());
    }
    for value in origin {
        headers.append(header::ORIGIN, HeaderValue::from_str(value).unwrap());
    }
    hosts.check(&uri.parse().unwrap(), &headers)
}

#[test]
fn loopback_names_are_always_allowed() {
    let table = [
        ("localhost", true),
        ("LOCALHOST:8080", true),
        ("localhost.:80", true),
        ("localhost:", true),
        ("127.0.0.1", true),
        ("127.8.9.1:99", true),
        ("[::1]:8080", true),
        ("[::1]", true),
        ("[0:0::1]", true),
        ("app.localhost:3000", false),
        ("localhost..", false),
        ("localhost.evil.com", false),
        ("localhost@evil.com", false),
        ("evil.com@localhost", false),
        ("localhost:80@evil.com", false),
        ("localhost/evil", false),
        ("localhost:+80", false),
        ("localhost:80:80", false),
        ("localhost:65536", false),
        ("localhost:port", false),
        ("localhost,evil.com", false),
        ("127.0.0.1.evil.com", false),
        ("127.1", false),
        ("2130706433", false),
        ("127.0.0.01", false),
        ("128.0.0.1", false),
        ("0.0.0.0", false),
        ("[::]", false),
        ("[::2]", false),
        ("[::ffff:127.0.0.1]", false),
        ("[::1%25lo]", false),
        ("[::1", false),
        ("[::1]evil.com", false),
        ("::1", false),
        ("example.com", false),
        ("a b", false),
        (":80", false),
        (".", false),
        ("", false),
    ];
    for (host, allowed) in table {
        let checked = check(&AllowedHosts::new(), "/mcp", &[host], &[]);
        assert_eq!(checked.is_ok(), allowed, "{host}");
    }
}

#[test]
fn listed_hosts_are_allowed() {
    let hosts = AllowedHosts::new()
        .allow_host("MCP.example.com.")
        .allow_host("b.example:8443")
        .allow_host("c.example:443")
        .allow_host("192.0.2.7")
        .allow_host("[2001:DB8::7]:80");
    let table = [
        ("mcp.example.com", true),
        ("mcp.EXAMPLE.com.:9", true),
        ("b.example:8443", true),
        ("b.example:08443", true),
        ("b.example", false),
        ("b.example:80", false),
        ("c.example", true),
        ("c.example:443", true),
        ("c.example:80", false),
        ("192.0.2.7:1", true),
        ("192.0.2.8", false),
        ("[2001:db8:0::7]", true),
        ("[2001:db8::7]:81", false),
        ("evil.example.com", false),
        ("evil.mcp.example.com", false),
        ("mcp.example.com.evil.com", false),
    ];
    for (host, allowed) in table {
        let checked = check(&hosts, "/mcp", &[host], &[]);
        assert_eq!(checked.is_ok(), allowed, "{host}");
    }
}

#[test]
fn the_host_must_be_clear() {
    let hosts = AllowedHosts::new();
    let table = [
        ("/", &["localhost"][..], true),
        ("/", &[], false),
        ("/", &["localhost", "localhost"], false),
        ("*", &["localhost"], true),
        ("http://localhost/", &[], true),
        ("http://localhost:8080/", &["LOCALHOST.:8080"], true),
        ("https://localhost/", &["localhost:443"], true),
        ("http://evil.com/", &["localhost"], false),
        ("http://localhost/", &["evil.com"], false),
        ("http://localhost/", &["127.0.0.1"], false),
        ("http://localhost:1/", &["localhost:2"], false),
        ("http://localhost/", &["localhost", "localhost"], false),
        ("http://evil.com@localhost/", &[], false),
    ];
    for (uri, host, allowed) in table {
        let checked = check(&hosts, uri, host, &[]);
        assert_eq!(checked.is_ok(), allowed, "{uri} {host:?}");
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        header::HOST,
        HeaderValue::from_bytes(b"localhost\xff").unwrap(),
    );
    let checked = hosts.check(&Uri::from_static("/"), &headers);
    assert_eq!(checked, Err(Forbidden::Host));
}

#[test]
fn origins_are_checked() {
    let hosts = AllowedHosts::new()
        .allow_host("mcp.example.com")
        .allow_host("b.example:443")
        .allow_origin("https://app.example.com")
        .allow_origin("http://dev.example.com:3000")
        .allow_origin("vscode-webview://abc");
    let table = [
        (&[][..], true),
        (&["http://localhost:5173"], true),
        (&["https://127.0.0.1"], true),
        (&["http://[::1]:80"], true),
        (&["https://mcp.example.com"], true),
        (&["http://mcp.example.com:8080"], true),
        (&["https://b.example"], true),
        (&["http://b.example"], false),
        (&["http://b.example:443"], true),
        (&["https://app.example.com"], true),
        (&["HTTPS://APP.example.com:443"], true),
        (&["http://app.example.com"], false),
        (&["http://app.example.com:443"], false),
        (&["https://app.example.com:444"], false),
        (&["http://dev.example.com:3000"], true),
        (&["http://dev.example.com"], false),
        (&["vscode-webview://abc"], true),
        (&["vscode-webview://abd"], false),
        (&["http://evil.example.com"], false),
        (&["null"], false),
        (&[""], false),
        (&["localhost"], false),
        (&["ftp://localhost"], false),
        (&["http:/localhost"], false),
        (&["http://localhost/"], false),
        (&["http://localhost/path"], false),
        (&["http://localhost@evil.com"], false),
        (&["http://localhost http://evil.com"], false),
        (&["http://localhost", "http://localhost"], false),
    ];
    for (origin, allowed) in table {
        let expected = if allowed {
            Ok(())
        } else {
            Err(Forbidden::Origin)
        };
        let checked = check(&hosts, "/mcp", &["localhost"], origin);
        assert_eq!(checked, expected, "{origin:?}");
    }
}

#[test]
fn checks_can_be_given_up() {
    let any_host = AllowedHosts::new().allow_any_host();
    assert_eq!(check(&any_host, "/", &["evil.com"], &[]), Ok(()));
    assert_eq!(check(&any_host, "/", &[], &[]), Ok(()));
    // The origin of a page on a rebound name equals the host, so equality proves nothing.
    let own = check(&any_host, "/", &["evil.com"], &["http://evil.com"]);
    assert_eq!(own, Err(Forbidden::Origin));
    let any_origin = AllowedHosts::new().allow_any_origin();
    assert_eq!(
        check(&any_origin, "/", &["localhost"], &["https://evil.com"]),
        Ok(())
    );
    assert_eq!(
        check(&any_origin, "/", &["evil.com"], &[]),
        Err(Forbidden::Host)
    );
    let null = AllowedHosts::new().allow_origin("null");
    assert_eq!(check(&null, "/", &["localhost"], &["null"]), Ok(()));
    assert_eq!(
        check(&null, "/", &["localhost"], &["NULL"]),
        Err(Forbidden::Origin)
    );
}

#[test]
fn mistakes_in_the_lists_are_reported() {
    for host in [
        "",
        "https://a.example",
        "*.a.example",
        "a.example/mcp",
        "bücher.example",
        "a.example:x",
        "1.2.3",
        "*",
    ] {
        assert!(AllowedHosts::new().try_allow_host(host).is_err(), "{host}");
    }
    for origin in [
        "",
        "a.example",
        "https://",
        "https://a.example/",
        "https://*.a.example",
        "*",
        "app://a/b",
    ] {
        assert!(
            AllowedHosts::new().try_allow_origin(origin).is_err(),
            "{origin}"
        );
    }
}

proptest! {
    #[test]
    fn nothing_panics(host in "\\PC{0,40}", origin in "(https?://)?[\\[\\]:.0-9a-z@/-]{0,30}") {
        let _ = Authority::parse(&host);
        let _ = Origin::parse(&host);
        let _ = Authority::parse(&origin);
        let _ = Origin::parse(&origin);
    }

    #[test]
    fn only_listed_hosts_pass(host in "[a-z0-9.:\\[\\]-]{1,20}") {
        let hosts = AllowedHosts::new().allow_host("a.example");
        if check(&hosts, "/", &[&host], &[]).is_ok() {
            let name = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(&*host, |(name, _)| name);
            let name = name.strip_suffix('.').unwrap_or(name);
            prop_assert!(matches!(name, "localhost" | "a.example") || name.starts_with("127.") || name.starts_with('['));
        }
    }

    #[test]
    fn what_is_allowed_is_answered(host in "[a-z][a-z0-9-]{0,10}(\\.[a-z]{1,5}){0,3}", port in prop::option::of(any::<u16>())) {
        let text = port.map_or(host.clone(), |port| format!("{host}:{port}"));
        let hosts = AllowedHosts::new().allow_host(&text);
        let origin = format!("https://{text}");
        prop_assert_eq!(check(&hosts, "/", &[&text.to_uppercase()], &[&origin]), Ok(()));
    }
}
