//! Properties of every valid schema with any records: all outputs are well formed and contain the recorded values.

mod collected;
mod metadata;

use std::collections::BTreeMap;

use collected::gathered;
use proptest::prelude::*;
use shadowcat_metrics::Format;
use shadowcat_metrics::private::{Registry, Snapshot};
use shadowcat_metrics_authoring::{Style, compile, render};
use shadowcat_metrics_codegen::model::Registry as Model;
use shadowcat_metrics_codegen::{Outcome, Severity, Source};
use shadowcat_metrics_conformance as conformance;
use shadowcat_metrics_oracle::{self as oracle, Grammar, Series};
use shadowcat_metrics_tests::dynamic::events::{Event, drafts};
use shadowcat_metrics_tests::dynamic::expected::Expected;
use shadowcat_metrics_tests::dynamic::{Cell, Dynamic};
use shadowcat_metrics_tests::schemas::{Taste, ValidSchema, valid_schemas};

fn compiled(schema: &ValidSchema) -> Outcome {
    let outcome = compile(Source::new("metrics.toml", schema.0.as_str()));
    let problems = outcome.report.diagnostics().iter();
    let errors: Vec<_> = problems
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| render(problem, &outcome.source, Style::Plain))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
    outcome
}

/// Returns the values of a page without creation times.
fn page(model: &Model, registry: &Registry, grammar: Grammar) -> BTreeMap<Series, f64> {
    let format = match grammar {
        Grammar::PrometheusText => Format::PrometheusText,
        Grammar::OpenMetrics => Format::OpenMetrics,
    };
    let text = registry.encode(format);
    let page = oracle::parse(grammar, &text).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
    metadata::assert_is_that_of(model, grammar, &page);
    assert_conforms(model, registry, &conformance::Page::parse(&text));
    let is_value = |(series, _): &(Series, f64)| {
        grammar == Grammar::PrometheusText || !series.name.ends_with("_created")
    };
    page.values().into_iter().filter(is_value).collect()
}

/// Returns the values of a protobuf page, read by the conformance crate.
fn messages(model: &Model, registry: &Registry) -> BTreeMap<Series, f64> {
    let page = registry.encode_protobuf();
    let page = conformance::Page::read(&page, Some(conformance::Format::Protobuf));
    assert_conforms(model, registry, &page);
    let samples = page.families.iter().flat_map(|family| &family.samples);
    let values = samples.map(|sample| {
        let labels = sample.labels.iter();
        let labels = labels.map(|(name, value)| (name.as_str(), value.as_str()));
        (Series::new(&sample.name, labels), sample.value)
    });
    values.collect()
}

/// Asserts that the conformance check reports nothing, with the schema from the file or from the registry.
fn assert_conforms(model: &Model, registry: &Registry, page: &conformance::Page) {
    let options = conformance::Options {
        strict: true,
        ..conformance::Options::default()
    };
    for expected in [
        conformance::Expected::new(model, None),
        conformance::Expected::from(registry),
    ] {
        let findings = conformance::conforms(page, &expected, &options);
        assert!(findings.is_empty(), "{findings:#?}\n{page:#?}");
    }
}

/// Formats values so that NaN equals NaN.
fn bits(values: BTreeMap<Series, f64>) -> BTreeMap<Series, String> {
    let shown = |(series, value): (Series, f64)| (series, format!("{value:?}"));
    values.into_iter().map(shown).collect()
}

fn assert_same(is: BTreeMap<Series, f64>, expected: BTreeMap<Series, f64>, what: &str) {
    let (is, expected) = (bits(is), bits(expected));
    let differences: Vec<_> = is
        .iter()
        .map(|(series, value)| (series, Some(value), expected.get(series)))
        .chain(
            expected
                .iter()
                .filter(|(series, _)| !is.contains_key(series))
                .map(|(series, value)| (series, None, Some(value))),
        )
        .filter(|(_, is, expected)| is != expected)
        .collect();
    assert!(
        differences.is_empty(),
        "{what}: series, what it is, what was expected: {differences:#?}"
    );
}

fn assert_read(read: &Cell, expected: &Cell, event: &Event) {
    assert_eq!(format!("{read:?}"), format!("{expected:?}"), "{event:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_output_has_the_recorded_values(
        schema in valid_schemas(Taste::Lax),
        drafts in drafts(),
    ) {
        let outcome = compiled(&schema);
        let model = outcome.registry().expect("the schema is valid");
        let mut dynamic = Dynamic::new(model);
        let mut expected = Expected::new(model);
        let events: Vec<_> = drafts.iter().filter_map(|draft| draft.fit(model)).collect();
        for event in &events {
            dynamic.record(event);
            expected.record(event);
        }
        let snapshot = Snapshot::take(dynamic.registry());
        expected.scrape();
        for event in &events {
            assert_read(&dynamic.read(&snapshot, event), &expected.read(event), event);
        }
        for grammar in [Grammar::PrometheusText, Grammar::OpenMetrics] {
            let values = page(model, dynamic.registry(), grammar);
            expected.scrape();
            assert_same(values, expected.samples(), &format!("{grammar:?}"));
        }
        let messages = messages(model, dynamic.registry());
        expected.scrape();
        assert_same(messages, expected.samples(), "protobuf");
        let gathered = gathered(dynamic.registry());
        expected.scrape();
        assert_same(gathered, expected.samples(), "collector");

        dynamic.drop_handles();
        expected.drop_handles();
        let empty = page(model, dynamic.registry(), Grammar::PrometheusText);
        assert_same(empty, expected.samples(), "after the last handle was dropped");

        // In reverse order, so that values get different slots.
        for event in events.iter().rev() {
            dynamic.record(event);
            expected.record(event);
        }
        let again = page(model, dynamic.registry(), Grammar::PrometheusText);
        expected.scrape();
        assert_same(again, expected.samples(), "after a second round");
    }
}

/// The random records cover every kind and unit, and invalid values.
#[test]
fn records_are_varied() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = (valid_schemas(Taste::Lax), drafts());
    let mut seen = BTreeMap::<_, u32>::new();
    for _ in 0..300 {
        let (schema, drafts) = strategy
            .new_tree(&mut runner)
            .expect("nothing is rejected")
            .current();
        let outcome = compiled(&schema);
        let model = outcome.skeleton();
        let mut expected = Expected::new(model);
        for event in drafts.iter().filter_map(|draft| draft.fit(model)) {
            expected.record(&event);
            let metric = &model.metrics[event.metric];
            *seen
                .entry((metric.kind.name(), metric.unit.name()))
                .or_default() += 1;
        }
        for (series, value) in expected.samples() {
            for own in ["label_overflow_total", "rejected_values_total"] {
                if series.name.ends_with(own) && value > 0.0 {
                    *seen.entry(("own", own)).or_default() += 1;
                }
            }
        }
    }
    // Four kinds with twelve units each, two kinds without units, and the library's own two, each recorded often.
    assert_eq!(seen.len(), 4 * 12 + 2 + 2, "{seen:#?}");
    assert!(seen.values().all(|count| *count > 10), "{seen:#?}");
}
