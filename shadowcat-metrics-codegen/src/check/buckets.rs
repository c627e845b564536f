//! `[buckets]` and inline bounds: rules for bounds, in general and for a unit.

use super::Checker;
use super::names::free_name;
use crate::codes::{Code, codes};
use crate::language::MAX_BOUNDS;
use crate::model::{BucketSet, BucketSetId, Measure, Unit};
use crate::parse::ast::{self, Buckets, Field, NamedBuckets, Spanned};
use crate::source::Span;

codes! {
    table BUCKETS;

    EMPTY_BUCKETS = "SM0501" "empty-buckets": "no bucket bounds",
    "A histogram whose only bucket is `+Inf` has only a count and a sum. Give at least one bound.",
    example: "[buckets]
- latency = []
+ latency = [0.1, 1, 10]
";

    BOUNDS_NOT_INCREASING = "SM0502" "bounds-not-increasing": "bucket bounds that do not increase",
    "Each bound must be greater than the one before it. Sort the bounds, and remove duplicates.",
    example: "[buckets]
- latency = [0.1, 1, 1, 10]
+ latency = [0.1, 1, 10]
";

    NON_FINITE_BOUND = "SM0503" "non-finite-bound": "a bucket bound that is not finite",
    "Bounds are finite numbers. The bucket `+Inf` is added automatically. A progression with a term above 1.8e308 is \
     not finite either.",
    example: "[buckets]
- latency = [0.1, 1, inf]
+ latency = [0.1, 1]
";

    NEGATIVE_BOUND = "SM0504" "negative-bound": "a negative bucket bound",
    "A histogram's `_sum` is a counter, and negative observations would decrease it. Therefore histograms reject \
     negative values, and a bucket below zero would always be empty. Record negative values in a gauge.",
    example: "[buckets]
- drift = [-1, 0, 1]
+ drift = [0, 1]
";

    BOUND_TOO_LARGE = "SM0505" "bound-too-large": "a bucket bound above the unit's maximum",
    "A ratio is a share from 0 to 1, not a percentage. Durations are stored as nanoseconds in 64 bits, and bytes as \
     whole numbers in 64 bits.",
    example: r#"[metrics.http.load]
type = "histogram"
unit = "ratio"
- buckets = [50, 90, 99]
+ buckets = [0.5, 0.9, 0.99]
help = "Load of the server."
"#;

    BOUND_TOO_FINE = "SM0506" "bound-too-fine": "a bucket bound finer than the unit's resolution",
    "Durations are stored as whole nanoseconds, so a bound in seconds has at most nine decimals. Bytes are whole \
     numbers.",
    example: r#"[metrics.http.size]
type = "histogram"
unit = "bytes"
- buckets = [0.5, 64]
+ buckets = [1, 64]
help = "Size of a request."
"#;

    TOO_MANY_BOUNDS = "SM0507" "too-many-bounds": "too many bucket bounds",
    "Each bound adds a series for every combination of label values. Most histograms have 10 to 20 bounds. The maximum is \
     250.",
    example: "[buckets]
- latency = { linear = { start = 1, width = 1, count = 1000 } }
+ latency = { exponential = { start = 1, factor = 2, count = 10 } }
";

    INVALID_PROGRESSION = "SM0508" "invalid-progression": "a progression that does not increase",
    "The bounds of a progression must increase. `exponential` needs a `start` above 0 and a `factor` above 1. \
     `linear` needs a `start` of 0 or more and a `width` above 0.",
    example: "[buckets]
- latency = { exponential = { start = 0, factor = 2, count = 10 } }
+ latency = { exponential = { start = 0.001, factor = 2, count = 10 } }
";
}

/// Bounds with their positions.
type Bounds = Vec<Spanned<f64>>;

