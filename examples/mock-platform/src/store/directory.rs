//! A directory of JSON files, one for each server.

use super::{Loaded, MAX_DOCUMENT_BYTES, Problem, Store, StoreError, blocking, is_id};
use crate::design;
use mcp_tower::core::BoxFuture;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// What the names of files that are being written end with.
const UNFINISHED: &str = "unfinished";

/// A directory with a file `<id>.json` for each server.
///
/// A file is written beside its place, brought to the disk, and renamed: what is found under its
/// name is one version or the other, whole, whenever the process or the machine stops. What was
/// left beside is ignored, and written over by the next save. Files may be edited by hand. One
/// process at a time should write to it.
#[derive(Clone, Debug)]
pub struct Directory {
    path: Arc<Path>,
}

impl Directory {
    /// A directory, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        fs::create_dir_all(&path)?;
        Ok(Self { path: path.into() })
    }
}

impl Store for Directory {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>> {
        let path = self.path.clone();
        Box::pin(blocking(move || load(&path)))
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
    let unfinished = directory.join(format!("{id}.json.{UNFINISHED}"));
    let mut file = File::create(&unfinished)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&unfinished, &place)?;
    // The name is on the disk when its directory is.
    File::open(directory)?.sync_all()?;
    Ok(())
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
        match read(&path) {
            Ok(Some(document)) => loaded.documents.push((id, document)),
            Ok(None) => {}
            Err(reason) => loaded.broken.push(Problem { id, reason }),
        }
    }
    Ok(loaded)
}

/// A document; nothing where the file has gone meanwhile.
fn read(path: &Path) -> Result<Option<Value>, String> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let mut text = Vec::new();
    let most = MAX_DOCUMENT_BYTES as u64 + 1;
    let read = file.take(most).read_to_end(&mut text);
    read.map_err(|error| error.to_string())?;
    if text.len() > MAX_DOCUMENT_BYTES {
        return Err(format!("the file has more than {MAX_DOCUMENT_BYTES} bytes"));
    }
    let document = design::read(&text);
    document.map(Some).map_err(|error| error.to_string())
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
