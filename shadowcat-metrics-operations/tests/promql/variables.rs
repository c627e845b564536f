//! Grafana's variables, and text that is not PromQL.

use shadowcat_metrics_operations::promql;

use super::common::findings;
use super::{assert_accepted, assert_rows, vocabulary};

#[test]
fn syntax_and_variables() {
    assert_eq!(findings("", &vocabulary()), "SM0901 ");
    let open = "(".repeat(100_000);
    assert_eq!(findings(&open, &vocabulary()), format!("SM0901 {open}"));
    assert_rows(
        r#"
        sum( => SM0901 (
        sum by ($label) (rate(app_http_requests_total{server=~"$server"}[$__rate_interval])) =>
        rate($metric[$__interval]) =>
        rate(app_http_open{server=~"$server"}[$__rate_interval]) => SM0906 rate
        é => SM0901 é
    "#,
    );
}

#[test]
fn variables_in_all_positions() {
    assert_accepted(&[
        "sum(increase(app_http_requests_total[${__range_s}s])) / $__range_s",
        "sum(increase(app_http_requests_total[${hours}h]))",
        "max_over_time(sum(rate(app_http_requests_total[[[window]]]))[$__range:$__interval])",
        "topk by (server) ($n, rate(app_http_retries_total[5m]))",
        "histogram_quantile(0.$q, sum by (le, $by) (rate(app_http_duration_seconds_bucket[5m])))",
        "clamp(app_http_open, $min, $max) > bool $limit",
        "rate(app_${group}_total[5m]) + rate(${namespace}_retries_total[5m])",
        "app_http_open{server=\"a\"$more} + app_http_open{$filters, server=\"a\"}",
        "app_http_open{$label=~\"$value\", server=${server:doublequote}}",
        "$aggregation by (server) ($function(app_http_requests_total[5m]))",
        "max by (server) ($f(app_http_open offset -$o))",
        "app_http_open * on (${by}) group_left ($more) app_http_software_info",
        "app_http_open @ $__from",
    ]);
    assert_rows(
        r#"
        rate(app_http_open[${hours}h]) => SM0906 rate
        topk by (srver) ($n, app_http_open) => SM0909 srver
        rate(app_http_requests_total{$filters, outcome="fine"}[5m]) => SM0904 fine
        clamp_max(app_http_opened, $max) => SM0902 app_http_opened
    "#,
    );
}

#[test]
fn unparsable_queries_with_variables_are_warnings() {
    let vocabulary = promql::Vocabulary::default();
    let in_doubt = |query| promql::check(query, &vocabulary)[0].in_doubt;
    assert!(in_doubt("up $operator 1"));
    assert!(!in_doubt("sum(rate(up[$__rate_interval])"));
}
