//! Comparisons that can never be true, and comparisons of raw counters: reported and accepted queries.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use common::{findings, vocabulary};

const SCHEMA: &str = r#"
format = 1
namespace = "app"

[operations]
external = ["node_*"]

[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[labels.mood]
help = "Mood."
values = ["good", "bad"]

[groups.http]
help = "Requests."

[metrics.http.mood]
type = "state"
states = "mood"
help = "Mood of the server."

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.hits]
type = "counter"
help = "Answers found in the cache."

[metrics.http.misses]
type = "counter"
help = "Answers not found in the cache."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = ["http.hits", "http.misses"]
help = "Share of answers found in the cache."

[metrics.http.again_ratio]
type = "ratio"
numerator = "http.misses"
denominator = "http.hits"
help = "Misses for each hit."

[metrics.http.busy]
type = "gauge"
unit = "ratio"
help = "Share of the workers that are busy."

[metrics.http.open]
type = "gauge"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
quantiles = true
help = "Time spent on a request."

[slos.answers]
help = "Requests are answered."
objective = 0.99
good = { metric = "http.requests", where = { outcome = "ok" } }

[slos.odd]
help = "Not many misses for each hit."
objective = 0.5
bad = { metric = "http.misses" }
total = { metric = "http.hits" }
"#;

const RULES: &str = "\
- record: app:duration:p90
  expr: histogram_quantile(0.9, sum by (le) (rate(app_http_duration_seconds_bucket[5m])))
- record: app:duration:p90_max1h
  expr: max_over_time(app:duration:p90[1h])
- record: app:duration:ms
  expr: 1000 * app:duration:p90
- record: app:busy
  expr: max(app_http_busy_ratio)
- record: app:either
  expr: max(app_http_busy_ratio)
- record: app:either
  expr: max(app_http_open)
";

/// Checks rows of the form `QUERY => FINDING; FINDING`.
#[track_caller]
fn assert_rows(rows: &str) {
    assert_rows_in(SCHEMA, rows);
}

#[track_caller]
fn assert_rows_in(schema: &str, rows: &str) {
    let vocabulary = vocabulary(schema, RULES);
    common::assert_rows(rows, |query| findings(query, &vocabulary));
}

#[test]
fn recorded_quantiles_are_never_above_the_highest_bound() {
    assert_rows(
        r#"
        job:app_http_duration_seconds:p99_rate5m > 10 => SM0907 job:app_http_duration_seconds:p99_rate5m
        job:app_http_duration_seconds:p99_rate5m{job="a"} >= 30 => SM0907 job:app_http_duration_seconds:p99_rate5m
        max(job:app_http_duration_seconds:p99_rate5m) > 2 * 60 => SM0907 job:app_http_duration_seconds:p99_rate5m
        30 < max_over_time(job:app_http_duration_seconds:p99_rate5m[1h]) => SM0907 job:app_http_duration_seconds:p99_rate5m
        app:duration:p90 > 10 => SM0907 app:duration:p90
        app:duration:p90_max1h == 11 => SM0907 app:duration:p90_max1h
        job:app_http_duration_seconds:p99_rate5m > 9 =>
        job:app_http_duration_seconds:p50_rate5m >= 10 =>
        job:app_http_duration_seconds:p99_rate5m < 30 =>
        job:app_http_duration_seconds:p99_rate5m * 1000 > 500 =>
        job:app_http_duration_seconds:p99_rate5m > job:app_http_duration_seconds:p50_rate5m * 20 =>
        sum(job:app_http_duration_seconds:p99_rate5m) > 30 =>
        job:app_http_duration_seconds:p99_rate5m > $limit =>
        app:duration:ms > 500 =>
        delta(app:duration:p90[5m]) > 11 =>
    "#,
    );
}

/// The records read the forms that are set, so the form with the highest bucket decides.
#[test]
fn recorded_quantiles_reach_the_last_native_bucket() {
    let buckets = "buckets = [0.1, 1, 10]";
    let native = format!("{buckets}\nnative = {{ factor = 2, from = \"1ms\", to = \"60s\" }}");
    for (setting, highest) in [("classic", 10), ("native", 64), ("both", 64)] {
        let settings = format!("[operations]\nhistograms = \"{setting}\"");
        let schema = SCHEMA.replace(buckets, &native);
        let schema = schema.replace("[operations]", &settings);
        let record = "job:app_http_duration_seconds:p99_rate5m";
        let below = format!("{record} > {} =>", highest - 1);
        let above = format!("{record} > {highest} => SM0907 {record}");
        assert_rows_in(&schema, &format!("{below}\n{above}"));
    }
}

