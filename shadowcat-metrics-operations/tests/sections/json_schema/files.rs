//! Every schema in the repository.

use std::fs;
use std::path::{Path, PathBuf};

use shadowcat_metrics_authoring::codes::{Explain, complete_example};
use shadowcat_metrics_operations::codes;

use super::{as_json, disagreement, validator};

/// Finds every file below a folder with the given extension.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
}

#[track_caller]
fn agree(schemas: impl IntoIterator<Item = (String, String)>, at_least: usize) {
    let validator = validator();
    let mut count = 0;
    for (name, schema) in schemas {
        count += usize::from(as_json(&schema).is_some());
        if let Some(difference) = disagreement(&validator, &schema) {
            panic!("{name}\n{difference}");
        }
    }
    assert!(count >= at_least, "only {count} schemas are TOML");
}

#[test]
fn on_the_files_of_the_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("../metrics.toml")];
    files(&root.join("tests"), "toml", &mut found);
    files(
        &root.join("../shadowcat-metrics-codegen/tests"),
        "toml",
        &mut found,
    );
    files(&root.join("../tests"), "toml", &mut found);
    found.retain(|path| !path.ends_with("Cargo.toml"));
    let read = |path: PathBuf| {
        // A file that is not UTF-8 is not TOML.
        let text = fs::read_to_string(&path).ok()?;
        Some((path.display().to_string(), text))
    };
    agree(found.into_iter().filter_map(read), 10);
}

#[test]
fn on_the_examples_of_the_codes() {
    let examples = codes::all().into_iter().flat_map(|code| {
        [code.wrong(), code.right()].map(|example| (code.to_string(), complete_example(&example)))
    });
    agree(examples, 100);
}

#[test]
fn on_the_schemas_of_the_documents() {
    let page = include_str!("../../../../docs/schema.md");
    let schemas = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("\n```")?.0))
        .map(|schema| ("docs/schema.md".to_owned(), schema.to_owned()));
    agree(schemas, 5);
}

#[test]
fn every_key_is_in_the_schema_reference() {
    use shadowcat_metrics_authoring::language as lang;
    use shadowcat_metrics_operations::sections;
    let page = include_str!("../../../../docs/schema.md");
    let tables = [
        lang::FILE,
        lang::INCLUDED,
        lang::DEFAULTS,
        lang::LABEL,
        lang::LABEL_VALUE,
        lang::RENAME,
        lang::OPEN,
        lang::EXPONENTIAL,
        lang::LINEAR,
        lang::GROUP,
        lang::METRIC,
        lang::DEPRECATED,
    ];
    for table in tables.iter().chain(sections::TABLES) {
        for key in table.names() {
            assert!(
                page.contains(&format!("| `{key}`")),
                "docs/schema.md has no row for `{key}` of {}",
                table.name
            );
        }
    }
}
