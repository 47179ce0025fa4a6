//! Calls: the last ones as JSON, and those that happen as events.
//!
//! An event without a name is a call, `lost` says how many calls were not told: they were too many,
//! or, with `null`, of a time that the platform has forgotten. Every event has an id to come back
//! with, in `Last-Event-ID`. A stream ends with its server, and with the platform.

use super::{failure::Failure, id::Id};
use crate::{
    calls::{CallRecord, Follower},
    platform::Platform,
};
use axum::{
    Json,
    body::Body as AxumBody,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{
    HeaderMap, StatusCode,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
};
use http_body::{Body, Frame};
use mcp_tower::core::BoxFuture;
use serde::Serialize;
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

const EVENTS: &str = "text/event-stream";

#[derive(Serialize)]
struct Calls {
    calls: Vec<Arc<CallRecord>>,
    last_event_id: String,
}

/// Oldest first, with the id of the event that told of the last one; as they happen, for those who
/// want events.
pub(super) async fn list(
    State(platform): State<Platform>,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if wants_events(&headers) {
        return follow(&platform, Some(&id), &headers);
    }
    let (calls, last_event_id) = platform.calls_and_id(&id)?;
    // Not by way of a value, which would take many times the room.
    let answer = Calls {
        calls,
        last_event_id,
    };
    Ok(Json(answer).into_response())
}

pub(super) async fn clear(
    State(platform): State<Platform>,
    Id(id): Id,
) -> Result<StatusCode, Failure> {
    platform.clear_calls(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

/// There are events only: all the calls that are kept would be too much for one answer.
pub(super) async fn follow_all(
    State(platform): State<Platform>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    follow(&platform, None, &headers)
}

fn follow(
    platform: &Platform,
    server: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let last = headers.get("last-event-id");
    // What is no text is no id of ours either.
    let last = last.map(|id| id.to_str().unwrap_or_default());
    let follower = platform.follow(server, last)?;
    let headers = [
        (CONTENT_TYPE.as_str(), EVENTS),
        (CACHE_CONTROL.as_str(), "no-store"),
        // Proxies of nginx's kind would wait for more.
        ("x-accel-buffering", "no"),
    ];
    Ok((headers, AxumBody::new(EventBody::new(follower))).into_response())
}

/// Whoever takes JSON as well gets that: it has an end.
fn wants_events(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let ranges = values.filter_map(|value| value.to_str().ok());
    let ranges = ranges.flat_map(|value| value.split(','));
    let names: Vec<_> = ranges
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .collect();
    let is_named = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    is_named(EVENTS) && !is_named("application/json")
}

/// Asks for the next event when the one before has gone out: whoever does not read holds up nobody.
struct EventBody(BoxFuture<'static, Option<(Bytes, Follower)>>);

impl EventBody {
    fn new(follower: Follower) -> Self {
        Self(Box::pin(next(follower)))
    }
}

async fn next(mut follower: Follower) -> Option<(Bytes, Follower)> {
    Some((follower.next().await?, follower))
}

impl Body for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((events, follower)) = ready!(self.0.as_mut().poll(cx)) else {
            // There is no more, however often it is asked for.
            self.0 = Box::pin(std::future::ready(None));
            return Poll::Ready(None);
        };
        self.0 = Box::pin(next(follower));
        Poll::Ready(Some(Ok(Frame::data(events))))
    }
}
