//! The access rules of a published server.

use super::{
    PublicUrl,
    oauth::Tokens,
    pair::{Pair, one_key},
};
use crate::design::{AuthDesign, DesignFault, DesignFaults, ServerDesign};
use arc_swap::ArcSwapOption;
use mcp_tower::{
    Principal,
    auth::{Auth, Identity, InvalidRealm, InvalidUrl, ResourceMetadata},
};
use std::sync::Arc;

/// Who may call a server, as long as its design says so. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AccessRules(Arc<Rules>);

#[derive(Debug)]
enum Rules {
    Anybody,
    /// Those with what they were given.
    Given(Auth),
    /// Those with a token that is issued here.
    Issued(Box<Issued>),
}

/// Tokens of one server, and to whom they are issued.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) client: Pair,
    pub(super) tokens: Tokens,
    /// What says where to get a token depends on where the platform is, which requests are told.
    auth: ArcSwapOption<(PublicUrl, Auth)>,
}

impl AccessRules {
    /// The rules of a design.
    ///
    /// # Errors
    /// When its id cannot be written into a challenge.
    pub(crate) fn new(design: &ServerDesign) -> Result<Self, DesignFaults> {
        let rules = rules(design).map_err(|error| {
            DesignFaults(vec![DesignFault {
                path: "/id".to_owned(),
                reason: error.to_string(),
            }])
        });
        Ok(Self(Arc::new(rules?)))
    }

    /// Whether these are the same, with the same tokens, and do not only say the same.
    pub(crate) fn are(&self, others: &Self) -> bool {
        Arc::ptr_eq(&self.0, &others.0)
    }

    /// Who is let in to the server with this id; anybody, if nothing is said.
    ///
    /// # Errors
    /// When the server cannot be named for those who need a token.
    pub(crate) fn auth(&self, id: &str, at: &PublicUrl) -> Result<Option<Auth>, InvalidUrl> {
        match &*self.0 {
            Rules::Anybody => Ok(None),
            Rules::Given(auth) => Ok(Some(auth.clone())),
            Rules::Issued(issued) => issued.auth(id, at).map(Some),
        }
    }

    /// Where tokens are issued for it.
    pub(super) fn issued(&self) -> Option<&Issued> {
        match &*self.0 {
            Rules::Issued(issued) => Some(issued),
            Rules::Anybody | Rules::Given(_) => None,
        }
    }
}

fn rules(design: &ServerDesign) -> Result<Rules, InvalidRealm> {
    let realm = format!("mcp {}", design.id);
    // Nobody calls two servers: what one caller may have open of one is not used up by another.
    let issuer = format!("platform {}", design.id);
    let identity = |subject: &str| Identity::new(Principal::new(issuer, subject));
    Ok(match &design.auth {
        AuthDesign::None => Rules::Anybody,
        AuthDesign::Bearer { token_sha256 } => {
            let keys = one_key(token_sha256, &identity("bearer"));
            Rules::Given(Auth::with_realm(keys, &realm)?)
        }
        AuthDesign::Basic {
            username,
            password_sha256,
        } => {
            let pair = Pair::new(username, password_sha256, &identity(username));
            Rules::Given(Auth::basic(pair, &realm)?)
        }
        AuthDesign::OAuth2 {
            client_id,
            client_secret_sha256,
        } => {
            let identity = identity(client_id);
            Rules::Issued(Box::new(Issued {
                client: Pair::new(client_id, client_secret_sha256, &identity),
                tokens: Tokens::new(identity),
                auth: ArcSwapOption::empty(),
            }))
        }
    })
}

impl Issued {
    /// Made once for each place where the platform is.
    fn auth(&self, id: &str, at: &PublicUrl) -> Result<Auth, InvalidUrl> {
        if let Some(made) = &*self.auth.load()
            && made.0 == *at
        {
            return Ok(made.1.clone());
        }
        let metadata = ResourceMetadata::new(&at.endpoint(id), [at.issuer(id)])?;
        let auth = Auth::new(self.tokens.clone(), metadata);
        let made = (at.clone(), auth.clone());
        self.auth.store(Some(Arc::new(made)));
        Ok(auth)
    }
}
