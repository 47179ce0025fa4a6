//! Where the certificate comes from: files, or a development authority that is made at the first
//! start.

use crate::files;
use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// A certificate and its key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Certificate {
    /// For `localhost`, `127.0.0.1` and `::1`, in this directory: made there unless it is there.
    /// Clients have to be told to trust `ca.pem`. The key of that authority is not kept, so nobody
    /// can use it for anything else.
    Development(PathBuf),
    /// From two PEM files: the chain, and the key.
    Files {
        /// The certificate, and whatever leads from it to an authority that clients trust.
        chain: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// What rustls needs.
pub(crate) struct Loaded {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    /// The file of the authority, if clients have to be told about it.
    pub(crate) authority: Option<PathBuf>,
}

const AUTHORITY: &str = "ca.pem";
const CHAIN: &str = "certificate.pem";
const KEY: &str = "key.pem";

/// How long a development certificate is good. It is made anew before that.
const GOOD: Duration = Duration::from_secs(365 * 86_400);
const RENEW_AFTER: Duration = Duration::from_secs(300 * 86_400);

impl Certificate {
    pub(crate) fn load(&self) -> io::Result<Loaded> {
        match self {
            Self::Files { chain, key } => read(chain, key, None),
            Self::Development(directory) => {
                let path = |name| directory.join(name);
                if !is_fresh(&path(KEY)) {
                    generate(directory)?;
                }
                read(&path(CHAIN), &path(KEY), Some(path(AUTHORITY)))
            }
        }
    }
}

fn read(chain: &Path, key: &Path, authority: Option<PathBuf>) -> io::Result<Loaded> {
    let named = |path: &Path, error| {
        io::Error::other(format!("{} cannot be read as PEM: {error}", path.display()))
    };
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(chain).and_then(Iterator::collect);
    Ok(Loaded {
        chain: certificates.map_err(|error| named(chain, error))?,
        key: PrivateKeyDer::from_pem_file(key).map_err(|error| named(key, error))?,
        authority,
    })
}

/// The key is written last, so where it is the others are too.
fn is_fresh(key: &Path) -> bool {
    let modified = std::fs::metadata(key).and_then(|file| file.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < RENEW_AFTER))
}

fn generate(directory: &Path) -> io::Result<()> {
    let made = make().map_err(io::Error::other)?;
    files::make_directory(directory)?;
    files::write_public(
        &directory.join(AUTHORITY),
        &pem("CERTIFICATE", &made.authority),
    )?;
    files::write_public(
        &directory.join(CHAIN),
        &pem("CERTIFICATE", &made.certificate),
    )?;
    files::write_secret(&directory.join(KEY), &pem("PRIVATE KEY", &made.key))
}

/// What is made for development, in DER.
struct Made {
    authority: Vec<u8>,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

fn make() -> Result<Made, rcgen::Error> {
    let now = SystemTime::now();
    let for_names = |names: Vec<String>, name: &str| {
        let mut params = CertificateParams::new(names)?;
        params.not_before = (now - Duration::from_secs(86_400)).into();
        params.not_after = (now + GOOD).into();
        params.distinguished_name.push(DnType::CommonName, name);
        Ok::<_, rcgen::Error>(params)
    };
    let mut ca = for_names(Vec::new(), "Development authority of the secure example")?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_key = KeyPair::generate()?;
    let ca_certificate = ca.self_signed(&ca_key)?;

    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut leaf = for_names(names.to_vec(), "localhost")?;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // Python refuses certificates without it.
    leaf.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &Issuer::new(ca, ca_key))?;
    Ok(Made {
        authority: ca_certificate.der().to_vec(),
        certificate: certificate.der().to_vec(),
        key: key.serialize_der(),
    })
}

/// DER as text (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let encoded = BASE64_STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}
