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
    RAW_COUNTER = "SM0908" "raw-counter": "a raw counter in a comparison",
    "A counter counts from the start of the program, so its value depends on how long the program has been \
     running. Compare its `rate` or `increase`. A comparison with zero is accepted as a guard, such as `... \
     and x_total > 0`.",
    wrong: alert_on!("{http.requests} > 10"),
    right: alert_on!("increase({http.requests}[5m]) > 10");
}

shadowcat_metrics_codegen::codes! {
    UNMATCHED_LABELS = "SM0910" "unmatched-labels": "operands that never match",
    "Series on the two sides of an operator match if their labels are equal. If one side has an extra label, or selects a \
     different value of a label, the series never match and the result is empty. Aggregate both sides by the same \
     labels, or use `on` or `ignoring`.",
    wrong: alert_on!("rate({http.requests}[5m]) / {http.open} > 1"),
    right: alert_on!("sum(rate({http.requests}[5m])) / sum({http.open}) > 1");
}

shadowcat_metrics_codegen::codes! {
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
