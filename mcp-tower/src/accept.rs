//! Media types: what a client can read, and what it sends.

use http::{HeaderMap, header};

/// Which of the two media types of the transport a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepts {
    pub(crate) json: bool,
    pub(crate) sse: bool,
}

/// How well a range fits a type; the best fit counts, whatever the order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Anything,
    Group,
    Exact,
}

impl Accepts {
    /// Reads all `Accept` headers. None at all accepts everything; malformed ranges are ignored.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::ACCEPT).iter().peekable();
        if values.peek().is_none() {
            return Self {
                json: true,
                sse: true,
            };
        }
        let (mut json, mut sse) = (None, None);
        for value in values.filter_map(|value| value.to_str().ok()) {
            for range in value.split(',') {
                let (name, acceptable) = parse_range(range);
                prefer(&mut json, fit(name, "application", "json"), acceptable);
                prefer(&mut sse, fit(name, "text", "event-stream"), acceptable);
            }
        }
        let accepted = |found: Option<(Fit, bool)>| found.is_some_and(|(_, acceptable)| acceptable);
        Self {
            json: accepted(json),
            sse: accepted(sse),
        }
    }
}

/// Keeps the better fit; of equal ones, the one that accepts.
fn prefer(best: &mut Option<(Fit, bool)>, fit: Option<Fit>, acceptable: bool) {
    if let Some(fit) = fit {
        let candidate = (fit, acceptable);
        *best = Some(best.map_or(candidate, |known| known.max(candidate)));
    }
}

/// A media range without its parameters, and whether its weight is more than zero.
fn parse_range(range: &str) -> (&str, bool) {
    let mut parts = range.split(';');
    let name = parts.next().unwrap_or_default().trim();
    let refused = parts.any(|parameter| {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        key.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0_f32)
    });
    (name, !refused)
}

fn fit(range: &str, group: &str, kind: &str) -> Option<Fit> {
    let (range_group, range_kind) = range.split_once('/')?;
    match (range_group, range_kind) {
        ("*", "*") => Some(Fit::Anything),
        (found, "*") if found.eq_ignore_ascii_case(group) => Some(Fit::Group),
        (found, found_kind)
            if found.eq_ignore_ascii_case(group) && found_kind.eq_ignore_ascii_case(kind) =>
        {
            Some(Fit::Exact)
        }
        _ => None,
    }
}

/// Whether the body is declared to be JSON: exactly one `Content-Type`, parsed and not searched,
/// in UTF-8.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let Ok(value) = value.to_str() else {
        return false;
    };
    let mut parts = value.split(';');
    let name = parts.next().unwrap_or_default().trim();
    name.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((key, charset)) if key.trim().eq_ignore_ascii_case("charset") => charset
                .trim()
                .trim_matches('"')
                .eq_ignore_ascii_case("utf-8"),
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn accepts(values: &[&str]) -> (bool, bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::ACCEPT, value.parse().unwrap());
        }
        let Accepts { json, sse } = Accepts::read(&headers);
        (json, sse)
    }

    #[test]
    fn ranges_are_honoured() {
        let table: [(&[&str], (bool, bool)); 14] = [
            (&[], (true, true)),
            (&["*/*"], (true, true)),
            (&["application/json, text/event-stream"], (true, true)),
            (&["text/event-stream, application/json"], (true, true)),
            (&["application/json", "text/event-stream"], (true, true)),
            (&["Application/JSON;charset=utf-8,TEXT/*"], (true, true)),
            (&["application/json"], (true, false)),
            (&["text/event-stream"], (false, true)),
            (&["text/html"], (false, false)),
            (&["*/*;q=0.1, text/event-stream;q=0"], (true, false)),
            (
                &["application/*;q=0, application/json, text/*"],
                (true, true),
            ),
            (&["application/jsonp"], (false, false)),
            (&["json, , ;;, */"], (false, false)),
            (&["*/*;q=0"], (false, false)),
        ];
        for (values, expected) in table {
            assert_eq!(accepts(values), expected, "{values:?}");
        }
    }

    #[test]
    fn only_json_is_json() {
        let table: [(&[&str], bool); 9] = [
            (&["application/json"], true),
            (&["application/json; charset=utf-8"], true),
            (&["APPLICATION/JSON;charset=\"UTF-8\""], true),
            (&["application/json; charset=latin1"], false),
            (&["text/plain"], false),
            (&["text/plain; application/json"], false),
            (&["application/json-seq"], false),
            (&["application/json", "text/plain"], false),
            (&[], false),
        ];
        for (values, expected) in table {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_TYPE, value.parse().unwrap());
            }
            assert_eq!(is_json(&headers), expected, "{values:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[ -~]{0,60}") {
            accepts(&[&text]);
        }
    }
}
