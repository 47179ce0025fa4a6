//! A session id: what the handshake agreed on, sealed.
//!
//! Whoever opens it needs the keys and the owner, and no memory.

use super::key::{Owner, SessionId};
use bytes::Bytes;
use mcp_core::{
    Capability, Client, KeyRing, NoRandomness,
    protocol::{Implementation, RawJson, Revision},
    random,
};
use std::{
    sync::OnceLock,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Nothing else that these keys seal is taken for a session.
const PURPOSE: &str = "session";

/// The longest text that is opened: no token of ours is longer.
const MAX_TEXT: usize = 1024;

/// What the handshake agreed on.
pub(super) struct Token {
    pub(super) id: SessionId,
    pub(super) revision: Revision,
    /// Seconds since the epoch.
    pub(super) issued: u64,
    pub(super) client: Client,
}

impl Token {
    /// What is kept of a handshake.
    pub(super) fn new(revision: Revision, client: &Client) -> Result<Self, NoRandomness> {
        Ok(Self {
            id: SessionId(random()?),
            revision,
            issued: now(),
            client: Client::new(
                Some(known(bits(client))),
                client.info().map(|info| identity(&info)),
            ),
        })
    }

    pub(super) fn seal(&self, keys: &KeyRing, owner: &Owner) -> Result<String, NoRandomness> {
        let mut plain = Vec::with_capacity(160);
        plain.extend(self.id.0);
        plain.extend(self.issued.to_be_bytes());
        plain.push(bits(&self.client));
        plain.extend(self.revision.as_str().as_bytes());
        if let Some(info) = &self.client.info {
            plain.extend(info.as_str().as_bytes());
        }
        keys.seal(PURPOSE, &owner.bytes(), &plain)
    }

    /// Opens what `owner` presents, unless it is older than `max_age`.
    pub(super) fn open(
        text: &str,
        keys: &KeyRing,
        owner: &Owner,
        max_age: Duration,
    ) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let plain = Bytes::from(keys.open(PURPOSE, &owner.bytes(), text)?);
        let (id, rest) = plain.split_first_chunk::<16>()?;
        let (issued, rest) = rest.split_first_chunk::<8>()?;
        let (bits, rest) = rest.split_first()?;
        let (revision, info) = rest.split_at_checked(REVISION_BYTES)?;
        let issued = u64::from_be_bytes(*issued);
        // One from the future was sealed by a replica whose clock is ahead.
        if now().saturating_sub(issued) > max_age.as_secs() {
            return None;
        }
        let info = match info {
            [] => None,
            // Nobody but `seal` has written it.
            info => Some(RawJson::from_trusted(plain.slice_ref(info)).ok()?),
        };
        Some(Self {
            id: SessionId(*id),
            revision: std::str::from_utf8(revision).ok()?.parse().ok()?,
            issued,
            client: Client::new(Some(known(*bits)), info),
        })
    }

    /// How long the session lasts from now on.
    pub(super) fn remaining(&self, max_age: Duration) -> Duration {
        // Longer than anything that has to be added to a time.
        const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
        let age = Duration::from_secs(now().saturating_sub(self.issued));
        // Ages are whole seconds, so a token may open a second longer.
        let left = max_age.saturating_sub(age);
        left.saturating_add(Duration::from_secs(1)).min(LONGEST)
    }
}

/// Revisions are dates.
const REVISION_BYTES: usize = "2025-11-25".len();

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// The capabilities that mean something to a server, each with its bit.
const KNOWN: [Capability; 5] = [
    Capability::Sampling,
    Capability::SamplingTools,
    Capability::Elicitation,
    Capability::ElicitationUrl,
    Capability::Roots,
];

fn bits(client: &Client) -> u8 {
    let declared = client.capabilities();
    let bits = KNOWN.iter().enumerate();
    bits.fold(0, |bits, (at, capability)| {
        bits | u8::from(declared.supports(*capability)) << at
    })
}

/// The capabilities with these bits. There are few combinations, so each is made once.
fn known(bits: u8) -> RawJson {
    static MADE: [OnceLock<RawJson>; 1 << KNOWN.len()] =
        [const { OnceLock::new() }; 1 << KNOWN.len()];
    let Some(made) = MADE.get(usize::from(bits)) else {
        return RawJson::EMPTY_OBJECT;
    };
    let make = || {
        let wanted: Vec<_> = KNOWN
            .into_iter()
            .enumerate()
            .filter(|(at, _)| bits >> at & 1 == 1)
            .map(|(_, capability)| capability)
            .collect();
        Capability::declaration(&wanted)
    };
    made.get_or_init(make).clone()
}

