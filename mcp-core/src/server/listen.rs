//! Methods about what changes: `subscriptions/listen`, and those of a session.

use super::{Catalog, Core, Viewer};
use crate::{
    hub::{Hub, Interest, ListenParams, SubscriptionFilter, SubscriptionMeta},
    protocol::{ErrorObject, LogLevel, Meta, Notification, RequestId, ServerCapabilities, key},
    refusal::Refusal,
    request::Request,
    response::Payload,
    route::{Handle, Route, RouteFuture, answered},
    scopes::Scopes,
    session::Session,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The route of one `subscriptions/listen`.
pub(super) fn route(
    core: &Core,
    catalog: &Catalog,
    offered: &ServerCapabilities,
    request: &Request,
) -> Result<Route, Refusal> {
    let message = &request.facts().message;
    let params = message
        .raw_params()
        .and_then(|params| params.parse::<ListenParams>().ok());
    let (Some(params), Some(id)) = (params, message.id()) else {
        return Err(invalid("`notifications` must say what to listen to"));
    };
    params.notifications.check().map_err(Refusal::answer)?;
    let filter = params.notifications.honoured(offered);
    check_scopes(core, catalog, request, &filter.resource_subscriptions)?;
    Ok(Route::direct(Listen {
        hub: core.hub.clone(),
        id: id.clone(),
        filter,
        viewer: Arc::new(Viewer::new(core, request)),
    }))
}

/// Runs until the client goes away or the server ends it.
struct Listen {
    hub: Arc<Hub>,
    id: RequestId,
    filter: SubscriptionFilter,
    viewer: Arc<Viewer>,
}

impl Handle for Listen {
    fn handle(&self, request: Request) -> RouteFuture {
        let id = self.id.clone();
        let acknowledged = acknowledged(&id, self.filter.clone());
        // Before the acknowledgement: what changes from here on is told.
        let interest = Interest::filter(id.clone(), self.filter.clone(), self.viewer.clone());
        let mut listener = match self.hub.listen(interest) {
            Ok(listener) => listener,
            Err(refusal) => return answered(refusal),
        };
        Box::pin(async move {
            let peer = request.peer();
            if let Some(acknowledged) = acknowledged {
                peer.emit(acknowledged).await;
            }
            loop {
                // What a slow reader has not taken stays a mark, so that it is told once and never
                // dropped.
                peer.flushed().await;
                match listener.next().await {
                    Some(notification) => peer.emit(notification).await,
                    None => return Ok(Payload::Closing(meta(&id)).into()),
                }
            }
        })
    }
}

fn acknowledged(id: &RequestId, notifications: SubscriptionFilter) -> Option<Notification> {
    #[derive(Serialize)]
    struct Acknowledged<'a> {
        #[serde(flatten)]
        params: ListenParams,
        #[serde(rename = "_meta")]
        meta: SubscriptionMeta<'a>,
    }
    let params = Acknowledged {
        params: ListenParams { notifications },
        meta: SubscriptionMeta::new(id),
    };
    // Flags, text and an id: it always serializes.
    Notification::new("notifications/subscriptions/acknowledged", &params).ok()
}

fn meta(id: &RequestId) -> Meta {
    let id = serde_json::to_value(id).unwrap_or_default();
    Meta::from_iter([(key::SUBSCRIPTION_ID.to_owned(), id)])
}

/// What a client sets in its session. A route, because a session may have to tell other replicas.
enum Setting {
    Level(LogLevel),
    Subscribed(Arc<str>),
    Unsubscribed(Arc<str>),
}

impl Handle for Setting {
    fn handle(&self, request: Request) -> RouteFuture {
        // Checked before; a layer cannot take it away.
        let Some(session) = request.session().cloned() else {
            let refusal = Refusal::method_not_found(request.method());
            return answered(refusal);
        };
        let setting = match self {
            Self::Level(level) => Self::Level(*level),
            Self::Subscribed(uri) => Self::Subscribed(uri.clone()),
            Self::Unsubscribed(uri) => Self::Unsubscribed(uri.clone()),
        };
        Box::pin(async move {
            let set = match setting {
                Self::Level(level) => session.set_log_level(level).await,
                Self::Subscribed(uri) => session.subscribe(&uri).await,
                Self::Unsubscribed(uri) => session.unsubscribe(&uri).await,
            };
            Ok(match set {
                Ok(()) => Payload::Empty.into(),
                Err(refusal) => refusal.into(),
            })
        })
    }
}

/// `logging/setLevel`.
pub(super) fn set_level(request: &Request) -> Result<Route, Refusal> {
    #[derive(Deserialize)]
    struct Params {
        level: LogLevel,
    }
    session(request)?;
    let params = request.facts().message.raw_params();
    let params = params.and_then(|params| params.parse::<Params>().ok());
    let Params { level } = params.ok_or_else(|| invalid("`level` is not a known level"))?;
    Ok(Route::direct(Setting::Level(level)))
}

/// `resources/subscribe`. Whether the resource exists is not asked: it may come later.
pub(super) fn subscribe(
    core: &Core,
    catalog: &Catalog,
    request: &Request,
) -> Result<Route, Refusal> {
    session(request)?;
    let uri = uri(request)?;
    check_scopes(core, catalog, request, [&uri])?;
    Ok(Route::direct(Setting::Subscribed(uri)))
}

/// Refuses to tell of resources that the caller sees and may not read; names all that is needed.
fn check_scopes<'a, U: AsRef<str> + 'a>(
    core: &Core,
    catalog: &Catalog,
    request: &Request,
    uris: impl IntoIterator<Item = U>,
) -> Result<(), Refusal> {
    let access = core.access_of(request);
    let mut needed = Scopes::none();
    for uri in uris {
        if let Some((entry, _)) = catalog.resource(uri.as_ref(), |entry| access.sees(entry)) {
            needed = needed.with(entry.options.needed());
        }
    }
    access.check_scopes(&needed)
}

/// `resources/unsubscribe`.
pub(super) fn unsubscribe(request: &Request) -> Result<Route, Refusal> {
    session(request)?;
    Ok(Route::direct(Setting::Unsubscribed(uri(request)?)))
}

fn uri(request: &Request) -> Result<Arc<str>, Refusal> {
    let uri = request.facts().message.params().uri.get();
    let uri = uri.ok_or_else(|| invalid("`uri` must be a string"))?;
    Ok(uri.as_str().into())
}

/// Without a session there is nothing to change, and nothing of this was advertised.
fn session(request: &Request) -> Result<&Arc<dyn Session>, Refusal> {
    let session = request.session();
    session.ok_or_else(|| Refusal::method_not_found(request.method()))
}

fn invalid(message: &'static str) -> Refusal {
    Refusal::answer(ErrorObject::invalid_params(message))
}
