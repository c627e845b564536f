//! Labels that depend on a label: flat, nested, and several of them in one metric.

use std::fmt::Write as _;

use proptest::prelude::*;
use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::model::{LabelValues, Metric, Origin, Part, Registry};
use shadowcat_metrics_conformance::page::Page;

use super::{Proposal, assert_conforms, assert_has, infer, notes, write_samples};

/// Returns a page of counters with the same series.
fn page_of(names: &[&str], series: &[&str]) -> String {
    let mut page = String::new();
    for name in names {
        let _ = writeln!(page, "# HELP {name} Requests.\n# TYPE {name} counter");
        for labels in series {
            write_samples(&mut page, name, "counter", labels);
        }
    }
    page
}

const TWO: [&str; 2] = ["app_made_total", "app_ended_total"];

/// Series with `tool` for the method `call`, and `prompt` and `kind` for `get`.
const SERIES: [&str; 6] = [
    r#"method="ping""#,
    r#"method="list""#,
    r#"method="call",tool="a b""#,
    r#"method="call",tool="c""#,
    r#"method="get",prompt="p",kind="old""#,
    r#"method="get",prompt="p",kind="new""#,
];

#[test]
fn labels_that_depend_on_a_value_become_a_sum_label() {
    let page = page_of(&TWO, &SERIES);
    let schema = assert_conforms(&page).schema;
    let parts = [
        "[labels.method_details]",
        "of = \"method\"\nwith = { call = [\"tool\"], get = [\"kind\", \"prompt\"] }",
        "[labels.kind]\nhelp = \"Say what it means.\"\nvalues = [\"new\", \"old\"]",
        "[labels.method]\nhelp = \"Say what it means.\"\nvalues = [\"call\", \"get\", \"list\", \"ping\"]",
        // Both metrics are in one group, which binds the sum label.
        "[groups.general]\nhelp = \"Say what it measures.\"\nlabels = [\"method_details\"]",
    ];
    assert_has(&schema, &parts);
    assert_eq!(schema.matches("\"method_details\"").count(), 1, "{schema}");
    assert_eq!(notes(&page), [""; 0], "{schema}");
    // A metric of the group lacks it.
    let other = "# HELP app_lost_total Lost.\n# TYPE app_lost_total counter\napp_lost_total 1\n";
    let schema = assert_conforms(&(page + other)).schema;
    let uses = schema.matches("labels = [\"method_details\"]").count();
    assert_eq!(uses, 2, "{schema}");
}

#[test]
fn a_dependency_that_may_be_a_coincidence_is_not_a_sum_label() {
    let page = page_of(&TWO, &SERIES);
    for page in [
        // Only one family shows it.
        page_of(&TWO[..1], &SERIES),
        // `method` is open: a family with it has not all of its values.
        page.clone() + &page_of(&["app_lost_total"], &SERIES[..1]),
        // `tool` is there with some calls only.
        page.replace("method=\"call\",tool=\"c\"", "method=\"call\"")
            .replace(",kind=\"old\"", "")
            .replace("method=\"get\",prompt=\"p\",kind=\"new\"", "method=\"get\""),
    ] {
        let schema = assert_conforms(&page).schema;
        assert!(!schema.contains("of = "), "{schema}");
    }
}

#[test]
fn each_combination_with_further_labels_has_its_series() {
    // The outcome is closed where every part has all of its values.
    let page = page_of(
        &TWO,
        &[
            r#"method="ping",outcome="ok""#,
            r#"method="ping",outcome="failed""#,
            r#"method="call",tool="a",outcome="ok""#,
            r#"method="call",tool="a",outcome="failed""#,
            r#"method="call",tool="b",outcome="ok""#,
            r#"method="call",tool="b",outcome="failed""#,
        ],
    );
    let schema = assert_conforms(&page).schema;
    let parts = [
        "with = { call = [\"tool\"] }",
        "values = [\"failed\", \"ok\"]",
    ];
    assert_has(&schema, &parts);
}

#[test]
fn a_dependency_among_the_series_of_a_value_is_nested() {
    let page = page_of(
        &TWO,
        &[
            r#"method="ping""#,
            r#"method="call",source="cache""#,
            r#"method="call",source="disk",path="/a b""#,
            r#"method="call",source="disk",path="/c""#,
        ],
    );
    let schema = assert_conforms(&page).schema;
    let parts = [
        "[labels.source_details]\nhelp = \"Say what it means.\"\nof = \"source\"\nwith = { disk = [\"path\"] }",
        "[labels.method_details]\nhelp = \"Say what it means.\"\nof = \"method\"\nwith = { call = [\"source_details\"] }",
        "labels = [\"method_details\"]",
    ];
    assert_has(&schema, &parts);
    assert!(!schema.contains("optional"), "{schema}");
    assert_eq!(notes(&page), [""; 0], "{schema}");
}

