//! `[buckets]`, and bounds written inside a metric.

use super::Checker;
use super::bounds::{self, Misfit};
use super::identifiers::free_name;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::language::MOST_BOUNDS;
use crate::model::{BucketSet, BucketSetId, Unit};
use crate::parse::ast::{Buckets, Field, NamedBuckets, Spanned};
use crate::source::Span;

/// Bounds, each with its place.
type Bounds = Vec<Spanned<f64>>;

impl Checker<'_> {
    pub(super) fn check_bucket_sets(&mut self, sets: &[NamedBuckets]) {
        for set in sets {
            let usable = self.check_identifier(&set.name, "bucket set");
            let taken = |name: &str| {
                self.registry
                    .bucket_sets
                    .iter()
                    .any(|set| set.name.as_deref() == Some(name))
            };
            let name = free_name(usable, taken);
            let bounds = match &set.buckets {
                Some(buckets) => self.check_buckets(&buckets.value, buckets.span),
                None => Bounds::new(),
            };
            let id = self.add_bucket_set(Some(name), bounds, set.name.span);
            self.scope.bucket_sets.declare(&set.name.value, Some(id));
        }
    }

    /// Bounds written inside a metric.
    pub(super) fn check_inline_buckets(&mut self, buckets: &Buckets, span: Span) -> BucketSetId {
        let bounds = self.check_buckets(buckets, span);
        self.add_bucket_set(None, bounds, span)
    }

    /// Stands in for bounds that cannot be made out.
    pub(super) fn placeholder_buckets(&mut self, span: Span) -> BucketSetId {
        self.add_bucket_set(None, Bounds::new(), span)
    }

    fn add_bucket_set(
        &mut self,
        name: Option<String>,
        mut bounds: Bounds,
        span: Span,
    ) -> BucketSetId {
        if bounds.is_empty() {
            // Reported by now; a table of buckets cannot be empty.
            bounds.push(Spanned { value: 1.0, span });
        }
        let id = BucketSetId(self.registry.bucket_sets.len());
        self.scope
            .bound_spans
            .push(bounds.iter().map(|bound| bound.span).collect());
        let bounds = bounds.into_iter().map(|bound| bound.value).collect();
        self.registry
            .bucket_sets
            .push(BucketSet { name, bounds, span });
        id
    }

    fn check_buckets(&mut self, buckets: &Buckets, span: Span) -> Bounds {
        match buckets {
            Buckets::List(bounds) => {
                self.check_count(bounds.len(), span);
                self.check_listed(&bounds[..bounds.len().min(MOST_BOUNDS)])
            }
            Buckets::Exponential {
                start,
                factor,
                count,
            } => {
                let start = self.check_term(start, "start", span, 0.0, false);
                let factor = self.check_term(factor, "factor", span, 1.0, false);
                let count = self.check_progression_count(count, span);
                let (Some(start), Some(factor), Some(count)) = (start, factor, count) else {
                    return Bounds::new();
                };
                self.check_computed(bounds::exponential(start, factor, count), span)
            }
            Buckets::Linear {
                start,
                width,
                count,
            } => {
                let start = self.check_term(start, "start", span, 0.0, true);
                let width = self.check_term(width, "width", span, 0.0, false);
                let count = self.check_progression_count(count, span);
                let (Some(start), Some(width), Some(count)) = (start, width, count) else {
                    return Bounds::new();
                };
                self.check_computed(bounds::linear(start, width, count), span)
            }
        }
    }

    /// A term of a progression, which must be finite and above `least`, or `least` itself if `inclusive`.
    fn check_term(
        &mut self,
        term: &Field<f64>,
        key: &str,
        set: Span,
        least: f64,
        inclusive: bool,
    ) -> Option<f64> {
        let Field::Given(given) = term else {
            if term.is_absent() {
                self.missing_term(key, set);
            }
            return None;
        };
        let value = given.value;
        if value.is_finite() && (value > least || (inclusive && value >= least)) {
            return Some(value);
        }
        let expected = if inclusive {
            format!("{least} or more")
        } else {
            format!("more than {least}")
        };
        self.report.push(
            Diagnostic::error(
                errors::INVALID_PROGRESSION,
                given.span,
                format!("with a `{key}` of {value} the bounds do not rise from zero or above"),
            )
            .label(format!("expected a finite number, {expected}")),
        );
        None
    }

    fn check_progression_count(&mut self, count: &Field<i64>, set: Span) -> Option<usize> {
        let Field::Given(given) = count else {
            if count.is_absent() {
                self.missing_term("count", set);
            }
            return None;
        };
        let count = usize::try_from(given.value.max(0)).unwrap_or(usize::MAX);
        self.check_count(count, given.span);
        Some(count.min(MOST_BOUNDS))
    }

    fn missing_term(&mut self, key: &str, set: Span) {
        self.report.push(
            Diagnostic::error(
                errors::MISSING_KEY,
                set,
                format!("the progression has no `{key}`"),
            )
            .label("expected `start`, `count`, and `factor` (exponential) or `width` (linear)"),
        );
    }

    fn check_count(&mut self, count: usize, span: Span) {
        if count == 0 {
            self.report.push(
                Diagnostic::error(
                    errors::EMPTY_BUCKETS,
                    span,
                    "a bucket set needs at least one bound",
                )
                .label("expected one bound or more; `+Inf` is added to them"),
            );
        } else if count > MOST_BOUNDS {
            self.report.push(
                Diagnostic::error(errors::TOO_MANY_BOUNDS, span, format!("{count} bounds are too many"))
                    .label(format!("expected at most {MOST_BOUNDS}"))
                    .help("each bound is one more series for every combination of the labels; 10 to 20 are usual"),
            );
        }
    }

    fn check_computed(&mut self, bounds: Vec<f64>, span: Span) -> Bounds {
        let mut kept = Bounds::new();
        for value in bounds {
            // All of them have one place, so the first that is wrong speaks for the rest.
            if let Some(problem) = check_bound(Spanned { value, span }, Some(span), &mut kept) {
                self.report.push(problem);
                break;
            }
        }
        kept
    }

    fn check_listed(&mut self, bounds: &[Spanned<f64>]) -> Bounds {
        let mut kept = Bounds::new();
        let mut before = None;
        for bound in bounds {
            self.report.extend(check_bound(*bound, before, &mut kept));
            before = Some(bound.span);
        }
        kept
    }

    /// Checks that a histogram's bounds make sense for what it measures. Those that do not are dropped.
    pub(super) fn check_bounds_for(
        &mut self,
        id: BucketSetId,
        unit: Unit,
        metric: &Spanned<String>,
    ) {
        let set = &mut self.registry.bucket_sets[id.0];
        let spans = &mut self.scope.bound_spans[id.0];
        let mut problems: Vec<Diagnostic> = Vec::new();
        let mut kept = Vec::new();
        for (bound, span) in set.bounds.iter().zip(spans.iter()) {
            let (code, reason) = match bounds::fit(*bound, unit) {
                Ok(()) => {
                    kept.push((*bound, *span));
                    continue;
                }
                Err(Misfit::TooLarge(reason)) => (errors::BOUND_TOO_LARGE, reason),
                Err(Misfit::TooFine(reason)) => (errors::BOUND_TOO_FINE, reason),
            };
            // Computed bounds have one place: the first speaks for the rest.
            if problems.iter().any(|problem| problem.primary == *span) {
                continue;
            }
            let message = format!("the bucket bound {bound} makes no sense in {}", unit.name());
            let problem = Diagnostic::error(code, *span, message).label(reason);
            let used = format!("`{}` is measured in {}", metric.value, unit.name());
            problems.push(problem.secondary(metric.span, used));
        }
        if problems.is_empty() {
            return;
        }
        if kept.is_empty() {
            kept.push((1.0, set.span));
        }
        (set.bounds, *spans) = kept.into_iter().unzip();
        self.report.extend(problems);
    }
}

