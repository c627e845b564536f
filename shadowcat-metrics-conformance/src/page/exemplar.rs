//! The rules for exemplars, which OpenMetrics and protobuf share.

use shadowcat_metrics_codegen::name::is_label_name;

use super::lines::{repeated, shorten};
use super::protobuf::message;

/// Most characters of an exemplar's label names and values together.
const MAX_LENGTH: usize = 128;

/// The times that a protobuf `Timestamp` can have, as Unix times: the years 1 to 9999.
const TIMES: std::ops::Range<f64> = -62_135_596_800.0..253_402_300_800.0;

/// An exemplar of a sample.
#[derive(Debug, Default)]
pub(super) struct Exemplar {
    /// Names and values, in the page's order.
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
    /// Unix time in seconds.
    pub(super) time: Option<f64>,
}

impl Exemplar {
    /// Returns the first rule that the exemplar breaks. Some readers drop such an exemplar, or refuse the page. `bound` is the
    /// upper bound of its bucket.
    pub(super) fn fault(&self, bound: Option<f64>) -> Option<String> {
        let Self {
            labels,
            value,
            time,
        } = self;
        let length =
            |(name, value): &(String, String)| name.chars().count() + value.chars().count();
        let length: usize = labels.iter().map(length).sum();
        if length > MAX_LENGTH {
            return Some(format!(
                "the labels of the exemplar have {length} characters: Prometheus drops an exemplar with more than {MAX_LENGTH}"
            ));
        }
        if let Some((name, _)) = labels.iter().find(|(name, _)| !is_label_name(name)) {
            let name = shorten(name);
            return Some(format!("`{name}` of the exemplar is not a label name"));
        }
        if let Some(name) = repeated(labels.iter().map(|(name, _)| name)) {
            let name = shorten(name);
            return Some(format!("the label `{name}` appears twice in the exemplar"));
        }
        // Only the last bucket counts values that are not numbers.
        let is_outside = |bound: &f64| value > bound || (value.is_nan() && *bound < f64::INFINITY);
        if let Some(bound) = bound.filter(is_outside) {
            return Some(format!(
                "the exemplar's value {value} is above the bucket's bound {bound}"
            ));
        }
        let wrong = time.filter(|time| !TIMES.contains(time));
        wrong.map(|time| {
            format!(
                "the exemplar's time {time} is not a Unix time in seconds before the year 10000"
            )
        })
    }
}

impl From<message::Exemplar> for Exemplar {
    fn from(message: message::Exemplar) -> Self {
        let labels = message.labels.into_iter();
        let time = message.time.map(|time| {
            // The nanoseconds of a valid time are never negative.
            let nanos = u32::try_from(time.nanos)
                .ok()
                .filter(|nanos| *nanos < 1_000_000_000);
            #[expect(clippy::cast_precision_loss, reason = "only the size matters")]
            let seconds = time.seconds as f64;
            nanos.map_or(f64::NAN, |nanos| seconds + f64::from(nanos) / 1e9)
        });
        Self {
            labels: labels.map(|pair| (pair.name, pair.value)).collect(),
            value: message.value,
            time,
        }
    }
}
