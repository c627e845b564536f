//! Histograms: their bounds, and whether their parts agree.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use shadowcat_metrics_codegen::name::bucket_bound;

use super::Check;
use super::series::identity;
use crate::finding::{Code, codes};
use crate::page::Sample;

codes! {
    WRONG_BUCKETS = "LC09" "wrong-buckets" Error:
    "The bucket bounds of a histogram differ from the schema.",
    "Build the program with this schema. An objective needs a bucket bound at its limit.";

    BROKEN_HISTOGRAM = "LC10" "broken-histogram" Error:
    "A histogram contradicts itself: its buckets decrease or are out of order, `_count` and `+Inf` differ, or a part is \
     missing.",
    "Fix the program's output.";

    OTHER_SPELLING = "LC18" "other-spelling" Warning:
    "A bucket bound is spelled differently than in the schema's rules.",
    "Serve the registry's own page. Before Prometheus 3, a query for `le=\"2.0\"` does not match `le=\"2\"`.";
}

/// The samples of one series of a histogram.
#[derive(Default)]
struct Parts {
    line: usize,
    /// Bounds and cumulative counts, in the page's order.
    buckets: Vec<(f64, f64)>,
    count: Option<f64>,
    sum: Option<f64>,
}

impl Check<'_> {
    pub(super) fn histograms(&mut self) {
        let Some(bounds) = &self.expected.kind.bounds else {
            return;
        };
        let mut series: BTreeMap<Vec<(String, String)>, Parts> = BTreeMap::new();
        for sample in self.values() {
            self.take(sample, &mut series);
        }
        self.spelling();
        let mut other_bounds = false;
        for (labels, mut parts) in series {
            let in_order = parts.buckets.is_sorted_by(|one, other| one.0 <= other.0);
            parts
                .buckets
                .sort_by(|one, other| one.0.total_cmp(&other.0));
            let found: Vec<_> = parts.buckets.iter().map(|(bound, _)| *bound).collect();
            let expected: Vec<_> = bounds.iter().copied().chain([f64::INFINITY]).collect();
            let name = &self.expected.name;
            // All series of a family have the same bounds, so one report is enough. A series without buckets
            // is reported as broken instead.
            if !found.is_empty() && found != expected && !other_bounds {
                other_bounds = true;
                let message = format!(
                    "the bounds of `{name}` are {}, expected {}",
                    list(&found),
                    list(&expected)
                );
                self.find(Code::WRONG_BUCKETS, parts.line, message);
            }
            let disorder =
                (!in_order).then(|| "its buckets are not in the order of their bounds".to_owned());
            if let Some(fault) = disorder.or_else(|| fault(&parts)) {
                let labels: Vec<_> = labels
                    .iter()
                    .map(|(name, value)| format!("{name}={value:?}"))
                    .collect();
                let message = format!("`{}{{{}}}`: {fault}", self.expected.name, labels.join(","));
                self.find(Code::BROKEN_HISTOGRAM, parts.line, message);
            }
        }
    }

    /// Checks the native buckets of a page in protobuf. Without any in the schema, another program may have them.
    pub(super) fn native_buckets(&mut self) {
        let family = self.family;
        let name = &self.expected.name;
        let broken = family.native.iter().find(|native| !native.adds_up());
        if let Some(native) = broken {
            let counted = native.zero_count + native.counted;
            let message = format!(
                "the native buckets of `{name}` have {counted} observations, and its count is {}",
                native.count
            );
            self.find(Code::BROKEN_HISTOGRAM, 0, message);
        }
        let Some(expected) = self.expected.kind.native else {
            return;
        };
        let (schema, threshold) = (expected.schema, expected.zero_threshold);
        let wanted = format!("expected the schema {schema} from {threshold}");
        let other = family.native.iter().find(|native| {
            native.schema != schema || !native.zero_threshold.total_cmp(&threshold).is_eq()
        });
        if family.native.is_empty() {
            let message = format!("`{name}` has no native buckets, {wanted}");
            self.find(Code::WRONG_BUCKETS, 0, message);
        } else if let Some(native) = other {
            let message = format!(
                "the native buckets of `{name}` have the schema {} from {}, {wanted}",
                native.schema, native.zero_threshold
            );
            self.find(Code::WRONG_BUCKETS, 0, message);
        }
    }

    /// Rules select a bound by its text. Prometheus before version 3 keeps the text, so another spelling of
    /// the same number is another bound there.
    fn spelling(&mut self) {
        let other = self.values().find_map(|sample| {
            let found = sample.label("le")?;
            let expected = bucket_bound(found.parse().ok()?);
            (found != expected).then_some((sample, found, expected))
        });
        if let Some((sample, found, expected)) = other {
            let name = &self.expected.name;
            let message =
                format!("a bound of `{name}` is spelled {found:?}, expected {expected:?}");
            self.find(Code::OTHER_SPELLING, sample.line, message);
        }
    }

    fn take(&self, sample: &Sample, series: &mut BTreeMap<Vec<(String, String)>, Parts>) {
        let part = sample.name.strip_prefix(self.expected.name.as_str());
        let mut labels = identity(sample);
        labels.retain(|(name, _)| name != "le");
        let parts = series.entry(labels).or_default();
        parts.line = sample.line;
        match part {
            Some("_bucket") => {
                let bound = sample.label("le").and_then(|bound| bound.parse().ok());
                let bound = bound.unwrap_or(f64::NAN);
                parts.buckets.push((bound, sample.value));
            }
            Some("_count") => parts.count = Some(sample.value),
            Some("_sum") => parts.sum = Some(sample.value),
            Some(_) | None => {}
        }
    }
}

