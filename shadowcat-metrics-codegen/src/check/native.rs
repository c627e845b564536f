//! `native = { factor, from, to }`: rules for native buckets, in general and for a unit.

use super::Checker;
use super::buckets::{BOUND_TOO_LARGE, fit};
use crate::codes::codes;
use crate::language::MAX_NATIVE_CELLS;
use crate::model::{BucketSetId, Measure, Native, Unit};
use crate::parse::ast::{self, Extent, Field, Given};
use crate::sentence::count;
use crate::source::Span;

codes! {
    table NATIVE;

    INVALID_NATIVE_FACTOR = "SM0509" "invalid-native-factor": "a factor too small for native buckets",
    "Each native bucket's upper bound is at most `factor` times its lower bound. The finest resolution of Prometheus has \
     a factor of about 1.0027. A factor of 1.1 is a good choice: quantiles are then at most 10 percent off.",
    example: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
- native = { factor = 1, from = "1ms", to = "60s" }
+ native = { factor = 1.1, from = "1ms", to = "60s" }
help = "Time spent on a request."
"#;

    INVALID_NATIVE_RANGE = "SM0510" "invalid-native-range": "an impossible range of native buckets",
    "Native buckets cover the values from `from` to `to`. Smaller values share a bucket with zero, and larger values are \
     counted in the last bucket. `from` is above zero and below `to`. It is at least a nanosecond for a histogram in seconds, \
     and at least 1 for a histogram in bytes. For a histogram in seconds, `from` and `to` are numbers of seconds or durations \
     such as `\"100us\"`; for other units they are numbers.",
    example: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
- native = { factor = 1.1, from = "60s", to = "1ms" }
+ native = { factor = 1.1, from = "1ms", to = "60s" }
help = "Time spent on a request."
"#;

    TOO_MANY_NATIVE_BUCKETS = "SM0511" "too-many-native-buckets": "too many native buckets",
    "Each bucket of a native histogram takes 8 bytes for each series and each thread that records. A series may \
     have at most 997 native buckets and bounds together. With a factor of 1.1, there are 8 buckets from each value to its \
     double.",
    example: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
- native = { factor = 1.005, from = "1us", to = "1h" }
+ native = { factor = 1.1, from = "1us", to = "1h" }
help = "Time spent on a request."
"#;
}

/// Values that ends of a range may have. Boundaries outside of them are no longer floats.
const ENDS: std::ops::RangeInclusive<f64> = 1e-300..=1e300;

/// Native buckets, and where the ends of their range are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenNative {
    pub(super) native: Native,
    from: Span,
    to: Span,
    /// An end that is a duration.
    duration: Option<Span>,
    /// The whole table.
    span: Span,
}

