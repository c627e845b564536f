//! Plausible mistakes of a new contributor, one per file, with the resulting message. A message is good if it is enough to fix
//! the mistake. Each mistake must have only one message: a second one would be about a consequence.
//!
//! The operations crate includes this file for mistakes in its sections. The mistakes are in a folder named like the module.

use std::fs;
use std::path::Path;

use shadowcat_metrics_authoring::{Style, render};
use shadowcat_metrics_codegen::Source;

use super::compile;

#[test]
fn each_mistake_has_one_message() {
    let folder = module_path!().replace("::", "/");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    assert!(files.len() > 2, "{files:?}");
    let mut wordy = Vec::new();
    for file in files {
        let bytes = fs::read(&file).expect("it can be read");
        let outcome = compile(Source::from_bytes("metrics.toml", &bytes));
        let diagnostics = outcome.report.diagnostics();
        let messages: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| render(diagnostic, &outcome.source, Style::Plain))
            .collect();
        let name = file.file_stem().expect("a name").to_string_lossy();
        insta::with_settings!({snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(&*name, messages.join("\n\n"));
        });
        if messages.len() != 1 {
            wordy.push(format!("{name}: {} messages", messages.len()));
        }
    }
    assert!(wordy.is_empty(), "{wordy:#?}");
}
