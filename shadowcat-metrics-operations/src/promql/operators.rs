//! Checks of operators: whether both sides can match, whether a comparison can be true, and the result.

use crate::codes;
use promql_parser::parser::token::{
    T_ADD, T_BOOL, T_DIV, T_EQLC, T_FILL, T_FILL_LEFT, T_FILL_RIGHT, T_GROUP_LEFT, T_GROUP_RIGHT,
    T_GTE, T_GTR, T_IGNORING, T_LEFT_PAREN, T_LOR, T_LSS, T_LTE, T_MUL, T_NEQ, T_ON, T_RIGHT_PAREN,
    T_SUB, TokenId,
};
use promql_parser::parser::{BinaryExpr, Expr, LabelModifier, VectorMatchCardinality};
use shadowcat_metrics_codegen::name::bucket_bound;
use shadowcat_metrics_codegen::suggest;

use super::histograms;
use super::labels::Labels;
use super::query::Place;
use super::text::unquoted;
use super::vocabulary::{Ceiling, Pins};
use super::walk::{Report, Role, Walk, Yield};

shadowcat_metrics_codegen::codes! {
    table CODES;

    RAW_COUNTER = "SM0908" "raw-counter": "a raw counter in a comparison",
    "A counter counts from the start of the program, so its value depends on how long the program has been \
     running. Compare its `rate` or `increase`. A comparison with zero is accepted as a guard, such as `... \
     and x_total > 0`.",
    wrong: alert_on!("{http.requests} > 10"),
    right: alert_on!("increase({http.requests}[5m]) > 10");

    UNMATCHED_LABELS = "SM0910" "unmatched-labels": "operands that never match",
    "Series on the two sides of an operator match if their labels are equal. If one side has an extra label, or selects a \
     different value of a label, the series never match and the result is empty. Aggregate both sides by the same \
     labels, or use `on` or `ignoring`.",
    wrong: alert_on!("rate({http.requests}[5m]) / {http.open} > 1"),
    right: alert_on!("sum(rate({http.requests}[5m])) / sum({http.open}) > 1");

    UNREACHABLE_LIMIT = "SM0916" "unreachable-limit": "a limit that is never reached",
    "The comparison can never be true. Some values are shares, from 0 to 1: a gauge with the unit `ratio`, a ratio \
     whose denominator includes its numerator, and the share of errors of an objective. A percentage was probably \
     intended. The remaining error budget of an objective is at most 1. A state metric is 1 for the current state and \
     0 for the others. `count` returns nothing rather than 0 if there are no series; use `absent` instead.",
    example: r#"[metrics.http.hits]
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

[alerts.example]
summary = "An example."
- expr = "{http.hit_ratio} > 95"
+ expr = "{http.hit_ratio} > 0.95"
severity = "info"
"#;
}

/// `on (label) group_left (label)`.
#[derive(Debug, Default)]
struct Matching {
    /// Labels in `on` or `ignoring`.
    on: Vec<Place>,
    /// Labels that `group_left` or `group_right` copies from the other side.
    taken: Vec<Place>,
}

/// One side of an operator.
enum Side {
    Left,
    Right,
}

/// The names in the lists of a [`Matching`].
struct Named {
    on: Vec<String>,
    /// The side whose series keep their labels, and the labels that are copied to them.
    taken: Option<(Side, Vec<String>)>,
}

impl Named {
    fn of(binary: &BinaryExpr) -> Self {
        let modifier = binary.modifier.as_ref();
        let on = modifier.and_then(|modifier| modifier.matching.as_ref());
        let taken = match modifier.map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(taken)) => Some((Side::Left, taken)),
            Some(VectorMatchCardinality::OneToMany(taken)) => Some((Side::Right, taken)),
            Some(VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany) | None => {
                None
            }
        };
        Self {
            on: on.map_or_else(Vec::new, |on| on.labels().labels.clone()),
            taken: taken.map(|(side, taken)| (side, taken.labels.clone())),
        }
    }
}