fn fault(parts: &Parts) -> Option<String> {
    let counts = parts.buckets.iter().map(|(_, count)| *count);
    if let Some(count) = counts
        .chain(parts.count)
        .find(|count| count.is_nan() || *count < 0.0)
    {
        return Some(format!("{count} is not a number of observations"));
    }
    let falls = parts.buckets.windows(2).find(|pair| {
        pair[0]
            .1
            .partial_cmp(&pair[1].1)
            .is_none_or(Ordering::is_gt)
    });
    if let Some(pair) = falls {
        return Some(format!(
            "{} are at most {}, and {} at most {}",
            pair[0].1, pair[0].0, pair[1].1, pair[1].0
        ));
    }
    let all = parts
        .buckets
        .last()
        .filter(|(bound, _)| bound.is_infinite());
    match (all, parts.count, parts.sum) {
        (None, ..) => Some("there is no bucket `+Inf`".to_owned()),
        (_, None, _) => Some("there is no `_count`".to_owned()),
        (_, _, None) => Some("there is no `_sum`".to_owned()),
        (Some((_, all)), Some(count), Some(_)) if !all.total_cmp(&count).is_eq() => Some(format!(
            "the bucket `+Inf` has {all}, and `_count` is {count}"
        )),
        (Some(_), Some(_), Some(_)) => None,
    }
}

fn list(bounds: &[f64]) -> String {
    let bounds: Vec<_> = bounds.iter().map(f64::to_string).collect();
    bounds.join(", ")
}

#[test]
fn faults_of_histograms() {
    super::testing::assert_faults(&[
        (
            "wait_seconds_bucket{le=\"2.0\"}",
            "wait_seconds_bucket{le=\"1.0\"}",
            &["LC09 12"],
        ),
        (
            "wait_seconds_bucket{le=\"+Inf\"} 2\n",
            "wait_seconds_bucket{le=\"+Inf\"} 1\n",
            &["LC10 12"],
        ),
        (
            "shop_cart_wait_seconds_count 2",
            "shop_cart_wait_seconds_count 3",
            &["LC10 12"],
        ),
        ("shop_cart_wait_seconds_sum 1.5\n", "", &["LC10 11"]),
        ("{le=\"2.0\"}", "{le=\"2\"}", &["LC18 9"]),
        (
            "{le=\"0.5\"} 1\nshop_cart_wait_seconds_bucket{le=\"2.0\"} 2",
            "{le=\"2.0\"} 2\nshop_cart_wait_seconds_bucket{le=\"0.5\"} 1",
            &["LC10 12"],
        ),
        ("{le=\"0.5\"} 1", "{le=\"0.5\"} -1", &["LC10 12"]),
    ]);
}