/// Keeps a bound that may follow those that are kept, and says what is wrong with any other. `before` is the place of the one
/// that is written before it, which need not be among them.
fn check_bound(bound: Spanned<f64>, before: Option<Span>, kept: &mut Bounds) -> Option<Diagnostic> {
    let Spanned { value, span } = bound;
    if !value.is_finite() {
        let message = format!("a bucket bound cannot be {value}");
        let problem = Diagnostic::error(errors::NON_FINITE_BOUND, span, message);
        return Some(
            problem
                .label("expected a finite number")
                .help("the bucket `+Inf` is always there and is not written"),
        );
    }
    if value < 0.0 {
        let message = format!("the bucket bound {value} is negative");
        let problem = Diagnostic::error(errors::NEGATIVE_BOUND, span, message);
        return Some(problem.label("expected 0 or more").help(
            "a histogram's sum is a counter, so its values, and with them its bounds, are never negative",
        ));
    }
    if let Some(previous) = kept.last().filter(|previous| previous.value >= value) {
        let (which, place) = if before == Some(previous.span) {
            ("the one before it", "the one before")
        } else {
            ("which stands before it", "the highest before it")
        };
        let message = format!(
            "the bucket bound {value} does not lie above {}, {which}",
            previous.value
        );
        let problem = Diagnostic::error(errors::BOUNDS_NOT_INCREASING, span, message);
        let problem = problem.label(format!("expected more than {}", previous.value));
        // Computed bounds have one place.
        return Some(if previous.span == span {
            problem
        } else {
            problem.secondary(previous.span, place)
        });
    }
    // `-0.0` is zero.
    kept.push(Spanned {
        value: value + 0.0,
        span,
    });
    None
}