impl Walk<'_> {
    /// Checks a chain of operators. A loop walks its left sides, because there may be a thousand.
    pub(super) fn binary(&mut self, expr: &Expr, role: Role) -> Yield {
        let mut chain = Vec::new();
        let mut leftmost = expr;
        while let Expr::Binary(binary) = leftmost {
            chain.push(binary);
            leftmost = &binary.lhs;
        }
        // The role of each operator in the chain, the outermost first.
        let mut roles = vec![role];
        for binary in &chain {
            let around = *roles.last().unwrap_or(&role);
            roles.push(role_within(binary, around));
        }
        let mut left = self.walk(leftmost, roles.pop().unwrap_or(role));
        for (binary, role) in chain.into_iter().zip(roles).rev() {
            left = self.combine(binary, left, role);
        }
        left
    }

    fn combine(&mut self, binary: &BinaryExpr, mut left: Yield, role: Role) -> Yield {
        let op = self.pass();
        let places = self.eat_matching();
        let first = self.selectors.len();
        let mut right = self.walk(&binary.rhs, role_within(binary, role));
        let before = self.findings.len();
        let samples = histograms::combined(self, binary, &op, &left, &right);
        if self.findings.len() > before {
            (left.raw, right.raw) = (None, None);
        }
        // A mismatch is reported at the start of the right side.
        let right_side = self.selectors.get(first).cloned();
        let result = if left.scalar || right.scalar {
            self.with_scalar(binary, left, right, role)
        } else {
            self.with_series(binary, &places, (left, right), right_side)
        };
        Yield { samples, ..result }
    }

    fn eat_matching(&mut self) -> Matching {
        let mut matching = Matching::default();
        self.eat(T_BOOL);
        if self.eat(T_ON).is_some() || self.eat(T_IGNORING).is_some() {
            matching.on = self.eat_labels();
        }
        if self.eat(T_GROUP_LEFT).is_some() || self.eat(T_GROUP_RIGHT).is_some() {
            matching.taken = self.eat_labels();
        }
        while [T_FILL, T_FILL_LEFT, T_FILL_RIGHT]
            .iter()
            .any(|fill| self.is_next(*fill))
        {
            self.pass();
            self.eat(T_LEFT_PAREN);
            let _ = self.eat(T_ADD).or_else(|| self.eat(T_SUB));
            self.pass();
            self.eat(T_RIGHT_PAREN);
        }
        matching
    }

    fn with_scalar(&mut self, binary: &BinaryExpr, left: Yield, right: Yield, role: Role) -> Yield {
        let (vector, scalar) = if left.scalar {
            (right, left)
        } else {
            (left, right)
        };
        if binary.op.is_comparison_operator()
            && let Some(raw) = vector.raw
        {
            // Whether anything was counted does not depend on how long the program has run.
            let asks_for_any = role == Role::Guard && comparison(binary).is_some_and(is_about_any);
            if !asks_for_any {
                let message = "compares a raw counter, which depends on how long the program has been running";
                let label = "expected `rate` or `increase` around it";
                self.find(codes::RAW_COUNTER, raw, message, label);
            }
            return Yield {
                labels: vector.labels,
                ..Yield::default()
            };
        }
        if let Some((ceiling, place)) = vector.ceiling.clone() {
            self.ceiling(binary, ceiling, place);
        }
        if let Some(place) = vector.counted.clone() {
            self.least_count(binary, place);
        }
        Yield {
            scalar: vector.scalar && scalar.scalar,
            shape: None,
            ceiling: None,
            counted: None,
            ..vector
        }
    }

    fn with_series(
        &mut self,
        binary: &BinaryExpr,
        places: &Matching,
        (left, right): (Yield, Yield),
        right_side: Option<Place>,
    ) -> Yield {
        let matching = binary
            .modifier
            .as_ref()
            .and_then(|modifier| modifier.matching.as_ref());
        let mut all = places.on.iter().chain(&places.taken);
        let is_open = all.any(|label| self.is_variable(label));
        if binary.op.id() == T_LOR {
            return Yield {
                labels: left
                    .labels
                    .zip(right.labels)
                    .map(|(left, right)| left.or(&right)),
                ..Yield::default()
            };
        }
        if !is_open {
            self.pins(matching, &left.pins, &right.pins);
        }
        let place = right_side.unwrap_or(0..self.query.len());
        let mut named = Named::of(binary);
        if let (Some(left), Some(right)) = (&left.labels, &right.labels) {
            self.check_matching(&mut named, matching, places, [left, right], &place);
        }
        let (labels, pins) = if binary.op.is_set_operator() {
            (left.labels, left.pins)
        } else {
            let labels = labels_of_pairs(&named, matching, left.labels, right.labels);
            (labels, Pins::new())
        };
        Yield {
            pins,
            // A variable may be any label.
            labels: labels.filter(|_| !is_open),
            ..Yield::default()
        }
    }

    /// Checks whether two sides with these labels can match, and corrects misspellings in the lists.
    fn check_matching(
        &mut self,
        named: &mut Named,
        matching: Option<&LabelModifier>,
        places: &Matching,
        [left, right]: [&Labels; 2],
        place: &Place,
    ) {
        named.on = match matching {
            Some(LabelModifier::Include(_)) => self.listed(
                &named.on,
                &places.on,
                &left.shared(right),
                place,
                Report::All,
            ),
            Some(LabelModifier::Exclude(_)) => self.listed(
                &named.on,
                &places.on,
                &left.or(right),
                place,
                Report::Misspelt,
            ),
            None => Vec::new(),
        };
        if !matches!(matching, Some(LabelModifier::Include(_))) {
            let [left, right] = [left, right].map(|side| side.clone().without(&named.on));
            let apart = left.apart(&right);
            if !apart.is_empty() && !places.on.iter().any(|label| self.is_variable(label)) {
                let message = format!(
                    "the two sides never match: only one of them has {}",
                    suggest::list(apart)
                );
                let label = "expected series with the labels of the left side";
                let found = self.find(codes::UNMATCHED_LABELS, place.clone(), message, label);
                found.advise("match on some labels with `on (...)` or `ignoring (...)`, or aggregate both sides by the same labels");
            }
        }
        if let Some((to, taken)) = &mut named.taken {
            let from = match to {
                Side::Left => right,
                Side::Right => left,
            };
            *taken = self.listed(taken, &places.taken, from, place, Report::All);
        }
    }

    /// Checks that both sides select the same value of a label that they match on.
    fn pins(&mut self, matching: Option<&LabelModifier>, left: &Pins, right: &Pins) {
        for (label, (value, _)) in left {
            let is_matched = match matching {
                Some(LabelModifier::Include(listed)) => listed.labels.contains(label),
                Some(LabelModifier::Exclude(listed)) => !listed.labels.contains(label),
                None => true,
            };
            let Some((other, place)) = right.get(label).filter(|(other, _)| other != value) else {
                continue;
            };
            if is_matched {
                let message = format!(
                    "the two sides never match: `{label}` is `{value}` on the left, and `{other}` here"
                );
                let label = "expected the same value on both sides";
                let found = self.find(codes::UNMATCHED_LABELS, place.clone(), message, label);
                found.advise("leave the label out with `ignoring (...)`, or aggregate it away with `sum by (...)`");
            }
        }
    }
}