impl Checker<'_> {
    pub(super) fn check_bucket_sets(&mut self, sets: &[NamedBuckets]) {
        for set in sets {
            let usable = self.check_identifier(&set.name, "bucket set");
            let sets = &self.registry.bucket_sets;
            let name = free_name(usable, &|name| {
                sets.iter().any(|set| set.name.as_deref() == Some(name))
            });
            let written = set.buckets.as_ref();
            let written = written.map(|buckets| (&buckets.value, buckets.span));
            let id = self.add_bucket_set(Some(name), written, set.name.span);
            self.scope.bucket_sets.declare(&set.name.value, Some(id.0));
        }
    }

    /// Checks a set of bounds and adds it. `written` is `None` if it could not be read.
    pub(super) fn add_bucket_set(
        &mut self,
        name: Option<String>,
        written: Option<(&ast::BucketSet, Span)>,
        span: Span,
    ) -> BucketSetId {
        let id = BucketSetId(self.registry.bucket_sets.len());
        let before = self.report.diagnostics().len();
        let (mut bounds, mut native) = (Bounds::new(), None);
        if let Some((set, span)) = written {
            bounds = self.check_buckets(&set.bounds, span);
            native = self.check_native(&set.native, bounds.len());
        }
        if written.is_none() || self.report.diagnostics().len() > before {
            self.scope.faulty.bucket_sets.push(id);
        }
        if bounds.is_empty() {
            // A bucket set must not be empty. The cause was already reported.
            bounds.push(Spanned { value: 1.0, span });
        }
        let (values, spans) = split(bounds);
        self.scope.bound_spans.push(spans);
        self.scope.natives.push(native);
        self.registry.bucket_sets.push(BucketSet {
            name,
            bounds: values,
            native: native.map(|written| written.native),
            span,
        });
        id
    }

    fn check_buckets(&mut self, buckets: &Buckets, span: Span) -> Bounds {
        type Progression = fn(f64, f64, u16) -> Vec<f64>;
        let (progression, start, step, count): (Progression, _, _, _) = match buckets {
            Buckets::List(bounds) => {
                self.check_count(bounds.len(), span);
                return self.check_bounds(&bounds[..bounds.len().min(MAX_BOUNDS)], false);
            }
            Buckets::Exponential(ast::Progression { start, step, count }) => {
                let start = self.check_term(start, "start", span, |start| start > 0.0, "above 0");
                let factor =
                    self.check_term(step, "factor", span, |factor| factor > 1.0, "above 1");
                (exponential, start, factor, count)
            }
            Buckets::Linear(ast::Progression { start, step, count }) => {
                let start =
                    self.check_term(start, "start", span, |start| start >= 0.0, "of 0 or more");
                let width = self.check_term(step, "width", span, |width| width > 0.0, "above 0");
                (linear, start, width, count)
            }
        };
        let count = self.check_progression_count(count, span);
        let (Some(start), Some(step), Some(count)) = (start, step, count) else {
            return Bounds::new();
        };
        let mut bounds = Bounds::new();
        for value in progression(start, step, count) {
            bounds.push(Spanned { value, span });
        }
        self.check_bounds(&bounds, true)
    }

    /// Checks a parameter of a progression.
    fn check_term(
        &mut self,
        term: &Field<f64>,
        key: &str,
        set: Span,
        is_possible: fn(f64) -> bool,
        possible: &str,
    ) -> Option<f64> {
        let given = self.required(term, "the progression", key, set, TERMS)?;
        let value = given.value;
        if value.is_finite() && is_possible(value) {
            return Some(value);
        }
        let message = format!("this progression cannot have a `{key}` of {value}");
        self.error(INVALID_PROGRESSION, given.span, message)
            .label(format!("expected a finite number {possible}"));
        None
    }

    fn check_progression_count(&mut self, count: &Field<i64>, set: Span) -> Option<u16> {
        let given = self.required(count, "the progression", "count", set, TERMS)?;
        let count = usize::try_from(given.value.max(0)).unwrap_or(usize::MAX);
        self.check_count(count, given.span);
        u16::try_from(count.min(MAX_BOUNDS)).ok()
    }

    fn check_count(&mut self, count: usize, span: Span) {
        if count == 0 {
            let message = "a bucket set needs at least one bound";
            self.error(EMPTY_BUCKETS, span, message)
                .label("expected at least one bound; `+Inf` is added automatically");
        } else if count > MAX_BOUNDS {
            let message = format!("{count} bucket bounds are too many");
            self.error(TOO_MANY_BOUNDS, span, message)
                .label(format!("expected at most {MAX_BOUNDS}"))
                .help("each bound adds a series for every combination of label values; 10 to 20 bounds are usual");
        }
    }

    /// Returns the valid bounds, and reports the others. Computed bounds share one position, so only their first fault is reported.
    fn check_bounds(&mut self, bounds: &[Spanned<f64>], are_computed: bool) -> Bounds {
        let mut kept = Bounds::new();
        let mut before = None;
        for bound in bounds {
            if !self.check_bound(*bound, before, &mut kept) && are_computed {
                break;
            }
            before = Some(bound.span);
        }
        kept
    }

    /// Keeps a valid bound, and reports any other. `before` is the position of the previous bound in the file, which may not
    /// have been kept.
    fn check_bound(
        &mut self,
        bound: Spanned<f64>,
        before: Option<Span>,
        kept: &mut Bounds,
    ) -> bool {
        let Spanned { value, span } = bound;
        if !value.is_finite() {
            let message = format!("a bucket bound cannot be {value}");
            self.error(NON_FINITE_BOUND, span, message)
                .label("expected a finite number")
                .help("the bucket `+Inf` is added automatically");
        } else if value < 0.0 {
            let message = format!("the bucket bound {value} is negative");
            self.error(NEGATIVE_BOUND, span, message)
                .label("expected 0 or more")
                .help("a histogram takes no negative values, because its sum is a counter");
        } else if let Some(previous) = kept.last().filter(|previous| previous.value >= value) {
            let (which, place) = if before == Some(previous.span) {
                ("the previous bound", "the previous bound")
            } else {
                ("an earlier bound", "the highest earlier bound")
            };
            let least = previous.value;
            let message = format!("the bucket bound {value} is not greater than {which}, {least}");
            let problem = self
                .error(BOUNDS_NOT_INCREASING, span, message)
                .label(format!("expected more than {least}"));
            // Computed bounds share one position.
            if previous.span != span {
                problem.secondary(previous.span, place);
            }
        } else {
            // `-0.0` becomes zero.
            let value = value + 0.0;
            kept.push(Spanned { value, span });
            return true;
        }
        false
    }

    /// Checks that a histogram's bounds suit its unit. Removes those that do not.
    pub(super) fn check_bounds_for(
        &mut self,
        id: BucketSetId,
        unit: Unit,
        metric: &Spanned<String>,
    ) {
        let set = &mut self.registry.bucket_sets[id.0];
        let spans = &mut self.scope.bound_spans[id.0];
        let unit_name = unit.name();
        let mut reported = None;
        let mut kept = Bounds::new();
        for (value, span) in set.bounds.iter().copied().zip(spans.iter().copied()) {
            let (code, reason) = match fit(value, unit) {
                Ok(()) => {
                    kept.push(Spanned { value, span });
                    continue;
                }
                Err(misfit) => misfit,
            };
            // Computed bounds share one position, so only the first fault is reported.
            if reported != Some(span) {
                let message =
                    format!("the bucket bound {value} is not possible with the unit `{unit_name}`");
                let used = format!("`{}` has the unit `{unit_name}`", metric.value);
                let problem = self.report.error(code, span, message);
                problem.label(reason).secondary(metric.span, used);
            }
            reported = Some(span);
        }
        if reported.is_some() {
            self.scope.faulty.bucket_sets.push(id);
        }
        if kept.is_empty() {
            let (value, span) = (1.0, set.span);
            kept.push(Spanned { value, span });
        }
        (set.bounds, *spans) = split(kept);
    }
}

