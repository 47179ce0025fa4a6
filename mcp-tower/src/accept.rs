//! Media types: what a client can read, and what it sends.

use crate::running::Delivery;
use http::{HeaderMap, header};

/// Which of the two media types of the transport a client accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Accepts {
    json: bool,
    sse: bool,
    /// Whether it says so by name.
    names_json: bool,
    names_sse: bool,
}

/// What is asked of `Accept`, and in which of the two media types of the transport a mount, or one
/// of its servers, answers. What it refuses is refused with 406.
///
/// ```
/// use mcp_tower::{AcceptPolicy, McpService};
///
/// # let server = mcp_tower::Server::builder("s", "1").build();
/// // For clients that know one way of reading an answer.
/// let service = McpService::new(server).accept(AcceptPolicy::NamedOrJson);
/// # let _ = service;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptPolicy {
    /// Both types have to be allowed; `*/*` and no `Accept` at all allow both. A call is answered
    /// with JSON, or with events once it emits something.
    #[default]
    Both,
    /// Both types have to be named, as the protocol has clients do. For tests of clients: some that
    /// are in use fail this.
    BothNamed,
    /// One of them is enough: with JSON alone a client gets the final answer and nothing before it,
    /// with events alone everything comes as events.
    Either,
    /// JSON, whatever else is allowed: the final answer, and nothing before it. Questions to the
    /// client in mid-call fail in the session era.
    Json,
    /// Events, whatever else is allowed.
    Events,
    /// The type that is named; events when both are, JSON when neither is.
    NamedOrJson,
    /// The type that is named; events when both are or neither is.
    NamedOrEvents,
}

impl AcceptPolicy {
    /// How a request is answered; `None` when it is refused.
    pub(crate) fn delivery(self, headers: &HeaderMap) -> Option<Delivery> {
        let accepts = Accepts::read(headers);
        let Accepts { json, sse, .. } = accepts;
        let named = match (accepts.names_json, accepts.names_sse) {
            (_, true) => Some(Delivery::Events),
            (true, false) => Some(Delivery::Json),
            (false, false) => None,
        };
        let as_json = json.then_some(Delivery::Json);
        let as_events = sse.then_some(Delivery::Events);
        let either = (json && sse).then_some(Delivery::Either);
        match self {
            Self::Both => either,
            Self::BothNamed => either.filter(|_| accepts.names_json && accepts.names_sse),
            Self::Either => either.or(as_json).or(as_events),
            Self::Json => as_json,
            Self::Events => as_events,
            Self::NamedOrJson => named.or(as_json).or(as_events),
            Self::NamedOrEvents => named.or(as_events).or(as_json),
        }
    }

    /// What a client that is refused is told.
    pub(crate) fn demand(self) -> &'static str {
        match self {
            Self::Both => "`Accept` must allow application/json and text/event-stream",
            Self::BothNamed => "`Accept` must name application/json and text/event-stream",
            Self::Json => "`Accept` must allow application/json",
            Self::Events => "`Accept` must allow text/event-stream",
            Self::Either | Self::NamedOrJson | Self::NamedOrEvents => {
                "`Accept` must allow application/json or text/event-stream"
            }
        }
    }
}

/// Whether `Accept` allows a stream.
pub(crate) fn allows_events(headers: &HeaderMap) -> bool {
    Accepts::read(headers).sse
}

/// How well a range fits a type; the best fit counts, whatever the order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Anything,
    Group,
    Exact,
}

