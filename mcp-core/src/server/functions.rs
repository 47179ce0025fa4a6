//! Adding annotated functions to a builder.

use super::{Entry, ServerBuilder};
use crate::{
    error::BoxError, handler::Annotated, prompt::PromptHandler, request::Request,
    resource::ResourceHandler, response::Response, route::Route, tool::ToolHandler,
};
use tower_layer::Layer;
use tower_service::Service;

impl<S: Send + Sync + 'static> ServerBuilder<S> {
    /// Adds a function that carries `#[mcp_tool]`.
    pub fn tool<F, P, Via>(self, tool: F) -> Self
    where
        F: Annotated<P>,
        F::Marker: ToolHandler<S, Via>,
        Via: 'static,
    {
        let _ = tool;
        let entry = Entry::typed_tool::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry)
    }

    /// Adds a tool whose handler is wrapped in a layer, outside of that of its attribute.
    pub fn tool_with<F, P, Via, L>(self, tool: F, layer: L) -> Self
    where
        F: Annotated<P>,
        F::Marker: ToolHandler<S, Via>,
        Via: 'static,
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let _ = tool;
        let entry = Entry::typed_tool::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry.layer(layer))
    }

    /// Adds a function that carries `#[mcp_prompt]`.
    pub fn prompt<F, P, Via>(self, prompt: F) -> Self
    where
        F: Annotated<P>,
        F::Marker: PromptHandler<S, Via>,
        Via: 'static,
    {
        let _ = prompt;
        let entry = Entry::typed_prompt::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry)
    }

    /// Adds a prompt whose handler is wrapped in a layer, outside of that of its attribute.
    pub fn prompt_with<F, P, Via, L>(self, prompt: F, layer: L) -> Self
    where
        F: Annotated<P>,
        F::Marker: PromptHandler<S, Via>,
        Via: 'static,
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let _ = prompt;
        let entry = Entry::typed_prompt::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry.layer(layer))
    }

    /// Adds a function that carries `#[mcp_resource]`.
    pub fn resource<F, P, Via>(self, resource: F) -> Self
    where
        F: Annotated<P>,
        F::Marker: ResourceHandler<S, Via>,
        Via: 'static,
    {
        let _ = resource;
        let entry = Entry::typed_resource::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry)
    }

    /// Adds a resource or template whose handler is wrapped in a layer, outside of that of its
    /// attribute.
    pub fn resource_with<F, P, Via, L>(self, resource: F, layer: L) -> Self
    where
        F: Annotated<P>,
        F::Marker: ResourceHandler<S, Via>,
        Via: 'static,
        L: Layer<Route>,
        L::Service: Service<Request, Response = Response> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Error: Into<BoxError>,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        let _ = resource;
        let entry = Entry::typed_resource::<F::Marker, S, Via>(self.state.clone());
        self.entry(entry.layer(layer))
    }
}
