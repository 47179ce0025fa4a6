//! A file of SQLite.

use super::{Loaded, MAX_DOCUMENT_BYTES, Problem, Store, StoreError, blocking};
use crate::design;
use mcp_tower::core::BoxFuture;
use rusqlite::Connection;
use serde_json::Value;
use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS designs (id TEXT PRIMARY KEY, document TEXT NOT NULL)";

/// A database with a row for each server, in a table `designs` of `id` and `document`.
///
/// Every save is a transaction, on the disk when it is over. Other programs may change the table.
#[derive(Clone)]
pub struct Sqlite {
    connection: Arc<Mutex<Connection>>,
}

impl Sqlite {
    /// A database in a file, which is made if it is not there. It blocks for a moment.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute(TABLE, [])?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let connection = self.connection.clone();
        Box::pin(blocking(move || {
            work(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        }))
    }
}

impl Store for Sqlite {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>> {
        self.with(load)
    }

    fn save<'a>(
        &'a self,
        id: &'a str,
        document: &'a Value,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let row = (id.to_owned(), document.to_string());
        self.with(move |connection| {
            let statement = "INSERT INTO designs (id, document) VALUES (?1, ?2) \
                ON CONFLICT (id) DO UPDATE SET document = excluded.document";
            connection.execute(statement, row)?;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        let id = id.to_owned();
        self.with(move |connection| {
            connection.execute("DELETE FROM designs WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// What this connection writes does not change it.
    fn stamp(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.with(|connection| {
            let version = connection.query_row("PRAGMA data_version", [], |row| row.get(0));
            Ok(version.map(i64::cast_unsigned)?)
        })
    }
}

fn load(connection: &Connection) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    let mut statement = connection.prepare(
        "SELECT id, CASE WHEN length(CAST(document AS BLOB)) <= ?1 THEN document END \
            FROM designs ORDER BY id",
    )?;
    let most = i64::try_from(MAX_DOCUMENT_BYTES).unwrap_or(i64::MAX);
    let mut rows = statement.query([most])?;
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let text: Option<String> = row.get(1)?;
        let read = text
            .ok_or_else(|| format!("the document has more than {MAX_DOCUMENT_BYTES} bytes"))
            .and_then(|text| design::read(text.as_bytes()).map_err(|error| error.to_string()));
        match read {
            Ok(document) => loaded.documents.push((id, document)),
            Err(reason) => loaded.broken.push(Problem { id, reason }),
        }
    }
    Ok(loaded)
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sqlite")
    }
}
