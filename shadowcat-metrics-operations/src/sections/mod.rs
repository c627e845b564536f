//! The sections of a schema that the compiler ignores: `[policy]`, `[operations]`, `[slos]` and `[alerts]`.

/// A counter with a label, followed by an example.
macro_rules! requests {
    ($($more:tt)*) => {
        concat!(
            r#"[labels.outcome]
help = "How the request ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."
"#,
            $($more)*
        )
    };
}

/// A histogram, followed by an example.
macro_rules! durations {
    ($($more:tt)*) => {
        concat!(
            r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 0.25, 1]
help = "Time spent on a request."
"#,
            $($more)*
        )
    };
}

/// An objective without its events.
macro_rules! answers {
    ($events:literal) => {
        concat!(
            "\n[slos.answers]\nhelp = \"Requests are answered.\"\nobjective = 0.999\n",
            $events,
            "\n",
        )
    };
}

/// An alert without its severity.
macro_rules! busy {
    ($severity:literal) => {
        concat!(
            "\n[alerts.busy]\nsummary = \"Many requests.\"\nexpr = \"rate({http.requests}[5m]) > 100\"\nfor = \"10m\"\n",
            $severity,
            "\n",
        )
    };
}

/// Declares tables of the sections, each with one row for a key: the field, its type and how it is read, as in `tables!`; then the
/// type of the value in the JSON Schema, whether the key is required, and its meaning. `fmt` uses the order of the rows.
macro_rules! section_tables {
    ($(
        $(#[$about:meta])*
        $table:ident = $name:literal: $doc:literal $(, one of $one_of:expr)?;
        $written:ident $(, $(#[$about_other:meta])* $other:ident: $other_type:ty)* {
            $(
                $field:ident $(= $key:literal)?: $type:ty, $read:ident $(($parse:expr))?
                    => $value:expr, $($required:ident,)? $meaning:literal;
            )*
        }
    )*) => {
        $(
            $(#[$about])*
            pub const $table: super::Table = super::Table {
                name: $name,
                doc: $doc,
                keys: &[$(
                    section_tables!(@ $($required)?)(
                        shadowcat_metrics_codegen::tables!(@key $field $($key)?),
                        $value,
                        $meaning,
                    )
                ),*],
                one_of: section_tables!(@one_of $($one_of)?),
            };
        )*

        shadowcat_metrics_codegen::tables! {$(
            $(#[$about])*
            #[derive(Debug)]
            $written $(, $(#[$about_other])* $other: $other_type)* {
                $($field $(= $key)?: $type, $read $(($parse))?;)*
            }
        )*}
    };
    (@) => { super::key };
    (@ required) => { super::required };
    (@one_of) => { &[] };
    (@one_of $one_of:expr) => { $one_of };
}

mod alerts;
mod events;
mod expressions;
mod policy;
mod settings;
mod slos;
#[cfg(test)]
mod testing;

use shadowcat_metrics_authoring::language::{Table, Value, key, required};
use shadowcat_metrics_authoring::lint;
use shadowcat_metrics_codegen::lint::Linter;
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::section::{
    Checker, Entry, Node, Sections, Spanned, merge, table, text,
};
use shadowcat_metrics_codegen::{Code, Report, Span};

use crate::model::{Alert, Schema, Settings, Slo};
pub use alerts::{ALERT, ALERT_COLLISION, ALERT_TEST, UNKNOWN_SEVERITY};
pub use events::{
    EVENTS, LABEL_NOT_OF_METRIC, MISPLACED_UNDER, NOT_A_BOUND, NOT_EVENTS, UNKNOWN_LABEL_VALUE,
};
pub use expressions::INVALID_DURATION;
use policy::Policy;
pub use policy::{INVALID_POLICY, POLICY, POLICY_KEY, POLICY_LABEL, POLICY_LIMIT, POLICY_NAME};
pub use settings::{INVALID_EXTERNAL_NAME, OPERATIONS, TARGET_LABEL_CLASH, UNKNOWN_HISTOGRAMS};
pub use slos::{EVENTS_ALL_ALIKE, INVALID_OBJECTIVE, LABEL_OF_ALERTS, OBJECTIVE_WINDOW, SLO};

/// Returns the type of a section, by its name.
#[must_use]
pub fn value(section: &str) -> Option<&'static Value> {
    match section {
        "policy" => Some(&Value::Named(&Value::Table(&POLICY))),
        "operations" => Some(&Value::Table(&OPERATIONS)),
        "slos" => Some(&Value::Named(&Value::Table(&SLO))),
        "alerts" => Some(&Value::Named(&Value::Table(&ALERT))),
        _ => None,
    }
}

/// The sections' tables.
pub const TABLES: [&Table; 6] = [&POLICY, &OPERATIONS, &SLO, &EVENTS, &ALERT, &ALERT_TEST];

/// Returns the codes of the sections, by file.
pub(crate) fn codes() -> impl Iterator<Item = Code> {
    let tables = [
        alerts::CODES,
        events::CODES,
        expressions::CODES,
        policy::CODES,
        settings::CODES,
        slos::CODES,
    ];
    tables.into_iter().flatten().copied()
}

/// The sections of one schema: parsed first, then checked.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    written: Written,
    policies: Vec<Policy>,
    settings: Settings,
    slos: Vec<Slo>,
    alerts: Vec<Alert>,
    sections: Vec<(&'static str, Span)>,
}

impl Claim {
    /// Applies the severities in policies to the findings of lints.
    pub(crate) fn apply_policies(&self, registry: &Registry, report: Report) -> Report {
        policy::apply(&self.policies, registry, report)
    }

    /// Returns the checked sections together with their metrics.
    pub(crate) fn into_schema(self, registry: Registry) -> Schema {
        Schema {
            registry,
            settings: self.settings,
            slos: self.slos,
            alerts: self.alerts,
            sections: self.sections,
            is_part: false,
        }
    }
}

#[derive(Debug, Default)]
struct Written {
    policies: Vec<policy::Written>,
    settings: settings::Written,
    slos: Vec<slos::Written>,
    alerts: Vec<alerts::Written>,
}

impl Sections for Claim {
    fn parse(&mut self, tables: &[(&'static str, &Entry)], report: &mut Report) {
        let spans = tables
            .iter()
            .map(|(section, entry)| (*section, entry.key.span));
        self.sections.extend(spans);
        let of = |name: &'static str| {
            let tables = tables.iter().filter(move |(section, _)| *section == name);
            tables.map(|(_, entry)| *entry)
        };
        let policies = each(of("policy"), "policy", "a policy", policy::parse, report);
        let name = |policy: &policy::Written| policy.name.clone();
        merge(&mut self.written.policies, policies, "policy", name, report);
        for entry in of("operations") {
            if let Some(settings) = settings::parse(entry, report) {
                self.written.settings = settings;
            }
        }
        let slos = each(of("slos"), "slos", "an objective", slos::parse, report);
        let name = |slo: &slos::Written| slo.name.clone();
        merge(&mut self.written.slos, slos, "objective", name, report);
        let alerts = each(of("alerts"), "alerts", "an alert", alerts::parse, report);
        let name = |alert: &alerts::Written| alert.name.clone();
        merge(&mut self.written.alerts, alerts, "alert", name, report);
    }

    fn check(&mut self, checker: &mut Checker<'_>) {
        let policies = self.written.policies.iter();
        self.policies = policies
            .map(|policy| policy::check(policy, checker))
            .collect();
        self.settings = settings::check(&self.written.settings, checker);
        let slos = self.written.slos.iter();
        self.slos = slos.filter_map(|slo| slos::check(slo, checker)).collect();
        let histograms = self.settings.histograms;
        let alerts = self.written.alerts.iter();
        self.alerts = alerts
            .filter_map(|alert| alerts::check(alert, histograms, checker))
            .collect();
        alerts::check_names(&self.slos, &self.alerts, checker);
    }

    fn lint(&self, linter: &mut Linter<'_>) {
        lint::run(linter);
    }
}

/// Parses the value of each key in a section such as `[slos]`, whose keys the schema's author chooses.
fn each<'t, T>(
    tables: impl Iterator<Item = &'t Entry>,
    section: &str,
    of: &str,
    parse: fn(&Entry, &mut Report) -> Option<T>,
    report: &mut Report,
) -> Vec<T> {
    let expected = format!("a table with {of} under each key");
    let mut parsed = Vec::new();
    for entry in tables {
        let entries = table(&entry.value, section, &expected, report).unwrap_or_default();
        parsed.extend(entries.iter().filter_map(|entry| parse(entry, report)));
    }
    parsed
}

/// Names that the schema's author chooses, each with its text.
type NamedTexts = Vec<(Spanned<String>, Spanned<String>)>;

/// Parses a table of names and texts.
fn named_texts(value: &Node, key: &str, expected: &str, report: &mut Report) -> Option<NamedTexts> {
    let entries = table(value, key, expected, report)?;
    let named = entries.iter().filter_map(|entry| {
        let value = text(&entry.value, &entry.key.value, report)?.to_owned();
        let span = entry.value.span;
        Some((entry.key.clone(), Spanned { value, span }))
    });
    Some(named.collect())
}