impl Accepts {
    /// Reads all `Accept` headers.
    ///
    /// Without any element everything is accepted. A malformed element is ignored, the others
    /// count. Parameters other than the weight are ignored: both types have none that matter.
    fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::ACCEPT).iter();
        // What nearly all clients send is not taken apart.
        if let (Some(both), None) = (values.next(), values.next())
            && both == "application/json, text/event-stream"
        {
            return Self {
                json: true,
                sse: true,
                names_json: true,
                names_sse: true,
            };
        }
        let mut is_empty = true;
        let (mut json, mut sse) = (None, None);
        for value in headers.get_all(header::ACCEPT) {
            let mut cursor = Cursor(value.as_bytes());
            while let Some(element) = cursor.element() {
                is_empty = false;
                let Some(range) = MediaRange::parse(element) else {
                    continue;
                };
                prefer(
                    &mut json,
                    range.fit(b"application", b"json"),
                    range.acceptable,
                );
                prefer(
                    &mut sse,
                    range.fit(b"text", b"event-stream"),
                    range.acceptable,
                );
            }
        }
        let accepted = |found: Option<(Fit, bool)>| match found {
            Some((_, acceptable)) => acceptable,
            None => is_empty,
        };
        let by_name = |found| found == Some((Fit::Exact, true));
        Self {
            json: accepted(json),
            sse: accepted(sse),
            names_json: by_name(json),
            names_sse: by_name(sse),
        }
    }
}

/// Keeps the better fit; of equal ones, the one that accepts.
fn prefer(best: &mut Option<(Fit, bool)>, fit: Option<Fit>, acceptable: bool) {
    *best = (*best).max(fit.map(|fit| (fit, acceptable)));
}

struct MediaRange<'a> {
    group: &'a [u8],
    kind: &'a [u8],
    acceptable: bool,
}

impl<'a> MediaRange<'a> {
    fn parse(element: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor(element);
        let (group, kind) = cursor.media_type()?;
        let mut acceptable = true;
        while let Some((name, value)) = cursor.parameter()? {
            if name.eq_ignore_ascii_case(b"q") {
                acceptable = weighs_more_than_nothing(value)?;
            }
        }
        Some(Self {
            group,
            kind,
            acceptable,
        })
    }

    fn fit(&self, group: &[u8], kind: &[u8]) -> Option<Fit> {
        match (self.group, self.kind) {
            (b"*", b"*") => Some(Fit::Anything),
            (found, b"*") if found.eq_ignore_ascii_case(group) => Some(Fit::Group),
            (found, found_kind)
                if found.eq_ignore_ascii_case(group) && found_kind.eq_ignore_ascii_case(kind) =>
            {
                Some(Fit::Exact)
            }
            _ => None,
        }
    }
}

/// A weight is 0 or 1 with up to three decimals (RFC 9110, section 12.4.2). `None` for anything
/// else.
fn weighs_more_than_nothing(value: &[u8]) -> Option<bool> {
    let (whole, decimals) = match value {
        [whole @ (b'0' | b'1')] => (*whole, &[][..]),
        [whole @ (b'0' | b'1'), b'.', decimals @ ..] if decimals.len() <= 3 => (*whole, decimals),
        _ => return None,
    };
    if !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let has_fraction = decimals.iter().any(|&digit| digit != b'0');
    match whole {
        b'0' => Some(has_fraction),
        _ => (!has_fraction).then_some(true),
    }
}

/// Whether the body is declared to be JSON: exactly one `Content-Type`, parsed and not searched,
/// in UTF-8 if it names a character set.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => {
            value == "application/json"
                || is_json_type(value.as_bytes()).is_some_and(|is_json| is_json)
        }
        // Two lines: which of them a proxy or a browser went by is anybody's guess.
        _ => false,
    }
}

/// `None` if this is no media type.
fn is_json_type(value: &[u8]) -> Option<bool> {
    let mut cursor = Cursor(value);
    let (group, kind) = cursor.media_type()?;
    let mut is_json =
        group.eq_ignore_ascii_case(b"application") && kind.eq_ignore_ascii_case(b"json");
    while let Some((name, value)) = cursor.parameter()? {
        is_json &= !name.eq_ignore_ascii_case(b"charset") || value.eq_ignore_ascii_case(b"utf-8");
    }
    Some(is_json)
}

