//! The headers of a request. What is mirrored in them is compared with a reading of its own, and who
//! is let in by `Host` and `Origin` too.
#![no_main]

use arbitrary::Arbitrary;
use base64::{Engine, engine::general_purpose::STANDARD};
use fuzz_targets::{Ask, Fresh, Sandbox, service};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::net::{Ipv4Addr, Ipv6Addr};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    headers: Vec<Header<'a>>,
    region: &'a str,
    shard: Option<i64>,
    dry_run: Option<bool>,
    verb: Option<&'a str>,
}

#[derive(Arbitrary, Debug)]
struct Header<'a> {
    name: u8,
    value: &'a [u8],
    /// Whether it takes the place of those with the same name.
    replaces: bool,
}

/// What is mirrored comes first.
const NAMES: [&str; 15] = [
    "mcp-param-region",
    "mcp-param-shard",
    "mcp-param-dry-run",
    "mcp-name",
    "mcp-method",
    "mcp-protocol-version",
    "mcp-session-id",
    "last-event-id",
    "accept",
    "content-type",
    "host",
    "origin",
    "traceparent",
    "expect",
    "x-forwarded-host",
];
const MIRRORED: usize = 3;

thread_local! {
    static SANDBOX: Fresh<Sandbox> = const { Fresh::new() };
}

fuzz_target!(|input: Input<'_>| {
    SANDBOX.with(|sandbox| sandbox.with(|| Sandbox::new(service), |sandbox| run(sandbox, &input)));
});

fn run(sandbox: &Sandbox, input: &Input<'_>) {
    let arguments = json!({"region": input.region, "shard": input.shard, "dry_run": input.dry_run});
    let mut ask = Ask::modern(
        "tools/call",
        json!({"name": "route", "arguments": arguments}),
    )
    .add("mcp-param-region", mirrored(input.region));
    if let Some(shard) = input.shard {
        ask = ask.add("mcp-param-shard", shard.to_string());
    }
    if let Some(dry_run) = input.dry_run {
        ask = ask.add("mcp-param-dry-run", dry_run.to_string());
    }
    let mut only_mirrored = true;
    for header in &input.headers {
        let at = usize::from(header.name) % NAMES.len();
        only_mirrored &= at < MIRRORED;
        if header.replaces {
            ask = ask.without(NAMES[at]);
        }
        ask = ask.add(NAMES[at], header.value);
    }
    if let Some(verb) = input.verb {
        ask.verb = verb;
        only_mirrored = false;
    }
    let Some(answer) = sandbox.run(sandbox.ask(&ask)) else {
        return;
    };
    assert!(sandbox.governor.snapshot().is_idle());
    if answer.status != 403 {
        assert!(is_local(&ask.values("host")), "{ask:?} {answer:?}");
    }
    let agrees = agrees(&ask, input);
    if answer.is_good() && ask.verb == "POST" && answer.status == 200 {
        assert_ne!(agrees, Some(false), "{ask:?} {answer:?}");
    }
    if only_mirrored && agrees == Some(true) {
        assert!(answer.is_good(), "{ask:?} {answer:?}");
    }
}

/// What a client makes of an argument.
fn mirrored(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && text.trim_matches(' ') == text
        && !text.starts_with("=?");
    match is_plain {
        true => text.to_owned(),
        false => format!("=?base64?{}?=", STANDARD.encode(text)),
    }
}

/// Whether the headers say what the arguments say; `None` where that is not ours to tell.
fn agrees(ask: &Ask<'_>, input: &Input<'_>) -> Option<bool> {
    let mut numbers = true;
    match (ask.values("mcp-param-shard").as_slice(), input.shard) {
        ([], None) => {}
        ([header], Some(shard)) => {
            let text = str::from_utf8(header).ok();
            let number = text.and_then(|text| text.trim_matches([' ', '\t']).parse::<f64>().ok());
            let is_safe = shard.unsigned_abs() < 1 << 53;
            if !is_safe || number != Some(shard as f64) {
                return Some(false);
            }
            // However else it is written is for unit tests to judge.
            numbers = text == Some(shard.to_string().as_str());
        }
        _ => return Some(false),
    }
    match (ask.values("mcp-param-dry-run").as_slice(), input.dry_run) {
        ([], None) => {}
        ([header], Some(dry_run)) if *header == dry_run.to_string().as_bytes() => {}
        ([header], Some(_))
            if header.contains(&b' ') || header.contains(&b'\t') || header.contains(&b'=') =>
        {
            numbers = false;
        }
        _ => return Some(false),
    }
    let region = ask.values("mcp-param-region");
    let [header] = region.as_slice() else {
        return Some(false);
    };
    let said = says(header, input.region);
    said.then_some(numbers)
        .map_or(Some(false), |certain| certain.then_some(true))
}

/// Whether a value stands for a text: there is one Base64 of each.
fn says(header: &[u8], text: &str) -> bool {
    let Ok(header) = str::from_utf8(header) else {
        return false;
    };
    let header = header.trim_matches([' ', '\t']);
    let encoded = header
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match encoded {
        Some(encoded) => encoded == STANDARD.encode(text),
        None => header.is_ascii() && header == text,
    }
}

/// Whether a host is this machine.
fn is_local(hosts: &[&[u8]]) -> bool {
    let [host] = hosts else { return false };
    let Ok(host) = str::from_utf8(host) else {
        return false;
    };
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if digits(port) => name,
        _ => host,
    };
    if let Some(address) = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        let address: Option<Ipv6Addr> = address.parse().ok();
        let is_loopback = |address: Ipv6Addr| match address.to_ipv4_mapped() {
            Some(address) => address.is_loopback(),
            None => address.is_loopback(),
        };
        return address.is_some_and(is_loopback);
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    let address: Option<Ipv4Addr> = name.parse().ok();
    name.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback())
}
