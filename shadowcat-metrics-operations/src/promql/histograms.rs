//! Checks of histograms in queries: the series of each form, and the functions and operators that take native histograms.

use crate::codes;
use promql_parser::label::MatchOp;
use promql_parser::parser::BinaryExpr;
use promql_parser::parser::token::{
    T_ADD, T_AVG, T_COUNT, T_COUNT_VALUES, T_DIV, T_EQLC, T_GROUP, T_LAND, T_LIMIT_RATIO, T_LIMITK,
    T_LOR, T_LUNLESS, T_MUL, T_NEQ, T_SUB, T_SUM, TokenId,
};

use super::query::Place;
use super::vocabulary::{Samples, Series};
use super::walk::{Matched, Selector, Walk, Yield};
use super::write::{self, Form, Part};

shadowcat_metrics_codegen::codes! {
    table CODES;

    BARE_HISTOGRAM = "SM0911" "bare-histogram": "a histogram without a suffix",
    "A classic histogram is stored as series whose names end in `_bucket`, `_sum` and `_count`. No series has the name without \
     a suffix. If Prometheus stores native histograms, set `histograms` in `[operations]` to `native` or `both`, or declare the \
     metric as native, with the key `native`.",
    wrong: alert_on!("rate({http.duration}[5m]) > 1"),
    right: alert_on!("rate({http.duration}_count[5m]) > 1");

    CLASSIC_HISTOGRAM = "SM0927" "classic-histogram": "a series of a classic histogram",
    "With `histograms = \"native\"` in `[operations]`, Prometheus stores each histogram as one series with its bare name, whose \
     samples contain the count, the sum and the buckets. The series `_bucket`, `_sum` and `_count` do not exist, so a query for \
     them returns nothing. Read a native histogram with `histogram_quantile`, `histogram_fraction`, `histogram_count` and \
     `histogram_sum`. `migrate-histograms` rewrites rules and dashboards. The expressions of `[alerts]` are rewritten when \
     the rules are generated, unless a part of them has no native form, such as the number of observations in a bucket.",
    wrong: alert_on_native!("rate({http.duration}_bucket{le='1.0'}[5m]) > 1"),
    right: alert_on_native!("histogram_fraction(-Inf, 1, rate({http.duration}[5m])) > 0.9");

    HISTOGRAM_UNFIT = "SM0928" "histogram-unfit": "native histograms where numbers are needed, or vice versa",
    "A sample of a native histogram is not a number. Prometheus leaves it out of comparisons, of most functions, and of \
     aggregations such as `max` and `topk`, so their result is empty. `rate`, `increase`, `sum`, `avg` and a few more take \
     histograms. Functions such as `histogram_count` take only native histograms, and ignore numbers.",
    wrong: alert_on_native!("rate({http.duration}[5m]) > 1"),
    right: alert_on_native!("histogram_count(rate({http.duration}[5m])) > 1");
}

/// Functions whose result contains histograms if their argument does.
pub(super) const KEEPING: [&str; 11] = [
    "rate",
    "irate",
    "increase",
    "delta",
    "idelta",
    "sum_over_time",
    "avg_over_time",
    "first_over_time",
    "last_over_time",
    "label_replace",
    "label_join",
];
/// Functions that return a number for each series of histograms.
pub(super) const COUNTING: [&str; 8] = [
    "absent",
    "absent_over_time",
    "changes",
    "count_over_time",
    "info",
    "present_over_time",
    "resets",
    "timestamp",
];
/// Functions of buckets in either form.
const OF_BUCKETS: [&str; 3] = [
    "histogram_quantile",
    "histogram_quantiles",
    "histogram_fraction",
];
/// Functions of native histograms that have no counterpart among the series of classic ones.
const OF_NATIVE: [&str; 3] = ["histogram_avg", "histogram_stddev", "histogram_stdvar"];

/// Reports a histogram in a form that has no series, and returns whether it did.
pub(super) fn is_missing(
    walk: &mut Walk<'_>,
    name: &str,
    series: &Series,
    selector: &Selector,
) -> bool {
    let is_there = walk.vocabulary.has_series(series);
    let Some(form) = series.form.filter(|_| !is_there) else {
        return false;
    };
    let (code, message, label, help) = match form {
        Form::Native => (
            codes::BARE_HISTOGRAM,
            format!("there is no series `{name}`: it is a histogram"),
            "expected the suffix `_bucket`, `_sum` or `_count`".to_owned(),
            None,
        ),
        Form::Classic => (
            codes::CLASSIC_HISTOGRAM,
            format!("there is no series `{name}`: Prometheus stores native histograms"),
            native(name, selector),
            Some("a sample of a native histogram contains its count, its sum and its buckets"),
        ),
    };
    let found = walk.find(code, selector.name.clone(), message, label);
    found.help = help.map(str::to_owned);
    true
}