/// What is left of a header.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn eat(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn take_while(&mut self, is_wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.0.iter().position(|&byte| !is_wanted(byte));
        self.take(length.unwrap_or(self.0.len()))
    }

    fn skip_space(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn token(&mut self) -> Option<&'a [u8]> {
        let token = self.take_while(is_token);
        (!token.is_empty()).then_some(token)
    }

    /// The next element of a list, if any. A comma in quotes separates nothing.
    fn element(&mut self) -> Option<&'a [u8]> {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b','));
        let (mut quoted, mut escaped) = (false, false);
        let end = self.0.iter().position(|&byte| {
            let ends = byte == b',' && !quoted;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                _ => {}
            }
            ends
        });
        let element = self.take(end.unwrap_or(self.0.len()));
        (!element.is_empty()).then_some(element)
    }

    /// `type "/" subtype`, up to its parameters.
    fn media_type(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.skip_space();
        let group = self.token()?;
        self.eat(b'/')?;
        let kind = self.token()?;
        Some((group, kind))
    }

    /// The next parameter: `Some(None)` at the end, `None` if there is something else. Quotes are
    /// taken off, escapes are left as they are: no value that we look for has any.
    #[allow(clippy::option_option, clippy::type_complexity)] // so that `?` works on what is malformed
    fn parameter(&mut self) -> Option<Option<(&'a [u8], &'a [u8])>> {
        loop {
            self.skip_space();
            if self.0.is_empty() {
                return Some(None);
            }
            self.eat(b';')?;
            self.skip_space();
            // Nothing between two semicolons, or after the last one, is no parameter.
            if !matches!(self.0, [] | [b';', ..]) {
                break;
            }
        }
        let name = self.token()?;
        self.eat(b'=')?;
        let value = match self.0 {
            [b'"', ..] => self.quoted()?,
            _ => self.token()?,
        };
        Some(Some((name, value)))
    }

    fn quoted(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let mut escaped = false;
        let end = self.0.iter().position(|&byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        })?;
        let value = self.take(end);
        self.eat(b'"')?;
        Some(value)
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    fn accepts(values: &[&str]) -> (bool, bool) {
        let Accepts { json, sse, .. } = Accepts::read(&headers(&header::ACCEPT, values));
        (json, sse)
    }

    #[test]
    fn ranges_are_honoured() {
        const BOTH: (bool, bool) = (true, true);
        const JSON: (bool, bool) = (true, false);
        const SSE: (bool, bool) = (false, true);
        const NONE: (bool, bool) = (false, false);
        let table: &[(&[&str], (bool, bool))] = &[
            (&[], BOTH),
            (&[""], BOTH),
            (&[" , ,\t"], BOTH),
            (&["*/*"], BOTH),
            (&["application/json, text/event-stream"], BOTH),
            (&["text/event-stream, application/json"], BOTH),
            (&["text/event-stream,application/json"], BOTH),
            (&["application/json", "text/event-stream"], BOTH),
            (&["Application/JSON;charset=utf-8,TEXT/*"], BOTH),
            (
                &["application/json;x=\",\";q=0.5 , text/event-stream ; Q=1.000"],
                BOTH,
            ),
            (&["application/json;x=\"\\\",text/event-stream\""], JSON),
            (&["application/json;, text/event-stream;;q=0.1;"], BOTH),
            (&["application/json"], JSON),
            (&["text/event-stream"], SSE),
            (&["text/html"], NONE),
            (&["*/*;q=0.1, text/event-stream;q=0"], JSON),
            (&["text/event-stream;q=0", "*/*;q=0.1"], JSON),
            (&["application/*;q=0, application/json, text/*"], BOTH),
            (
                &["application/json;q=0, application/json;v=1, text/*"],
                BOTH,
            ),
            (&["*/*, application/json;q=0.000"], SSE),
            (&["*/*;q=0"], NONE),
            (&["*/*;q=0."], NONE),
            (&["*/*;q=\"0\""], NONE),
            (&["application/jsonp, text/event-stream2"], NONE),
            (&["*/json, */event-stream"], NONE),
            (&["json, , ;;, */, /*, *"], NONE),
            (&["application/json;q, text/event-stream;q="], NONE),
            (&["application/json;q=2, text/event-stream;q=1.001"], NONE),
            (&["application/json;q=-1, text/event-stream;q=0.0001"], NONE),
            (&["application/json;q=x, */*;q=x, text/event-stream"], SSE),
            (&["application/json x, text/event-stream"], SSE),
            (&["application /json, text/event-stream"], SSE),
            (&["application/json;x=\"text/event-stream"], NONE),
            (&["\u{e9}/json, text/event-stream"], SSE),
        ];
        for (values, expected) in table {
            assert_eq!(accepts(values), *expected, "{values:?}");
        }
    }

    #[test]
    fn a_policy_decides_how_to_answer() {
        use AcceptPolicy::{Both, BothNamed, Either, Events, Json, NamedOrEvents, NamedOrJson};
        const POLICIES: [AcceptPolicy; 7] = [
            Both,
            BothNamed,
            Either,
            Json,
            Events,
            NamedOrJson,
            NamedOrEvents,
        ];
        // One letter for each policy: either, JSON, events, refused.
        let table: [(&[&str], &str); 9] = [
            (&[], "E.EJSJS"),
            (&["*/*"], "E.EJSJS"),
            (&["application/json"], "..JJ.JJ"),
            (&["text/event-stream"], "..S.SSS"),
            (&["application/json, text/event-stream"], "EEEJSSS"),
            (&["application/json, */*"], "E.EJSJJ"),
            (&["application/*"], "..JJ.JJ"),
            (&["text/event-stream;q=0, */*"], "..JJ.JJ"),
            (&["text/html"], "......."),
        ];
        for (values, expected) in table {
            let headers = headers(&header::ACCEPT, values);
            let letters = POLICIES.map(|policy| match policy.delivery(&headers) {
                Some(Delivery::Either) => 'E',
                Some(Delivery::Json) => 'J',
                Some(Delivery::Events) => 'S',
                None => '.',
            });
            assert_eq!(String::from_iter(letters), expected, "{values:?}");
        }
    }

    #[test]
    fn only_json_is_json() {
        let table: &[(&[&str], bool)] = &[
            (&["application/json"], true),
            (&[" application/json\t"], true),
            (&["application/json;"], true),
            (&["application/json; charset=utf-8"], true),
            (&["APPLICATION/JSON;charset=\"UTF-8\" ; v=1"], true),
            (&["application/json; charset=latin1"], false),
            (&["application/json; charset=utf-8; charset=latin1"], false),
            (&["application/json; charset=utf-8x"], false),
            (&["application/json; charset"], false),
            (&["application/json; charset="], false),
            (&["application/json; charset=\"utf-8"], false),
            (&["application/json; charset = utf-8"], false),
            (&["application/json, text/plain"], false),
            (&["application/json text/plain"], false),
            (&["text/plain"], false),
            (&["text/plain; application/json"], false),
            (&["text/plain; x=application/json"], false),
            (&["text/json"], false),
            (&["application/json-seq"], false),
            (&["application/vnd.api+json"], false),
            (&["application/*"], false),
            (&["application/"], false),
            (&["json"], false),
            (&[""], false),
            (&["application/json", "application/json"], false),
            (&["application/json", "text/plain"], false),
            (&[], false),
        ];
        for (values, expected) in table {
            let headers = headers(&header::CONTENT_TYPE, values);
            assert_eq!(is_json(&headers), *expected, "{values:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[ -~\t]{0,60}", near in "[aq/*;,=\"\\\\ 01.]{0,20}") {
            accepts(&[&text, &near]);
            is_json(&headers(&header::CONTENT_TYPE, &[&near]));
        }

        #[test]
        fn order_means_nothing(mut ranges in prop::collection::vec(
            "(\\*|application|text)/(\\*|json|event-stream)(;q=(0|1|0\\.5))?", 1..6,
        )) {
            let forwards = accepts(&[&ranges.join(",")]);
            ranges.reverse();
            prop_assert_eq!(accepts(&[&ranges.join(" , ")]), forwards);
        }
    }
}
