//! Rows that other programs have written.

use crate::design;
use mock_platform::{
    platform::Platform,
    store::{Problem, Sqlite},
};
use rusqlite::Connection;

#[tokio::test]
async fn an_odd_row_is_told_and_stops_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("designs.db");
    let store = Sqlite::open(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let good = design("good", 1).to_string();
    let run = |sql: &str| connection.execute(sql, [&good]).unwrap();
    run("INSERT INTO designs VALUES ('good', ?1)");
    run("INSERT INTO designs VALUES (NULL, ?1)");
    run("INSERT INTO designs VALUES ('blob', CAST(?1 AS BLOB))");
    run("INSERT INTO designs VALUES (x'ff', ?1)");
    run("INSERT INTO designs VALUES ('text', CAST(x'22ff22' AS TEXT) || substr(?1, 1, 0))");
    let platform = Platform::open(store).await.unwrap();
    assert_eq!(platform.server("good").unwrap().version, "1");
    assert_eq!(platform.servers().len(), 1);
    let problems = platform.problems();
    let ids: Vec<_> = problems.iter().map(|problem| &*problem.id).collect();
    assert_eq!(ids, ["?", "?", "blob", "text"]);
    let blob = Problem::new("blob", "the document is no text but of the type Blob");
    assert!(problems.contains(&blob), "{problems:?}");
    // One that is gone is no problem any more.
    platform.delete("blob").await.unwrap();
    assert_eq!(platform.problems().len(), 3);
}
