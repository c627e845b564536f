//! Whatever the page, the schema is clean and exposes the page's names; and what it says of them is what one would.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use shadowcat_metrics_codegen::model::{Kind, Origin};
use shadowcat_metrics_codegen::{Outcome, Source, compile};

use super::infer;
use shadowcat_metrics_conformance::page::{Page, Type};

/// What is proposed for a page, compiled, and the notes.
#[track_caller]
fn proposed(page: &str) -> (Outcome, String, Vec<String>) {
    let proposal = infer(&Page::parse(page), None, "a page").expect("a proposal");
    let outcome = compile(Source::new("metrics.toml", proposal.schema.clone()));
    let problems = outcome.report.diagnostics();
    assert!(problems.is_empty(), "{problems:#?}\n{}", proposal.schema);
    (outcome, proposal.schema, proposal.notes)
}

/// Asserts that the proposal exposes every family of the page, but for `left_out`, and gives its text.
#[track_caller]
fn assert_names(page: &str, left_out: &[&str]) -> String {
    let (outcome, schema, notes) = proposed(page);
    let exposed: BTreeSet<_> = outcome
        .skeleton()
        .metrics
        .iter()
        .filter(|metric| metric.origin == Origin::Schema)
        .map(|metric| metric.exposed.clone())
        .collect();
    let wanted: BTreeSet<_> = Page::parse(page)
        .families
        .iter()
        .map(|family| match family.kind {
            Type::Counter | Type::Info => family.samples[0].name.clone(),
            _ => family.name.clone(),
        })
        .filter(|name| !left_out.contains(&name.as_str()))
        .collect();
    assert_eq!(exposed, wanted, "{notes:#?}\n{schema}");
    for name in left_out {
        assert!(
            notes
                .iter()
                .any(|note| note.contains(&format!("`{name}` is left out"))),
            "{notes:#?}"
        );
    }
    schema
}

const NODE: &str = include_str!("pages/node.txt");
const ETCD: &str = include_str!("pages/etcd.txt");
const OPEN_METRICS: &str = include_str!("pages/openmetrics.txt");

#[test]
fn names_alone_do_not_make_a_page_openmetrics() {
    // One name in OpenMetrics, so a schema has one of them, under the name that it has on the page.
    let page = "# TYPE app_x counter\napp_x 3\n# TYPE app_x_total counter\napp_x_total 7\n\
                # TYPE app_jobs gauge\napp_jobs 3\n# TYPE app_jobs_total counter\napp_jobs_total 7\n";
    assert_names(page, &["app_x_total", "app_jobs_total"]);
    let page = "# TYPE app_x_total counter\napp_x_total 7\n# TYPE app_x counter\napp_x 3\n";
    assert_names(page, &["app_x"]);
    let page = "# TYPE app_x counter\napp_x 3\n# TYPE app_y counter\napp_y_total 3\n";
    assert_names(page, &[]);
}

#[test]
fn pages_like_those_of_node_exporter() {
    let schema = assert_names(NODE, &["go_memstats_alloc_bytes_total"]);
    for part in [
        "namespace = \"node\"",
        "[metrics.cpu_group.seconds]",
        "values = [\"idle\", \"iowait\", \"user\"]",
        "[labels.cpu]\nhelp = \"Say what it means.\"\nopen = { max = 8 } # 2 seen",
        "name = \"go_goroutines\"",
        "[metrics.network.receive]\ntype = \"counter\"",
    ] {
        assert!(schema.contains(part), "{part} is missing in\n{schema}");
    }
}

#[test]
fn pages_like_those_of_etcd() {
    let schema = assert_names(ETCD, &[]);
    assert!(
        schema.contains("seconds = { exponential = { start = 0.001, factor = 2, count = 6 } }"),
        "{schema}"
    );
    assert_eq!(
        schema.matches("buckets = \"seconds\"").count(),
        2,
        "{schema}"
    );
    assert!(schema.contains("# It was a summary"), "{schema}");
}

#[test]
fn pages_in_openmetrics() {
    let schema = assert_names(OPEN_METRICS, &[]);
    let (outcome, ..) = proposed(OPEN_METRICS);
    let kinds: Vec<_> = outcome
        .skeleton()
        .metrics
        .iter()
        .map(|metric| metric.kind.name())
        .collect();
    assert_eq!(
        &kinds[..4],
        ["counter", "state", "info", "histogram"],
        "{schema}"
    );
    assert!(
        outcome
            .skeleton()
            .metrics
            .iter()
            .any(|metric| matches!(metric.kind, Kind::State { .. }))
    );
}