/// Name and version, shortened: for logs, and unverified anyway.
fn identity(info: &Implementation) -> RawJson {
    const MOST: usize = 64;
    let short = |text: &str| {
        let fits = |(at, letter): &(usize, char)| at + letter.len_utf8() <= MOST;
        let kept = text.char_indices().take_while(fits);
        // A letter that has to be escaped takes six bytes.
        let kept = kept.map(|(_, letter)| letter);
        kept.filter(|letter| !letter.is_control())
            .collect::<String>()
    };
    let info = Implementation::new(short(&info.name), short(&info.version));
    RawJson::from_serialize(&info).unwrap_or(RawJson::EMPTY_OBJECT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mcp_core::{Mount, Principal};
    use proptest::prelude::*;

    const AGE: Duration = Duration::from_secs(3600);

    fn owner(name: &str) -> Owner {
        Owner::new(Principal::new("issuer", name), Mount::new("m"))
    }

    fn client(capabilities: &str, name: &str) -> Client {
        let info = Implementation::new(name.to_owned(), "1.0");
        let info = RawJson::from_serialize(&info).unwrap();
        Client::new(
            Some(RawJson::from_text(capabilities.to_owned()).unwrap()),
            Some(info),
        )
    }

    #[test]
    fn what_was_agreed_comes_back_to_its_owner_alone() {
        let keys = KeyRing::new([7; 32]);
        let declared = r#"{"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true},"x":1}"#;
        let token = Token::new(Revision::V2025_06_18, &client(declared, "ada's")).unwrap();
        let text = token.seal(&keys, &owner("ada")).unwrap();
        assert!(text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
        let back = Token::open(&text, &keys, &owner("ada"), AGE).unwrap();
        assert!(back.id == token.id);
        assert_eq!(back.revision, Revision::V2025_06_18);
        assert_eq!(back.client.info().unwrap().name, "ada's");
        for capability in KNOWN {
            let declared = !matches!(capability, Capability::Sampling | Capability::SamplingTools);
            assert_eq!(back.client.supports(capability), declared, "{capability:?}");
        }
        for other in [
            owner("bob"),
            Owner::new(Principal::Anonymous, Mount::new("m")),
            Owner::new(Principal::new("issuer", "ada"), Mount::new("n")),
        ] {
            assert!(Token::open(&text, &keys, &other, AGE).is_none());
        }
        assert!(Token::open(&text, &KeyRing::new([8; 32]), &owner("ada"), AGE).is_none());
    }

    #[test]
    fn a_token_lasts_as_long_as_it_may() {
        let keys = KeyRing::new([7; 32]);
        let mut token = Token::new(Revision::V2025_11_25, &client("{}", "c")).unwrap();
        token.issued -= 100;
        let text = token.seal(&keys, &owner("ada")).unwrap();
        let open = |age| Token::open(&text, &keys, &owner("ada"), Duration::from_secs(age));
        assert!(open(50).is_none());
        let left = open(200).unwrap().remaining(Duration::from_secs(200));
        assert!(left <= Duration::from_secs(101));
    }

    #[test]
    fn a_long_name_is_cut_between_letters() {
        let token = Token::new(Revision::V2025_11_25, &client("{}", &"ä".repeat(5_000))).unwrap();
        let text = token.seal(&KeyRing::new([7; 32]), &owner("ada")).unwrap();
        assert!(text.len() < 400, "{}", text.len());
        assert_eq!(token.client.info().unwrap().name, "ä".repeat(32));
    }

    proptest! {
        #[test]
        fn nothing_else_opens(text in "[ -~]{0,300}", at in 0_usize..100, flip in 1_u8..128) {
            let keys = KeyRing::new([7; 32]);
            prop_assert!(Token::open(&text, &keys, &owner("ada"), AGE).is_none());
            let token = Token::new(Revision::V2025_11_25, &client("{}", "c")).unwrap();
            let mut sealed = token.seal(&keys, &owner("ada")).unwrap().into_bytes();
            sealed[at] ^= flip;
            if let Ok(text) = String::from_utf8(sealed) {
                prop_assert!(Token::open(&text, &keys, &owner("ada"), AGE).is_none());
            }
        }
    }
}
