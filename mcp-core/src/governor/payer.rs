use crate::principal::{Principal, Subject};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who pays for what is alive: a principal; the address of a client without one; or, where neither
/// is known, nobody in particular.
///
/// Cheap to clone. Addresses of IPv6 are told apart by their first 64 bits, since a client has all
/// that follow. Nobody in particular has no share: only the totals bound it, because those who
/// share it cannot be told apart.
///
/// Behind a proxy every address is the proxy's: authenticate clients, or put the forwarded address
/// in the place of the proxy's, or make the share as large as the total.
///
/// ```
/// use mcp_core::{Principal, governor::Payer};
///
/// let anonymous = |address: &str| Payer::new(&Principal::Anonymous, address.parse().ok());
/// assert_eq!(anonymous("2001:db8::1"), anonymous("2001:db8::2"));
/// assert_ne!(anonymous("192.0.2.1"), anonymous("192.0.2.2"));
///
/// let ada = Principal::new("https://login.example.com", "ada");
/// assert_eq!(Payer::new(&ada, "192.0.2.1".parse().ok()), Payer::new(&ada, None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payer(Kind);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Subject(Subject),
    V4(Ipv4Addr),
    /// The first 64 bits.
    V6(u64),
    Unknown,
}

impl Payer {
    /// The payer of what this principal does from this address.
    pub fn new(principal: &Principal, address: Option<IpAddr>) -> Self {
        Self(match (principal, address.map(|ip| ip.to_canonical())) {
            (Principal::Subject(subject), _) => Kind::Subject(subject.clone()),
            (Principal::Anonymous, Some(IpAddr::V4(address))) => Kind::V4(address),
            (Principal::Anonymous, Some(IpAddr::V6(address))) => Kind::V6(prefix(address)),
            (Principal::Anonymous, None) => Kind::Unknown,
        })
    }

    /// Nobody in particular.
    pub const fn unknown() -> Self {
        Self(Kind::Unknown)
    }

    pub(super) const fn is_known(&self) -> bool {
        !matches!(self.0, Kind::Unknown)
    }
}

const fn prefix(address: Ipv6Addr) -> u64 {
    (address.to_bits() >> 64) as u64
}
