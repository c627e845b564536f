//! Labels that may gain values, and deprecated values.

mod metrics {
    shadowcat_metrics::metrics!("tests/growing_labels.toml");
}

use metrics::labels::Stage;
use shadowcat_metrics::{ClosedLabel, Format};

#[test]
fn unknown_strings_are_the_fallback() {
    for (text, stage) in [
        ("draft", Stage::Draft),
        ("other", Stage::Other),
        ("review", Stage::Other),
        ("", Stage::Other),
    ] {
        let Ok(parsed) = text.parse::<Stage>();
        assert_eq!(parsed, stage, "{text:?}");
    }
    let all: &'static [Stage] = Stage::ALL;
    assert_eq!(all, <Stage as ClosedLabel>::ALL);
}

#[test]
#[expect(deprecated, reason = "it is on its way out, and still works")]
fn deprecated_values_are_exposed() {
    let metrics = metrics::Metrics::new();
    metrics.work().stages(Stage::Sketch).inc();
    let page = metrics.encode(Format::PrometheusText);
    assert!(
        page.contains("app_work_stages_total{stage=\"sketch\"} 1\n"),
        "{page}"
    );
}
