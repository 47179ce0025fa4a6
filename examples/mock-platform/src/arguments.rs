//! What the command line says.

use mock_platform::access::PublicUrl;
use std::{net::SocketAddr, path::PathBuf};

/// How to use the program.
pub(crate) const USAGE: &str = "usage: mock-platform [--bind ADDRESS] [--public-url URL] \
    [--designs DIR | --sqlite FILE] [--admin-key KEY]";

/// Has the key of administrators where `--admin-key` does not say it: arguments are seen by everybody on
/// the machine.
pub(crate) const KEY_VARIABLE: &str = "MOCK_PLATFORM_ADMIN_KEY";

/// The arguments of the program. They cannot be printed: a secret is among them.
#[derive(PartialEq, Eq)]
pub(crate) struct Arguments {
    pub(crate) bind: String,
    /// Where it listens, if nothing is said.
    pub(crate) public_url: Option<PublicUrl>,
    pub(crate) place: Place,
    pub(crate) admin_key: Option<String>,
}

/// Where designs are kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a directory that begins with the shipped designs.
    Demo,
    Directory(PathBuf),
    Sqlite(PathBuf),
}

/// Reads the arguments after the name of the program; nothing, where they ask how to use it.
pub(crate) fn read(
    arguments: impl IntoIterator<Item = String>,
) -> Result<Option<Arguments>, String> {
    let mut read = Arguments {
        bind: "127.0.0.1:8080".to_owned(),
        public_url: None,
        place: Place::Demo,
        admin_key: None,
    };
    let mut arguments = arguments.into_iter();
    while let Some(name) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("{name} needs a value\n{USAGE}"))
        };
        match name.as_str() {
            "--bind" => read.bind = value()?,
            "--public-url" => {
                let url = PublicUrl::parse(&value()?);
                read.public_url = Some(url.map_err(|error| format!("{name}: {error}\n{USAGE}"))?);
            }
            "--designs" | "--sqlite" if read.place != Place::Demo => {
                return Err(format!("designs are kept in one place\n{USAGE}"));
            }
            "--designs" => read.place = Place::Directory(value()?.into()),
            "--sqlite" => read.place = Place::Sqlite(value()?.into()),
            "--admin-key" => read.admin_key = Some(value()?),
            "--help" => return Ok(None),
            _ => return Err(format!("unknown argument {name}\n{USAGE}")),
        }
    }
    Ok(Some(read))
}

impl Arguments {
    /// Where clients find what listens here.
    pub(crate) fn public_url(&self, address: SocketAddr) -> Result<PublicUrl, String> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None if address.ip().is_unspecified() => Err(format!(
                "{address} is every address of this machine: say with --public-url which one clients use\n{USAGE}"
            )),
            None => {
                PublicUrl::parse(&format!("http://{address}")).map_err(|error| error.to_string())
            }
        }
    }

    /// The key of administrators, from here or from the [environment](KEY_VARIABLE).
    pub(crate) fn admin_key(&self, variable: Option<String>) -> Result<Option<String>, String> {
        let key = self.admin_key.clone().or(variable);
        match key.as_deref() {
            Some("") => Err("the key of administrators is empty".to_owned()),
            _ => Ok(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Arguments, String> {
        let read = read(line.split_whitespace().map(str::to_owned));
        read.map(|arguments| arguments.expect("it is not for help"))
    }

    #[test]
    fn nothing_need_be_said() {
        let arguments = of("").unwrap();
        assert_eq!(arguments.bind, "127.0.0.1:8080");
        assert_eq!(arguments.place, Place::Demo);
        assert_eq!(arguments.public_url, None);
    }

    #[test]
    fn the_public_url_is_checked() {
        let arguments = of("--public-url HTTPS://Mocks.example.com/").unwrap();
        let url = arguments.public_url.map(|url| url.to_string());
        assert_eq!(url.as_deref(), Some("https://mocks.example.com"));
        for line in ["--public-url", "--public-url mocks.example.com"] {
            assert!(of(line).is_err(), "{line}");
        }
    }

    #[test]
    fn who_asks_for_help_gets_it() {
        assert!(matches!(read(["--help".to_owned()]), Ok(None)));
    }

    #[test]
    fn a_place_is_named_by_an_address_that_is_one() {
        let everywhere = ["0.0.0.0:8080", "[::]:8080"].map(|text| text.parse().unwrap());
        for address in everywhere {
            let told = of("").unwrap().public_url(address).unwrap_err();
            assert!(told.contains("--public-url"), "{told}");
            let named = of("--public-url http://mocks.example.com").unwrap();
            let url = named.public_url(address).unwrap().to_string();
            assert_eq!(url, "http://mocks.example.com");
        }
        let here = "127.0.0.1:80".parse().unwrap();
        let url = of("").unwrap().public_url(here).unwrap();
        assert_eq!(url.to_string(), "http://127.0.0.1");
    }

    #[test]
    fn the_key_is_in_an_argument_or_in_a_variable() {
        let variable = || Some("variable".to_owned());
        let given = of("--admin-key given").unwrap();
        assert_eq!(given.admin_key(variable()), Ok(Some("given".to_owned())));
        let none = of("").unwrap();
        assert_eq!(none.admin_key(variable()), Ok(variable()));
        assert_eq!(none.admin_key(None), Ok(None));
        assert!(none.admin_key(Some(String::new())).is_err());
    }

    #[test]
    fn designs_are_in_one_place() {
        let arguments = of("--sqlite a.db --bind [::1]:0 --admin-key k").unwrap();
        assert_eq!(arguments.place, Place::Sqlite("a.db".into()));
        assert_eq!(arguments.admin_key.as_deref(), Some("k"));
        for line in ["--designs a --sqlite b", "--designs", "--port 1"] {
            assert!(of(line).is_err(), "{line}");
        }
    }
}
