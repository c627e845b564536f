//! PromQL, checked against the schema: every name, label and value in it, every function against the kind of its metric.

/// A schema with a few metrics and one alert, given by its expression.
macro_rules! alert_on {
    ($expr:literal) => {
        concat!(
            r#"[labels.outcome]
help = "How the request ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """"#,
            $expr,
            r#""""
severity = "info"
"#,
        )
    };
}

/// The same if Prometheus stores native histograms.
macro_rules! alert_on_native {
    ($expr:literal) => {
        concat!(
            "[operations]\nhistograms = \"native\"\n\n",
            alert_on!($expr)
        )
    };
}

/// A schema with one alert, given by its expression, and a metric with a sum label.
macro_rules! alert_on_call {
    ($expr:literal) => {
        concat!(
            r#"[labels.method]
help = "Method of the call."
values = ["ping", "tools/call"]

[labels.tool]
help = "Tool that was called."
open = { max = 64 }

[labels.call]
help = "The call: its method and, if it has one, its tool."
of = "method"
with = { "tools/call" = ["tool"] }

[metrics.http.calls]
type = "counter"
labels = ["call"]
help = "Calls answered."

[alerts.example]
summary = "An example."
expr = """"#,
            $expr,
            r#""""
severity = "info"
"#,
        )
    };
}

mod alerts;
pub(crate) mod calls;
pub(crate) mod histograms;
mod labels;
pub(crate) mod matchers;
mod migrate;
pub(crate) mod operators;
pub(crate) mod query;
mod syntax;
#[cfg(test)]
mod testing;
pub(crate) mod text;
mod vocabulary;
pub(crate) mod walk;
pub(crate) mod write;

pub use labels::Labels;
pub use migrate::{Edit, KnownHistograms, Migration, Target, Usage};
pub(crate) use query::durations;
pub use query::{Analysis, Finding, Query};
pub use vocabulary::{Ceiling, Samples, Vocabulary};
pub(crate) use vocabulary::{Shape, is_share};
