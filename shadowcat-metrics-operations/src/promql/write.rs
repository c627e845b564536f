//! Writes PromQL: matchers, sums and ratios, and queries on histograms in each form that Prometheus stores: classic ones with a
//! series for each bucket, and native ones, whose samples contain the buckets.

use shadowcat_metrics_codegen::model::{Boundary, Label, Metric, MetricId, Native, Registry};
use shadowcat_metrics_codegen::name::bucket_bound;

/// Quotes a PromQL string.
pub(crate) fn quoted(text: &str) -> String {
    let text = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{text}\"")
}

/// Returns a pattern that matches exactly these values.
pub(crate) fn exact_pattern(values: &[impl AsRef<str>]) -> String {
    let mut pattern = String::new();
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            pattern.push('|');
        }
        for c in value.as_ref().chars() {
            if r"\.+*?()|[]{}^$".contains(c) {
                pattern.push('\\');
            }
            pattern.push(c);
        }
    }
    pattern
}

/// Writes a matcher that selects values of a label.
pub(crate) fn matcher(label: &str, values: &[impl AsRef<str>]) -> String {
    match values {
        [value] => format!("{label}={}", quoted(value.as_ref())),
        values => format!("{label}=~{}", quoted(&exact_pattern(values))),
    }
}

/// Returns the value under which queries read the series of a label's value. While a value has a former one, its series are exposed
/// under both, and only those with the former value have samples from before the renaming.
pub(crate) fn read_value<'l>(label: &'l Label, value: &'l str) -> &'l str {
    let mut values = label.closed_values().iter();
    let known = values.find(|known| known.value == value);
    let former = known.and_then(|known| known.former.as_ref());
    former.map_or(value, |former| &former.name)
}

/// Writes the matcher that excludes the series that are also exposed under a former value of a label. Returns `None` if there are
/// none.
pub(crate) fn exclude_repeated(label: &Label) -> Option<String> {
    let renamed = label.closed_values().iter();
    let renamed = renamed.filter(|value| value.former.is_some());
    let renamed: Vec<_> = renamed.map(|value| value.value.as_str()).collect();
    (!renamed.is_empty()).then(|| exclude(&label.name, &renamed))
}

/// Writes the matcher that excludes values of a label.
pub(super) fn exclude(label: &str, values: &[&str]) -> String {
    match values {
        [value] => format!("{label}!={}", quoted(value)),
        values => format!("{label}!~{}", quoted(&exact_pattern(values))),
    }
}

/// Writes the matcher that selects the bucket with a bound.
pub(crate) fn bucket_matcher(bound: f64) -> String {
    format!("le=\"{}\"", bucket_bound(bound))
}

/// Sums a query by labels.
pub(crate) fn sum(by: &[&str], query: &str) -> String {
    if by.is_empty() {
        format!("sum({query})")
    } else {
        format!("sum by ({}) ({query})", by.join(", "))
    }
}

/// Writes a ratio, with each operand summed by labels. Returns `None` for metrics of other kinds.
pub(crate) fn quotient(
    registry: &Registry,
    ratio: &Metric,
    by: &[&str],
    value: impl Fn(&Metric) -> String,
) -> Option<String> {
    let side = |operands: &[MetricId]| {
        let sum = |id: &MetricId| sum(by, &value(&registry.metrics[id.0]));
        let sums: Vec<_> = operands.iter().map(sum).collect();
        match sums.as_slice() {
            [only] => only.clone(),
            several => format!("({})", several.join(" + ")),
        }
    };
    let (numerator, denominator) = ratio.kind.spec().operands?;
    Some(format!("{} / {}", side(numerator), side(denominator)))
}

/// The forms in which queries read histograms; `[operations] histograms` in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Histograms {
    /// Series that end in `_bucket`, `_sum` and `_count`.
    #[default]
    Classic,
    /// Series with the name of the histogram: native histograms, or classic ones that Prometheus converts.
    Native,
    /// Either form, whichever the server stores.
    Both,
}

impl Histograms {
    /// Every setting.
    pub const ALL: [Self; 3] = [Self::Classic, Self::Native, Self::Both];

