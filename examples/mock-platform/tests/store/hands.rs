//! Changes, after others have been at the store.

use crate::design;
#[cfg(feature = "sqlite")]
use mock_platform::store::Sqlite;
use mock_platform::{
    design::{ServerDesign, Status},
    platform::{Platform, PlatformError},
    store::{Directory, Store},
};
use serde_json::{Value, json};
use std::fs;

/// What was refused because of the state of things, with its reason.
fn conflict(result: Result<impl std::fmt::Debug, PlatformError>) -> String {
    match result {
        Err(PlatformError::Conflict(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_document_that_is_broken_is_left_to_whoever_broke_it() {
    let directory = tempfile::tempdir().unwrap();
    let at = |id: &str| directory.path().join(format!("{id}.json"));
    fs::write(at("new"), "{").unwrap();
    let store = Directory::open(directory.path()).unwrap();
    let platform = Platform::open(store).await.unwrap();
    platform.create(design("old", 1)).await.unwrap();
    fs::write(at("old"), "{\"id\": \"old\",,").unwrap();
    fs::write(at("other"), design("another", 1).to_string()).unwrap();
    for id in ["new", "old", "other"] {
        let before = fs::read_to_string(at(id)).unwrap();
        let published = platform.set_status(id, Status::Published).await;
        for refused in [
            published,
            platform.patch(id, &json!({"name": "N"})).await,
            platform.replace(id, design(id, 2)).await,
            platform.duplicate(id).await,
        ] {
            let reason = conflict(refused);
            assert!(reason.contains(id) && reason.contains("broken"), "{reason}");
        }
        let created = conflict(platform.create(design(id, 2)).await);
        assert!(created.contains(id), "{created}");
        assert_eq!(fs::read_to_string(at(id)).unwrap(), before);
    }
    // What was served goes on as it was.
    assert_eq!(platform.server("old").unwrap().version, "1");
    for id in ["new", "old", "other"] {
        platform.delete(id).await.unwrap();
        assert!(!at(id).exists());
    }
    assert_eq!(platform.problems(), []);
    let gone = platform.delete("new").await;
    assert!(matches!(gone, Err(PlatformError::NotFound)), "{gone:?}");
}

#[tokio::test]
async fn a_change_begins_with_what_was_edited_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    let store = Directory::open(directory.path()).unwrap();
    let platform = Platform::open(store).await.unwrap();
    platform.create(design("a", 1)).await.unwrap();
    let mut edited = platform.server("a").unwrap().document.clone();
    edited["description"] = "by hand".into();
    fs::write(directory.path().join("a.json"), edited.to_string()).unwrap();
    let changed = platform.set_status("a", Status::Published).await.unwrap();
    assert_eq!(changed.description.as_deref(), Some("by hand"));
    assert_eq!(changed.status, Status::Published);
    assert_eq!(platform.server("a").unwrap().document, changed.document);
    // What was removed by hand does not come back by a change.
    fs::remove_file(directory.path().join("a.json")).unwrap();
    let gone = platform.patch("a", &json!({"name": "N"})).await;
    assert!(matches!(gone, Err(PlatformError::NotFound)), "{gone:?}");
    assert!(!directory.path().join("a.json").exists());
}

/// Two platforms with one store, and neither of them watches it.
async fn shares<S: Store>(open: impl Fn() -> S) {
    let one = Platform::open(open()).await.unwrap();
    let two = Platform::open(open()).await.unwrap();
    one.create(design("a", 1)).await.unwrap();
    let taken = conflict(two.create(design("a", 2)).await);
    assert_eq!(taken, "the id a is taken");
    two.patch("a", &json!({"description": "two"}))
        .await
        .unwrap();
    one.patch("a", &json!({"version": "3"})).await.unwrap();
    let both = two.set_status("a", Status::Published).await.unwrap();
    assert_eq!(both.description.as_deref(), Some("two"));
    assert_eq!(both.version, "3");
    one.delete("a").await.unwrap();
    let gone = two.patch("a", &json!({"name": "N"})).await;
    assert!(matches!(gone, Err(PlatformError::NotFound)), "{gone:?}");
}

#[tokio::test]
async fn two_processes_do_not_undo_what_the_other_did() {
    let directory = tempfile::tempdir().unwrap();
    shares(|| Directory::open(directory.path()).unwrap()).await;
    #[cfg(feature = "sqlite")]
    shares(|| Sqlite::open(directory.path().join("designs.db")).unwrap()).await;
}

fn document(design: &ServerDesign) -> Value {
    design.document.clone()
}

#[tokio::test]
async fn what_was_read_before_a_change_takes_the_place_of_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = Directory::open(directory.path()).unwrap();
    let platform = Platform::open(store).await.unwrap();
    let auth = |digit: &str| json!({"type": "bearer", "token_sha256": digit.repeat(64)});
    let mut first = design("a", 1);
    first["auth"] = auth("a");
    let read = document(&platform.create(first).await.unwrap());
    let renewed = json!({"auth": auth("b")});
    let now = document(&platform.patch("a", &renewed).await.unwrap());
    // With its secret, which is revoked.
    let reason = conflict(platform.replace("a", read.clone()).await);
    assert!(reason.contains("changed"), "{reason}");
    assert_eq!(document(&platform.server("a").unwrap()), now);
    let mut next = now;
    next["name"] = "Next".into();
    platform.replace("a", next).await.unwrap();
    // Whoever names no version means any.
    let mut any = read;
    any.as_object_mut().unwrap().remove("updated_at");
    platform.replace("a", any).await.unwrap();
}