impl Checker<'_> {
    /// Checks native buckets next to a number of bounds. Returns `None` if they are faulty.
    pub(super) fn check_native(
        &mut self,
        written: &Field<ast::Native>,
        bounds: usize,
    ) -> Option<WrittenNative> {
        const PARTS: &str = "expected `factor`, `from` and `to`";
        let given = written.given()?;
        let (native, span) = (&given.value, given.span);
        let factor = self.required(&native.factor, "`native`", "factor", span, PARTS);
        let from = self.required(&native.from, "`native`", "from", span, PARTS);
        let to = self.required(&native.to, "`native`", "to", span, PARTS);
        let factor = factor.filter(|factor| self.is_native_factor(factor));
        let (from, to) = (from?, to?);
        let ends = self.check_range(from, to)?;
        let native = Native {
            factor: factor?.value,
            from: ends.0,
            to: ends.1,
        };
        let (cells, buckets) = (native.cells(bounds), native.buckets());
        if cells > MAX_NATIVE_CELLS {
            let most = MAX_NATIVE_CELLS.saturating_sub(cells - buckets);
            let message = format!("{buckets} native buckets are too many");
            self.error(TOO_MANY_NATIVE_BUCKETS, span, message)
                .label(format!(
                    "expected at most {most} in addition to {}",
                    count(bounds, "bound")
                ))
                .help("use a larger `factor` or a smaller range");
            return None;
        }
        let is_duration = |end: &&Given<Extent>| matches!(end.value, Extent::Duration(_));
        Some(WrittenNative {
            native,
            from: from.span,
            to: to.span,
            duration: [from, to].into_iter().find(is_duration).map(|end| end.span),
            span,
        })
    }

    fn is_native_factor(&mut self, factor: &Given<f64>) -> bool {
        let is_valid = factor.value.is_finite() && factor.value >= Native::least_factor();
        if !is_valid {
            let message = format!("native buckets cannot have a factor of {}", factor.value);
            self.error(INVALID_NATIVE_FACTOR, factor.span, message)
                .label("expected at least 1.00272")
                .help(
                    "a factor of 1.1 is a good choice: quantiles are then at most 10 percent off",
                );
        }
        is_valid
    }

    /// Returns the ends of a range, in the base unit if they are durations.
    fn check_range(&mut self, from: &Given<Extent>, to: &Given<Extent>) -> Option<(f64, f64)> {
        let [low, high] = [from, to].map(|end| match end.value {
            Extent::Number(number) => number,
            Extent::Duration(duration) => duration.as_secs_f64(),
        });
        let mut is_inside = true;
        for (key, value, span) in [("from", low, from.span), ("to", high, to.span)] {
            if !ENDS.contains(&value) {
                is_inside = false;
                let message = format!("native buckets cannot have `{key}` at {value}");
                self.error(INVALID_NATIVE_RANGE, span, message)
                    .label("expected a number above zero, up to 1e300");
            }
        }
        let is_empty = low >= high
            && matches!(
                (from.value, to.value),
                (Extent::Number(_), Extent::Number(_)) | (Extent::Duration(_), Extent::Duration(_))
            );
        if is_inside && is_empty {
            let message = "the range of native buckets is empty";
            self.error(INVALID_NATIVE_RANGE, to.span, message)
                .label("expected more than `from`")
                .secondary(from.span, "the range begins here");
        }
        (is_inside && !is_empty).then_some((low, high))
    }

    /// Returns a histogram's native buckets: its own, or those of its bucket set.
    pub(super) fn check_metric_native(
        &mut self,
        metric: &ast::Metric,
        set: BucketSetId,
        unit: Unit,
    ) -> Option<Native> {
        let bounds = self.registry.bucket_sets[set.0].bounds.len();
        let written = if metric.native.is_absent() {
            self.scope.natives[set.0]
        } else {
            self.check_native(&metric.native, bounds)
        }?;
        if let Some((span, label)) = misfit(&written, unit) {
            let key = &metric.key;
            let message = format!("the range of native buckets does not suit `{}`", key.value);
            let used = match unit {
                Unit::None => "it has no unit".to_owned(),
                unit => format!("it has the unit `{}`", unit.name()),
            };
            self.error(INVALID_NATIVE_RANGE, span, message)
                .label(label)
                .secondary(key.span, used);
            return None;
        }
        Some(written.native)
    }
}

/// Returns why a range does not suit a unit, and where.
fn misfit(written: &WrittenNative, unit: Unit) -> Option<(Span, &'static str)> {
    let Native { from, to, .. } = written.native;
    if let Some(span) = written.duration.filter(|_| unit != Unit::Seconds) {
        return Some((span, "expected a number in the unit of the values"));
    }
    if from >= to {
        return Some((written.span, "expected `from` below `to`"));
    }
    if let Err((code, label)) = fit(to, unit)
        && code == BOUND_TOO_LARGE
    {
        return Some((written.to, label));
    }
    let (least, label) = match unit.measure() {
        Measure::Duration => (1e-9, "expected at least a nanosecond"),
        Measure::Size => (1.0, "expected at least 1"),
        Measure::Number | Measure::Float => return None,
    };
    (from < least).then_some((written.from, label))
}