    /// Returns the setting's name in the schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Native => "native",
            Self::Both => "both",
        }
    }

    /// Returns whether queries read every form that those of another setting read.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        let mut forms = other.forms().iter();
        forms.all(|form| self.forms().contains(form))
    }

    /// Returns the forms, the preferred one first.
    pub(crate) const fn forms(self) -> &'static [Form] {
        match self {
            Self::Classic => &[Form::Classic],
            Self::Native => &[Form::Native],
            Self::Both => &[Form::Native, Form::Classic],
        }
    }

    /// Writes a query in each form, joined by `or`: series without a result in the preferred form come from the other form, so
    /// that no result mixes the two.
    pub(crate) fn either(self, write: impl Fn(Form) -> String) -> String {
        self.join(" or ", write)
    }

    /// Like [`either`](Self::either), for a query whose classic form keeps the label `le`.
    pub(crate) fn either_buckets(self, write: impl Fn(Form) -> String) -> String {
        self.join(" or ignoring (le) ", write)
    }

    fn join(self, operator: &str, write: impl Fn(Form) -> String) -> String {
        let mut written: Vec<_> = self.forms().iter().map(|form| write(*form)).collect();
        // A query without histograms is the same in each form.
        written.dedup();
        written.join(operator)
    }
}

/// The form of a histogram's series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Classic,
    Native,
}

/// Returns the highest bucket bound of a histogram in one form; `None` for other kinds. Without native buckets of its own, a
/// native histogram has the bounds of the classic one.
pub(crate) fn highest_bound(registry: &Registry, metric: &Metric, form: Form) -> Option<f64> {
    match (form, metric.native) {
        (Form::Native, Some(native)) => {
            // Quantiles never exceed the upper bound of the last bucket.
            let (_, last) = native.range();
            Some(Boundary::of(native.schema(), last).to_f64())
        }
        (Form::Native, None) | (Form::Classic, _) => registry.bounds(metric)?.last().copied(),
    }
}

/// A number that a histogram contains besides its buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Count,
    Sum,
}

/// The suffix of the series of a classic histogram's buckets.
pub(crate) const BUCKET: &str = "_bucket";

impl Part {
    pub(crate) const ALL: [Self; 2] = [Self::Count, Self::Sum];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Count => "_count",
            Self::Sum => "_sum",
        }
    }

    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::Count => "histogram_count",
            Self::Sum => "histogram_sum",
        }
    }
}

impl Form {
    /// Returns the suffix of the series that contains a part.
    pub(crate) const fn suffix(self, part: Part) -> &'static str {
        match self {
            Self::Classic => part.suffix(),
            Self::Native => "",
        }
    }

    /// Queries a part. `change` writes the rate or the increase of the series with a suffix.
    pub(crate) fn part(self, part: Part, change: impl Fn(&str) -> String) -> String {
        let change = change(self.suffix(part));
        match self {
            Self::Classic => change,
            Self::Native => format!("{}({change})", part.function()),
        }
    }

    /// Queries the buckets, summed by labels.
    pub(crate) fn buckets(self, by: &[&str], change: impl Fn(&str) -> String) -> String {
        match self {
            Self::Classic => sum(&[by, &["le"]].concat(), &change(BUCKET)),
            Self::Native => sum(by, &change("")),
        }
    }

    /// Queries a quantile of the observations, summed by labels.
    pub(crate) fn quantile(
        self,
        quantile: &str,
        by: &[&str],
        change: impl Fn(&str) -> String,
    ) -> String {
        format!(
            "histogram_quantile({quantile}, {})",
            self.buckets(by, change)
        )
    }

    /// Queries the share of observations up to a bucket bound, summed by labels. `change` gets the bound for series with the
    /// label `le`.
    pub(crate) fn share_up_to(
        self,
        bound: f64,
        native: Option<Native>,
        by: &[&str],
        change: impl Fn(&str, Option<f64>) -> String,
    ) -> String {
        match self {
            Self::Classic => {
                let up_to = sum(by, &change(BUCKET, Some(bound)));
                format!("{up_to} / {}", sum(by, &change(Part::Count.suffix(), None)))
            }
            // From `-Inf` and not from 0, because the first bucket of a converted histogram begins there.
            Self::Native => {
                let all = sum(by, &change("", None));
                let limit = number(limit(bound, native));
                format!("histogram_fraction(-Inf, {limit}, {all})")
            }
        }
    }
}

/// Returns the limit up to which `histogram_fraction` counts the observations of a classic bucket. Up to 0, it counts none of those
/// in the bucket that ends there, because Prometheus takes 0 for the start of that bucket. Native buckets count 0 together with
/// the other values up to a threshold.
pub(crate) fn limit(bound: f64, native: Option<Native>) -> f64 {
    const SMALLEST: f64 = f64::from_bits(1);
    if bound == 0.0 {
        native.map_or(SMALLEST, |native| native.zero_threshold())
    } else {
        bound
    }
}

/// Writes a bucket bound as a number in PromQL.
pub(crate) fn number(bound: f64) -> String {
    let spelled = bucket_bound(bound);
    match spelled.strip_suffix(".0") {
        Some(whole) => whole.to_owned(),
        None => spelled,
    }
}

