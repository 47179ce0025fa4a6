//! The designs that are shipped, for a first look.

use crate::store::{Directory, StoreError};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// Names of files, and what is in them.
const DESIGNS: [(&str, &str); 2] = [
    ("abc123.json", include_str!("../designs/abc123.json")),
    ("paris.json", include_str!("../designs/paris.json")),
];

/// A directory that begins as a copy of the shipped designs, and is left alone once it is there: the
/// shipped ones are never changed, and what was changed is found again. It is there with all of them,
/// or not at all: it is filled under another name.
///
/// # Errors
/// When it cannot be made.
pub fn directory(path: &Path) -> Result<Directory, StoreError> {
    if !path.exists() {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(format!(".{}.unfinished", uuid::Uuid::new_v4().simple()));
        let unfinished = Path::new(&unfinished);
        let filled = fill(unfinished).and_then(|()| fs::rename(unfinished, path));
        if let Err(error) = filled {
            // There is nothing in it that is not in the program.
            let _ = fs::remove_dir_all(unfinished);
            // Another process may have been first.
            if !path.exists() {
                return Err(error.into());
            }
        }
    }
    Directory::open(path)
}

fn fill(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    for (name, design) in DESIGNS {
        let mut file = File::create_new(path.join(name))?;
        file.write_all(design.as_bytes())?;
        file.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_with_all_of_them_or_not_at_all() {
        let parent = tempfile::tempdir().unwrap();
        // What a start that was cut off has left is not taken for the directory.
        fs::create_dir(parent.path().join("designs.0.unfinished")).unwrap();
        let path = parent.path().join("designs");
        let there = || DESIGNS.map(|(name, _)| path.join(name).exists());
        directory(&path).unwrap();
        assert_eq!(there(), [true, true]);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
        // It is left alone from then on.
        fs::remove_file(path.join(DESIGNS[0].0)).unwrap();
        directory(&path).unwrap();
        assert_eq!(there(), [false, true]);
    }

    #[test]
    fn what_cannot_be_filled_is_not_left() {
        let parent = tempfile::tempdir().unwrap();
        let in_the_way = parent.path().join("file");
        fs::write(&in_the_way, "").unwrap();
        assert!(directory(&in_the_way.join("designs")).is_err());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
