//! Whether a client says of itself what it has to, found out without a copy of it.

use super::Key;
use crate::protocol::Icon;
use serde::Deserialize;

/// The members of an [`Implementation`](crate::protocol::Implementation), where they stand.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "reading them is the check")]
struct ClientInfo<'a> {
    #[serde(borrow)]
    name: Key<'a>,
    #[serde(borrow)]
    title: Option<Key<'a>>,
    #[serde(borrow)]
    version: Key<'a>,
    #[serde(borrow)]
    description: Option<Key<'a>>,
    #[serde(borrow)]
    website_url: Option<Key<'a>>,
    // Copied; only clients with a face send them.
    #[serde(default)]
    icons: Vec<Icon>,
}

/// Whether [`Implementation`](crate::protocol::Implementation) can be read from this text.
pub(super) fn is_well_formed(text: &str) -> bool {
    serde_json::from_str::<ClientInfo<'_>>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Implementation;

    #[test]
    fn it_takes_what_an_implementation_is_read_from_and_nothing_else() {
        let well_formed = [
            r#"{"name": "a", "version": "1"}"#,
            r#"{"version": "\u0031", "name": "\"", "other": [{}]}"#,
            r#"{"name": "a", "version": "1", "title": null, "description": "d", "websiteUrl": "u"}"#,
            r#"{"name": "a", "version": "1", "icons": [{"src": "data:,"}]}"#,
        ];
        let malformed = [
            r#"{}"#,
            r#"{"name": "a"}"#,
            r#"{"version": "1"}"#,
            r#"{"name": 1, "version": "1"}"#,
            r#"{"name": "a", "version": null}"#,
            r#"{"name": "a", "name": "a", "version": "1"}"#,
            r#"{"name": "a", "version": "1", "title": 1}"#,
            r#"{"name": "a", "version": "1", "description": {}}"#,
            r#"{"name": "a", "version": "1", "websiteUrl": []}"#,
            r#"{"name": "a", "version": "1", "icons": null}"#,
            r#"{"name": "a", "version": "1", "icons": [{}]}"#,
            r#""a""#,
        ];
        for text in well_formed {
            assert!(is_well_formed(text), "{text}");
            assert!(
                serde_json::from_str::<Implementation>(text).is_ok(),
                "{text}"
            );
        }
        for text in malformed {
            assert!(!is_well_formed(text), "{text}");
            assert!(
                serde_json::from_str::<Implementation>(text).is_err(),
                "{text}"
            );
        }
    }
}
