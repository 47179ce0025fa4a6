//! What a listener wants to know.

use crate::{
    protocol::{ErrorObject, ServerCapabilities},
    session::{self, SessionState},
};
use serde::{Deserialize, Serialize};
use std::ops::Not;

/// What a client wants to be told of (`subscriptions/listen`, 2026-07-28).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct SubscriptionFilter {
    /// That the list of tools changed.
    #[serde(skip_serializing_if = "Not::not")]
    pub tools_list_changed: bool,
    /// That the list of prompts changed.
    #[serde(skip_serializing_if = "Not::not")]
    pub prompts_list_changed: bool,
    /// That the list of resources or of templates changed.
    #[serde(skip_serializing_if = "Not::not")]
    pub resources_list_changed: bool,
    /// That one of these resources changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_subscriptions: Vec<String>,
}

/// The parameters of `subscriptions/listen`, and of its acknowledgement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ListenParams {
    pub(crate) notifications: SubscriptionFilter,
}

impl SubscriptionFilter {
    pub(crate) fn check(&self) -> Result<(), ErrorObject> {
        if self.resource_subscriptions.len() > SessionState::MAX_SUBSCRIPTIONS {
            return Err(session::too_many());
        }
        let mut uris = self.resource_subscriptions.iter();
        uris.try_for_each(|uri| session::check_uri(uri))
    }

    /// The part that a server with these capabilities can honour.
    pub(crate) fn honoured(mut self, offered: &ServerCapabilities) -> Self {
        let lists = |group: &Option<crate::protocol::ListCapability>| {
            group.as_ref().is_some_and(|group| group.list_changed)
        };
        let resources = offered.resources.unwrap_or_default();
        self.tools_list_changed &= lists(&offered.tools);
        self.prompts_list_changed &= lists(&offered.prompts);
        self.resources_list_changed &= resources.list_changed;
        if !resources.subscribe {
            self.resource_subscriptions.clear();
        }
        self
    }
}