#[test]
fn rules_of_native_buckets() {
    crate::testing::rules(
        r#"
        x: histogram, unit = "seconds", buckets = "small", native = { factor = 1.1, from = "100us", to = "60s" } =>
        x: histogram, unit = "seconds", buckets = "small", native = { factor = 1.1, from = 0.0001, to = "60s" } =>
        x: histogram, unit = "bytes", buckets = "small", native = { factor = 2, from = 1, to = 1024 } =>
        x: histogram, buckets = { bounds = [1, 2], native = { factor = 2, from = 1, to = 1024 } } =>
        x: histogram, buckets = "small", native = { factor = ^1, from = 1, to = 2 } => invalid-native-factor
        x: histogram, buckets = "small", native = { factor = ^1.002, from = 1, to = 2 } => invalid-native-factor
        x: histogram, buckets = "small", native = { factor = ^nan, from = 1, to = 2 } => invalid-native-factor
        x: histogram, buckets = "small", native = { factor = ^-2, from = 1, to = 2 } => invalid-native-factor
        x: histogram, buckets = "small", native = { factor = 2, from = 2, to = ^2 } => invalid-native-range
        x: histogram, buckets = "small", native = { factor = 2, from = ^0, to = 2 } => invalid-native-range
        x: histogram, buckets = "small", native = { factor = 2, from = ^-1, to = ^inf } => invalid-native-range invalid-native-range
        x: histogram, buckets = "small", native = { factor = 2, from = ^"1ms", to = "1s" } => invalid-native-range
        x: histogram, unit = "bytes", buckets = "small", native = { factor = 2, from = ^0.5, to = 64 } => invalid-native-range
        x: histogram, unit = "ratio", buckets = [0.5], native = { factor = 2, from = 0.1, to = ^50 } => invalid-native-range
        x: histogram, unit = "seconds", buckets = "small", native = { factor = 2, from = ^1e-12, to = 1 } => invalid-native-range
        x: histogram, unit = "seconds", buckets = "small", native = ^{ factor = 2, from = "2s", to = 1 } => invalid-native-range
        x: histogram, buckets = "small", native = ^{ factor = 1.003, from = 1, to = 1e6 } => too-many-native-buckets
        x: histogram, buckets = "small", native = ^{ factor = 2, from = 1 } => missing-key
        x: histogram, buckets = "small", native = { factor = 2, from = ^"soon", to = 9 } => invalid-native-range
        x: histogram, buckets = "small", native = { factor = ^"2", from = 1, to = 9 } => wrong-type
        x: histogram, buckets = "small", native = ^true => wrong-type
        x: histogram, buckets = "small", native = { factor = 2, ^frm = 1, to = 9 } => unknown-key
        ^x: histogram, native = { factor = 2, from = 1, to = 9 } => missing-buckets
        x: counter, ^native = { factor = 2, from = 1, to = 9 } => misplaced-key
        buckets.x = ^{ native = { factor = 2, from = 1, to = 9 } } => missing-key
        buckets.x = { ^bounds = [1], linear = { start = 1, width = 1, count = 2 } } => conflicting-keys
        buckets.x = { bounds = [1], native = { factor = ^1, from = 1, to = 9 } } => invalid-native-factor
        buckets.x = { bounds = [1], native = { factor = 2, from = ^"1s", to = "9s" } } | x: histogram, unit = "bytes", buckets = "x" => invalid-native-range
        buckets.x = { bounds = [1], native = { factor = 2, from = "1s", to = "9s" } } | x: histogram, unit = "seconds", buckets = "x" =>
        buckets.x = { bounds = [1], native = { factor = 2, from = "1s", to = "9s" } } | x: histogram, unit = "bytes", buckets = "x", native = { factor = 2, from = 1, to = 9 } =>
    "#,
    );
}
