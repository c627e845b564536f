//! The JSON Schema and the parser agree about the structure of a file: for every schema in the repository, valid or not, and
//! for every key with a value of every type.

mod files;
mod types;

use std::fmt::Write as _;

use jsonschema::Validator;
use serde_json::Value as Json;
use shadowcat_metrics_authoring::json_schema::emit_json_schema;
use shadowcat_metrics_codegen::{Code, Source, codes::errors};
use shadowcat_metrics_operations::{Outcome, compile, sections};

/// The errors about a file's structure, which a JSON Schema can detect.
const STRUCTURAL: [Code; 12] = [
    errors::UNSUPPORTED_FORMAT,
    errors::UNKNOWN_KEY,
    errors::UNKNOWN_TABLE,
    errors::MISSING_KEY,
    errors::WRONG_TYPE,
    errors::MISSING_HELP,
    errors::HELP_WITHOUT_FULL_STOP,
    errors::METRIC_WITHOUT_GROUP,
    errors::UNKNOWN_KIND,
    errors::UNKNOWN_UNIT,
    errors::UNKNOWN_STABILITY,
    errors::INVALID_VERSION,
];

fn validator() -> Validator {
    validator_of(&emit_json_schema(sections::value))
}

fn validator_of(schema: &str) -> Validator {
    let schema: Json = serde_json::from_str(schema).expect("it is JSON");
    jsonschema::draft7::meta::validate(&schema).expect("it is a JSON Schema");
    jsonschema::validator_for(&schema).expect("it is a JSON Schema")
}

/// Converts a file to JSON; `None` if it is not TOML.
fn as_json(schema: &str) -> Option<Json> {
    fn convert(value: toml::Value) -> Json {
        match value {
            toml::Value::String(text) => Json::from(text),
            toml::Value::Integer(integer) => Json::from(integer),
            // JSON has no number for infinity and NaN, so they become `null`.
            toml::Value::Float(float) => Json::from(float),
            toml::Value::Boolean(boolean) => Json::from(boolean),
            // JSON has no dates. No key accepts a date, and none accepts `null`.
            toml::Value::Datetime(_) => Json::Null,
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(table) => table
                .into_iter()
                .map(|(key, value)| (key, convert(value)))
                .collect(),
        }
    }
    schema
        .parse::<toml::Table>()
        .ok()
        .map(|table| convert(toml::Value::Table(table)))
}

/// Describes how JSON Schema and parser disagree about a file, if they do. Everything that the JSON Schema rejects must be an
/// error, and every structural error must be rejected by the JSON Schema.
fn disagreement(validator: &Validator, schema: &str) -> Option<String> {
    let outcome = compile(Source::new("metrics.toml", schema));
    disagreement_with(&outcome, validator, schema)
}

/// Does the same for an outcome of the parser.
fn disagreement_with(outcome: &Outcome, validator: &Validator, schema: &str) -> Option<String> {
    let json = as_json(schema)?;
    let refused: Vec<_> = validator
        .iter_errors(&json)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    let structural = outcome
        .report
        .errors()
        .any(|error| STRUCTURAL.contains(&error.code));
    let agreed = if refused.is_empty() {
        !structural
    } else {
        outcome.report.has_errors()
    };
    if agreed {
        return None;
    }
    let mut text = format!("{schema}\n--- the JSON Schema: {refused:#?}\n--- the parser:\n");
    for error in outcome.report.errors() {
        let _ = writeln!(text, "{} {}", error.code, error.message);
    }
    Some(text)
}