#[test]
fn labels_may_depend_on_several_labels() {
    let mut series = Vec::new();
    for method in ["ping", "call\",tool=\"a b", "call\",tool=\"c"] {
        for outcome in ["ok", "failed\",error=\"e 1", "failed\",error=\"f"] {
            series.push(format!("method=\"{method}\",outcome=\"{outcome}\""));
        }
    }
    let page = page_of(&TWO, &series.iter().map(String::as_str).collect::<Vec<_>>());
    let schema = assert_conforms(&page).schema;
    let parts = [
        "of = \"method\"\nwith = { call = [\"tool\"] }",
        "of = \"outcome\"\nwith = { failed = [\"error\"] }",
        "labels = [\"method_details\", \"outcome_details\"]",
    ];
    assert_has(&schema, &parts);
    assert!(!schema.contains("optional"), "{schema}");
}

#[test]
fn sum_labels_of_which_a_combination_is_missing_become_optional_labels() {
    // No failed call: all labels are closed, so the schema would require its series.
    let page = page_of(
        &TWO,
        &[
            r#"method="ping",outcome="ok""#,
            r#"method="ping",outcome="failed",error="e""#,
            r#"method="ping",outcome="failed",error="f""#,
            r#"method="call",tool="a",outcome="ok""#,
            r#"method="call",tool="b",outcome="ok""#,
        ],
    );
    assert_conforms(&page);
}

#[test]
fn a_label_that_a_sample_has_twice_is_missing_on_the_others() {
    let mut page = Page::parse("# TYPE app_x gauge\napp_x{a=\"on\",c=\"z\"} 1\napp_x{b=\"q\"} 1\n");
    let labels = &mut page.families[0].samples[0].labels;
    labels.push(("a".to_owned(), "off".to_owned()));
    let schema = infer(&page, None, "a page").expect("a proposal").schema;
    assert_eq!(schema.matches("optional = true").count(), 3, "{schema}");
}

/// Generates a page whose families have labels that depend on a method, in different groups, with exceptions.
fn page_with_sums() -> impl Strategy<Value = String> {
    const FURTHER: [&str; 4] = ["tool", "prompt", "kind", "option"];
    let further = proptest::collection::vec(proptest::sample::subsequence(&FURTHER[..], 0..=2), 4);
    let name = proptest::sample::select(
        &[
            "app_calls_made",
            "app_calls_lost",
            "app_calls_left",
            "app_made",
            "app_lost",
        ][..],
    );
    let names = proptest::collection::btree_set(name, 2..5);
    let kinds = proptest::collection::vec(0..3_usize, 5);
    // Lines that are missing, and lines with one more label.
    let exceptions = proptest::collection::vec((0..40_usize, any::<bool>()), 0..3);
    (further, names, kinds, exceptions).prop_map(|(further, names, kinds, exceptions)| {
        let mut text = String::new();
        let mut line = 0;
        for (name, kind) in names.into_iter().zip(kinds) {
            let kind = ["counter", "gauge", "histogram"][kind];
            let name = if kind == "counter" {
                format!("{name}_total")
            } else {
                name.to_owned()
            };
            let _ = writeln!(text, "# HELP {name} Some help.\n# TYPE {name} {kind}");
            for (method, further) in ["ping", "list", "call", "get"].iter().zip(&further) {
                let sets = if further.is_empty() { 1 } else { 2 };
                for set in 0..sets {
                    line += 1;
                    let exception = exceptions.iter().find(|(at, _)| *at == line);
                    if exception.is_some_and(|(_, is_missing)| *is_missing) {
                        continue;
                    }
                    let mut labels = format!("method=\"{method}\"");
                    for label in further {
                        let _ = write!(labels, ",{label}=\"v{set}\"");
                    }
                    labels += if exception.is_some() {
                        ",host=\"h\""
                    } else {
                        ""
                    };
                    write_samples(&mut text, &name, kind, &labels);
                }
            }
        }
        text
    })
}

/// Asserts that a page conforms to its inferred schema, and that nothing is left out.
#[track_caller]
fn assert_keeps_every_label(page: &str) {
    let Proposal { schema, notes, .. } = assert_conforms(page);
    let is_loss = |note: &String| note.contains("left out");
    assert!(!notes.iter().any(is_loss), "{notes:#?}\n{schema}\n{page}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    /// A page with labels that depend on a label conforms to its inferred schema, and no label is lost.
    #[test]
    fn a_page_with_sums_conforms_to_its_schema(text in page_with_sums()) {
        assert_keeps_every_label(&text);
    }
}

/// The labels of random schemas. Those with values can decide.
const DECIDING: [(&str, &[&str]); 3] = [
    ("mode", &["on", "off", "idle"]),
    ("kind", &["old", "new"]),
    ("outcome", &["ok", "failed"]),
];

/// Generates the `with` of a sum label: extra labels for each value.
fn with(of: usize, further: &'static [&'static str]) -> impl Strategy<Value = String> {
    let (_, values) = DECIDING[of];
    let sets =
        proptest::collection::vec(proptest::sample::subsequence(further, 0..=2), values.len());
    sets.prop_map(|sets| {
        let with = values.iter().zip(sets);
        let with = with.map(|(value, labels)| format!("{value} = {labels:?}"));
        with.collect::<Vec<_>>().join(", ")
    })
}

