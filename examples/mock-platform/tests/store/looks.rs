//! Looks at the store, for what others have changed.

use crate::design;
use mcp_tower::core::BoxFuture;
use mock_platform::{
    platform::Platform,
    store::{Directory, Loaded, Problem, Store, StoreError, Stored},
};
use serde_json::Value;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::mpsc;

/// A store that never changes: it fails at its second look, cannot read all at its third, and
/// tells of each.
struct Failing {
    looks: Arc<AtomicUsize>,
    told: mpsc::UnboundedSender<usize>,
}

impl Store for Failing {
    fn load(&self) -> BoxFuture<'_, Result<Loaded, StoreError>> {
        let look = self.looks.fetch_add(1, Ordering::Relaxed) + 1;
        self.told.send(look).unwrap();
        let mut loaded = Loaded::default();
        let loaded = match look {
            1 => Ok(loaded),
            2 => Err(StoreError::new("there are too many open files")),
            3 => {
                loaded.may_pass = true;
                loaded.broken.push(Problem::new("a", "too many open files"));
                Ok(loaded)
            }
            _ => {
                loaded.documents.push(("a".to_owned(), design("a", 1)));
                Ok(loaded)
            }
        };
        Box::pin(async { loaded })
    }

    fn read<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>> {
        Box::pin(async { Ok(Stored::Nothing) })
    }

    fn save<'a>(&'a self, _: &'a str, _: &'a Value) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn remove<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn stamp(&self) -> BoxFuture<'_, Result<u64, StoreError>> {
        Box::pin(async { Ok(7) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_failed_is_not_the_last_one() {
    let (told, mut looks) = mpsc::unbounded_channel();
    let store = Failing {
        looks: Arc::default(),
        told,
    };
    let counted = store.looks.clone();
    let platform = Platform::open(store).await.unwrap();
    let watching = tokio::spawn(platform.clone().watch(Duration::from_secs(1)));
    while looks.recv().await.unwrap() < 4 {}
    // By the time of the next look this one is over, and there is none without a change.
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(platform.server("a").unwrap().version, "1");
    assert_eq!(platform.problems(), []);
    assert_eq!(counted.load(Ordering::Relaxed), 4);
    watching.abort();
}

#[tokio::test]
async fn what_is_missing_for_a_moment_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let store = Directory::open(directory.path()).unwrap();
    let platform = Platform::open(store).await.unwrap();
    let made = platform.create(design("a", 1)).await.unwrap();
    let (file, away) = (
        directory.path().join("a.json"),
        directory.path().join("a.json~"),
    );
    for _ in 0..2 {
        fs::rename(&file, &away).unwrap();
        platform.reload().await.unwrap();
        let kept = platform.server("a").unwrap();
        assert!(Arc::ptr_eq(&kept, &made));
        fs::rename(&away, &file).unwrap();
        platform.reload().await.unwrap();
        assert!(Arc::ptr_eq(&platform.server("a").unwrap(), &made));
    }
    fs::remove_file(&file).unwrap();
    for is_there in [true, false] {
        platform.reload().await.unwrap();
        assert_eq!(platform.server("a").is_some(), is_there);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_file_is_told_and_what_cannot_be_read_is_looked_at_again() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let store = Directory::open(directory.path()).unwrap();
    fs::create_dir(at("folder.json")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.json")).unwrap();
    fs::write(at("a.json"), design("a", 1).to_string()).unwrap();
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.documents.len(), 1);
    let no_file = "it is no regular file";
    let told = ["folder", "socket"].map(|id| Problem::new(id, no_file));
    assert_eq!(loaded.broken, told);
    assert!(!loaded.may_pass);
    // A link that leads to itself leads nowhere, until something else does.
    std::os::unix::fs::symlink("link.json", at("link.json")).unwrap();
    assert!(store.load().await.unwrap().may_pass);
    assert!(store.read("link").await.is_err());
}
