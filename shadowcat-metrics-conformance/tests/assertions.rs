//! The panic message of a failed assertion lists each finding with its code and line.

use std::panic::{AssertUnwindSafe, catch_unwind};

use shadowcat_metrics_conformance::{assert_conforms, assert_page_conforms};

mod metrics {
    shadowcat_metrics::metrics!("../tests/golden/everything.toml");
}

/// Returns the assertion's panic message for a page.
fn panic_message(metrics: &metrics::Metrics, page: &str) -> String {
    let failed = catch_unwind(AssertUnwindSafe(|| assert_page_conforms(metrics, page)));
    let payload = failed.expect_err("it does not conform");
    payload.downcast_ref::<String>().expect("text").clone()
}

#[test]
fn every_finding_is_in_the_message() {
    let metrics = metrics::Metrics::new();
    assert_conforms(&metrics);
    let page = metrics.encode(shadowcat_metrics::Format::PrometheusText);
    assert_page_conforms(&metrics, &page);
    assert_page_conforms(&metrics, &format!("{page}process_open_fds 3\n"));

    let wrong = page
        .replace("all_plain_events_total 0", "all_plain_events_total -1")
        .replace(
            "# TYPE all_plain_failures_total counter",
            "# TYPE all_plain_failures_total gauge",
        );
    let message = panic_message(&metrics, &format!("{wrong}all_lost_total 1\n"));
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines[0], "the page does not conform to the schema:");
    let codes: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| {
            line.split_once(": ")
                .map(|(code, _)| code.rsplit_once(' ').map_or(code, |(code, _)| code))
        })
        .collect();
    assert_eq!(
        codes,
        ["error[LC15] line", "error[LC04] line", "error[LC02] line"],
        "{message}"
    );
    assert!(
        message.contains("`all_plain_events_total{}` is -1"),
        "{message}"
    );
    assert!(
        message.contains("`all_plain_failures_total` is of the type gauge, expected counter"),
        "{message}"
    );
    assert!(
        message.contains("the schema has no `all_lost_total`"),
        "{message}"
    );
}
