//! The marks of recorders: writes those that `metrics!` reads, and finds them in rustc's messages.

use shadowcat_metrics_codegen::emit::recorders::uses::{MARK, Use, fingerprint};
use shadowcat_metrics_codegen::model::{LabelId, MetricId, Registry};

/// Returns the marks for recorders with some labels that lack `FromStr`.
pub(super) fn without_from_str(
    labels: impl IntoIterator<Item = LabelId>,
    registry: &Registry,
) -> String {
    let labels = labels.into_iter().map(|label| format!(" {}", label.0));
    fingerprint(registry) + &labels.collect::<String>()
}

/// Parses one of rustc's messages. Returns `None` for other messages, and for marks of another schema.
pub(super) fn in_message(message: &str, registry: &Registry) -> Option<Use> {
    let (_, note) = message.split_once(MARK)?;
    let mut words = note.split_whitespace();
    if words.next()? != fingerprint(registry) {
        return None;
    }
    let kind = words.next()?;
    let mut number = || words.next()?.parse::<usize>().ok();
    match kind {
        "schema" => Some(Use::Schema),
        "metric" => Some(Use::Metric(MetricId(number()?))),
        "value" => Some(Use::Value(LabelId(number()?), number()?)),
        "values" => Some(Use::Values(LabelId(number()?))),
        _ => None,
    }
}
