//! A file of SQLite.

use super::{Loaded, MAX_DOCUMENT_BYTES, Problem, Store, StoreError, Stored, blocking};
use crate::design;
use mcp_tower::core::BoxFuture;
use rusqlite::{Connection, Row, types::ValueRef};
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

    fn read<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>> {
        let id = id.to_owned();
        self.with(move |connection| read(connection, id))
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

/// Rows of both, without documents that are too long.
const ROWS: &str = "SELECT id, CASE WHEN length(CAST(document AS BLOB)) <= ?1 THEN document END \
    FROM designs";

fn load(connection: &Connection) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    let mut statement = connection.prepare(&format!("{ROWS} ORDER BY id"))?;
    let mut rows = statement.query([most()])?;
    while let Some(row) = rows.next()? {
        let (id, read) = match text(row.get_ref(0)?) {
            Ok(id) => (String::from_utf8_lossy(id).into_owned(), document(row)?),
            Err(reason) => ("?".to_owned(), Err(format!("its id is {reason}"))),
        };
        match read {
            Ok(document) => loaded.documents.push((id, document)),
            Err(reason) => loaded.broken.push(Problem { id, reason }),
        }
    }
    Ok(loaded)
}

fn read(connection: &Connection, id: String) -> Result<Stored, StoreError> {
    let mut statement = connection.prepare(&format!("{ROWS} WHERE id = ?2"))?;
    let mut rows = statement.query((most(), &id))?;
    let Some(row) = rows.next()? else {
        return Ok(Stored::Nothing);
    };
    Ok(match document(row)? {
        Ok(document) => Stored::Document(document),
        Err(reason) => Stored::Broken(Problem { id, reason }),
    })
}

fn most() -> i64 {
    i64::try_from(MAX_DOCUMENT_BYTES).unwrap_or(i64::MAX)
}

/// The document of a row, or what is wrong with it: other programs write what they like.
fn document(row: &Row<'_>) -> Result<Result<Value, String>, StoreError> {
    let value = row.get_ref(1)?;
    if value == ValueRef::Null {
        let reason = format!("the document has more than {MAX_DOCUMENT_BYTES} bytes");
        return Ok(Err(reason));
    }
    let text = text(value).map_err(|reason| format!("the document is {reason}"));
    Ok(text.and_then(|text| design::read(text).map_err(|error| error.to_string())))
}

fn text(value: ValueRef<'_>) -> Result<&[u8], String> {
    match value {
        ValueRef::Text(text) => Ok(text),
        other => Err(format!("no text but of the type {}", other.data_type())),
    }
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
