//! Histograms in each form: which series exist, and which functions and operators take native histograms.

use super::{SCHEMA, assert_rows, assert_rows_in};

/// Returns the schema with a setting of `histograms`.
fn stored(histograms: &str) -> String {
    let setting = format!("[operations]\nhistograms = \"{histograms}\"");
    SCHEMA.replace("[operations]", &setting)
}

#[test]
fn the_setting_says_which_series_exist() {
    assert_rows(
        "
        rate(app_http_duration_seconds[5m]) => SM0911 app_http_duration_seconds
        rate(app_http_duration_seconds_count[5m]) =>
        {__name__=~'app_http_duration_seconds'} => SM0902 app_http_duration_seconds
    ",
    );
    assert_rows_in(
        &stored("native"),
        r#"
        histogram_count(rate(app_http_duration_seconds[5m])) =>
        rate(app_http_duration_seconds_count[5m]) => SM0927 app_http_duration_seconds_count
        rate(app_http_duration_seconds_sum[5m]) => SM0927 app_http_duration_seconds_sum
        rate(app_http_duration_seconds_bucket{le="1.0"}[5m]) => SM0927 app_http_duration_seconds_bucket
        {__name__="app_http_duration_seconds_count"} => SM0927 app_http_duration_seconds_count
        {__name__=~"app_http_duration_seconds.*"} =>
        {__name__=~"app_http_duration_seconds_bucket"} => SM0902 app_http_duration_seconds_bucket
        rate(app_http_duration_second_count[5m]) => SM0902 app_http_duration_second_count
        app_http_requests_total =>
        "#,
    );
    assert_rows_in(
        &stored("both"),
        r#"
        histogram_count(rate(app_http_duration_seconds[5m])) or rate(app_http_duration_seconds_count[5m]) =>
        histogram_quantile(0.9, sum(rate(app_http_duration_seconds[5m])) or ignoring (le) sum by (le) (rate(app_http_duration_seconds_bucket[5m]))) =>
        {__name__=~"app_http_duration_seconds|app_http_duration_seconds_count"} =>
        "#,
    );
}

/// A metric that is declared as native has series of both forms, whatever the setting is.
#[test]
fn a_native_metric_has_both_forms() {
    let buckets = "buckets = [0.1, 1, 10]";
    let native = format!("{buckets}\nnative = {{ factor = 1.1, from = \"1ms\", to = \"10s\" }}");
    assert_rows_in(
        &SCHEMA.replace(buckets, &native),
        "
        histogram_quantile(0.9, sum(rate(app_http_duration_seconds[5m]))) =>
        rate(app_http_duration_seconds_count[5m]) =>
        rate(app_http_duration_seconds[5m]) > 1 => SM0928 >
        ",
    );
}

/// Native buckets may reach further than the bounds of the classic ones.
#[test]
fn quantiles_reach_the_last_bucket_of_their_form() {
    let buckets = "buckets = [0.1, 1, 10]";
    let native = format!("{buckets}\nnative = {{ factor = 2, from = \"1ms\", to = \"60s\" }}");
    for setting in ["classic", "both"] {
        assert_rows_in(
            &stored(setting).replace(buckets, &native),
            "
            histogram_quantile(0.9, sum(rate(app_http_duration_seconds[5m]))) > 60 =>
            histogram_quantile(0.9, sum(rate(app_http_duration_seconds[5m]))) > 64 => SM0907 histogram_quantile
            histogram_quantile(0.9, sum by (le) (rate(app_http_duration_seconds_bucket[5m]))) > 9 =>
            histogram_quantile(0.9, sum by (le) (rate(app_http_duration_seconds_bucket[5m]))) > 10 => SM0907 histogram_quantile
            ",
        );
    }
    assert_rows_in(
        &stored("native"),
        "
        histogram_quantile(0.9, sum(rate(app_http_duration_seconds[5m]))) > 9 =>
        histogram_quantile(0.9, sum(rate(app_http_duration_seconds[5m]))) > 10 => SM0907 histogram_quantile
        ",
    );
}

