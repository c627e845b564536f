//! The queries of alerts, rewritten to the form of histograms that `[operations] histograms` sets.

use crate::histograms::{Form, Histograms};
use crate::model::{Alert, Schema};
use crate::promql::{Finding, Known, Migration, Query, Target, Usage};

/// The query of an alert in the form that the rules have.
#[derive(Debug)]
pub(crate) struct AlertQuery {
    /// The query.
    pub(crate) promql: String,
    /// Whether it differs from the schema's.
    pub(crate) is_rewritten: bool,
    /// The parts that read only classic histograms although the setting is `both`, and cannot be rewritten.
    pub(crate) left: Vec<Finding>,
}

impl AlertQuery {
    /// Rewrites the query of an alert, as a whole or not at all. One that reads both forms stays as it is.
    pub(crate) fn of(schema: &Schema, alert: &Alert) -> Self {
        let written = alert.expr.promql(&schema.registry);
        let query = Query::parse(&written);
        let known = Known::new(schema);
        let names = query.names();
        let reads = |form| names.iter().any(|name| known.form(name) == Some(form));
        let to = |target| query.migrate(&known, target, Usage::Numbers);
        let promql = match (
            schema.settings.histograms,
            reads(Form::Classic),
            reads(Form::Native),
        ) {
            (Histograms::Native, true, _) => to(Target::Native).apply(&written),
            (Histograms::Both, true, false) => {
                let Migration { edits, left } = to(Target::Native);
                if !left.is_empty() {
                    return Self {
                        promql: written,
                        is_rewritten: false,
                        left: left.into_iter().map(advised).collect(),
                    };
                }
                let native = Migration { edits, left }.apply(&written);
                either(&native, &written)
            }
            (Histograms::Both, false, true) => {
                either(&written, &to(Target::Classic).apply(&written))
            }
            (Histograms::Classic | Histograms::Native | Histograms::Both, _, _) => written.clone(),
        };
        Self {
            is_rewritten: promql != written,
            promql,
            left: Vec::new(),
        }
    }
}

fn advised(mut finding: Finding) -> Finding {
    finding.advise("write the query for both forms, joined with `or`, the native one first");
    finding
}

/// Joins a query's forms, unless they are equal. A comment may end a line.
fn either(native: &str, classic: &str) -> String {
    let (native, classic) = (native.trim(), classic.trim());
    if native == classic {
        return native.to_owned();
    }
    let space = if native.contains(['\n', '#']) {
        "\n"
    } else {
        " "
    };
    format!("{native}{space}or{space}{classic}")
}
