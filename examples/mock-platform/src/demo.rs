//! The designs that are shipped, for a first look.

use crate::store::{Directory, StoreError};
use std::{fs, path::Path};

/// Names of files, and what is in them.
const DESIGNS: [(&str, &str); 2] = [
    ("abc123.json", include_str!("../designs/abc123.json")),
    ("paris.json", include_str!("../designs/paris.json")),
];

/// A directory that begins as a copy of the shipped designs, and is left alone once it is there: the
/// shipped ones are never changed, and what was changed is found again.
///
/// # Errors
/// When it cannot be made.
pub fn directory(path: &Path) -> Result<Directory, StoreError> {
    let is_new = !path.exists();
    let directory = Directory::open(path)?;
    if is_new {
        for (name, design) in DESIGNS {
            fs::write(path.join(name), design)?;
        }
    }
    Ok(directory)
}
