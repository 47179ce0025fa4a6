//! A directory of JSON files, one for each server.

use super::{Loaded, MAX_DOCUMENT_BYTES, Problem, Store, StoreError, Stored, blocking};
use crate::design::{self, is_id};
use mcp_tower::core::BoxFuture;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// What the names of files that are being written end with.
const UNFINISHED: &str = ".unfinished";

/// How old such a file is when nobody is writing it any more.
const LEFT_AFTER: Duration = Duration::from_secs(3_600);

/// A directory with a file `<id>.json` for each server.
///
/// A file is written beside its place, under a name that no other save has, brought to the disk, and
/// renamed: what is found under its name is one version or the other, whole, whenever the process or
/// the machine stops, and however many processes save at once. What a crash left beside is ignored,
/// and removed when the directory is opened an hour later. Files may be edited by hand.
#[derive(Clone, Debug)]
pub struct Directory {
    path: Arc<Path>,
}

impl Directory {
    /// A directory, which is made if it is not there. What crashes have left in it is removed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        remove_leftovers(&path)?;
        Ok(Self { path: path.into() })
    }
}

impl Store for Directory {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>> {
        let path = self.path.clone();
        Box::pin(blocking(move || load(&path)))
    }

    fn read<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>> {
        let place = place(&self.path, id);
        let id = id.to_owned();
        Box::pin(blocking(move || {
            let reason = match read(&place?) {
                Ok(Some(document)) => return Ok(Stored::Document(document)),
                Ok(None) => return Ok(Stored::Nothing),
                Err(Unread::MayPass(error)) => return Err(error.into()),
                Err(Unread::Wrong(reason)) => reason,
            };
            Ok(Stored::Broken(Problem { id, reason }))
        }))
    }

    fn save<'a>(
        &'a self,
        id: &'a str,
        document: &'a Value,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let path = self.path.clone();
        let id = id.to_owned();
        let text = text(document);
        Box::pin(blocking(move || save(&path, &id, text?.as_bytes())))
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        let path = self.path.clone();
        let id = id.to_owned();
        Box::pin(blocking(move || {
            match fs::remove_file(place(&path, &id)?) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
            File::open(&path)?.sync_all()?;
            Ok(())
        }))
    }

    fn stamp(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        let path = self.path.clone();
        Box::pin(blocking(move || stamp(&path)))
    }
}

fn place(directory: &Path, id: &str) -> Result<PathBuf, StoreError> {
    match is_id(id) {
        true => Ok(directory.join(format!("{id}.json"))),
        false => Err(StoreError::new("an id has a character that it cannot have")),
    }
}

/// For people, unless that makes it too long.
fn text(document: &Value) -> Result<String, StoreError> {
    let unwritable = |error: serde_json::Error| StoreError::new(error.to_string());
    let mut text = serde_json::to_string_pretty(document).map_err(unwritable)?;
    text.push('\n');
    match text.len() {
        ..=MAX_DOCUMENT_BYTES => Ok(text),
        _ => serde_json::to_string(document).map_err(unwritable),
    }
}

fn save(directory: &Path, id: &str, text: &[u8]) -> Result<(), StoreError> {
    let place = place(directory, id)?;
    let own = uuid::Uuid::new_v4().simple();
    let unfinished = directory.join(format!("{id}.json.{own}{UNFINISHED}"));
    let put = write(&unfinished, text).and_then(|()| fs::rename(&unfinished, &place));
    if let Err(error) = put {
        // What cannot be removed either is found by whoever opens the directory later.
        let _ = fs::remove_file(&unfinished);
        return Err(error.into());
    }
    // The name is on the disk when its directory is.
    File::open(directory)?.sync_all()?;
    Ok(())
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// Removes what saves have left that were cut off: nobody finishes them.
fn remove_leftovers(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_str().is_some_and(is_unfinished) {
            continue;
        }
        let age = entry.metadata().and_then(|metadata| metadata.modified());
        let age = age.ok().and_then(|modified| modified.elapsed().ok());
        if age.is_some_and(|age| age >= LEFT_AFTER)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::warn!(%error, ?name, "what a save has left cannot be removed");
        }
    }
    Ok(())
}

/// Whether a save gives files such names: `{id}.json.{32 digits}.unfinished`.
fn is_unfinished(name: &str) -> bool {
    let parts = name
        .strip_suffix(UNFINISHED)
        .and_then(|name| name.rsplit_once('.'));
    let is_own = |own: &str| own.len() == 32 && own.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.is_some_and(|(name, own)| is_own(own) && name.strip_suffix(".json").is_some_and(is_id))
}

/// The files of a directory by id, in order.
fn files(directory: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(id) = name.and_then(|name| name.strip_suffix(".json"))
            && is_id(id)
        {
            files.insert(id.to_owned(), path.clone());
        }
    }
    Ok(files)
}

fn load(directory: &Path) -> Result<Loaded, StoreError> {
    let mut loaded = Loaded::default();
    for (id, path) in files(directory)? {
        let reason = match read(&path) {
            Ok(document) => {
                loaded
                    .documents
                    .extend(document.map(|document| (id, document)));
                continue;
            }
            Err(Unread::Wrong(reason)) => reason,
            Err(Unread::MayPass(error)) => {
                loaded.may_pass = true;
                error.to_string()
            }
        };
        loaded.broken.push(Problem { id, reason });
    }
    Ok(loaded)
}

/// Why there is no document.
enum Unread {
    /// What is there is none.
    Wrong(String),
    /// It could not be read now, whatever it is.
    MayPass(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::MayPass(error)
    }
}

/// A document; nothing where the file has gone meanwhile.
fn read(path: &Path) -> Result<Option<Value>, Unread> {
    let is_gone = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        // To open a pipe would be to wait for whoever writes into it.
        Ok(_) => return Err(Unread::Wrong("it is no regular file".to_owned())),
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut text = Vec::new();
    let most = MAX_DOCUMENT_BYTES as u64 + 1;
    file.take(most).read_to_end(&mut text)?;
    if text.len() > MAX_DOCUMENT_BYTES {
        let reason = format!("the file has more than {MAX_DOCUMENT_BYTES} bytes");
        return Err(Unread::Wrong(reason));
    }
    let document = design::read(&text);
    document
        .map(Some)
        .map_err(|error| Unread::Wrong(error.to_string()))
}

fn stamp(directory: &Path) -> Result<u64, StoreError> {
    let mut hasher = DefaultHasher::new();
    for (id, path) in files(directory)? {
        let Ok(metadata) = fs::metadata(path) else {
            continue;
        };
        (id, metadata.len(), metadata.modified().ok()).hash(&mut hasher);
    }
    Ok(hasher.finish())
}
