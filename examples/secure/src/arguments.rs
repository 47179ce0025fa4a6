//! The command line.

use secure::{Certificate, Consent, DocumentHosts, Options};
use std::{fmt::Display, str::FromStr};

const USAGE: &str = "\
usage: secure [OPTION...]
  --bind ADDRESS:PORT      where to listen (127.0.0.1:8443)
  --redirect ADDRESS:PORT  where plain HTTP is sent to HTTPS (127.0.0.1:8080), or `off`
  --public-url URL         what clients call the server (https://localhost:PORT)
  --data DIRECTORY         where the first start leaves its certificate (target/secure)
  --certificate FILE       a PEM chain of your own; needs --key
  --key FILE               its private key
  --auto-consent           every client gets its token unasked: for tests
  --strict                 hold requests to the letter of the protocol: for tests of clients
  --rates-times NUMBER     every limit of rate so many times
  --client-documents HOST  clients may be described by documents at this host; may be repeated";

pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut arguments = arguments;
    let mut options = Options::new("target/secure");
    let (mut chain, mut key, mut hosts) = (None, None, Vec::new());
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--auto-consent" => {
                options.consent = Consent::Automatic;
                continue;
            }
            "--strict" => {
                options.strict = true;
                continue;
            }
            _ => {}
        }
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--bind" => options.bind = parse(&value)?,
            "--redirect" if value == "off" => options.redirect = None,
            "--redirect" => options.redirect = Some(parse(&value)?),
            "--public-url" => options.public_url = Some(value),
            "--data" => options.data = value.into(),
            "--rates-times" => options.rates = options.rates.times(parse(&value)?),
            "--certificate" => chain = Some(value),
            "--key" => key = Some(value),
            "--client-documents" => hosts.push(value),
            _ => return Err(USAGE.to_owned()),
        }
    }
    options.certificate = match (chain, key) {
        (None, None) => None,
        (Some(chain), Some(key)) => Some(Certificate::Files {
            chain: chain.into(),
            key: key.into(),
        }),
        _ => return Err(USAGE.to_owned()),
    };
    if !hosts.is_empty() {
        let hosts = DocumentHosts::new(hosts).map_err(|error| error.to_string())?;
        options.document_hosts = Some(hosts);
    }
    Ok(options)
}

fn parse<T: FromStr<Err: Display>>(value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|error| format!("`{value}`: {error}\n{USAGE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(arguments: &[&str]) -> Result<Options, String> {
        read(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn what_is_not_said_stays() {
        let options = read_all(&["--bind", "127.0.0.1:0", "--redirect", "off"]).unwrap();
        assert_eq!(options.bind.port(), 0);
        assert!(options.redirect.is_none() && options.certificate.is_none());
        assert_eq!(options.consent, Consent::Page);
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for wrong in [
            &["--bind"][..],
            &["--bind", "x"],
            &["--no"],
            &["--key", "k"],
        ] {
            assert!(read_all(wrong).unwrap_err().contains("usage:"), "{wrong:?}");
        }
    }
}
