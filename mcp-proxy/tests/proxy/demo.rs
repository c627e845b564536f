//! The demo, end to end: the scraped metrics match its clients' counts.

use crate::support::{Page, Running};
use serde_json::Value;

/// The `Accept` header of Prometheus 2.42.
const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

#[test]
fn the_scraped_values_match_the_clients_counts() {
    let options = "--for 1s --seed 5 --metrics 127.0.0.1:0 --linger 20s --format json";
    let mut demo = Running::start(&format!("demo {options}"));
    let metrics = demo.metrics_address();
    let report: Value = serde_json::from_str(&demo.line()).expect("the report is one line of JSON");
    let checks = report["checks"].as_array().expect("checks");
    let wrong: Vec<_> = checks
        .iter()
        .filter(|check| check["holds"] != true)
        .collect();
    assert_eq!(report["passed"], true, "{wrong:?}");

    let text = Page::scrape(&metrics, "text/plain");
    let open = Page::scrape(&metrics, PROMETHEUS);
    assert!(
        open.text().ends_with("# EOF\n"),
        "Prometheus gets OpenMetrics"
    );

    let mut compared = 0;
    for check in report["checks"].as_array().expect("checks") {
        let labels = check["labels"].as_str().expect("labels");
        // Peaks and sums over all methods are not series, and kernel counters keep changing.
        let is_sum = (labels.contains("outcome=") && !labels.contains("method="))
            || check["metric"] == "shadowcat_stream_ended_total";
        if is_sum || labels.is_empty() || labels.contains("seen=") {
            continue;
        }
        let series = format!("{}{{{labels}}}", check["metric"].as_str().expect("a name"));
        let recorded = check["recorded"].as_f64();
        assert_eq!(text.value(&series), recorded, "{series}");
        assert_eq!(open.value(&series), recorded, "{series} in OpenMetrics");
        compared += 1;
    }
    assert!(compared >= 50, "only {compared} series were compared");

    let servers = report["sent"].as_object().expect("servers");
    let sent = ["steady", "crashing", "stubborn"]
        .map(|server| servers[server]["messages_sent"].as_f64().expect("a count"));
    let sent = Some(sent.iter().sum());
    let received = r#"shadowcat_transport_operations_total{transport="stdio",side="client",operation="receive",status="ok"}"#;
    assert_eq!(text.value(received), sent);

    // Clients with sessions, and one whose requests belong to no session.
    for (server, method) in [
        ("web", "initialize"),
        ("events", "initialize"),
        ("stateless", "server/discover"),
    ] {
        let completed = text.completed(server, method, "ok");
        assert!(completed >= Some(1.0), "{server}: {completed:?}");
    }

    demo.signal("INT");
    assert!(demo.wait().success());
}
