//! One listener: marks that are set by the hub and taken by a stream.

use super::{Change, Hub, SubscriptionFilter};
use crate::{
    protocol::{Notification, RequestId},
    server::Viewer,
    session::SessionState,
};
use serde::Serialize;
use std::{
    collections::{HashSet, VecDeque},
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
};

/// What a listener is told of.
#[derive(Debug)]
pub(crate) enum Interest {
    /// Of what its filter names.
    Filter {
        id: RequestId,
        lists: SubscriptionFilter,
        uris: HashSet<Arc<str>>,
        viewer: Arc<Viewer>,
    },
    /// Of every list, and of what the session is subscribed to at the time.
    Session(Arc<SessionState>),
}

impl Interest {
    pub(crate) fn filter(
        id: RequestId,
        mut filter: SubscriptionFilter,
        viewer: Arc<Viewer>,
    ) -> Self {
        let uris = std::mem::take(&mut filter.resource_subscriptions);
        Self::Filter {
            id,
            lists: filter,
            uris: uris.into_iter().map(Into::into).collect(),
            viewer,
        }
    }

    fn wants(&self, change: Change<'_>) -> bool {
        match (self, change) {
            (Self::Filter { lists, .. }, Change::Tools) => lists.tools_list_changed,
            (Self::Filter { lists, .. }, Change::Prompts) => lists.prompts_list_changed,
            (Self::Filter { lists, .. }, Change::Resources) => lists.resources_list_changed,
            (Self::Filter { uris, viewer, .. }, Change::Resource(uri)) => {
                uris.contains(uri) && viewer.may_know(uri)
            }
            (Self::Session(session), Change::Resource(uri)) => session.wants(uri),
            (Self::Session(_), _) => true,
        }
    }

    /// The resources it is told of.
    fn uris(&self) -> Vec<Arc<str>> {
        match self {
            Self::Filter { uris, .. } => uris.iter().cloned().collect(),
            Self::Session(session) => session.subscriptions(),
        }
    }

    fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Filter { id, .. } => Some(id),
            Self::Session(_) => None,
        }
    }
}

/// The place of a listener in the hub.
#[derive(Debug)]
pub(super) struct Slot {
    interest: Interest,
    marks: Mutex<Marks>,
}

#[derive(Debug, Default)]
struct Marks {
    tools: bool,
    prompts: bool,
    resources: bool,
    /// Updated resources, oldest first, each once.
    updated: VecDeque<Arc<str>>,
    known: HashSet<Arc<str>>,
    closed: Option<CloseReason>,
    reader: Option<Waker>,
}

/// Why a listener was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// Somebody asked for it, by its [handle](ListenerHandle).
    Requested,
    /// The server is shutting down: whoever listened may come back to another one.
    Shutdown,
}

impl Slot {
    pub(super) fn new(interest: Interest) -> Self {
        Self {
            interest,
            marks: Mutex::default(),
        }
    }