/// The label of a progression that lacks a parameter.
const TERMS: &str = "expected `start`, `count`, and `factor` (exponential) or `width` (linear)";

fn split(bounds: Bounds) -> (Vec<f64>, Vec<Span>) {
    let (mut values, mut spans) = (Vec::new(), Vec::new());
    for bound in bounds {
        values.push(bound.value);
        spans.push(bound.span);
    }
    (values, spans)
}

/// Computes `start`, `start * factor`, `start * factor²`...
pub(super) fn exponential(start: f64, factor: f64, count: u16) -> Vec<f64> {
    let mut bounds = Vec::new();
    for power in 0..i32::from(count) {
        bounds.push(rounded(start * factor.powi(power)));
    }
    bounds
}

/// Computes `start`, `start + width`, `start + 2 * width`...
pub(super) fn linear(start: f64, width: f64, count: u16) -> Vec<f64> {
    let mut bounds = Vec::new();
    for step in 0..count {
        bounds.push(rounded(width.mul_add(f64::from(step), start)));
    }
    bounds
}

/// Rounds a computed bound: 15 digits remove rounding errors (`0.3`, not `0.30000000000000004`), and nine
/// decimals keep bounds from a microsecond up in whole nanoseconds.
fn rounded(bound: f64) -> f64 {
    let digits = format!("{bound:.14e}").parse().unwrap_or(bound);
    if digits < 1e-6 {
        digits
    } else {
        format!("{digits:.9}").parse().unwrap_or(digits)
    }
}

const NANOSECONDS: f64 = 1e9;

/// Returns whether a number of seconds is the `f64` nearest to a whole number of nanoseconds.
fn is_whole_nanoseconds(seconds: f64) -> bool {
    let nearest = (seconds * NANOSECONDS).round() / NANOSECONDS;
    // Division rounds to the nearest `f64`, so the comparison is exact.
    nearest.to_bits() == seconds.to_bits()
}