#[test]
fn pages_of_this_library() {
    for page in [
        include_str!("../../../tests/golden/page.txt"),
        include_str!("../../../tests/golden/page.openmetrics.txt"),
    ] {
        let (outcome, schema, _) = proposed(page);
        let names: BTreeSet<_> = outcome
            .skeleton()
            .metrics
            .iter()
            .map(|metric| metric.exposed.clone())
            .collect();
        for family in Page::parse(page).families {
            let kept = names.contains(&family.name) || names.contains(&family.samples[0].name);
            assert!(kept, "{} is missing in\n{schema}", family.name);
        }
    }
}

#[test]
fn names_that_a_schema_cannot_say_are_mended_or_noted() {
    let (outcome, schema, notes) = proposed(
        "# TYPE app_new_things_total counter\napp_new_things_total{type=\"a\",instanceID=\"1\"} 1\n\
         # TYPE app_new_count gauge\napp_new_count{type=\"b\"} 1\n# TYPE job:rate gauge\njob:rate 1\n\
         # TYPE app_metrics_x gauge\napp_metrics_x 1\n# TYPE app_metrics_y gauge\napp_metrics_y 1\n\
         # TYPE app_camelCase gauge\napp_camelCase 1\n# TYPE broken gauge\nbroken{a=1} 1\n",
    );
    let names: Vec<_> = outcome
        .skeleton()
        .metrics
        .iter()
        .map(|metric| &*metric.exposed)
        .collect();
    for name in [
        "app_new_things_total",
        "app_new_count",
        "job:rate",
        "app_metrics_x",
        "app_camelCase",
    ] {
        assert!(names.contains(&name), "{name} is missing in\n{schema}");
    }
    for note in [
        "line 14: ",
        "the label `type` becomes `type_name`",
        "the label `instanceID` becomes",
    ] {
        assert!(
            notes.iter().any(|found| found.contains(note)),
            "{note} is missing in {notes:#?}"
        );
    }
    assert!(infer(&Page::parse(""), None, "a page").is_err());
}

/// Names that pages may have, among them those that a schema has to go out of its way for.
const WORDS: &[&str] = &[
    "app",
    "app",
    "http",
    "requests",
    "metrics",
    "total",
    "seconds",
    "bytes",
    "count",
    "sum",
    "bucket",
    "info",
    "ms",
    "type",
    "encode",
    "camelCase",
    "a",
    "ratio",
    "created",
    "2xx",
    "new",
    "Registry",
    "label",
    "overflow",
    "gauge",
];

const KINDS: &[&str] = &[
    "counter",
    "gauge",
    "histogram",
    "summary",
    "untyped",
    "info",
    "stateset",
    "gaugehistogram",
    "unknown",
    "nonsense",
];

fn name() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(WORDS);
    proptest::collection::vec(word, 1..5).prop_map(|words| words.join("_"))
}

fn family() -> impl Strategy<Value = String> {
    let label = (name(), "[a-zA-Z0-9/ \u{e9}-]{0,6}");
    let labels = proptest::collection::vec(label, 0..3);
    let value = proptest::sample::select(&["0", "1", "0.5", "-3", "NaN", "+Inf", "1e300"][..]);
    let samples = proptest::collection::vec((labels, value), 1..4);
    let suffix =
        proptest::sample::select(&["", "_total", "_bucket", "_sum", "_count", "_info"][..]);
    (
        name(),
        proptest::sample::select(KINDS),
        samples,
        suffix,
        any::<bool>(),
    )
        .prop_map(|(name, kind, samples, suffix, le)| {
            let mut text = format!("# HELP {name} Some {kind}\n# TYPE {name} {kind}\n");
            for (labels, value) in samples {
                let mut labels: Vec<_> = labels
                    .iter()
                    .map(|(name, value)| format!("{name}=\"{value}\""))
                    .collect();
                labels.extend(le.then(|| format!("le=\"{value}\"")));
                let _ = writeln!(text, "{name}{suffix}{{{}}} {value}", labels.join(","));
            }
            text
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Whatever the page, what is proposed is clean, and every family with a sample is in it or has its note.
    #[test]
    fn any_page(families in proptest::collection::vec(family(), 1..12)) {
        let page = Page::parse(&families.concat());
        let Ok(proposal) = infer(&page, None, "a page") else {
            return Ok(());
        };
        let outcome = compile(Source::new("metrics.toml", proposal.schema.clone()));
        prop_assert!(outcome.report.diagnostics().is_empty(), "{:#?}\n{}", outcome.report.diagnostics(), proposal.schema);
        for family in page.families.iter().filter(|family| !family.samples.is_empty()) {
            let sample = &family.samples[0].name;
            let there = outcome.skeleton().metrics.iter().any(|metric| [&family.name, sample].contains(&&metric.exposed));
            let told = proposal.notes.iter().any(|note| {
                [&family.name, sample].iter().any(|name| note.contains(&format!("`{name}` is left out")))
            });
            prop_assert!(there || told, "{} is neither there nor told\n{}", family.name, proposal.schema);
        }
    }
}
