//! Checks the examples of `explain`: each wrong example yields its code, and each right one compiles.

use std::collections::BTreeSet;

use shadowcat_metrics_authoring::codes::{self, EXAMPLE_RELEASE, Explain, complete_example, find};
use shadowcat_metrics_authoring::lint::all_codes as all;
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::{Code, Report, Source, compile_files};

fn report(example: &str) -> Report {
    let source = Source::new("metrics.toml", complete_example(example));
    compile_files(source, None, Some(&EXAMPLE_RELEASE)).report
}

/// The errors whose example is a single text. Invalid UTF-8 and schemas of several files have other tests.
fn with_examples() -> impl Iterator<Item = Code> {
    codes::errors().filter(|code| !code.wrong().is_empty())
}

#[test]
fn wrong_examples_yield_their_code_and_no_other() {
    for code in with_examples() {
        let found: BTreeSet<_> = report(&code.wrong())
            .errors()
            .map(|error| error.code.id())
            .collect();
        assert_eq!(found, BTreeSet::from([code.id()]), "{code:?}");
    }
}

#[test]
fn right_examples_compile() {
    for code in with_examples() {
        let report = report(&code.right());
        assert!(
            !report.has_errors(),
            "{code:?}: {:#?}",
            report.diagnostics()
        );
    }
}

#[test]
fn ids_and_names_are_unique_and_in_order() {
    let ids: Vec<_> = all().map(Code::id).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
    let names: BTreeSet<_> = all().map(Code::name).collect();
    assert_eq!(ids.len(), names.len());
}

#[test]
fn codes_are_found_by_id_and_name() {
    assert_eq!(find(all(), "SM0004"), Some(errors::UNKNOWN_KEY));
    assert_eq!(find(all(), "sm0004"), Some(errors::UNKNOWN_KEY));
    assert_eq!(find(all(), "unknown-key"), Some(errors::UNKNOWN_KEY));
    assert_eq!(find(all(), "SM9999"), None);
    assert_eq!(
        find(all(), "sm0812"),
        Some(errors::MISPLACED_KEY),
        "a merged code"
    );
}