/// Why a bound does not suit a unit: it is larger than any value in the unit, or between two adjacent ones.
type Misfit = (Code, &'static str);

/// Checks whether a finite, non-negative bound suits a unit.
pub(super) fn fit(bound: f64, unit: Unit) -> Result<(), Misfit> {
    let (code, reason) = match unit.measure() {
        Measure::Duration if bound * NANOSECONDS >= u64::MAX as f64 => (
            BOUND_TOO_LARGE,
            "expected at most 584 years: durations are stored as nanoseconds in 64 bits",
        ),
        Measure::Duration if !is_whole_nanoseconds(bound) => (
            BOUND_TOO_FINE,
            "expected at most nine decimals: durations are stored as nanoseconds",
        ),
        Measure::Size if bound >= u64::MAX as f64 => {
            (BOUND_TOO_LARGE, "expected a number of bytes in 64 bits")
        }
        Measure::Size if bound.fract() != 0.0 => {
            (BOUND_TOO_FINE, "expected a whole number of bytes")
        }
        Measure::Float if unit == Unit::Ratio && bound > 1.0 => (
            BOUND_TOO_LARGE,
            "expected a share from 0 to 1, not a percentage",
        ),
        Measure::Number | Measure::Duration | Measure::Size | Measure::Float => return Ok(()),
    };
    Err((code, reason))
}

#[test]
fn rules_of_bounds() {
    crate::testing::rules(
        r#"
        buckets.x = ^[] => empty-buckets
        buckets.x = [1, 3, ^2] => bounds-not-increasing
        buckets.x = [1, ^1] => bounds-not-increasing
        buckets.x = [^nan, 1, ^inf] => non-finite-bound non-finite-bound
        buckets.x = [^-2, ^-1.5, 0] => negative-bound negative-bound
        buckets.x = [1, ^"2", 3, "4", ^inf] => wrong-type non-finite-bound
        buckets.x = [1, ^true, 3, ^"x"] => wrong-type wrong-type
        buckets.x = { exponential = { start = ^0, factor = 2, count = 3 } } => invalid-progression
        buckets.x = { exponential = { start = 1, factor = ^1, count = 3 } } => invalid-progression
        buckets.x = { linear = { start = 0, width = ^0, count = 3 } } => invalid-progression
        buckets.x = { linear = { start = 0, width = 1, count = ^0 } } => empty-buckets
        buckets.x = { linear = { start = 0, width = 1, count = ^-3 } } => empty-buckets
        buckets.x = { linear = { start = 0, width = 1, count = ^251 } } => too-many-bounds
        buckets.x = ^{ exponential = { start = 1e300, factor = 1e10, count = 3 } } => non-finite-bound
        buckets.x = ^{ exponential = { start = 1, factor = 1.000_000_000_1, count = 3 } } => bounds-not-increasing
        x: histogram, unit = "ratio", buckets = [0.5, ^50, ^99] => bound-too-large bound-too-large
        x: histogram, unit = "seconds", buckets = [0, 1e-9, 0.1, 0.3, 2.000_000_001, 86_400.000_000_001, 1e9] =>
        x: histogram, unit = "seconds", buckets = [^1e-10, ^1.5e-9, ^0.100_000_000_1] => bound-too-fine bound-too-fine bound-too-fine
        x: histogram, unit = "seconds", buckets = [1, ^2e10] => bound-too-large
        x: histogram, unit = "bytes", buckets = [^1.5, 2, ^1e20] => bound-too-fine bound-too-large
        x: histogram, unit = "ratio", buckets = [1] =>
        x: histogram, unit = "celsius", buckets = [1e300] =>
        x: histogram, unit = "bytes", buckets = ^{ linear = { start = 0.5, width = 1, count = 9 } } => bound-too-fine
        buckets.big = [0.5, ^50] | x: histogram, unit = "ratio", buckets = "big" => bound-too-large
    "#,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bounds: &[f64]) -> String {
        bounds
            .iter()
            .map(f64::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn exponential_bounds_are_exact_decimals() {
        assert_eq!(
            shown(&exponential(0.0001, 2.0, 16)),
            "0.0001 0.0002 0.0004 0.0008 0.0016 0.0032 0.0064 0.0128 0.0256 0.0512 0.1024 0.2048 0.4096 0.8192 \
             1.6384 3.2768"
        );
        assert_eq!(shown(&exponential(0.1, 10.0, 4)), "0.1 1 10 100");
        assert_eq!(shown(&exponential(1.0, 1.1, 5)), "1 1.1 1.21 1.331 1.4641");
        assert_eq!(
            shown(&exponential(0.001, 1.5, 7)),
            "0.001 0.0015 0.00225 0.003375 0.0050625 0.00759375 0.011390625"
        );
        assert_eq!(
            shown(&exponential(64.0, 4.0, 10)),
            "64 256 1024 4096 16384 65536 262144 1048576 4194304 16777216"
        );
    }

    #[test]
    fn linear_bounds_are_exact_decimals() {
        assert_eq!(shown(&linear(0.1, 0.1, 7)), "0.1 0.2 0.3 0.4 0.5 0.6 0.7");
        assert_eq!(shown(&linear(0.0, 5.0, 3)), "0 5 10");
    }

    #[test]
    fn computed_seconds_are_whole_nanoseconds() {
        for bound in
            exponential(0.0001, 1.7, 60)
                .into_iter()
                .chain(linear(0.000_001, 0.000_003_3, 60))
        {
            assert_eq!(fit(bound, Unit::Seconds), Ok(()), "{bound}");
        }
    }
}
