//! The compiler spells bucket bounds as every page does, so that rules and queries select series that are there.

use shadowcat_metrics::Format;
use shadowcat_metrics::shadowcat::{Metrics, labels};
use shadowcat_metrics_codegen::model::Kind;
use shadowcat_metrics_codegen::name::bucket_bound;
use shadowcat_metrics_codegen::{Source, compile};

#[test]
fn bounds_are_spelled_as_on_the_page() {
    let metrics = Metrics::new();
    let transport = metrics.transport(labels::Transport::Http);
    transport
        .phase_duration(labels::Phase::Connect)
        .observe(std::time::Duration::from_millis(1));
    transport.message_size(labels::Side::Client).observe(64_u64);
    let page = metrics.encode(Format::OpenMetrics);
    let outcome = compile(Source::new(
        "metrics.toml",
        include_str!("../../metrics.toml"),
    ));
    let registry = outcome.registry().expect("our schema");
    let mut compared = 0;
    for metric in &registry.metrics {
        let Kind::Histogram { buckets } = &metric.kind else {
            continue;
        };
        let name = format!("{}_bucket{{", metric.exposed);
        if !page.contains(&name) {
            continue;
        }
        let bounds = &registry.bucket_sets[buckets.0].bounds;
        for bound in bounds.iter().copied().chain([f64::INFINITY]) {
            let le = format!("le=\"{}\"", bucket_bound(bound));
            let found = page
                .lines()
                .any(|line| line.starts_with(&name) && line.contains(&le));
            assert!(found, "{} has no {le}", metric.exposed);
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared}");
}