/// Generates a schema with sum labels that contain each other, and metrics with several of them.
fn schema_with_sums() -> impl Strategy<Value = String> {
    let sums = (
        with(0, &["tool", "prompt", "by_kind"]),
        with(1, &["option", "path"]),
        with(2, &["error", "reason"]),
    );
    let labels = proptest::sample::select(
        &[
            r#""by_mode""#,
            r#""by_mode", "by_outcome""#,
            r#""by_outcome", "host", "by_kind""#,
            r#""host", "by_mode""#,
            r#"{ name = "region", optional = true }, "by_mode", "by_outcome""#,
        ][..],
    );
    let metrics = proptest::collection::vec((labels, 0..3_usize, 0..2_usize), 2..5);
    (sums, metrics).prop_map(|((mode, kind, outcome), metrics)| {
        let mut text =
            "format = 1\nnamespace = \"app\"\n[defaults]\nseries_budget = 10_000_000\n".to_owned();
        for (name, values) in DECIDING {
            let _ = writeln!(text, "[labels.{name}]\nhelp = \"A.\"\nvalues = {values:?}");
        }
        for name in ["tool", "prompt", "option", "path", "host"] {
            let _ = writeln!(text, "[labels.{name}]\nhelp = \"A.\"\nopen = {{ max = 8 }}");
        }
        for name in ["error", "reason", "region"] {
            let _ = writeln!(
                text,
                "[labels.{name}]\nhelp = \"A.\"\nvalues = [\"x\", \"y\"]"
            );
        }
        for (name, with) in [("mode", mode), ("kind", kind), ("outcome", outcome)] {
            let _ = writeln!(
                text,
                "[labels.by_{name}]\nhelp = \"A.\"\nof = \"{name}\"\nwith = {{ {with} }}"
            );
        }
        for group in ["first", "second"] {
            let _ = writeln!(text, "[groups.{group}]\nhelp = \"A.\"");
        }
        for (number, (labels, kind, group)) in metrics.into_iter().enumerate() {
            let kind = [
                "type = \"counter\"",
                "type = \"gauge\"",
                "type = \"histogram\"\nbuckets = [0.5]",
            ][kind];
            let group = ["first", "second"][group];
            let _ = writeln!(
                text,
                "[metrics.{group}.m{number}]\n{kind}\nhelp = \"A.\"\nlabels = [{labels}]"
            );
        }
        text
    })
}

/// Writes every series of a metric. Open labels have one or two values, which depends on the part.
fn write_series(registry: &Registry, metric: &Metric, text: &mut String) {
    let spec = metric.kind.spec();
    let name = &metric.exposed;
    let _ = writeln!(
        text,
        "# HELP {name} {}\n# TYPE {name} {}",
        metric.help, spec.name
    );
    for (number, part) in registry.parts(metric).iter().enumerate() {
        for labels in series(registry, part, 1 + number % 2) {
            write_samples(text, name, spec.name, &labels.join(","));
        }
    }
}

/// Returns the labels of each series of a part.
fn series(registry: &Registry, part: &Part, open_values: usize) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for used in &part.labels {
        let label = &registry.labels[used.id.0];
        let values: Vec<_> = match &label.values {
            LabelValues::Closed(values) => {
                let values = values.iter().enumerate();
                let values = values.filter(|(place, _)| used.has(*place));
                values.map(|(_, value)| value.value.clone()).collect()
            }
            LabelValues::Open { .. } => (0..open_values).map(|it| format!("any {it}")).collect(),
        };
        let pairs = values
            .iter()
            .map(|value| vec![format!("{}={value:?}", label.name)]);
        let pairs: Vec<_> = pairs.chain(used.optional.then(Vec::new)).collect();
        let longer = |series: &Vec<String>| {
            let longer = pairs.iter().map(|pair| [series.as_slice(), pair].concat());
            longer.collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    /// The page of a program with sum labels conforms to the schema inferred from it, and no label is lost.
    #[test]
    fn the_page_of_a_schema_with_sums_conforms_to_its_inferred_schema(schema in schema_with_sums()) {
        let outcome = compile(Source::new("metrics.toml", schema.clone()));
        let Some(registry) = outcome.registry() else {
            return Err(TestCaseError::fail(format!("{:#?}\n{schema}", outcome.report.diagnostics())));
        };
        let mut text = String::new();
        for metric in registry.metrics.iter().filter(|metric| metric.origin == Origin::Schema) {
            write_series(registry, metric, &mut text);
        }
        assert_keeps_every_label(&text);
    }
}
