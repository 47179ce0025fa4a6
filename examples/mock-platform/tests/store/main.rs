//! What is kept, whatever happens meanwhile.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod hands;
mod looks;
#[cfg(feature = "sqlite")]
mod rows;

#[cfg(feature = "sqlite")]
use mock_platform::store::Sqlite;
use mock_platform::{
    platform::{Platform, PlatformError},
    store::{Directory, MAX_DOCUMENT_BYTES, Store},
};
use serde_json::{Value, json};
use std::{
    env,
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

fn design(id: &str, version: u32) -> Value {
    // Long enough that a write takes more than one page.
    let text = "x".repeat(40_000);
    json!({"id": id, "name": "Kept", "version": version.to_string(), "status": "draft",
        "tools": [{"name": "t", "default": text}]})
}

/// What every store does.
async fn keeps<S: Store>(open: impl Fn() -> S) {
    let store = open();
    for id in ["b", "a"] {
        store
            .save(id, &json!({"id": id, "z": 1, "a": [1.5, null]}))
            .await
            .unwrap();
    }
    store
        .save("a", &json!({"second": true, "first": 1}))
        .await
        .unwrap();
    drop(store);
    let store = open();
    let loaded = store.load().await.unwrap();
    assert!(loaded.broken.is_empty());
    let ids: Vec<_> = loaded.documents.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    // The order of members is that of the document.
    assert_eq!(
        loaded.documents[0].1.to_string(),
        r#"{"second":true,"first":1}"#
    );
    store.remove("a").await.unwrap();
    store.remove("a").await.unwrap();
    assert_eq!(store.load().await.unwrap().documents.len(), 1);
}

#[tokio::test]
async fn a_directory_keeps_documents() {
    let directory = tempfile::tempdir().unwrap();
    keeps(|| Directory::open(directory.path()).unwrap()).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_database_keeps_documents() {
    let directory = tempfile::tempdir().unwrap();
    keeps(|| Sqlite::open(directory.path().join("designs.db")).unwrap()).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn a_database_notices_other_programs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("designs.db");
    let (ours, theirs) = (Sqlite::open(&path).unwrap(), Sqlite::open(&path).unwrap());
    let platform = Platform::open(Sqlite::open(&path).unwrap()).await.unwrap();
    let before = ours.stamp().await.unwrap();
    assert_eq!(ours.stamp().await.unwrap(), before);
    theirs.save("a", &design("a", 1)).await.unwrap();
    assert_ne!(ours.stamp().await.unwrap(), before);
    platform.reload().await.unwrap();
    assert_eq!(platform.server("a").unwrap().version, "1");
}

#[tokio::test]
async fn names_that_are_no_ids_are_no_files() {
    let directory = tempfile::tempdir().unwrap();
    let store = Directory::open(directory.path().join("designs")).unwrap();
    for id in ["../out", "a/b", "", ".hidden", "..", "a\0"] {
        assert!(store.save(id, &json!({})).await.is_err(), "{id:?}");
        assert!(store.remove(id).await.is_err(), "{id:?}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn what_was_left_half_written_is_ignored_and_goes_in_time() {
    const OWN: &str = "0123456789abcdef0123456789abcdef";
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let store = Directory::open(directory.path()).unwrap();
    store.save("a", &design("a", 1)).await.unwrap();
    let (left, new) = (
        at(&format!("a.json.{OWN}.unfinished")),
        at(&format!("b.json.{OWN}.unfinished")),
    );
    let others = ["notes.txt", "notes.unfinished", "a.json.mine.unfinished"].map(at);
    let long_ago = SystemTime::now() - Duration::from_secs(3_601);
    for path in others.iter().chain([&left, &new]) {
        fs::write(path, "{\"id\":").unwrap();
        if *path != new {
            let file = File::options().append(true).open(path).unwrap();
            file.set_modified(long_ago).unwrap();
        }
    }
    let platform = Platform::open(store).await.unwrap();
    assert_eq!(platform.problems(), []);
    assert_eq!(platform.servers().len(), 1);
    platform.replace("a", design("a", 2)).await.unwrap();
    // Somebody may be writing what is new; what is not named by a save is not ours.
    assert!(left.exists());
    Directory::open(directory.path()).unwrap();
    assert!(!left.exists());
    assert!(new.exists() && others.iter().all(|path| path.exists()));
}

/// The names in a directory, in order.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_save_that_fails_leaves_nothing_beside() {
    let directory = tempfile::tempdir().unwrap();
    let store = Directory::open(directory.path()).unwrap();
    // What is in its place cannot be replaced.
    fs::create_dir_all(directory.path().join("a.json/in the way")).unwrap();
    assert!(store.save("a", &design("a", 1)).await.is_err());
    assert_eq!(names(directory.path()), ["a.json"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_write_to_one_directory() {
    let directory = tempfile::tempdir().unwrap();
    // A save of somebody else is none of ours, wherever it is.
    fs::create_dir(directory.path().join("a.json.unfinished")).unwrap();
    let saving: Vec<_> = (0..2)
        .map(|writer| {
            let store = Directory::open(directory.path()).unwrap();
            tokio::spawn(async move {
                for version in 0..50 {
                    let text = "x".repeat(1 + writer * 30_000);
                    let document = json!({"id": "a", "version": version, "text": text});
                    store.save("a", &document).await.unwrap();
                    let loaded = store.load().await.unwrap();
                    assert_eq!(loaded.broken, []);
                    assert_eq!(loaded.documents.len(), 1);
                }
            })
        })
        .collect();
    for writer in saving {
        writer.await.unwrap();
    }
    assert_eq!(names(directory.path()), ["a.json", "a.json.unfinished"]);
}

#[tokio::test]
async fn what_cannot_be_served_is_told_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write("a.json", &design("a", 1).to_string());
    write("broken.json", "{");
    write(
        "long.json",
        &format!("\"{}\"", "x".repeat(MAX_DOCUMENT_BYTES)),
    );
    write("other.json", &design("a", 1).to_string());
    write("wrong.json", r#"{"id": "wrong", "name": 3}"#);
    let platform = Platform::open(Directory::open(directory.path()).unwrap())
        .await
        .unwrap();
    let ids: Vec<_> = platform
        .problems()
        .into_iter()
        .map(|problem| problem.id)
        .collect();
    assert_eq!(ids, ["broken", "long", "other", "wrong"]);
    assert_eq!(platform.servers().len(), 1);
    assert_eq!(
        fs::read_to_string(directory.path().join("broken.json")).unwrap(),
        "{"
    );
}

#[tokio::test]
async fn changes_are_checked_before_they_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let platform = Platform::open(Directory::open(directory.path()).unwrap())
        .await
        .unwrap();
    let made = platform
        .create(json!({"name": "N", "version": "1"}))
        .await
        .unwrap();
    assert_eq!(made.id.len(), 36);
    let stored = || fs::read_to_string(directory.path().join(format!("{}.json", made.id))).unwrap();
    let before = stored();
    let wrong = platform
        .patch(&made.id, &json!({"tools": [{"name": 1}]}))
        .await;
    assert!(matches!(wrong, Err(PlatformError::Invalid(_))), "{wrong:?}");
    let moved = platform.patch(&made.id, &json!({"id": "elsewhere"})).await;
    assert!(matches!(moved, Err(PlatformError::Invalid(_))), "{moved:?}");
    let taken = platform
        .create(json!({"id": made.id, "name": "N", "version": "1"}))
        .await;
    assert!(
        matches!(taken, Err(PlatformError::Conflict(_))),
        "{taken:?}"
    );
    let long = platform
        .patch(
            &made.id,
            &json!({"description": "x".repeat(MAX_DOCUMENT_BYTES)}),
        )
        .await;
    assert!(matches!(long, Err(PlatformError::Invalid(_))), "{long:?}");
    let nobody = platform.patch("nobody", &json!({})).await;
    assert!(matches!(nobody, Err(PlatformError::NotFound)), "{nobody:?}");
    assert_eq!(stored(), before);
    let copy = platform.duplicate(&made.id).await.unwrap();
    assert_ne!(copy.id, made.id);
    assert_eq!(platform.servers().len(), 2);
    platform.delete(&made.id).await.unwrap();
    let again = Platform::open(Directory::open(directory.path()).unwrap())
        .await
        .unwrap();
    assert_eq!(again.servers().len(), 1);
    assert_eq!(again.server(&copy.id).unwrap().document, copy.document);
}

const VICTIM: &str = "MOCK_PLATFORM_VICTIM";
const KEPT: [&str; 3] = ["a", "b", "c"];

/// Not a test by itself: saves for ever, where the test below tells it to.
#[tokio::test]
async fn victim() {
    let Ok(directory) = env::var(VICTIM) else {
        return;
    };
    let store = Directory::open(directory).unwrap();
    for version in 1.. {
        for id in KEPT {
            store.save(id, &design(id, version)).await.unwrap();
        }
        say(&version.to_string());
    }
}

#[expect(clippy::print_stdout, reason = "the test below reads it")]
fn say(line: &str) {
    println!("\nsaved {line}");
}

/// Kills a process that saves all the time, and tells which version it had saved whole.
fn kill_in_mid_save(directory: &Path, after: u32, pause: u32) -> u32 {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "victim", "--nocapture"])
        .env(VICTIM, directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut saved = 0;
    while saved < after {
        let line = lines.next().unwrap().unwrap();
        if let Some(version) = line.strip_prefix("saved ") {
            saved = version.parse().unwrap();
        }
    }
    // Anywhere in a save: what is killed is never asked where it is.
    for _ in 0..pause {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = lines.map_while(Result::ok);
    let told = rest.filter_map(|line| line.strip_prefix("saved ")?.parse().ok());
    told.last().unwrap_or(saved)
}

#[tokio::test]
async fn a_crash_in_mid_save_loses_nothing() {
    for round in 0..12_u32 {
        let directory = tempfile::tempdir().unwrap();
        let saved = kill_in_mid_save(directory.path(), 1 + round % 4, round * round * 40_000);
        let store = Directory::open(directory.path()).unwrap();
        let loaded = store.load().await.unwrap();
        assert!(loaded.broken.is_empty(), "{:?}", loaded.broken);
        assert_eq!(loaded.documents.len(), KEPT.len());
        for (id, document) in loaded.documents {
            let version: u32 = document["version"].as_str().unwrap().parse().unwrap();
            // What was said to be saved is there, or what came after it.
            assert!(version >= saved, "{id} is {version}, {saved} was saved");
            assert_eq!(document, design(&id, version));
        }
    }
}