/// Returns the label text for a series of a classic histogram: how to read the same from a native one.
fn native(name: &str, selector: &Selector) -> String {
    let of_part = Part::ALL.into_iter().find_map(|part| {
        let histogram = name.strip_suffix(Form::Classic.suffix(part))?;
        Some(format!("expected `{}` of `{histogram}`", part.function()))
    });
    let histogram = name.strip_suffix(write::BUCKET).unwrap_or(name);
    of_part.unwrap_or_else(|| {
        let mut bounds = selector.matchers.iter().filter(|matched| is_bound(matched));
        match bounds.next() {
            Some(Matched { matcher, .. }) => {
                let bound = matcher.value.parse().unwrap_or_default();
                let limit = write::number(write::limit(bound, None));
                format!("expected `histogram_fraction(-Inf, {limit}, ...)` of `{histogram}`")
            }
            None => format!("expected `{histogram}`, without the label `le`"),
        }
    })
}

/// Returns whether a matcher selects one bucket.
fn is_bound(Matched { matcher, .. }: &Matched) -> bool {
    let number = matcher.value.parse::<f64>();
    matcher.name == "le" && matcher.op == MatchOp::Equal && number.is_ok_and(f64::is_finite)
}

/// Checks the argument of a function, and returns the type of the result's samples.
pub(super) fn called(walk: &mut Walk<'_>, name: &str, place: &Place, of: Samples) -> Samples {
    let part = Part::ALL.into_iter().find(|part| part.function() == name);
    if part.is_some() || OF_NATIVE.contains(&name) {
        if of == Samples::Numbers {
            let label = match part {
                Some(part) => {
                    let suffix = Form::Classic.suffix(part);
                    format!("expected a native histogram; a classic one has the series `{suffix}`")
                }
                None => "expected a native histogram".to_owned(),
            };
            let message = format!("`{name}` ignores numbers");
            walk.find(codes::HISTOGRAM_UNFIT, place.clone(), message, label);
        }
        return Samples::Numbers;
    }
    if KEEPING.contains(&name) {
        return of;
    }
    if of == Samples::Histograms && !COUNTING.contains(&name) && !OF_BUCKETS.contains(&name) {
        left_out(walk, place, &format!("`{name}`"));
    }
    Samples::Numbers
}

/// Checks the operand of an aggregation, and returns the type of the result's samples.
pub(super) fn aggregated(walk: &mut Walk<'_>, id: TokenId, place: &Place, of: Samples) -> Samples {
    match id {
        T_SUM | T_AVG | T_LIMITK | T_LIMIT_RATIO => of,
        T_COUNT | T_GROUP | T_COUNT_VALUES => Samples::Numbers,
        _ if of == Samples::Histograms => {
            let name = format!("`{}`", &walk.query[place.clone()]);
            left_out(walk, place, &name);
            Samples::Numbers
        }
        _ => of,
    }
}

/// Checks the operands of an operator, and returns the type of the result's samples.
pub(super) fn combined(
    walk: &mut Walk<'_>,
    binary: &BinaryExpr,
    place: &Place,
    left: &Yield,
    right: &Yield,
) -> Samples {
    let id = binary.op.id();
    if matches!(id, T_LAND | T_LUNLESS) {
        return left.samples;
    }
    let sides = [left, right].map(|side| {
        if side.scalar {
            Samples::Numbers
        } else {
            side.samples
        }
    });
    match (sides, id) {
        ([one, other], T_LOR) => {
            if one == other {
                one
            } else {
                Samples::Unknown
            }
        }
        ([Samples::Numbers, Samples::Numbers], _) => Samples::Numbers,
        ([Samples::Histograms, Samples::Histograms], T_ADD | T_SUB | T_EQLC | T_NEQ)
        | ([Samples::Histograms, Samples::Numbers], T_MUL | T_DIV)
        | ([Samples::Numbers, Samples::Histograms], T_MUL) => Samples::Histograms,
        ([Samples::Unknown, _] | [_, Samples::Unknown], _) => Samples::Unknown,
        ([Samples::Histograms, _] | [_, Samples::Histograms], _) => {
            let name = format!("`{}` with a native histogram", &walk.query[place.clone()]);
            left_out(walk, place, &name);
            Samples::Numbers
        }
    }
}

/// Reports that native histograms are left out of a result.
fn left_out(walk: &mut Walk<'_>, place: &Place, name: &str) {
    let message = format!("{name} has no result: a native histogram is not a number");
    let label = "expected `histogram_count`, `histogram_quantile` or the like around the histogram";
    walk.find(codes::HISTOGRAM_UNFIT, place.clone(), message, label);
}

#[cfg(test)]
mod tests {
    use crate::promql::testing::{SCHEMA, assert_rows, assert_rows_in};

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
        let native =
            format!("{buckets}\nnative = {{ factor = 1.1, from = \"1ms\", to = \"10s\" }}");
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
}