/// Writes the values of a native histogram in a promtool test. Every interval adds `up_to` observations up to a bound, and
/// `above` observations above it.
pub(crate) fn test_values(
    bound: f64,
    native: Option<Native>,
    up_to: f64,
    above: f64,
    intervals: u64,
) -> String {
    // Schema 0 has a bucket for each power of two. The one that contains the bound stays empty, so that Prometheus interpolates
    // nothing.
    let buckets = if bound > 0.0 {
        let containing = bound.log2().ceil();
        format!("offset:{} buckets:[{up_to} 0 0 {above}]", containing - 2.0)
    } else {
        let first_above = (limit(bound, native).log2().ceil() + 1.0).max(1.0);
        format!("n_buckets:[{up_to}] offset:{first_above} buckets:[{above}]")
    };
    let count = up_to + above;
    format!("{{{{}}}}+{{{{schema:0 count:{count} sum:{count} {buckets}}}}}x{intervals}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the rate of a series.
    fn rate(suffix: &str) -> String {
        format!("rate(x{suffix}[5m])")
    }

    #[test]
    fn queries_have_a_form_for_each_setting() {
        let written = |write: fn(Form) -> String| Histograms::ALL.map(|one| one.either(write));
        let quantile: fn(Form) -> String = |form| form.quantile("0.9", &["job"], rate);
        let classic = "histogram_quantile(0.9, sum by (job, le) (rate(x_bucket[5m])))";
        let native = "histogram_quantile(0.9, sum by (job) (rate(x[5m])))";
        let both = format!("{native} or {classic}");
        assert_eq!(written(quantile), [classic, native, &both]);

        let share: fn(Form) -> String = |form| {
            form.share_up_to(0.25, None, &[], |suffix, bound| {
                format!("x{suffix}{}", bound.map_or("", |_| "{le=\"0.25\"}"))
            })
        };
        let classic = "sum(x_bucket{le=\"0.25\"}) / sum(x_count)";
        let native = "histogram_fraction(-Inf, 0.25, sum(x))";
        let both = format!("{native} or {classic}");
        assert_eq!(written(share), [classic, native, &both]);

        let mean: fn(Form) -> String = |form| form.part(Part::Sum, rate);
        let [classic, native] = ["rate(x_sum[5m])", "histogram_sum(rate(x[5m]))"];
        assert_eq!(written(mean)[..2], [classic, native]);
        assert_eq!(Histograms::Both.either(|_| "y".to_owned()), "y");
    }

    #[test]
    fn matchers_select_exactly_the_values() {
        assert_eq!(matcher("x", &["a.b"]), r#"x="a.b""#);
        assert_eq!(matcher("x", &["a.b", "c"]), r#"x=~"a\\.b|c""#);
        // The empty value selects series without the label.
        assert_eq!(matcher("x", &["", "c"]), r#"x=~"|c""#);
    }

    #[test]
    fn bounds_are_numbers() {
        for (bound, written) in [(0.1024, "0.1024"), (1.0, "1"), (0.0, "0"), (1e30, "1e30")] {
            assert_eq!(number(bound).parse::<f64>(), Ok(bound));
            assert_eq!(number(bound).replace('+', ""), written);
        }
    }

    #[test]
    fn the_bucket_that_contains_the_bound_is_empty_in_tests() {
        assert_eq!(
            test_values(0.25, None, 9.0, 1.0, 5),
            "{{}}+{{schema:0 count:10 sum:10 offset:-4 buckets:[9 0 0 1]}}x5"
        );
        let values = |native| test_values(0.0, native, 9.0, 1.0, 5);
        assert!(values(None).contains("n_buckets:[9] offset:1 buckets:[1]"));
        let native = Native {
            factor: 2.0,
            from: 8.0,
            to: 64.0,
        };
        assert!(values(Some(native)).contains("n_buckets:[9] offset:4 buckets:[1]"));
    }

    #[test]
    fn a_limit_of_zero_is_above_zero() {
        let native = Native {
            factor: 2.0,
            from: 8.0,
            to: 64.0,
        };
        assert!(native.zero_threshold() > 0.0);
        assert_eq!(
            limit(0.0, Some(native)).to_bits(),
            native.zero_threshold().to_bits()
        );
        assert_eq!(number(limit(0.0, None)), "5e-324");
        for bound in [-1.0, 0.25, 8.0] {
            assert_eq!(limit(bound, Some(native)).to_bits(), f64::to_bits(bound));
        }
    }
}