    pub(super) fn mark(&self, change: Change<'_>) {
        if !self.interest.wants(change) {
            return;
        }
        let reader = {
            let mut marks = self.lock();
            match change {
                Change::Tools => marks.tools = true,
                Change::Prompts => marks.prompts = true,
                Change::Resources => marks.resources = true,
                Change::Resource(uri) => marks.update(uri, &self.interest),
            }
            marks.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    pub(super) fn mark_all(&self) {
        for change in [Change::Tools, Change::Prompts, Change::Resources] {
            self.mark(change);
        }
        for uri in self.interest.uris() {
            self.mark(Change::Resource(&uri));
        }
    }

    pub(super) fn close(&self, reason: CloseReason) {
        let reader = {
            let mut marks = self.lock();
            marks.closed.get_or_insert(reason);
            marks.reader.take()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
        // Nothing panics while the lock is held.
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    /// Marks a resource. There are never more marks than subscriptions: a session may give up
    /// subscriptions whose marks were not read yet, and those are the first to go.
    fn update(&mut self, uri: &Arc<str>, interest: &Interest) {
        if !self.known.insert(uri.clone()) {
            return;
        }
        self.updated.push_back(uri.clone());
        if self.updated.len() > SessionState::MAX_SUBSCRIPTIONS {
            let known = &mut self.known;
            self.updated.retain(|uri| {
                let kept = interest.wants(Change::Resource(uri));
                if !kept {
                    known.remove(uri);
                }
                kept
            });
        }
    }

    /// Takes one mark, lists first.
    fn take(&mut self, interest: &Interest) -> Option<Notification> {
        let id = interest.id();
        let lists = [
            (&mut self.tools, "notifications/tools/list_changed"),
            (&mut self.prompts, "notifications/prompts/list_changed"),
            (&mut self.resources, "notifications/resources/list_changed"),
        ];
        for (changed, method) in lists {
            if std::mem::take(changed) {
                return notification(method, None, id);
            }
        }
        while let Some(uri) = self.updated.pop_front() {
            self.known.remove(&uri);
            if interest.wants(Change::Resource(&uri)) {
                return notification("notifications/resources/updated", Some(&uri), id);
            }
        }
        None
    }
}

fn notification(
    method: &'static str,
    uri: Option<&str>,
    id: Option<&RequestId>,
) -> Option<Notification> {
    #[derive(Serialize)]
    struct Params<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        uri: Option<&'a str>,
        #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
        meta: Option<SubscriptionMeta<'a>>,
    }
    let meta = id.map(SubscriptionMeta::new);
    // Text and an id: it always serializes.
    Notification::new(method, &Params { uri, meta }).ok()
}

/// Says which subscription a message belongs to.
#[derive(Serialize)]
pub(crate) struct SubscriptionMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/subscriptionId")]
    id: &'a RequestId,
}

impl<'a> SubscriptionMeta<'a> {
    pub(crate) fn new(id: &'a RequestId) -> Self {
        Self { id }
    }
}

/// Someone who is told what changes. Dropping it ends that at once.
pub struct Listener {
    hub: Arc<Hub>,
    key: u64,
    slot: Arc<Slot>,
}

impl Listener {
    pub(super) fn new(hub: Arc<Hub>, key: u64, slot: Arc<Slot>) -> Self {
        Self { hub, key, slot }
    }

    /// The next notification. Changes that were not read yet are told once, however often they
    /// happened. `None` when the listener has been closed; what changed before is told first.
    ///
    /// Only the last task that polled is woken.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Notification>> {
        let mut marks = self.slot.lock();
        if let Some(notification) = marks.take(&self.slot.interest) {
            return Poll::Ready(Some(notification));
        }
        if marks.closed.is_some() {
            return Poll::Ready(None);
        }
        match &marks.reader {
            Some(reader) if reader.will_wake(cx.waker()) => {}
            _ => marks.reader = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// The next notification: see [`poll_next`](Self::poll_next).
    ///
    /// Cancel safe.
    pub async fn next(&mut self) -> Option<Notification> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Marks everything that it may be told of, for a client that may have missed any of it:
    /// telling it once too often costs it a list.
    pub fn mark_all(&self) {
        self.slot.mark_all();
    }

    /// Why the listener was closed, once it was; the first reason stays.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.slot.lock().closed
    }

    /// A handle that can end the listener from outside.
    pub fn handle(&self) -> ListenerHandle {
        ListenerHandle(Arc::downgrade(&self.slot))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.remove(self.key);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("interest", &self.slot.interest)
            .finish_non_exhaustive()
    }
}

/// Refers to a [`Listener`] without keeping it.
#[derive(Clone, Debug)]
pub struct ListenerHandle(Weak<Slot>);

impl ListenerHandle {
    /// Whether the listener still exists.
    pub fn is_open(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// Ends the listener.
    pub fn close(&self) {
        if let Some(slot) = self.0.upgrade() {
            slot.close(CloseReason::Requested);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::{Revision, key},
        request::from_json,
        server::Server,
    };

    fn interest(server: &Server, wanted: SubscriptionFilter) -> Interest {
        let request = from_json(
            r#"{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen"}"#,
            Revision::NEWEST_MODERN,
        );
        Interest::filter(7.into(), wanted, Arc::new(server.viewer(&request)))
    }

    fn hub() -> Arc<Hub> {
        Arc::new(Hub::new(8))
    }

    fn filter(text: &str) -> SubscriptionFilter {
        serde_json::from_str(text).unwrap()
    }

    fn pending(listener: &mut Listener) -> Vec<String> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut told = Vec::new();
        while let Poll::Ready(Some(next)) = listener.poll_next(&mut cx) {
            told.push(format!("{} {}", next.method, next.params.as_str()));
        }
        told
    }

    #[test]
    fn only_what_the_filter_names_and_once() {
        let hub = hub();
        let wanted = filter(r#"{"toolsListChanged":true,"resourceSubscriptions":["n:1"]}"#);
        let server = Server::builder("t", "1").build();
        let mut listener = hub.listen(interest(&server, wanted)).unwrap();
        for _ in 0..100 {
            for change in [Change::Tools, Change::Prompts, Change::Resources] {
                hub.publish(change);
            }
            hub.publish(Change::Resource(&"n:1".into()));
            hub.publish(Change::Resource(&"n:2".into()));
        }
        let meta = format!(r#""_meta":{{"{}":7}}"#, key::SUBSCRIPTION_ID);
        assert_eq!(
            pending(&mut listener),
            [
                format!("notifications/tools/list_changed {{{meta}}}"),
                format!(r#"notifications/resources/updated {{"uri":"n:1",{meta}}}"#),
            ]
        );
    }

    #[test]
    fn a_session_is_told_of_its_own_resources() {
        let hub = hub();
        let session = Arc::new(SessionState::new());
        let mut listener = hub.listen(Interest::Session(session.clone())).unwrap();
        session.subscribe("n:1").unwrap();
        session.subscribe("n:2").unwrap();
        hub.publish(Change::Resource(&"n:1".into()));
        hub.publish(Change::Resource(&"n:2".into()));
        hub.publish(Change::Resource(&"n:3".into()));
        session.unsubscribe("n:2");
        assert_eq!(
            pending(&mut listener),
            [r#"notifications/resources/updated {"uri":"n:1"}"#]
        );
    }

    #[test]
    fn marks_of_given_up_subscriptions_do_not_pile_up() {
        let hub = hub();
        let session = Arc::new(SessionState::new());
        let listener = hub.listen(Interest::Session(session.clone())).unwrap();
        for number in 0..3 * SessionState::MAX_SUBSCRIPTIONS {
            let uri = format!("n:{number}");
            session.subscribe(&uri).unwrap();
            hub.publish(Change::Resource(&uri.as_str().into()));
            session.unsubscribe(&uri);
        }
        let marks = listener.slot.lock();
        assert!(marks.updated.len() <= SessionState::MAX_SUBSCRIPTIONS);
        assert_eq!(marks.updated.len(), marks.known.len());
    }

    #[test]
    fn places_are_bounded_and_freed() {
        let hub = Arc::new(Hub::new(1));
        let session = || Interest::Session(Arc::default());
        let first = hub.listen(session()).unwrap();
        let handle = first.handle();
        assert!(handle.is_open());
        let refusal = hub.listen(session()).unwrap_err();
        assert_eq!(refusal.status(), 503);
        assert!(refusal.retry_after().is_some());
        drop(first);
        assert!(!handle.is_open());
        hub.listen(session()).unwrap();
    }

    #[tokio::test]
    async fn closing_ends_listeners_after_what_they_were_not_told() {
        let hub = hub();
        let mut listener = hub.listen(Interest::Session(Arc::default())).unwrap();
        hub.publish(Change::Prompts);
        hub.close();
        let last = listener.next().await.unwrap();
        assert_eq!(last.method, "notifications/prompts/list_changed");
        assert!(listener.next().await.is_none());
        assert_eq!(listener.close_reason(), Some(CloseReason::Shutdown));
        listener.handle().close();
        assert_eq!(listener.close_reason(), Some(CloseReason::Shutdown));
        assert!(hub.listen(Interest::Session(Arc::default())).is_err());
    }
}
