//! Exports schemas as OpenTelemetry registries and imports them: the result must be the exported schema.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shadowcat_metrics_authoring::language::{self, Value};
use shadowcat_metrics_codegen::language::SECTIONS;
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Report, Source};
use shadowcat_metrics_operations::weaver::{Export, Import, Imported, export, import};
use shadowcat_metrics_operations::{Outcome, compile};
use shadowcat_metrics_tests::schemas::{Taste, valid_schemas};
use toml::de::{DeTable, DeValue};

const EVERYTHING: &str = include_str!("../golden/everything.toml");

fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

/// Exports a schema and imports the registry.
fn round_trip(schema: &Outcome) -> String {
    let schema = schema.schema().expect("a schema without errors");
    let Export { mut documents, .. } = export(schema, "https://example.com/schemas/app/1.0.0");
    let definitions = documents.pop().expect("the definitions come last");
    let file = Source::new("metrics.yaml", definitions.content);
    let Imported {
        schema, reports, ..
    } = import(&[file], &Import::default());
    let problems: Vec<_> = reports.iter().flat_map(Report::diagnostics).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    schema.expect("no problem was found")
}

/// Returns a model as text, without positions.
fn model(registry: &Registry) -> String {
    let mut registry = registry.clone();
    registry.fingerprint = 0;
    let text = format!("{registry:#?}");
    let mut lines = Vec::new();
    let mut lines_of_span = 0;
    for line in text.lines() {
        if line.trim_end().ends_with("Span {") {
            lines_of_span = 4;
        }
        if lines_of_span == 0 {
            lines.push(line);
        } else {
            lines_of_span -= 1;
        }
    }
    lines.join("\n")
}

fn assert_same(before: &Outcome, imported: &str) {
    let after = compiled(imported);
    let errors: Vec<_> = after.report.errors().collect();
    assert!(errors.is_empty(), "{errors:#?}\n{imported}");
    let (before, after) = (
        model(&before.skeleton().registry),
        model(&after.skeleton().registry),
    );
    for (before, after) in before.lines().zip(after.lines()) {
        assert_eq!(before, after, "{imported}");
    }
    assert_eq!(before, after);
}

#[test]
fn the_golden_schema_survives_export_and_import() {
    // TOML's dates and infinite numbers are strings in a registry.
    let schema = EVERYTHING
        .lines()
        .filter(|line| !line.contains("since = 2024-05-01"));
    let schema = compiled(&schema.collect::<Vec<_>>().join("\n"));
    assert_same(&schema, &round_trip(&schema));
}

#[test]
fn the_schema_of_shadowcat_survives_export_and_import() {
    let schema = compiled(include_str!("../../metrics.toml"));
    assert_same(&schema, &round_trip(&schema));
}

/// Adds each key of the language below a value: its table and its name.
fn keys_of(value: &'static Value, keys: &mut BTreeSet<(&'static str, &'static str)>) {
    match value {
        Value::Table(table) => {
            for key in table.keys {
                if keys.insert((table.name, key.name)) {
                    keys_of(&key.value, keys);
                }
            }
        }
        Value::List(inner) | Value::Named(inner) => keys_of(inner, keys),
        Value::Any(choices) => choices.iter().for_each(|choice| keys_of(choice, keys)),
        Value::Text
        | Value::Words
        | Value::Version
        | Value::Sentence
        | Value::OneOf(_)
        | Value::Lint
        | Value::Boolean
        | Value::Integer(..)
        | Value::Number
        | Value::Section
        | Value::Opaque => {}
    }
}

/// Adds each key of the language that a part of a schema uses.
fn used_keys(
    value: &'static Value,
    used: &DeValue<'_>,
    keys: &mut BTreeSet<(&'static str, &'static str)>,
) {
    match (value, used) {
        (Value::Table(table), DeValue::Table(entries)) => {
            for (name, entry) in entries {
                if let Some(key) = table.key(name.get_ref()) {
                    keys.insert((table.name, key.name));
                    used_keys(&key.value, entry.get_ref(), keys);
                }
            }
        }
        (Value::List(inner), DeValue::Array(items)) => {
            for item in items {
                used_keys(inner, item.get_ref(), keys);
            }
        }
        (Value::Named(inner), DeValue::Table(entries)) => {
            for entry in entries.values() {
                used_keys(inner, entry.get_ref(), keys);
            }
        }
        (Value::Any(choices), used) => {
            choices
                .iter()
                .for_each(|choice| used_keys(choice, used, keys));
        }
        (_, _) => {}
    }
}

/// The golden schema is exported and imported, so export and import cannot lack a key that the golden schema has.
#[test]
fn the_golden_schema_has_every_key_of_the_language() {
    const FILE: Value = Value::Table(&language::FILE);
    let (mut all, mut used) = (BTreeSet::new(), BTreeSet::new());
    keys_of(const { &FILE }, &mut all);
    let schema = DeTable::parse(EVERYTHING).expect("the golden schema is TOML");
    used_keys(
        const { &FILE },
        &DeValue::Table(schema.into_inner()),
        &mut used,
    );
    let mut missing: Vec<_> = all.difference(&used).copied().collect();
    // A registry has neither included files nor the sections for operators, which the export reports as left out.
    missing
        .retain(|(table, key)| *table != "file" || (*key != "include" && !SECTIONS.contains(key)));
    assert_eq!(missing, [], "add them to golden/everything.toml");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_schema_survives_export_and_import(schema in valid_schemas(Taste::Lax)) {
        let schema = compiled(&schema.0);
        assert_same(&schema, &round_trip(&schema));
    }
}
