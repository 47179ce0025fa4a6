use super::Caller;
use mcp_core::{Principal, governor::Payer};
use std::{
    fmt,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::Arc,
};

/// Which requests are counted together.
///
/// Keys are combined: one per caller and operation is
/// `RateKey::caller().and(RateKey::operation())`. Inside of servers, requests of different mounts
/// are always counted apart.
///
/// ```
/// use mcp_tower::rate_limit::RateKey;
///
/// #[derive(Clone, Copy, Hash)]
/// struct Tenant(u32);
///
/// // Per tenant; requests of none are not limited.
/// let key = RateKey::from_fn(|caller| caller.extensions().get::<Tenant>().copied());
/// # let _ = key;
/// ```
#[derive(Clone)]
pub struct RateKey(Arc<Describe>);

/// Writes what tells the requests of one key from others; `false` for those that are not counted.
type Describe = dyn Fn(&Caller<'_>, &mut dyn Hasher) -> bool + Send + Sync;

impl RateKey {
    /// All requests together.
    pub fn everybody() -> Self {
        Self::from_fn(|_| Some(()))
    }

    /// Per principal. Anonymous callers are counted together.
    pub fn principal() -> Self {
        Self::from_hash(|caller, mut hasher| caller.principal().hash(&mut hasher))
    }

    /// Per [address](Caller::address) of the peer; IPv6 addresses that begin with the same 64 bits
    /// are one. Behind a proxy this is the proxy's, unless a layer that knows which proxies to
    /// believe sets [`PeerAddr`](crate::PeerAddr). Callers without one are counted together.
    pub fn address() -> Self {
        Self::from_fn(|caller| Some(Payer::new(&Principal::Anonymous, caller.address())))
    }

    /// Per principal, and per address where the caller is anonymous.
    pub fn caller() -> Self {
        Self::from_fn(|caller| Some(Payer::new(caller.principal(), caller.address())))
    }

    /// Per session of a principal. Where there is no session, around HTTP and in the modern era, per
    /// [`caller`](Self::caller).
    pub fn session() -> Self {
        let (principal, caller) = (Self::principal(), Self::caller());
        Self(Arc::new(move |asked, mut hasher| {
            let session = asked.session();
            session.hash(&mut hasher);
            match session {
                Some(_) => principal.describe(asked, hasher),
                None => caller.describe(asked, hasher),
            }
        }))
    }

    /// Per method; calls of tools and requests of prompts per name. Around HTTP, where the operation
    /// is not known, all are counted together.
    ///
    /// Names are counted as they are sent, known or not, so combine this with who calls.
    pub fn operation() -> Self {
        Self::from_hash(|caller, mut hasher| {
            let method = caller.method();
            // Every resource has another URI: that would be as many quotas.
            let named = matches!(method, Some("tools/call" | "prompts/get"));
            let target = caller.target().filter(|_| named);
            (method, target).hash(&mut hasher);
        })
    }

    /// A key of your own. Requests for which it is `None` are not counted.
    pub fn from_fn<K: Hash>(
        key: impl Fn(&Caller<'_>) -> Option<K> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |caller, mut hasher| {
            let key = key(caller);
            key.hash(&mut hasher);
            key.is_some()
        }))
    }

    /// Counts apart what differs in either. What either of them does not count is not counted.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Arc::new(move |caller, hasher| {
            self.describe(caller, hasher) && other.describe(caller, hasher)
        }))
    }

    /// Counts only some requests; the others are not limited.
    #[must_use]
    pub fn only(self, counts: impl Fn(&Caller<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |caller, hasher| {
            counts(caller) && self.describe(caller, hasher)
        }))
    }

    fn from_hash(hash: impl Fn(&Caller<'_>, &mut dyn Hasher) + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |caller, hasher| {
            hash(caller, hasher);
            true
        }))
    }

    fn describe(&self, caller: &Caller<'_>, hasher: &mut dyn Hasher) -> bool {
        (self.0)(caller, hasher)
    }

    /// The key of a request, or none when it is not counted.
    pub(super) fn of(&self, caller: &Caller<'_>, digests: &Digests) -> Option<u128> {
        let mut hasher = Twice {
            first: digests.first.build_hasher(),
            second: digests.second.build_hasher(),
        };
        caller.mount().hash(&mut hasher);
        let first = self
            .describe(caller, &mut hasher)
            .then(|| hasher.finish())?;
        Some(u128::from(first) << 64 | u128::from(hasher.second.finish()))
    }
}

