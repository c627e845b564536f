//! Functions: whether they fit what they are given, and what they leave.

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::parser::{Call, Expr};
use shadowcat_metrics_codegen::codes::promql as codes;

use super::check::{Walk, Yield};
use super::patterns::{is_pattern, matches_any};
use super::variables::is_variable;
use super::vocabulary::{Ceiling, Shape};

/// Functions of what only goes up.
const OF_COUNTERS: [&str; 4] = ["rate", "irate", "increase", "resets"];
/// Functions of what goes up and down.
const OF_GAUGES: [&str; 6] = [
    "delta",
    "idelta",
    "deriv",
    "predict_linear",
    "holt_winters",
    "double_exponential_smoothing",
];
/// Functions of how high something stands. A counter's height is when its program started.
const OF_HEIGHTS: [&str; 6] = [
    "sum_over_time",
    "avg_over_time",
    "quantile_over_time",
    "stddev_over_time",
    "stdvar_over_time",
    "mad_over_time",
];
/// Functions whose values are of the kind that they are given.
const KEEPING: [&str; 13] = [
    "abs",
    "ceil",
    "floor",
    "round",
    "clamp",
    "clamp_min",
    "clamp_max",
    "sort",
    "sort_desc",
    "last_over_time",
    "max_over_time",
    "min_over_time",
    "avg_over_time",
];

/// Those of them whose values may be higher.
const RAISING: [&str; 5] = ["abs", "ceil", "round", "clamp", "clamp_min"];

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Yield {
        let name = call.func.name;
        let place = self.places.calls.pop_front().unwrap_or(0..self.query.len());
        let yields: Vec<_> = call.args.args.iter().map(|arg| self.walk(arg)).collect();
        let vector = yields.iter().find(|yielded| !yielded.scalar).cloned();
        let Some(vector) = vector else {
            return Yield {
                scalar: name != "vector",
                ..Yield::scalar()
            };
        };
        let kept = Yield {
            labels: vector.labels.clone(),
            highest: vector.highest,
            pins: vector.pins.clone(),
            ..Yield::default()
        };
        // Any function may be chosen for it.
        if self.is_variable(&place) {
            return Yield::default();
        }
        match name {
            _ if OF_COUNTERS.contains(&name) => {
                self.of_counters(name, place, &vector);
                kept
            }
            _ if OF_GAUGES.contains(&name) => {
                if vector.raw.is_some() {
                    self.find(
                        codes::FUNCTION_UNFIT,
                        place,
                        format!("`{name}` takes a counter's restart for a fall"),
                        "expected a gauge in it, or `rate` or `increase`",
                        None,
                    );
                }
                kept
            }
            _ if OF_HEIGHTS.contains(&name) && vector.raw.is_some() => {
                let message = if name == "sum_over_time" {
                    "`sum_over_time` of a counter adds up all that it has counted, again for each scrape".to_owned()
                } else {
                    format!(
                        "`{name}` of a counter is about when the program started, and not about what happens"
                    )
                };
                let expected = "expected `increase` or `rate` instead, or a gauge in it";
                self.find(codes::FUNCTION_UNFIT, place, message, expected, None);
                kept
            }
            _ if KEEPING.contains(&name) => Yield {
                shape: None,
                ceiling: vector.ceiling.filter(|_| !RAISING.contains(&name)),
                counted: None,
                ..vector
            },
            "histogram_quantile" => self.quantile(call, place, kept),
            "label_replace" | "label_join" => self.relabel(call, &place, vector),
            "scalar" => Yield::scalar(),
            "absent" | "absent_over_time" => Yield {
                counted: Some(place),
                ..Yield::default()
            },
            "count_over_time" | "present_over_time" => Yield {
                counted: Some(place),
                ..kept
            },
            _ => kept,
        }
    }

    fn of_counters(&mut self, name: &str, place: Range<usize>, of: &Yield) {
        if of.shape == Some(Shape::Gauge) {
            self.find(
                codes::FUNCTION_UNFIT,
                place,
                format!("`{name}` takes every fall of a gauge for a restart"),
                "expected a counter in it, or `delta` or `deriv`",
                None,
            );
        } else if of.summed {
            self.find(
                codes::FUNCTION_UNFIT,
                place,
                format!("`{name}` of several counters together takes the restart of one for a restart of all"),
                format!("expected `{name}` of each counter, and the sum around it"),
                None,
            );
        }
    }

    fn quantile(&mut self, call: &Call, place: Range<usize>, mut of: Yield) -> Yield {
        if let Some(Expr::NumberLiteral(quantile)) = call.args.args.first().map(|arg| &**arg)
            && !(0.0..=1.0).contains(&quantile.val)
        {
            self.find(
                codes::QUANTILE_UNFIT,
                place.clone(),
                format!("there is no quantile {}", quantile.val),
                "expected a share from 0 to 1",
                None,
            );
        }
        if let Some(labels) = &mut of.labels
            && !labels.remove("le")
        {
            self.find(
                codes::QUANTILE_UNFIT,
                place.clone(),
                "the buckets are gone: nothing in it has the label `le`",
                "expected a histogram's `_bucket`, summed `by (le, ...)`",
                None,
            );
        }
        of.ceiling = of
            .highest
            .take()
            .map(|highest| (Ceiling::Bound(highest), place));
        of
    }

    /// What `label_replace` and `label_join` leave: a label more, made of labels that are to be there.
    fn relabel(&mut self, call: &Call, place: &Range<usize>, of: Yield) -> Yield {
        let texts = call.args.args.iter().map(|arg| match &**arg {
            Expr::StringLiteral(text) => text.val.as_str(),
            _ => "",
        });
        let texts: Vec<_> = texts.collect();
        let replaces = call.func.name == "label_replace";
        if let ("label_replace", Some(pattern)) = (call.func.name, texts.get(4))
            && !is_variable(pattern)
            && !is_pattern(pattern)
        {
            self.find(
                codes::PROMQL_SYNTAX,
                place.clone(),
                format!("this is not PromQL: `{pattern}` is no regular expression"),
                "Prometheus takes the query, and fails whenever it is asked",
                None,
            );
        }
        // Behind the series and the new label: the replacement, the source and the pattern, or a separator and the sources.
        let (target, sources) = match texts.as_slice() {
            // The way to add a label of one value: whatever the source is, it fits.
            [_, target, value, _, pattern]
                if replaces && !value.contains('$') && matches_any(pattern, [""]) =>
            {
                (*target, Vec::new())
            }
            [_, target, _, source, _] if replaces => (*target, vec![(*source).to_owned()]),
            [_, target, _, sources @ ..] => (
                *target,
                sources.iter().map(|&label| label.to_owned()).collect(),
            ),
            _ => return Yield::default(),
        };
        let is_open = |label: &str| label.is_empty() || is_variable(label);
        if let Some(known) = &of.labels {
            let sources: Vec<_> = sources
                .into_iter()
                .filter(|label| !is_open(label))
                .collect();
            self.grouping(&sources, &[], known, place);
        }
        let with_target = |mut labels: BTreeSet<String>| {
            labels.insert(target.to_owned());
            labels
        };
        let mut pins = of.pins;
        pins.retain(|label, _| label != target && !is_variable(target));
        Yield {
            labels: of.labels.filter(|_| !is_variable(target)).map(with_target),
            pins,
            ..of
        }
    }
}
