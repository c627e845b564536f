//! Finds metrics that do not change between pages of one program.

use crate::compare::name_on;
use crate::expected::{Expected, Family};
use crate::finding::{Code, Finding, codes};
use crate::page::Page;

codes! {
    NEVER_MOVED = "LC16" "never-moved" Warning:
    "A metric did not change while it was watched.",
    "Send traffic that should change it. If it still does not change, look for code that records it: `shadowcat-metrics \
     unused`.";

    NO_ANSWER = "LC20" "no-answer" Error:
    "The program did not serve its page while it was watched.",
    "Check the program's log for that time: a scraper would have a gap there.";
}

/// The samples of a family: name, labels, and the bits of the value, so that NaN equals itself.
type Samples = Vec<(String, Vec<(String, String)>, u64)>;

/// Finds the metrics of a schema that change after a first page.
///
/// ```
/// use shadowcat_metrics_conformance::{Expected, Page, Watch};
///
/// # mod metrics { shadowcat_metrics::metrics!("../tests/golden/everything.toml"); }
/// # fn main() {
/// let metrics = metrics::Metrics::new();
/// let expected = Expected::from(metrics.registry());
/// let page = || Page::parse(&metrics.encode(shadowcat_metrics::Format::PrometheusText));
/// let mut watch = Watch::new(&page(), &expected);
/// metrics.plain().events().inc();
/// watch.see(&page());
/// assert!(watch.unmoved().iter().all(|finding| finding.family != "all_plain_events_total"));
/// # }
/// ```
#[derive(Debug)]
pub struct Watch<'e> {
    /// Metrics that have not changed, with their first samples.
    still: Vec<(&'e Family, Samples)>,
}

impl<'e> Watch<'e> {
    /// Starts with a page. Infos never change and are not watched.
    #[must_use]
    pub fn new(first: &Page, expected: &'e Expected) -> Self {
        let moves = expected
            .families
            .iter()
            .filter(|family| family.kind.facts.is_empty());
        Self {
            still: moves
                .map(|family| (family, samples(first, family)))
                .collect(),
        }
    }

    /// Compares with a later page.
    pub fn see(&mut self, later: &Page) {
        self.still
            .retain(|(family, first)| samples(later, family) == *first);
    }

    /// Returns a finding for each metric that was the same on every page.
    #[must_use]
    pub fn unmoved(&self) -> Vec<Finding> {
        let finding = |(family, _): &(&Family, _)| Finding {
            code: Code::NEVER_MOVED,
            family: family.name.clone(),
            line: None,
            message: format!("`{}` did not change", family.name),
        };
        self.still.iter().map(finding).collect()
    }
}

fn samples(page: &Page, family: &Family) -> Samples {
    let name = name_on(page, family);
    let found = page.families.iter().find(|family| family.name == name);
    let samples = found.map_or(&[][..], |family| &family.samples);
    let mut samples: Vec<_> = samples
        .iter()
        .map(|sample| {
            (
                sample.name.clone(),
                sample.labels.clone(),
                sample.value.to_bits(),
            )
        })
        .collect();
    samples.sort_unstable();
    samples
}

#[test]
fn metrics_that_never_change_are_reported() {
    use super::testing;

    let later = testing::PAGE.replace("{shelf=\"food\"} 3", "{shelf=\"food\"} 4");
    let expected = testing::expected("1.0.0");
    let mut watch = Watch::new(&Page::parse(testing::PAGE), &expected);
    watch.see(&Page::parse(&later));
    // A metric that changed and returned to its value has still moved.
    watch.see(&Page::parse(testing::PAGE));
    let names: Vec<_> = watch
        .unmoved()
        .into_iter()
        .map(|finding| finding.family)
        .collect();
    assert_eq!(
        names,
        [
            "shop_cart_wait_seconds",
            "shop_old_wait_seconds",
            "shop_cart_paid_total",
            "shop_cart_by_tenant_total",
            "shop_cart_mode",
            "shop_metrics_label_overflow_total"
        ]
    );
}