impl fmt::Debug for RateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateKey")
    }
}

/// Keys are kept as digests: of one size, without names, and under secrets that are drawn anew, so
/// that nobody can choose a name to collide with another's.
#[derive(Debug, Default)]
pub(super) struct Digests {
    first: RandomState,
    second: RandomState,
}

struct Twice<H> {
    first: H,
    second: H,
}

impl<H: Hasher> Hasher for Twice<H> {
    fn write(&mut self, bytes: &[u8]) {
        self.first.write(bytes);
        self.second.write(bytes);
    }

    fn finish(&self) -> u64 {
        self.first.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PeerAddr;
    use std::net::IpAddr;

    fn request(principal: Principal, address: Option<&str>) -> http::Request<()> {
        let mut request = http::Request::new(());
        let extensions = request.extensions_mut();
        extensions.insert(principal);
        if let Some(address) = address {
            let address: IpAddr = address.parse().unwrap();
            extensions.insert(PeerAddr((address, 1).into()));
        }
        request
    }

    fn ada() -> Principal {
        Principal::new("issuer", "ada")
    }

    #[test]
    fn keys_tell_apart_what_they_say() {
        let digests = Digests::default();
        let anonymous = |address| request(Principal::Anonymous, Some(address));
        let one = request(ada(), Some("192.0.2.1"));
        let other = request(ada(), Some("192.0.2.2"));
        let table = [
            (RateKey::everybody(), &one, &anonymous("192.0.2.2"), true),
            (RateKey::principal(), &one, &other, true),
            (RateKey::principal(), &one, &anonymous("192.0.2.1"), false),
            (RateKey::address(), &one, &other, false),
            (RateKey::address(), &one, &anonymous("192.0.2.1"), true),
            (
                RateKey::address(),
                &one,
                &anonymous("::ffff:192.0.2.1"),
                true,
            ),
            (RateKey::caller(), &one, &other, true),
            (RateKey::caller(), &one, &anonymous("192.0.2.1"), false),
            (RateKey::session(), &one, &other, true),
            (
                RateKey::caller(),
                &anonymous("2001:db8:0:1::1"),
                &anonymous("2001:db8:0:1:ffff::2"),
                true,
            ),
            (
                RateKey::caller(),
                &anonymous("2001:db8:0:1::1"),
                &anonymous("2001:db8:0:2::1"),
                false,
            ),
            (
                RateKey::principal().and(RateKey::address()),
                &one,
                &other,
                false,
            ),
            (RateKey::operation(), &one, &other, true),
        ];
        for (row, (key, one, other, same)) in table.into_iter().enumerate() {
            let of = |request| key.of(&Caller::of_http(request), &digests);
            assert!(of(one).is_some());
            assert_eq!(of(one) == of(other), same, "row {row}");
        }
    }

    #[test]
    fn requests_can_be_left_out() {
        let digests = Digests::default();
        let one = request(ada(), None);
        let caller = Caller::of_http(&one);
        let none = || RateKey::from_fn(|_| None::<u8>);
        assert_eq!(none().of(&caller, &digests), None);
        assert_eq!(none().and(RateKey::caller()).of(&caller, &digests), None);
        assert_eq!(RateKey::caller().and(none()).of(&caller, &digests), None);
        let anonymous = RateKey::address().only(|caller| caller.principal().subject().is_none());
        assert_eq!(anonymous.of(&caller, &digests), None);
        let stranger = request(Principal::Anonymous, None);
        assert!(
            anonymous
                .of(&Caller::of_http(&stranger), &digests)
                .is_some()
        );
    }
}