/// Returns the role of an operator's operands.
fn role_within(binary: &BinaryExpr, around: Role) -> Role {
    if binary.op.id() == T_LOR {
        around
    } else {
        Role::Guard
    }
}

/// Returns whether a comparison only asks if a counter has counted anything.
fn is_about_any((op, limit): (TokenId, f64)) -> bool {
    match op {
        T_GTE | T_LSS => (0.0..=1.0).contains(&limit),
        T_GTR | T_EQLC | T_NEQ | T_LTE => limit.abs() < f64::EPSILON,
        _ => false,
    }
}

/// Returns the labels of the result. `left` and `right` are `None` if the labels of that side are unknown.
fn labels_of_pairs(
    named: &Named,
    matching: Option<&LabelModifier>,
    left: Option<Labels>,
    right: Option<Labels>,
) -> Option<Labels> {
    match (&named.taken, matching) {
        (Some((Side::Left, taken)), _) => left.map(|labels| labels.and_set(taken)),
        (Some((Side::Right, taken)), _) => right.map(|labels| labels.and_set(taken)),
        (None, Some(LabelModifier::Include(_))) => Some(match (left, right) {
            (Some(left), Some(_)) => left.only(&named.on),
            _ => Labels::certain(named.on.iter().cloned()),
        }),
        (None, Some(LabelModifier::Exclude(_))) => left.map(|labels| labels.without(&named.on)),
        (None, None) => left.or(right),
    }
}

