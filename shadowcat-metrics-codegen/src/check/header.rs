//! The beginning of the file: `format`, `namespace`, `[defaults]`.

use super::Checker;
use crate::codes::{codes, errors};
use crate::diagnostic::Diagnostic;
use crate::language::{FORMAT, SERIES_BUDGET_LIMIT};
use crate::model::Stability;
use crate::parse::ast::{Defaults, Field, Schema, Spanned, Texts};
use crate::source::Span;

codes! {
    table HEADER;

    UNSUPPORTED_FORMAT = "SM0003" "unsupported-format": "unknown version of the schema language",
    "`format` is the version of the schema language. This version of the library supports format 1. A higher format \
     needs a newer library.",
    example: r#"- format = 2
+ format = 1
namespace = "app"
"#;

    INVALID_USE = "SM0018" "invalid-use": "an invalid `uses`",
    "`uses` lists the crates of the program that have schemas of their own, by their names in Cargo. Commands find them through \
     `cargo metadata`, so each must be a direct or indirect dependency. Each crate names its schema in its Cargo.toml: \
     `[package.metadata.shadowcat-metrics] schema = \"metrics.toml\"`. Each schema of a program needs its own namespace, because \
     the names of its metrics, alerts and files begin with the namespace.",
    example: r#"format = 1
namespace = "app"
- uses = ["connection pool"]
+ uses = ["connection-pool"]
"#;

    DEPRECATED_BY_DEFAULT = "SM0412" "deprecated-by-default": "deprecated by default",
    "Each deprecated metric needs its own reason, so deprecation cannot be a default.",
    example: r#"[defaults]
- stability = "deprecated"
+ stability = "experimental"
"#;
}

/// Default series budget.
const SERIES_BUDGET: u64 = 10_000;

/// Defaults for metrics.
pub(super) struct MetricDefaults {
    pub(super) owner: Option<String>,
    pub(super) stability: Stability,
}

impl Checker<'_> {
    pub(super) fn check_header(&mut self, schema: &Schema) -> MetricDefaults {
        self.check_format(schema);
        self.registry.namespace = self.check_namespace(&schema.namespace);
        self.registry.uses = self.check_uses(&schema.uses);
        self.registry.series_budget = self.check_series_budget(&schema.defaults.series_budget);
        self.registry.allow = schema.defaults.allow.items().to_vec();
        self.check_defaults(&schema.defaults)
    }

    fn check_format(&mut self, schema: &Schema) {
        match &schema.format {
            Field::Given(given) if given.value != FORMAT => {
                let message = format!(
                    "this version of the library does not support format {}",
                    given.value
                );
                self.error(UNSUPPORTED_FORMAT, given.span, message)
                    .label(format!("expected {FORMAT}"));
            }
            Field::Absent => {
                let whole = looks_included(schema)
                    .then_some("if another schema includes this file, pass that schema instead: it has `format` and \
                         `namespace`");
                self.missing_at_top("format", &format!("format = {FORMAT}"), whole);
            }
            Field::Given(_) | Field::Invalid => {}
        }
    }

    fn check_uses(&mut self, uses: &Field<Texts>) -> Texts {
        let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let mut crates = Texts::new();
        for used in uses.items() {
            let Spanned { value: name, span } = used;
            if name.is_empty() || !name.chars().all(is_part) {
                let message = format!("`{name}` cannot be the name of a crate");
                self.error(INVALID_USE, *span, message)
                    .label("expected the name of a dependency, as in Cargo.toml");
            } else if let Some(other) = crates.iter().find(|other| other.value == *name) {
                self.error(INVALID_USE, *span, format!("`{name}` is listed twice"))
                    .label("remove this one")
                    .secondary(other.span, "the first one");
            } else {
                crates.push(used.clone());
            }
        }
        crates
    }

    fn check_namespace(&mut self, namespace: &Field<String>) -> String {
        if namespace.is_absent() {
            self.missing_at_top("namespace", "namespace = \"NAME\"", None);
        }
        let Some(given) = namespace.given() else {
            return String::new();
        };
        let (value, span) = (given.value.clone(), given.span);
        self.check_identifier(&Spanned { value, span }, "namespace")
    }

    fn missing_at_top(&mut self, key: &str, line: &str, help: Option<&str>) {
        // Below a table header, the key belongs to that table, and was reported as unknown there.
        let is_key = |error: &Diagnostic| {
            error.code == errors::UNKNOWN_KEY && self.source.slice(error.primary) == key
        };
        if self.report.errors().any(is_key) {
            return;
        }
        let problem = self
            .missing("the file", key, Span::default())
            .label(format!("expected `{line}` above the first table"));
        if let Some(help) = help {
            problem.help(help);
        }
    }

    fn check_series_budget(&mut self, budget: &Field<i64>) -> u64 {
        let Some(given) = budget.given() else {
            return SERIES_BUDGET;
        };
        if let Ok(budget @ 1..=SERIES_BUDGET_LIMIT) = u64::try_from(given.value) {
            return budget;
        }
        let message = format!("a `series_budget` of {} is out of range", given.value);
        self.error(errors::NUMBER_OUT_OF_RANGE, given.span, message)
            .label(format!("expected 1 to {SERIES_BUDGET_LIMIT}"));
        // A smaller number would exceed the budget, which is a different fault.
        u64::MAX
    }

    fn check_defaults(&mut self, defaults: &Defaults) -> MetricDefaults {
        let given = self.check_stability(&defaults.stability, &Stability::ALL);
        if given == Some(Stability::Deprecated) {
            let span = defaults.stability.span().unwrap_or_default();
            self.error(DEPRECATED_BY_DEFAULT, span, "metrics cannot be deprecated by default")
                .label("expected `experimental` or `stable`")
                .help("write the reason on each deprecated metric: `deprecated = { use = \"...\", note = \"...\" }`");
        }
        let stability = given.filter(|stability| *stability != Stability::Deprecated);
        MetricDefaults {
            owner: self.check_text(&defaults.owner, "owner"),
            stability: stability.unwrap_or_default(),
        }
    }
}

/// Returns whether a file has only contents that included files may have.
fn looks_included(schema: &Schema) -> bool {
    let declares = !schema.labels.is_empty()
        || !schema.buckets.is_empty()
        || !schema.groups.is_empty()
        || !schema.metrics.is_empty()
        || schema.has_sections;
    declares && schema.format.is_absent() && schema.namespace.is_absent()
}

#[test]
fn rules_of_the_header() {
    crate::testing::rules(
        r#"
        defaults.stability = ^"deprecated" => deprecated-by-default
        whole: format = 1 | namespace = "t" | uses = ["a-b", ^"a b", ^"", ^"a-b"] => invalid-use invalid-use invalid-use
        whole: format = 1 | namespace = "t" | uses = ^"a" => wrong-type
        whole: ^^ => missing-key missing-key
        whole: format = ^2 | namespace = "t" => unsupported-format
        whole: format = ^"1" | namespace = ^1 => wrong-type wrong-type
        whole: format = ^1.5 | namespace = ^"My-App" => wrong-type invalid-name
        whole: format = 1 | namespace = ^"" => invalid-name
        whole: format = 0x1 | namespace = "t" =>
        whole: format = 1.0 | namespace = "t" =>
    "#,
    );
}
