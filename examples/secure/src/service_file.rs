//! The credentials of a service that reads notes in its own name, made at the first start.

use crate::files;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_tower::core::random;
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What the file holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Service {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("service.json")
}

pub(crate) fn load(data: &Path) -> io::Result<Service> {
    let path = path(data);
    if path.exists() {
        return Ok(serde_json::from_str(&fs::read_to_string(path)?)?);
    }
    files::make_directory(data)?;
    let secret = random::<32>().map_err(io::Error::other)?;
    let service = Service {
        client_id: "reader".to_owned(),
        client_secret: BASE64_URL_SAFE_NO_PAD.encode(secret),
    };
    files::write_secret(&path, &serde_json::to_string_pretty(&service)?)?;
    Ok(service)
}
