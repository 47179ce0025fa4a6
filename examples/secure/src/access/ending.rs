//! Streams end with the grant of the token that opened them: revoking a token cuts off what runs.

use crate::Issuer;
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use mcp_tower::core::BoxFuture;
use pin_project_lite::pin_project;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// A layer around `/mcp`.
pub(crate) async fn until_its_grant_ends(
    State(issuer): State<Issuer>,
    request: Request,
    next: Next,
) -> Response {
    // Read before the endpoint has looked at the token. If it answers with success, the token was
    // what it says it is.
    let grant = token(request.headers()).and_then(crate::issuer::grant_of);
    let response = next.run(request).await;
    let Some(grant) = grant.filter(|_| response.status().is_success()) else {
        return response;
    };
    let ended: BoxFuture<'static, ()> = match issuer.watch(&grant) {
        Some(mut alive) => Box::pin(async move { while alive.changed().await.is_ok() {} }),
        None => Box::pin(async {}),
    };
    response.map(|body| Body::new(Until { body, ended }))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    Some(value.split_once(' ')?.1.trim())
}

pin_project! {
    /// A body that ends early when something happens.
    struct Until<B> {
        #[pin]
        body: B,
        ended: BoxFuture<'static, ()>,
    }
}

impl<B: HttpBody<Data = Bytes>> HttpBody for Until<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        if let Poll::Ready(frame) = this.body.poll_frame(cx) {
            return Poll::Ready(frame);
        }
        this.ended.as_mut().poll(cx).map(|()| None)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
