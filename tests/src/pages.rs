//! Pages for third-party parsers: that of the golden schema, and those of random schemas with random records.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use shadowcat_metrics::Format;
use shadowcat_metrics::private::Registry;
use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::Source;

use crate::dynamic::Dynamic;
use crate::dynamic::events::drafts;
use crate::schemas::{self, Taste};
use crate::sequence;

/// The pages of one registry.
#[derive(Debug)]
pub struct Pages {
    /// Name of the pages: `golden`, `random-07`.
    pub name: String,
    /// The page in Prometheus text.
    pub text: String,
    /// The page in `OpenMetrics`.
    pub open_metrics: String,
}

impl Pages {
    fn new(name: String, registry: &Registry) -> Self {
        Self {
            name,
            text: registry.encode(Format::PrometheusText),
            open_metrics: registry.encode(Format::OpenMetrics),
        }
    }
}

/// Returns the pages of the golden schema.
#[must_use]
pub fn golden() -> Pages {
    let recorded = sequence::record();
    Pages::new("golden".to_owned(), &recorded.metrics)
}

/// Returns the pages of `count` random schemas, always the same. None of them breaks a rule of `promtool check metrics`.
///
/// # Panics
///
/// Panics if a random schema is invalid.
pub fn random(count: usize) -> impl Iterator<Item = Pages> {
    let mut runner = TestRunner::deterministic();
    let schemas = schemas::fixed(Taste::Clean, count).enumerate();
    schemas.map(move |(number, schema)| {
        let outcome = compile(Source::new("metrics.toml", schema.0));
        let model = outcome.registry().expect("the schema is valid");
        let mut dynamic = Dynamic::new(model);
        let tree = drafts().new_tree(&mut runner);
        let drafts = tree.expect("the strategy rejects nothing").current();
        for event in drafts.iter().filter_map(|draft| draft.fit(model)) {
            dynamic.record(&event);
        }
        Pages::new(format!("random-{number:02}"), dynamic.registry())
    })
}
