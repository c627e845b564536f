//! Calls that make no sense: functions that are not there, and operands that they do not take.

use shadowcat_metrics_codegen::suggest;

use super::super::tokens::Token;
use super::Complaint;
use super::parts::Part;
use super::sense::between;

/// What may be called, for those who misspell it. Aggregations are among them.
const CALLED: &str = "\
    abs absent absent_over_time acos acosh asin asinh atan atanh avg avg_over_time bottomk ceil changes clamp \
    clamp_max clamp_min cos cosh count count_over_time count_values day_of_month day_of_week day_of_year \
    days_in_month deg delta deriv double_exponential_smoothing exp first_over_time floor group histogram_avg \
    histogram_count histogram_fraction histogram_quantile histogram_stddev histogram_stdvar histogram_sum \
    hour idelta increase info irate label_join label_replace last_over_time limit_ratio limitk ln log10 log2 \
    mad_over_time max max_over_time min min_over_time minute month pi predict_linear present_over_time \
    quantile quantile_over_time rad rate resets round scalar sgn sin sinh sort sort_by_label \
    sort_by_label_desc sort_desc sqrt stddev stddev_over_time stdvar stdvar_over_time sum sum_over_time tan \
    tanh time timestamp topk ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time \
    ts_of_min_over_time vector year";

/// What is wrong with a function.
pub(super) fn of_calls(part: &Part<'_>, said: &str) -> Option<Complaint> {
    let called = part.first_word();
    let name = part.written(&called);
    if let Some(name) = between(said, "unknown function with name '", "'") {
        let label = match suggest::nearest(name, CALLED.split_whitespace()) {
            _ if name == "holt_winters" => {
                "expected `double_exponential_smoothing`, as Prometheus 3 calls it".to_owned()
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => "expected one of PromQL's functions, or an operator before the parenthesis"
                .to_owned(),
        };
        let place = part.word(name).unwrap_or(called);
        return Some(Complaint::new(
            place,
            format!("there is no function `{name}`"),
            label,
        ));
    }
    let got = said.rsplit(' ').next().unwrap_or_default();
    if let Some(expected) = between(said, "expected type ", " in ") {
        let label = match (expected, got) {
            ("matrix", "vector") => "expected a range such as `[5m]` behind the series",
            ("vector", "matrix") => {
                "expected series without a range, or `rate` or the like around them"
            }
            ("scalar", "vector") => "expected the number first, or `scalar(...)` around the series",
            ("vector", "scalar") => "expected series, or `vector(...)` around the number",
            _ => &format!("expected {}", kind(expected)),
        };
        let message = format!(
            "`{name}` is given {} where it takes {}",
            kind(got),
            kind(expected)
        );
        return Some(Complaint::new(called, message, label));
    }
    if let Some(count) = between(said, "expected ", " argument(s)") {
        let operands = if got == "1" { "operand" } else { "operands" };
        let message = format!("`{name}` is given {got} {operands}");
        return Some(Complaint::new(called, message, format!("expected {count}")));
    }
    if said.starts_with("trailing commas") {
        let place = part.last(&Token::Sign(','));
        return Some(Complaint::new(
            place,
            "a comma stands before the parenthesis",
            "expected no comma behind the last operand",
        ));
    }
    None
}

/// What is wrong with the operands of an aggregation.
pub(super) fn of_aggregations(part: &Part<'_>, said: &str) -> Option<Complaint> {
    let called = part.first_word();
    let name = part.written(&called);
    let (message, label) = if said.starts_with("no arguments for aggregate") {
        (
            format!("`{name}` is given nothing"),
            "expected series in its parentheses".to_owned(),
        )
    } else if !said.starts_with("wrong number of arguments for aggregate") {
        return None;
    } else if said.contains("expected 1,") {
        (
            format!("`{name}` takes nothing but series"),
            format!("expected `{name}(series)`"),
        )
    } else {
        (
            format!("`{name}` takes something beside the series"),
            format!("expected two operands, the series last: `{name}(..., series)`"),
        )
    };
    Some(Complaint::new(called, message, label))
}

/// What the parser calls what.
fn kind(name: &str) -> &str {
    match name {
        "scalar" => "a number",
        "vector" => "series",
        "matrix" => "a range of series",
        "string" => "a text",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::refusal;
    use super::*;

    #[test]
    fn what_is_proposed_can_be_called() {
        for name in CALLED.split_whitespace() {
            let why = refusal(&format!("{name}()")).unwrap_or_default();
            assert!(!why.starts_with("unknown function"), "{name}: {why}");
        }
        assert!(CALLED.split_whitespace().is_sorted());
    }
}
