//! The README's first program: it builds, it prints the page that the README shows, and a wrong label gives the error that the
//! README shows.

use std::fs;
use std::path::Path;

use crate::project::Project;

/// Returns the first fenced block with this info string after `heading`.
fn block<'a>(readme: &'a str, heading: &str, info: &str) -> &'a str {
    let (_, after) = readme
        .split_once(heading)
        .unwrap_or_else(|| panic!("README.md has no {heading:?}"));
    let (_, block) = after
        .split_once(&format!("```{info}\n"))
        .unwrap_or_else(|| panic!("README.md has no {info} block after {heading:?}"));
    let (block, _) = block.split_once("```").expect("the block has an end");
    block
}

#[test]
fn the_readme_shows_real_output() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).expect("README.md is readable");
    let program = block(&readme, "`src/main.rs`", "rust");
    let project = Project::new("readme");
    project.write("metrics.toml", block(&readme, "`metrics.toml`", "toml"));
    project.write("src/main.rs", program);

    let output = project.cargo("run").succeeds();
    assert_eq!(output, block(&readme, "The page", "text"));

    project.write(
        "src/main.rs",
        &program.replace("Method::Card", "Method::Cash"),
    );
    let output = project.cargo("check");
    assert!(!output.success, "the wrong label compiles");
    let shown = block(&readme, "A wrong label", "text");
    // The README omits lines of the message, but changes none.
    let mut printed = output.stderr.lines();
    for line in shown.lines() {
        assert!(
            printed.any(|actual| actual == line),
            "README.md shows {line:?}, rustc says:\n{}",
            output.stderr
        );
    }
}
