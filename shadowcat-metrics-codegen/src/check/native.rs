//! `native = { factor, from, to }`: rules for native buckets, in general and for a unit.

use super::Checker;
use super::buckets::{Misfit, fit};
use crate::codes::{codes, errors};
use crate::diagnostic::Diagnostic;
use crate::language::MAX_NATIVE_CELLS;
use crate::model::{BucketSetId, Measure, Native, Unit};
use crate::parse::ast::{self, Extent, Field, Given};
use crate::source::Span;

codes! {
    table NATIVE;

    /// The factor of native buckets is too small.
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

    /// The range of native buckets is empty, or not in the unit of the values.
    INVALID_NATIVE_RANGE = "SM0510" "invalid-native-range": "an impossible range of native buckets",
    "Native buckets cover the values from `from` to `to`. Smaller values share a bucket with zero, and larger ones count in \
     the last bucket. `from` is above zero and below `to`, and at least the smallest value of the unit: a nanosecond or a \
     byte. For a histogram in seconds, `from` and `to` are numbers of seconds or durations such as `\"100us\"`; for other \
     units they are numbers.",
    example: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
- native = { factor = 1.1, from = "60s", to = "1ms" }
+ native = { factor = 1.1, from = "1ms", to = "60s" }
help = "Time spent on a request."
"#;

    /// Native buckets take too many cells.
    TOO_MANY_NATIVE_BUCKETS = "SM0511" "too-many-native-buckets": "too many native buckets",
    "Each bucket of a native histogram takes 8 bytes for each series and each thread that records. A series may \
     have at most 997 native buckets and bounds together. A factor of 1.1 makes 8 buckets for each doubling.",
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

/// An end of a range, in the base unit.
#[derive(Debug, Clone, Copy)]
struct End {
    value: f64,
    is_duration: bool,
    span: Span,
}

/// Native buckets, and where the ends of their range are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenNative {
    native: Native,
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
        let given = written.given()?;
        let factor = self.native_part(&given.value.factor, "factor", given.span);
        let from = self.native_part(&given.value.from, "from", given.span);
        let to = self.native_part(&given.value.to, "to", given.span);
        let factor = factor.filter(|factor| self.is_native_factor(factor));
        let (from, to) = self.check_range(from?, to?)?;
        let native = Native {
            factor: factor?.value,
            from: from.value,
            to: to.value,
        };
        let cells = native.cells(bounds);
        if cells > MAX_NATIVE_CELLS {
            let most = MAX_NATIVE_CELLS.saturating_sub(cells - native.buckets());
            let message = format!("{} native buckets are too many", native.buckets());
            let problem = Diagnostic::error(errors::TOO_MANY_NATIVE_BUCKETS, given.span, message)
                .label(format!("expected at most {most} next to {bounds} bounds"))
                .help("use a larger `factor` or a smaller range");
            self.report.push(problem);
            return None;
        }
        let durations = [(from.is_duration, from.span), (to.is_duration, to.span)];
        let mut durations = durations
            .into_iter()
            .filter(|(is_duration, _)| *is_duration);
        Some(WrittenNative {
            native,
            from: from.span,
            to: to.span,
            duration: durations.next().map(|(_, span)| span),
            span: given.span,
        })
    }

    fn native_part<'f, T>(
        &mut self,
        part: &'f Field<T>,
        key: &str,
        native: Span,
    ) -> Option<&'f Given<T>> {
        if part.is_absent() {
            let message = format!("`native` has no `{key}`");
            let problem = Diagnostic::error(errors::MISSING_KEY, native, message)
                .label("expected `factor`, `from` and `to`");
            self.report.push(problem);
        }
        part.given()
    }

    fn is_native_factor(&mut self, factor: &Given<f64>) -> bool {
        let is_valid = factor.value.is_finite() && factor.value >= Native::least_factor();
        if !is_valid {
            let message = format!("native buckets cannot have a factor of {}", factor.value);
            let problem = Diagnostic::error(errors::INVALID_NATIVE_FACTOR, factor.span, message)
                .label("expected at least 1.00272")
                .help(
                    "a factor of 1.1 is a good choice: quantiles are then at most 10 percent off",
                );
            self.report.push(problem);
        }
        is_valid
    }

    /// Returns the ends of a range.
    fn check_range(&mut self, from: &Given<Extent>, to: &Given<Extent>) -> Option<(End, End)> {
        let from = end(from);
        let to = end(to);
        let problem = |span, message, label: &str| {
            Diagnostic::error(errors::INVALID_NATIVE_RANGE, span, message).label(label)
        };
        let outside = [(from, "from"), (to, "to")]
            .into_iter()
            .filter(|(end, _)| !ENDS.contains(&end.value));
        let outside: Vec<_> = outside
            .map(|(end, key)| {
                let message = format!("native buckets cannot have `{key}` at {}", end.value);
                problem(
                    end.span,
                    message,
                    "expected a number above zero, up to 1e300",
                )
            })
            .collect();
        if !outside.is_empty() {
            self.report.extend(outside);
            return None;
        }
        let mixed = from.is_duration != to.is_duration;
        if !mixed && from.value >= to.value {
            let message = "the range of native buckets is empty".to_owned();
            let label = format!("expected more than `from`, which is {}", from.value);
            self.report.push(
                problem(to.span, message, &label).secondary(from.span, "the range begins here"),
            );
            return None;
        }
        Some((from, to))
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
        let misfit = misfit(&written, unit);
        if let Some((span, label)) = misfit {
            let message = format!(
                "the range of native buckets does not suit `{}`",
                metric.key.value
            );
            let used = if unit == Unit::None {
                "it has no unit".to_owned()
            } else {
                format!("it has the unit `{}`", unit.name())
            };
            let problem = Diagnostic::error(errors::INVALID_NATIVE_RANGE, span, message)
                .label(label)
                .secondary(metric.key.span, used);
            self.report.push(problem);
            return None;
        }
        Some(written.native)
    }
}

impl WrittenNative {
    pub(super) const fn native(&self) -> Native {
        self.native
    }
}

/// Returns an end of a range in the base unit.
fn end(end: &Given<Extent>) -> End {
    let (value, is_duration) = match end.value {
        Extent::Number(number) => (number, false),
        Extent::Duration(duration) => (duration.as_secs_f64(), true),
    };
    End {
        value,
        is_duration,
        span: end.span,
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
    if let Err(Misfit::TooLarge(label)) = fit(to, unit) {
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