#[test]
fn functions_take_or_ignore_native_histograms() {
    assert_rows_in(
        &stored("native"),
        "
        histogram_quantile(0.9, rate(app_http_duration_seconds[5m])) =>
        histogram_quantile(0.9, sum by (server) (rate(app_http_duration_seconds[5m]))) =>
        histogram_quantile(0.9, rate(app_http_requests_total[5m])) => SM0907 histogram_quantile
        histogram_fraction(-Inf, 1, avg(increase(app_http_duration_seconds[5m]))) =>
        histogram_fraction(0, 0.1, rate(app_http_requests_total[5m])) => SM0907 histogram_fraction
        histogram_sum(irate(app_http_duration_seconds[5m])) / histogram_count(irate(app_http_duration_seconds[5m])) =>
        histogram_avg(rate(app_http_duration_seconds[5m])) =>
        histogram_stddev(rate(app_http_requests_total[5m])) => SM0928 histogram_stddev
        histogram_count(app_http_open) => SM0928 histogram_count
        histogram_sum(histogram_count(app_http_duration_seconds)) => SM0928 histogram_sum
        max(rate(app_http_duration_seconds[5m])) => SM0928 max
        topk(3, rate(app_http_duration_seconds[5m])) => SM0928 topk
        quantile(0.9, app_http_duration_seconds) => SM0928 quantile
        count(app_http_duration_seconds) =>
        group by (server) (app_http_duration_seconds) =>
        limitk(2, app_http_duration_seconds) =>
        abs(app_http_duration_seconds) => SM0928 abs
        deriv(app_http_duration_seconds[5m]) => SM0928 deriv
        delta(app_http_duration_seconds[5m]) => SM0906 delta
        max_over_time(app_http_duration_seconds[5m]) => SM0928 max_over_time
        count_over_time(app_http_duration_seconds[5m]) =>
        last_over_time(app_http_duration_seconds[5m]) =>
        changes(app_http_duration_seconds[5m]) > 1 =>
        resets(app_http_duration_seconds[1h]) > 1 =>
        absent(app_http_duration_seconds) =>
        sort(app_http_duration_seconds) => SM0928 sort
        rate(sum(app_http_duration_seconds)[5m:1m]) => SM0906 rate
        ",
    );
    // Counters, unknown series and classic buckets.
    assert_rows(
        "
        max(rate(app_http_requests_total[5m])) =>
        histogram_count(rate(app_http_requests_total[5m])) => SM0928 histogram_count
        histogram_count(rate(node_x[5m])) =>
        histogram_fraction(0, 1, rate(app_http_duration_seconds_bucket[5m])) =>
    ",
    );
}

#[test]
fn operators_take_or_ignore_native_histograms() {
    assert_rows_in(
        &stored("native"),
        "
        rate(app_http_duration_seconds[5m]) > 1 => SM0928 >
        1 <= bool app_http_duration_seconds => SM0928 <=
        sum(rate(app_http_duration_seconds[5m])) + 1 => SM0928 +
        rate(app_http_duration_seconds[5m]) * 2 =>
        2 * rate(app_http_duration_seconds[5m]) / 3 =>
        2 / rate(app_http_duration_seconds[5m]) => SM0928 /
        -rate(app_http_duration_seconds[5m]) =>
        rate(app_http_duration_seconds[5m]) + rate(app_http_duration_seconds[1h]) =>
        sum(rate(app_http_duration_seconds[5m])) * sum(app_http_open) =>
        sum(rate(app_http_duration_seconds[5m])) / sum(rate(app_http_duration_seconds[5m])) => SM0928 /
        rate(app_http_duration_seconds[5m]) == rate(app_http_duration_seconds[1h]) =>
        rate(app_http_duration_seconds[5m]) and on (server) app_http_open > 1 =>
        histogram_count(app_http_duration_seconds) > 5 => SM0908 app_http_duration_seconds
        histogram_count(increase(app_http_duration_seconds[5m])) > 5 =>
        histogram_fraction(-Inf, 1, rate(app_http_duration_seconds[5m])) > 95 => SM0916 histogram_fraction
        histogram_quantile(0.9, rate(app_http_duration_seconds[5m])) > 12 => SM0907 histogram_quantile
        ",
    );
}

#[test]
fn native_histograms_have_no_label_le() {
    assert_rows_in(
        &stored("native"),
        r#"
        sum by (le) (rate(app_http_duration_seconds[5m])) => SM0909 le
        sum without (le) (rate(app_http_duration_seconds[5m])) =>
        rate(app_http_duration_seconds{le="1.0"}[5m]) => SM0903 le
        rate(app_http_duration_seconds{server="a"}[5m]) =>
        "#,
    );
}
