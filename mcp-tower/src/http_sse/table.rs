//! The connections that are open, by whose they are and by their ids.

use crate::session::{Owner, SessionId, SessionKey};
use mcp_core::{NoRandomness, connection::Connection, random};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// As many as there are streams: what bounds those bounds the table.
#[derive(Clone, Default)]
pub(super) struct Table(Arc<Mutex<HashMap<SessionKey, Connection>>>);

/// What a client has to know to send a message: 128 random bits.
pub(super) struct Id([u8; 16]);

impl Id {
    /// Reads the query of a request.
    pub(super) fn of_query(query: Option<&str>) -> Option<Self> {
        let mut pairs = query?.split('&');
        let text = pairs.find_map(|pair| pair.strip_prefix("session="))?;
        let well_formed = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = well_formed.then(|| u128::from_str_radix(text, 16).ok())??;
        Some(Self(id.to_be_bytes()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("session=")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Table {
    /// Keeps a connection as long as its place.
    pub(super) fn enter(
        &self,
        owner: &Owner,
        connection: Connection,
    ) -> Result<(Id, Place), NoRandomness> {
        let id = Id(random()?);
        let key = SessionKey::new(owner, SessionId(id.0));
        self.lock().insert(key, connection);
        let table = self.clone();
        Ok((id, Place { table, key }))
    }

    /// The connection with this id, when it is the owner's.
    pub(super) fn find(&self, owner: &Owner, id: &Id) -> Option<Connection> {
        let key = SessionKey::new(owner, SessionId(id.0));
        self.lock().get(&key).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, Connection>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a connection.
pub(super) struct Place {
    table: Table,
    key: SessionKey,
}

impl Drop for Place {
    fn drop(&mut self) {
        let connection = self.table.lock().remove(&self.key);
        drop(connection);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = Id([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        let text = id.to_string();
        assert_eq!(text, "session=000102030405060708090a0b0c0d0eff");
        let read = |query: &str| Id::of_query(Some(query)).map(|id| id.0);
        assert_eq!(read(&text), Some(id.0));
        assert_eq!(read(&format!("a=b&{text}&c")), Some(id.0));
        for query in [
            "",
            "session=",
            "session=+00102030405060708090a0b0c0d0eff",
            &text[1..],
            &text[..20],
        ] {
            assert_eq!(read(query), None, "{query}");
        }
        assert_eq!(read(&format!("{text}0")), None);
    }
}
