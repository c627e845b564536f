//! Every key of the language with a value of every type, and every table without each of its keys.

use std::fmt::Write as _;
use std::io;

use shadowcat_metrics_authoring::json_schema::emit_included_json_schema;
use shadowcat_metrics_authoring::language::{FILE, INCLUDED, Table, Value};
use shadowcat_metrics_codegen::{Files, Source};
use shadowcat_metrics_operations::{compile_files, sections};

use super::{disagreement, disagreement_with, validator, validator_of};

/// A value of each TOML type, and values with a special meaning for some key.
const VALUES: &[&str] = &[
    "\"latency\"",
    "\"A sentence.\"",
    "\"\"",
    "\"1.2.0\"",
    "\" 0.10.0-rc-1.2+b.01 \"",
    "\"v1.2.0\"",
    "\"1.2\"",
    "1",
    "0",
    "-1",
    "1.5",
    "64.0",
    "true",
    "1979-05-27",
    "[]",
    "[\"a\", \"b\"]",
    "[1, 2.5]",
    "[[1]]",
    "[\"a\", 1]",
    "{}",
    "{ a = \"b\" }",
    "{ a = 1 }",
    "{ unknown = {} }",
];

/// Returns a valid value as inline TOML.
fn example(value: &Value, name: &str) -> String {
    match value {
        Value::Text => format!("\"{name}\""),
        Value::Words => "\"words\"".to_owned(),
        Value::Version => "\"1.0.0\"".to_owned(),
        Value::Sentence => "\"A sentence.\"".to_owned(),
        Value::OneOf(words) => format!("\"{}\"", words()[0]),
        Value::Lint => "\"camel-case\"".to_owned(),
        Value::Boolean => "true".to_owned(),
        Value::Integer(least, _) => least.to_string(),
        Value::Number => "2.0".to_owned(),
        Value::List(item) => format!("[{}]", example(item, name)),
        Value::Table(table) => whole(table, None),
        Value::Named(each) => format!("{{ a = {} }}", example(each, name)),
        Value::Any(ways) => example(&ways[0], name),
        Value::Section | Value::Opaque => "{}".to_owned(),
    }
}

/// Returns a table with its required keys and, if given, one more key.
fn whole(table: &Table, more: Option<(&str, &str)>) -> String {
    let one_of = table
        .one_of
        .iter()
        .find(|key| more.is_none_or(|(more, _)| !table.one_of.contains(&more) || **key == more));
    let mut entries = Vec::new();
    for key in table.keys {
        match more {
            Some((name, value)) if name == key.name => entries.push(format!("{name} = {value}")),
            _ if key.required || one_of == Some(&key.name) => {
                entries.push(format!("{} = {}", key.name, example(&key.value, key.name)));
            }
            _ => {}
        }
    }
    format!("{{ {} }}", entries.join(", "))
}

/// Adds files in which one key of a table, or of a nested table, has a value of some type. `wrap` embeds the inline table in a
/// file.
fn variants(table: &Table, wrap: &dyn Fn(&str) -> String, files: &mut Vec<String>) {
    for key in table.keys {
        for value in VALUES {
            files.push(wrap(&whole(table, Some((key.name, value)))));
        }
        let inside = |inline: &str| wrap(&whole(table, Some((key.name, inline))));
        let value = sections::value(key.name).filter(|_| matches!(key.value, Value::Section));
        nested(value.unwrap_or(&key.value), &inside, files);
    }
    files.push(wrap(&whole(table, None)));
    files.push(wrap("{}"));
    files.push(wrap("{ unknown = 1 }"));
}

fn nested(value: &Value, wrap: &dyn Fn(&str) -> String, files: &mut Vec<String>) {
    match value {
        Value::Table(table) => variants(table, wrap, files),
        Value::Named(each) => {
            files.extend(
                VALUES
                    .iter()
                    .map(|value| wrap(&format!("{{ a = {value} }}"))),
            );
            nested(each, &|inline| wrap(&format!("{{ a = {inline} }}")), files);
        }
        Value::Any(ways) => ways.iter().for_each(|way| nested(way, wrap, files)),
        Value::Text
        | Value::Words
        | Value::Version
        | Value::Sentence
        | Value::OneOf(_)
        | Value::Lint
        | Value::Boolean
        | Value::Integer(..)
        | Value::Number
        | Value::List(_)
        | Value::Section
        | Value::Opaque => {}
    }
}

/// Writes the top-level table as lines.
fn as_file(inline: &str) -> String {
    format!("top = {inline}")
}

/// Returns every variant of a file about which parser and JSON Schema disagree.
fn differences(
    file: &Table,
    at_least: usize,
    disagreement: impl Fn(&str) -> Option<String>,
) -> String {
    let mut files = Vec::new();
    variants(file, &as_file, &mut files);
    assert!(files.len() > at_least, "{}", files.len());
    let mut differences = String::new();
    for file in files {
        // The inline table `top` becomes the file.
        let table: toml::Table = file.parse().expect("it is TOML");
        let text = table["top"].as_table().expect("a table").to_string();
        if let Some(difference) = disagreement(&text) {
            let _ = writeln!(differences, "{difference}\n");
        }
    }
    differences
}

#[test]
fn every_key_accepts_the_same_types() {
    let validator = validator();
    let differences = differences(&FILE, 1000, |text| disagreement(&validator, text));
    assert!(differences.is_empty(), "{differences}");
}

/// A single file to include.
struct Part(String);

impl Files for Part {
    fn list(&self, _: &str, _: &str) -> io::Result<Vec<String>> {
        Ok(vec!["part.toml".to_owned()])
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        if name == "part.toml" {
            return Ok(self.0.clone().into_bytes());
        }
        Err(io::ErrorKind::NotFound.into())
    }
}

#[test]
fn included_files_accept_the_same_values() {
    let validator = validator_of(&emit_included_json_schema(sections::value));
    let root = "format = 1\nnamespace = \"shop\"\ninclude = [\"part.toml\"]\n";
    let disagreement = |text: &str| {
        let part = Part(text.to_owned());
        let outcome = compile_files(Source::new("metrics.toml", root), Some(&part), None);
        disagreement_with(&outcome, &validator, text)
    };
    let differences = differences(&INCLUDED, 1000, disagreement);
    assert!(differences.is_empty(), "{differences}");
    for whole in [
        "format = 1",
        "namespace = \"shop\"",
        "[defaults]",
        "[operations]",
    ] {
        assert_eq!(disagreement(whole), None);
    }
}
