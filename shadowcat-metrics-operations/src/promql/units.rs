//! Ranges and steps without a unit, which Prometheus takes for seconds.

use shadowcat_metrics_codegen::codes::promql as codes;

use super::check::Walk;

impl Walk<'_> {
    /// Looks at every range of the query, and at the step that a subquery's may have behind a colon.
    pub(super) fn units(&mut self) {
        for brackets in std::mem::take(&mut self.places.ranges) {
            let mut start = brackets.start + 1;
            let inside = self.query[start..brackets.end].trim_end_matches(']');
            for (part, what) in inside.split(':').zip(["range", "step"]) {
                let number = part.trim();
                let from = start + (part.len() - part.trim_start().len());
                let place = from..from + number.len();
                start += part.len() + 1;
                if number.parse::<f64>().is_err() || self.is_variable(&place) {
                    continue;
                }
                let is_whole = number.bytes().all(|byte| byte.is_ascii_digit());
                let expected = if is_whole {
                    format!("expected a unit, such as `{number}m`, or `{number}s` for seconds")
                } else {
                    "expected whole numbers with units, such as `5m`".to_owned()
                };
                self.find(
                    codes::RANGE_WITHOUT_UNIT,
                    place,
                    format!("the {what} `{number}` has no unit, and is taken for seconds"),
                    expected,
                    None,
                );
            }
        }
    }
}
