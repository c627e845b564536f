//! Functions, ranges, buckets and quantiles that do or do not fit a kind of metric.

use shadowcat_metrics_codegen::{Severity, Span};
use shadowcat_metrics_operations::codes;
use shadowcat_metrics_operations::promql;

use super::{assert_accepted, assert_rows};

#[test]
fn buckets() {
    assert_rows(
        r#"
        rate(app_http_duration_seconds_bucket{le="1.0"}[5m]) =>
        rate(app_http_duration_seconds_bucket{le="+Inf"}[5m]) =>
        rate(app_http_duration_seconds_bucket{le="1"}[5m]) => SM0905 1
        rate(app_http_duration_seconds_bucket{le=~"0.1|2"}[5m]) => SM0905 2
        rate(app_http_duration_seconds_bucket{le=~"1|1.0|0[.]1|[+]Inf"}[5m]) =>
        rate(app_http_duration_seconds_bucket{le=~"1|0.1", le!=""}[5m]) => SM0905 1
        rate(app_http_duration_seconds_bucket{le="0\\.1"}[5m]) => SM0905 "0\\.1"
        rate(app_http_duration_seconds_bucket{le="inf"}[5m]) => SM0905 inf
        rate(app_http_duration_seconds_bucket{le="0.5"}[5m]) => SM0905 0.5
        rate(app_http_duration_seconds_count{le="1.0"}[5m]) => SM0903 le
        histogram_quantile(0.9, sum by (server, le) (rate(app_http_duration_seconds_bucket[5m]))) =>
        histogram_quantile(0.9, sum by (server) (rate(app_http_duration_seconds_bucket[5m]))) => SM0907 histogram_quantile
        histogram_quantile(0.9, rate(app_http_duration_seconds_sum[5m])) => SM0907 histogram_quantile
        histogram_quantile(99, rate(app_http_duration_seconds_bucket[5m])) => SM0907 histogram_quantile
        histogram_quantile(0.9, sum without (le) (rate(app_http_duration_seconds_bucket[5m]))) => SM0907 histogram_quantile
    "#,
    );
}

#[test]
fn quantiles_are_never_above_the_highest_bound() {
    let quantile =
        "histogram_quantile(0.9, sum by (le) (rate(app_http_duration_seconds_bucket[5m])))";
    let rows = "
        Q > 5 =>
        Q >= 10 =>
        Q > 10 => SM0907 histogram_quantile
        12 <= Q => SM0907 histogram_quantile
        max(Q) > (12) => SM0907 histogram_quantile
        max_over_time(Q[1h:1m]) > bool 12 => SM0907 histogram_quantile
        Q * 1000 > 12 =>
        sum(Q) > 12 =>
        round(Q) > 12 =>
        Q < 12 =>
        Q > $limit =>
    ";
    assert_rows(&rows.replace('Q', quantile));
}

#[test]
fn functions_and_kinds() {
    assert_rows(
        "
        rate(app_http_open[5m]) => SM0906 rate
        increase(app_http_mood[5m]) => SM0906 increase
        delta(app_http_open[5m]) =>
        deriv(app_http_requests_total[5m]) => SM0906 deriv
        delta(app_http_duration_seconds_count[5m]) => SM0906 delta
        rate(app_http_requests_total[5m:1m]) =>
        max_over_time(rate(app_http_requests_total[5m])[1h:]) =>
        rate(sum(app_http_requests_total)[5m:1m]) => SM0906 rate
        rate(topk(3, app_http_requests_total)[5m:1m]) =>
        rate(count(app_http_requests_total)[5m:1m]) =>
        app_http_requests_total > 5 => SM0908 app_http_requests_total
        sum by (server) (app_http_requests_total) * 2 >= 5 => SM0908 app_http_requests_total
        5 < max_over_time(app_http_requests_total[5m]) => SM0908 app_http_requests_total
        count(app_http_requests_total) > 5 =>
        changes(app_http_requests_total[5m]) > 5 =>
        app_http_open > 5 =>
    ",
    );
}

#[test]
fn ranges_have_units() {
    assert_rows(
        "
        rate(app_http_requests_total[5]) => SM0917 5
        rate(app_http_requests_total[ 300 ]) => SM0917 300
        max_over_time(app_http_open[5:]) => SM0917 5
        max_over_time(app_http_open[1h:0.5]) => SM0917 0.5
        max_over_time(app_http_open[60:5]) => SM0917 60; SM0917 5
    ",
    );
    assert_accepted(&[
        "rate(app_http_requests_total[5m])",
        "rate(app_http_requests_total[1h30m])",
        "max_over_time(app_http_open[1h:1m])",
        "max_over_time(app_http_open[1h:])",
        "max_over_time(app_http_open[$__range:$step])",
        "rate(app_http_requests_total[${minutes}m])",
        "app_http_open{server=\"[5]\"}",
    ]);
    // It is still valid PromQL.
    let findings = promql::check("rate(up[5])", &promql::Vocabulary::default());
    let problems = findings.into_iter().map(|found| found.at(Span::default()));
    let units = problems.filter(|problem| problem.code == codes::RANGE_WITHOUT_UNIT);
    let told: Vec<_> = units
        .map(|problem| (problem.severity, problem.label))
        .collect();
    let label = "expected a unit, such as `5m`, or `5s` for seconds".to_owned();
    assert_eq!(told, [(Severity::Warning, label)]);
}

#[test]
fn raw_counters_may_be_compared_with_zero() {
    assert_accepted(&[
        "rate(app_http_requests_total[5m]) < 1 and app_http_requests_total > 0",
        "app_http_requests_total > 0 and rate(app_http_requests_total[5m]) < 1",
        "(app_http_requests_total != 0) and on (job) app_http_open < 5",
        "app_http_open > 5 unless on (server) sum by (server) (app_http_requests_total) == 0",
        "app_http_open > 5 unless on (server) (app_http_retries_total == 0 or app_http_retries_total < 1)",
        "rate(app_http_retries_total[5m]) / (app_http_retries_total > 0)",
        "count(app_http_retries_total >= 1) > 3",
        "0 < app_http_retries_total and app_http_open > 5",
    ]);
    assert_rows(
        "
        app_http_retries_total > 0 => SM0908 app_http_retries_total
        (app_http_retries_total == 0) or vector(1) => SM0908 app_http_retries_total
        app_http_open > 5 and app_http_retries_total > 100 => SM0908 app_http_retries_total
        app_http_open > 5 unless app_http_retries_total <= 7 => SM0908 app_http_retries_total
    ",
    );
}

#[test]
fn numbers_may_have_underscores() {
    assert_rows("
        app_http_open > 1_000 and app_http_open < 0x_1F =>
        histogram_quantile(0.9, rate(app_http_duration_seconds_bucket[5m])) > 1_0.5 => SM0907 histogram_quantile
        histogram_quantile(0.9, rate(app_http_duration_seconds_bucket[5m])) > 1_0 => SM0907 histogram_quantile
        app_http_open > 1__0 => SM0901 1__0
    ");
}

#[test]
fn findings_point_at_their_own_call() {
    assert_rows("
        max(up @ end()) > max(rate(app_http_open[5m])) => SM0906 rate
        max(up @ start()) + max(up @ start ( )) + sum(delta(app_http_retries_total[5m])) => SM0906 delta
        up offset -5m + rate(app_http_open[5m] @ -1 offset +5m) => SM0906 rate; SM0910 app_http_open
        +up * - + rate(app_http_open[5m]) => SM0906 rate; SM0910 app_http_open
        up + fill (0) rate(up[5m]) => SM0906 rate
    ");
}
