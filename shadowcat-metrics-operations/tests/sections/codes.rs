//! Checks the examples of `explain`: each wrong example yields its code, and each right one compiles.

use std::collections::BTreeSet;

use shadowcat_metrics_authoring::codes::{EXAMPLE_RELEASE, Explain, complete_example, find};
use shadowcat_metrics_codegen::{Report, Source};
use shadowcat_metrics_operations::codes;
use shadowcat_metrics_operations::compile_files;

fn report(example: &str) -> Report {
    let source = Source::new("metrics.toml", complete_example(example));
    compile_files(source, None, Some(&EXAMPLE_RELEASE)).report
}

#[test]
fn wrong_examples_yield_their_code_and_no_other() {
    for code in codes::sections() {
        let report = report(&code.wrong());
        let found: BTreeSet<_> = report.errors().map(|error| error.code.id()).collect();
        assert_eq!(found, BTreeSet::from([code.id()]), "{code:?}");
    }
}

#[test]
fn right_examples_compile() {
    for code in codes::sections() {
        let report = report(&code.right());
        let problems = report.diagnostics();
        assert!(!report.has_errors(), "{code:?}: {problems:#?}");
    }
}

#[test]
fn ids_and_names_are_unique_and_in_order() {
    let codes = codes::all();
    let ids: Vec<_> = codes.iter().map(|code| code.id()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
    let names: BTreeSet<_> = codes.iter().map(|code| code.name()).collect();
    assert_eq!(ids.len(), names.len());
}

#[test]
fn codes_of_all_crates_are_found() {
    for id in ["SM0004", "SM0801", "SM0901", "SM1001"] {
        assert!(find(codes::all(), id).is_some(), "{id}");
    }
}
