//! A platform on a port of its own.

#![allow(dead_code, reason = "no test needs all of it")]

use http_tests::{Client, Post, Reply, Running, serve_axum};
use mock_platform::{
    app::{AppOptions, app},
    demo,
    platform::Platform,
    store::Directory,
};
use serde_json::Value;
use std::borrow::Borrow;
use tempfile::TempDir;

/// What opens the rooms of administrators.
pub(crate) const KEY: &str = "a key of administrators";

pub(crate) struct World {
    pub(crate) running: Running,
    pub(crate) platform: Platform,
    /// Its designs are in `designs`.
    pub(crate) directory: TempDir,
}

impl World {
    /// With the shipped designs.
    pub(crate) async fn demo() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = demo::directory(&directory.path().join("designs")).unwrap();
        Self::of(store, directory, &AppOptions::new(KEY)).await
    }

    /// With these designs.
    pub(crate) async fn with(designs: impl IntoIterator<Item = Value>) -> Self {
        Self::set_up(designs, &AppOptions::new(KEY)).await
    }

    /// The same, set up in another way.
    pub(crate) async fn set_up(
        designs: impl IntoIterator<Item = Value>,
        options: &AppOptions,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Directory::open(directory.path().join("designs")).unwrap();
        let world = Self::of(store, directory, options).await;
        for design in designs {
            world.platform.create(design).await.unwrap();
        }
        world
    }

    async fn of(store: Directory, directory: TempDir, options: &AppOptions) -> Self {
        let platform = Platform::open(store).await.unwrap();
        assert_eq!(platform.problems(), []);
        Self {
            running: serve_axum(app(&platform, options)).await,
            platform,
            directory,
        }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.running.address).await
    }

    /// Over a connection of its own.
    pub(crate) async fn send(&self, post: impl Borrow<Post>) -> Reply {
        self.client().await.send(post.borrow()).await
    }
}