impl Walk<'_> {
    /// Checks that values can reach the number that they are compared with.
    pub(super) fn ceiling(&mut self, binary: &BinaryExpr, ceiling: Ceiling, place: Place) {
        let Some((op @ (T_GTR | T_GTE | T_EQLC), limit)) = comparison(binary) else {
            return;
        };
        let highest = ceiling.highest();
        let reaches = op != T_GTR;
        if self.has_variables() || limit < highest || (reaches && limit <= highest) {
            return;
        }
        let name = unquoted(&self.query[place.clone()]);
        let (code, message, label, help) = match ceiling {
            Ceiling::Bound(_) => (
                codes::QUANTILE_UNFIT,
                format!(
                    "a quantile never exceeds the highest bucket bound, {}, so it is never above {limit}",
                    bucket_bound(highest)
                ),
                format!("at most {}", bucket_bound(highest)),
                "compare the share of observations within a bucket bound instead, or add a bound",
            ),
            Ceiling::State => (
                codes::UNREACHABLE_LIMIT,
                format!("`{name}` is 0 or 1, never {limit}"),
                "expected `== 1`, with the state in braces".to_owned(),
                "a state metric has a series for each state: 1 for the current one, 0 for the others",
            ),
            Ceiling::Whole(_) => (
                codes::UNREACHABLE_LIMIT,
                format!(
                    "`{name}` is never {} {limit}",
                    if limit > highest {
                        "as high as"
                    } else {
                        "above"
                    }
                ),
                // Removes rounding errors of a division.
                format!("at most {}", (highest * 1e6).round() / 1e6),
                if highest > 1.0 {
                    "a budget burns fastest when every event is bad"
                } else {
                    "a share is between 0 and 1; multiply it by 100 for percent"
                },
            ),
        };
        let found = self.find(code, place, message, label);
        found.advise(help);
    }

    /// Checks that a value of at least 1 is not compared with a smaller number.
    pub(super) fn least_count(&mut self, binary: &BinaryExpr, place: Place) {
        let never_true = match comparison(binary) {
            Some((T_EQLC | T_LTE, limit)) => limit < 1.0,
            Some((T_LSS, limit)) => limit <= 1.0,
            Some(_) | None => false,
        };
        if !never_true || self.has_variables() {
            return;
        }
        let name = &self.query[place.clone()];
        let expected = if name.starts_with("absent") {
            "remove the comparison: it has a value when the series are absent"
        } else {
            "expected `absent(...)`, or `(... or vector(0))` around it"
        };
        let message =
            format!("`{name}` is at least 1 or has no value, so the comparison can never be true");
        self.find(codes::UNREACHABLE_LIMIT, place, message, expected);
    }
}

/// Returns a comparison with a number. If the number is on the left, the sides are swapped.
fn comparison(binary: &BinaryExpr) -> Option<(TokenId, f64)> {
    let op = binary.op.id();
    match (number(&binary.lhs), number(&binary.rhs)) {
        (None, Some(limit)) => Some((op, limit)),
        (Some(limit), None) => {
            let turned = match op {
                T_GTR => T_LSS,
                T_GTE => T_LTE,
                T_LSS => T_GTR,
                T_LTE => T_GTE,
                op => op,
            };
            Some((turned, limit))
        }
        (Some(_), Some(_)) | (None, None) => None,
    }
}