#[test]
fn shares_are_never_above_one() {
    assert_rows(
        "
        app_http_hit_ratio > 95 => SM0916 app_http_hit_ratio
        app_http_busy_ratio > 1 => SM0916 app_http_busy_ratio
        avg(app_http_busy_ratio) == 80 => SM0916 app_http_busy_ratio
        job:app_http_hit_ratio:rate5m >= 50 => SM0916 job:app_http_hit_ratio:rate5m
        job:app_slo_answers_errors:ratio_rate1h > 5 => SM0916 job:app_slo_answers_errors:ratio_rate1h
        job:app_slo_answers_error_budget:burn_rate1h > 144 => SM0916 job:app_slo_answers_error_budget:burn_rate1h
        job:app_slo_answers_error_budget:remaining_ratio > 10 => SM0916 job:app_slo_answers_error_budget:remaining_ratio
        app:busy > 90 => SM0916 app:busy
        app_http_hit_ratio > 0.95 =>
        app_http_hit_ratio >= 1 =>
        app_http_hit_ratio == 1 =>
        app_http_hit_ratio < 95 =>
        100 * app_http_hit_ratio > 95 =>
        app_http_busy_ratio * 100 > 90 =>
        sum(app_http_busy_ratio) > 4 =>
        count(app_http_busy_ratio) > 4 =>
        sum_over_time(app_http_busy_ratio[1h]) > 30 =>
        1 - app_http_busy_ratio > 90 - 89.5 =>
        app_http_again_ratio > 3 =>
        job:app_http_again_ratio:rate5m > 3 =>
        job:app_slo_answers_error_budget:burn_rate1h > 14.4 =>
        job:app_slo_answers_errors:ratio_rate1h > 14.4 * 0.01 =>
        job:app_slo_odd_errors:ratio_rate1h > 2 =>
        job:app_slo_odd_error_budget:burn_rate1h > 14.4 =>
        app_http_open > 90 =>
        app:either > 90 =>
        node_load1 > 90 =>
    ",
    );
}

#[test]
fn states_are_compared_by_label_not_by_number() {
    assert_rows(
        r#"
        app_http_mood == 2 => SM0916 app_http_mood
        max by (job) (app_http_mood) > 1 => SM0916 app_http_mood
        app_http_mood{app_http_mood="bad"} == 1 =>
        app_http_mood{app_http_mood="bad"} > 0 =>
        sum(app_http_mood{app_http_mood="bad"}) > 2 =>
    "#,
    );
}

#[test]
fn count_of_no_series_is_never_zero() {
    assert_rows(
        r#"
        count(up{job="a"}) == 0 => SM0916 count
        count by (job) (up == 1) < 1 => SM0916 count
        0 >= count(app_http_open > 5) => SM0916 count
        group(up) == 0 => SM0916 group
        count_over_time(up[5m]) == 0 => SM0916 count_over_time
        present_over_time(up[5m]) < 1 => SM0916 present_over_time
        absent(up) == 0 => SM0916 absent
        count(up) < 2 =>
        count(up) <= 1 =>
        count(up) == 1 =>
        count(up) > 0 =>
        count(up) != 0 =>
        (count(up) or vector(0)) == 0 =>
        absent(up) == 1 =>
        sum(up) == 0 =>
        count(up) - 3 < 0 =>
        sum(count by (job) (up) - 1) == 0 =>
        count(up) < $least =>
        count(up == 0) / count(up) < 0.5 =>
        clamp_max(count(up), 0) == 0 =>
        count_values("v", up) > 0 =>
    "#,
    );
}

#[test]
fn raw_counter_comparisons_are_reported() {
    assert_rows(
        "
        sum_over_time(app_http_requests_total[1h]) => SM0906 sum_over_time
        sum(sum_over_time(app_http_duration_seconds_count[1h])) > 5 => SM0906 sum_over_time
        avg_over_time(app_http_requests_total[1h]) > 5 => SM0906 avg_over_time
        quantile_over_time(0.9, app_http_requests_total[1h]) => SM0906 quantile_over_time
        stddev_over_time(app_http_requests_total[1h]) => SM0906 stddev_over_time
        sum_over_time(sum(app_http_requests_total)[1h:1m]) => SM0906 sum_over_time
        deriv(sum(app_http_requests_total)[1h:1m]) => SM0906 deriv
        sum_over_time(app_http_open[1h]) =>
        avg_over_time(app_http_hit_ratio[1h]) =>
        sum_over_time(increase(app_http_requests_total[1m])[1h:1m]) =>
        avg_over_time(sum(rate(app_http_requests_total[5m]))[1h:]) =>
        quantile_over_time(0.9, rate(app_http_requests_total[5m])[1h:]) =>
        sum_over_time(count(app_http_requests_total)[1h:]) =>
        sum_over_time((app_http_open > bool 5)[1h:]) =>
        max_over_time(app_http_requests_total[1h]) - min_over_time(app_http_requests_total[1h]) =>
        last_over_time(app_http_requests_total[1h]) =>
        count_over_time(app_http_requests_total[1h]) =>
        present_over_time(app_http_requests_total[1h]) =>
        changes(app_http_requests_total[1h]) =>
        sum_over_time(node_cpu_seconds_total[1h]) =>
        avg_over_time(app:duration:p90[1h]) =>
    ",
    );
}
