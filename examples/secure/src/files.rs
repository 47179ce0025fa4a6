//! Files that the first start makes.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// A directory that only its owner looks into.
pub(crate) fn make_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A file that anybody may read.
pub(crate) fn write_public(path: &Path, text: &str) -> io::Result<()> {
    write(path, text, 0o644)
}

/// A file that only its owner may read, from the moment it exists.
pub(crate) fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    write(path, text, 0o600)
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path)?.write_all(text.as_bytes())
}
