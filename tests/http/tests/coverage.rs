//! The table of `tests/README.md` names tests that exist.

use std::{fs, path::Path};

#[test]
fn every_test_that_the_table_names_exists() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut named = 0;
    // `[file](path.rs) `test`, `test`; [file](path.rs) `test``: what follows a path is in it.
    for part in readme.split("](").skip(1) {
        let (path, rest) = part.split_once(')').unwrap();
        if !path.ends_with(".rs") {
            continue;
        }
        let source =
            fs::read_to_string(folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let names = rest
            .split(['|', '['])
            .next()
            .unwrap()
            .split('`')
            .skip(1)
            .step_by(2);
        for name in names {
            assert!(
                source.contains(&format!("fn {name}()")),
                "{path} has no `{name}`"
            );
            named += 1;
        }
    }
    assert!(named > 50, "{named}");
}
