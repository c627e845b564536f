//! The JSON Schema of the schema language, for editors and other tools that check a `metrics.toml`. It is
//! generated from the tables of the language, whose keys are those that the compiler accepts.
//!
//! It uses draft 7, which TOML tools support best. It describes the shape of a file; references between names
//! are beyond JSON Schema.

use serde_json::{Map, Value as Json, json};

use crate::language::{FILE, INCLUDED, Key, Table, Value};
use crate::lint;
use shadowcat_metrics_codegen::sentence;

/// File name of the JSON Schema of a schema.
pub const FILE_NAME: &str = "metrics.schema.json";

/// File name of the JSON Schema of included files.
pub const INCLUDED_FILE_NAME: &str = "metrics.included.schema.json";

/// A version. Editors show this pattern to the author of an invalid version, so it is short. It accepts
/// leading zeros and odd pre-releases, which the parser refuses.
const VERSION: &str = r"^\s*\d+\.\d+\.\d+([-+]\S+)?\s*$";

/// Returns the JSON Schema of a section that another crate owns, or `None` for an unknown section.
pub type Sections = fn(&str) -> Option<&'static Value>;

/// Returns the JSON Schema as text.
#[must_use]
pub fn emit_json_schema(sections: Sections) -> String {
    json_schema(&FILE, sections)
}

/// Returns the JSON Schema of included files. An editor checks such a file without the file that includes it.
#[must_use]
pub fn emit_included_json_schema(sections: Sections) -> String {
    json_schema(&INCLUDED, sections)
}

fn json_schema(file: &Table, sections: Sections) -> String {
    let mut definitions = Definitions {
        found: Map::new(),
        sections,
    };
    let file = table(file, &mut definitions);
    let definitions = definitions.found;
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "shadowcat-metrics",
        "definitions": definitions,
    });
    if let (Json::Object(schema), Json::Object(file)) = (&mut schema, file) {
        schema.extend(file);
    }
    format!("{schema:#}\n")
}

/// The tables that `$ref` refers to.
struct Definitions {
    found: Map<String, Json>,
    sections: Sections,
}

fn table(table: &Table, definitions: &mut Definitions) -> Json {
    let properties = table
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key, definitions)));
    let properties: Map<_, _> = properties.collect();
    let required: Vec<_> = table
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut schema = json!({
        "description": table.doc,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if !table.one_of.is_empty() {
        let ways = table.one_of.iter().map(|key| json!({ "required": [key] }));
        schema["oneOf"] = ways.collect();
    }
    schema
}

fn property(key: &Key, definitions: &mut Definitions) -> Json {
    let description = json!(key.doc);
    let section = (definitions.sections)(key.name);
    let mut property = value(section.unwrap_or(&key.value), definitions);
    if property.get("$ref").is_some() {
        // Draft 7 ignores everything next to a `$ref`.
        property = json!({ "allOf": [property] });
    }
    property["description"] = description;
    property
}

fn value(value: &Value, definitions: &mut Definitions) -> Json {
    match value {
        Value::Text => json!({ "type": "string" }),
        Value::Words => json!({ "type": "string", "pattern": "\\S" }),
        Value::Version => json!({ "type": "string", "pattern": VERSION }),
        Value::Sentence => json!({ "type": "string", "pattern": sentence_pattern() }),
        Value::OneOf(words) => json!({ "type": "string", "enum": words() }),
        Value::Lint => {
            let names: Vec<_> = lint::all().map(|lint| lint.code.name()).collect();
            json!({ "anyOf": [{ "type": "string", "enum": names }, { "type": "string" }] })
        }
        Value::Boolean => json!({ "type": "boolean" }),
        Value::Integer(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Value::Number => json!({ "type": "number" }),
        Value::List(item) => {
            json!({ "type": "array", "items": self::value(item, definitions) })
        }
        Value::Table(inner) => {
            if !definitions.found.contains_key(inner.name) {
                let schema = table(inner, definitions);
                definitions.found.insert(inner.name.to_owned(), schema);
            }
            json!({ "$ref": format!("#/definitions/{}", inner.name) })
        }
        Value::Named(each) => {
            json!({ "type": "object", "additionalProperties": self::value(each, definitions) })
        }
        Value::Section | Value::Opaque => json!({ "type": "object" }),
        Value::Any(ways) => {
            let ways = ways.iter().map(|way| self::value(way, definitions));
            json!({ "anyOf": ways.collect::<Vec<_>>() })
        }
    }
}

/// Returns the end of a sentence as a regular expression.
fn sentence_pattern() -> String {
    let ends: String = sentence::ENDS.iter().collect();
    let closers: String = sentence::CLOSERS
        .iter()
        .collect::<String>()
        .replace(']', "\\]");
    format!("[{ends}][{closers}]*\\s*$")
}
