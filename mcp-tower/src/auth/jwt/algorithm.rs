use jsonwebtoken::Algorithm as Known;

/// An algorithm that tokens are signed with (RFC 7518, RFC 8037).
///
/// All are asymmetric. There is no `none`, and nothing that verifies with a shared secret: so no
/// public key can be mistaken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    Rs512,
    /// RSA PSS with SHA-256.
    Ps256,
    /// RSA PSS with SHA-384.
    Ps384,
    /// RSA PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519, under the name that tells no curve.
    EdDsa,
}

impl Algorithm {
    /// All of them: what is accepted unless it is said otherwise.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// The same as `jsonwebtoken` calls it.
    pub(super) fn known(self) -> Known {
        match self {
            Self::Rs256 => Known::RS256,
            Self::Rs384 => Known::RS384,
            Self::Rs512 => Known::RS512,
            Self::Ps256 => Known::PS256,
            Self::Ps384 => Known::PS384,
            Self::Ps512 => Known::PS512,
            Self::Es256 => Known::ES256,
            Self::Es384 => Known::ES384,
            Self::EdDsa => Known::EdDSA,
        }
    }

    /// One of those that `jsonwebtoken` knows, unless it is symmetric.
    pub(super) fn asymmetric(known: Known) -> Option<Self> {
        Self::ALL.into_iter().find(|ours| ours.known() == known)
    }
}
