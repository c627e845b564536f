//! Checks pages of metrics against a schema: families, types, units, help, labels, values, buckets and bounds.
//!
//! A *page* is the text or protobuf message that Prometheus scrapes. [`page`] reads a page of any program, [`expected`] has the
//! contents that a schema promises, [`conforms`] compares the two, [`Watch`] finds metrics that do not change from page to page,
//! and [`finding`] has the codes of all findings. In the tests of a program, `assert_conforms` reads and checks its pages
//! (feature `runtime`).

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod expected;
pub mod finding;
pub mod page;

mod compare;

pub use compare::{Options, Watch, conforms};
pub use expected::Expected;
pub use finding::{Code, Finding, Severity};
pub use page::{Format, Page};

/// Asserts that the pages of a registry conform to its schema, in each format.
///
/// To check the page that a program serves, which may contain other families, use [`assert_page_conforms`].
///
/// # Panics
///
/// If a page does not conform; the message lists every finding.
///
/// ```
/// # mod metrics { shadowcat_metrics::metrics!("../tests/golden/everything.toml"); }
/// # fn main() {
/// let metrics = metrics::Metrics::new();
/// metrics.plain().events().inc();
/// shadowcat_metrics_conformance::assert_conforms(&metrics);
/// # }
/// ```
#[cfg(feature = "runtime")]
#[track_caller]
pub fn assert_conforms(metrics: &shadowcat_metrics::Registry) {
    let text = metrics.encode(shadowcat_metrics::Format::PrometheusText);
    assert_conforms_as(metrics, &Page::read(text.as_bytes(), Some(Format::Text)));
    let open_metrics = metrics.encode(shadowcat_metrics::Format::OpenMetrics);
    assert_conforms_as(
        metrics,
        &Page::read(open_metrics.as_bytes(), Some(Format::OpenMetrics)),
    );
    assert_conforms_as(
        metrics,
        &Page::read(&metrics.encode_protobuf(), Some(Format::Protobuf)),
    );
}

/// Asserts that the page of a program conforms to the schema of its registry. Families outside of the schema's namespace
/// are allowed.
///
/// # Panics
///
/// If the page does not conform; the message lists every finding.
///
/// ```should_panic
/// # mod metrics { shadowcat_metrics::metrics!("../tests/golden/everything.toml"); }
/// # fn main() {
/// let metrics = metrics::Metrics::new();
/// let page = "# TYPE all_plain_events_total gauge\nall_plain_events_total 1\n";
/// shadowcat_metrics_conformance::assert_page_conforms(&metrics, page);
/// # }
/// ```
#[cfg(feature = "runtime")]
#[track_caller]
pub fn assert_page_conforms(metrics: &shadowcat_metrics::Registry, page: &str) {
    assert_conforms_as(metrics, &Page::parse(page));
}

#[cfg(feature = "runtime")]
#[track_caller]
fn assert_conforms_as(metrics: &shadowcat_metrics::Registry, page: &Page) {
    let expected = Expected::from(metrics);
    let findings = conforms(page, &expected, &Options::default());
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert!(
        findings.is_empty(),
        "the page does not conform to the schema:\n{}",
        lines.join("\n")
    );
}
