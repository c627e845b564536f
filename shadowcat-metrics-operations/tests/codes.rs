//! Runs the examples of every code: a wrong one yields its code, and a right one does not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use shadowcat_metrics_authoring::codes::{EXAMPLE_RELEASE, Explain, complete_example, find};
use shadowcat_metrics_codegen::{Code, Diagnostic, Report, Severity, Source};
use shadowcat_metrics_operations::codes;
use shadowcat_metrics_operations::files::File;
use shadowcat_metrics_operations::promql::Vocabulary;
use shadowcat_metrics_operations::weaver::{self, Import};
use shadowcat_metrics_operations::{Options, Outcome, check, compile_files};

fn compiled(example: &str) -> Outcome {
    let source = Source::new("metrics.toml", complete_example(example));
    compile_files(source, None, Some(&EXAMPLE_RELEASE))
}

#[test]
fn wrong_sections_yield_their_code_and_no_other() {
    for code in codes::sections() {
        let report = compiled(&code.wrong()).report;
        let found: BTreeSet<_> = report.errors().map(|error| error.code.id()).collect();
        assert_eq!(found, BTreeSet::from([code.id()]), "{code:?}");
    }
}

#[test]
fn right_sections_compile() {
    for code in codes::sections() {
        let report = compiled(&code.right()).report;
        let problems = report.diagnostics();
        assert!(!report.has_errors(), "{code:?}: {problems:#?}");
    }
}

/// Returns an example about files, which is written as comments of a schema.
fn file(example: &str) -> Source {
    let lines = example
        .lines()
        .map(|line| line.strip_prefix("# ").expect("a comment"));
    Source::new("file.yml", lines.collect::<Vec<_>>().join("\n"))
}

/// Returns the codes that an example yields, without warnings about other things.
fn codes_of(code: Code, example: &str) -> BTreeSet<&'static str> {
    let is_about_files = [
        codes::UNREADABLE_FILE,
        codes::RULES_FORMAT,
        codes::RECORDED_METRIC,
        codes::UTF8_NAME,
        codes::SUPPRESSION,
    ]
    .contains(&code);
    let problems = if is_about_files {
        let metrics = compiled(&codes::PROMQL_SYNTAX.right());
        let vocabulary = Vocabulary::of_schema(metrics.schema().expect("it compiles"));
        let report = File::read(&file(example)).check(&vocabulary);
        report.diagnostics().to_vec()
    } else {
        let outcome = compiled(example);
        let schema = outcome.schema().expect("it compiles");
        check(schema, &outcome.source, &Options::default())
    };
    let meant = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error || problem.code == code);
    meant.map(|problem| problem.code.id()).collect()
}

#[test]
fn wrong_queries_and_files_yield_their_code() {
    for code in codes::checks() {
        let found = codes_of(code, &code.wrong());
        assert!(found.contains(code.id()), "{code:?}: {found:?}");
        // The example of `SUPPRESSION` also has the finding that its comment does not suppress.
        assert!(
            found.len() == 1 || code == codes::SUPPRESSION,
            "{code:?}: {found:?}"
        );
    }
}

#[test]
fn right_queries_and_files_have_no_findings() {
    for code in codes::checks() {
        assert_eq!(codes_of(code, &code.right()), BTreeSet::new(), "{code:?}");
    }
}

/// Returns the problems of an example with the export or the import of a registry.
fn problems_of_registry(code: Code, example: &str) -> Vec<Diagnostic> {
    if code == weaver::NOT_IN_REGISTRY {
        let outcome = compiled(example);
        let schema = outcome.schema().expect("it compiles");
        return weaver::export(schema, "https://example.com/schemas/app/1.0.0").problems;
    }
    let imported = weaver::import(&[file(example)], &Import::default());
    let problems = imported.reports.iter().flat_map(Report::diagnostics);
    problems.cloned().collect()
}

#[test]
fn wrong_registries_yield_their_code_and_no_other() {
    for code in weaver::CODES.iter().copied() {
        let problems = problems_of_registry(code, &code.wrong());
        let found: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(found, [code], "{problems:?}");
    }
}

#[test]
fn right_registries_have_no_problems() {
    for code in weaver::CODES.iter().copied() {
        assert_eq!(problems_of_registry(code, &code.right()), [], "{code:?}");
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

/// Collects the ids that the macro `codes!` declares in the sources below a folder.
fn declared_below(folder: &Path, ids: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder is readable") {
        let path = entry.expect("an entry is readable").path();
        if path.is_dir() {
            declared_below(&path, ids);
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source is readable");
        for line in source.lines().filter(|line| !line.starts_with("//")) {
            // `NAME = "SM0901" "name": "title",`
            let declaration = line.split_once(" = \"SM");
            if let Some((number, _)) = declaration.and_then(|(_, rest)| rest.split_once("\" \"")) {
                ids.insert(format!("SM{number}"));
            }
        }
    }
}

#[test]
fn every_declared_code_is_listed() {
    let mut declared = BTreeSet::new();
    for name in ["codegen", "authoring", "operations"] {
        let folder = format!("../shadowcat-metrics-{name}/src");
        declared_below(Path::new(&folder), &mut declared);
    }
    let listed = codes::all().into_iter().map(|code| code.id().to_owned());
    assert_eq!(declared, listed.collect());
}