/// Returns the number on one side, if it is a literal or computed from literals.
pub(super) fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(paren) => number(&paren.expr),
        Expr::Unary(unary) => number(&unary.expr).map(|number| -number),
        Expr::Binary(binary) => {
            let (left, right) = (number(&binary.lhs)?, number(&binary.rhs)?);
            match binary.op.id() {
                T_ADD => Some(left + right),
                T_SUB => Some(left - right),
                T_MUL => Some(left * right),
                T_DIV => Some(left / right),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::promql::testing::{assert_accepted, assert_rows, findings};
    use crate::testing;

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
    fn grouping_and_matching() {
        assert_rows(
            r#"
            sum by (server, outcome, cluster) (rate(app_http_requests_total[5m])) =>
            sum(rate(app_http_requests_total[5m])) by (servers) => SM0909 servers
            max by (outcome) (sum by (server) (rate(app_http_requests_total[5m]))) => SM0909 outcome
            sum without (le) (app_http_open) =>
            sum without (servr) (app_http_open) => SM0909 servr
            app_http_open / app_http_open =>
            rate(app_http_requests_total[5m]) / app_http_open => SM0910 app_http_open
            rate(app_http_requests_total[5m]) / ignoring (outcome) group_left app_http_open =>
            rate(app_http_requests_total[5m]) / on (server, job) group_left () app_http_open =>
            app_http_open * ignoring (servr, outcome, servers) app_http_open => SM0909 servr; SM0909 servers
            // `ignoring` names a label that the sum has removed, so the series never match.
            sum by (server) (rate(app_http_duration_seconds_bucket{le="1.0"}[5m])) / ignoring (le) sum by (server) (rate(app_http_duration_seconds_count[5m])) =>
            app_http_open * on (servr) app_http_open => SM0909 servr
            app_http_open * on (server) group_left (version) app_http_software_info =>
            sum by (version) (app_http_open * on (server, job, instance, cluster) group_left (version) app_http_software_info) =>
            app_http_open * on (server) group_left (versoin) app_http_software_info => SM0909 versoin
            app_http_software_info * on (server) group_right (version) app_http_open =>
            sum by (host, port) (label_replace(app_http_open, "host", "$1", "server", "(.*):.*")) => SM0909 port
            label_replace(app_http_open, "host", "$1", "srver", "(.*)") => SM0909 label_replace
            label_replace(app_http_open, "team", "shop", "", "") + label_replace(app_http_open, "team", "shop", "none", ".*") =>
            label_join(app_http_open, "at", ":", "server", "prt") => SM0909 label_join
            app_http_open or rate(app_http_requests_total[5m]) =>
            app_http_open unless sum(app_http_open) => SM0910 app_http_open
            app_http_open + label_replace(up, "x", "$1", "job", "(.*)") => SM0910 up
            sum(app_http_open) + vector(1) =>
        "#,
        );
    }

    #[test]
    fn operands_with_different_values_never_match() {
        let rows = r#"
            ERRORS / OK => SM0910 ok
            ERRORS / on (server, outcome) OK > 0.1 => SM0910 ok
            ERRORS unless OK > 5 => SM0910 ok
            sum by (outcome) (ERRORS) / sum by (outcome) (OK) => SM0910 ok
            max without (server) (ERRORS) / max without (server) (OK) => SM0910 ok
            up{job="a"} == up{job="b"} => SM0910 b
            up{job="a"} == up{x="y", job="b"} => SM0910 b
            ALERTS{alertname="A"} and ALERTS{alertname="B"} => SM0910 B
            (node_load1{job="a"} and up{job="a"}) > node_load5{job="b"} => SM0910 b
            ERRORS / ignoring (outcome) OK =>
            ERRORS / on (server) OK =>
            sum by (server) (ERRORS) / sum by (server) (OK) =>
            sum(ERRORS) / sum(OK) =>
            ERRORS or OK =>
            ERRORS / ERRORS =>
            app_http_mood{app_http_mood="good"} * ignoring (app_http_mood) app_http_open =>
            ERRORS + label_replace(OK, "outcome", "error", "", "") =>
            up{job="a"} == up{job=~"b"} =>
            up{job="$a"} == up{job="b"} =>
            up{job="a"} == on ($by) up{job="b"} =>
            absent(up{job="a"}) and absent(up{job="b"}) =>
            ALERTS{alertname="A"} and on () ALERTS{alertname="B"} =>
        "#;
        let errors = "rate(app_http_requests_total{outcome=\"error\"}[5m])";
        let rows = rows.replace("OK", &errors.replace("error", "ok"));
        assert_rows(&rows.replace("ERRORS", errors));
    }

    /// A schema whose series have limits: quantiles, shares and states.
    const LIMITS: &str = r#"
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

    /// Rules that record such series.
    const RECORDS: &str = "\
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

    /// Checks rows of the form `QUERY => FINDING; FINDING` with [`LIMITS`] and [`RECORDS`].
    fn assert_limits(rows: &str) {
        assert_limits_in(LIMITS, rows);
    }

    fn assert_limits_in(schema: &str, rows: &str) {
        let vocabulary = testing::vocabulary(schema, RECORDS);
        testing::assert_rows(rows, |query| findings(query, &vocabulary));
    }

    #[test]
    fn recorded_quantiles_are_never_above_the_highest_bound() {
        assert_limits(
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
            let schema = LIMITS.replace(buckets, &native);
            let schema = schema.replace("[operations]", &settings);
            let record = "job:app_http_duration_seconds:p99_rate5m";
            let below = format!("{record} > {} =>", highest - 1);
            let above = format!("{record} > {highest} => SM0907 {record}");
            assert_limits_in(&schema, &format!("{below}\n{above}"));
        }
    }

    #[test]
    fn shares_are_never_above_one() {
        assert_limits(
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
        assert_limits(
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
        assert_limits(
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
        assert_limits(
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
}
