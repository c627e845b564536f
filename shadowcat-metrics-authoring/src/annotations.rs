//! Annotations as text: values of TOML, each on one line.

use shadowcat_metrics_codegen::model::{Annotation, Annotations};

/// Returns a table of annotations as an inline table.
#[must_use]
pub fn inline_table(table: &Annotations) -> String {
    let keys = table.0.iter();
    let keys: Vec<_> = keys
        .map(|(key, value)| format!("{key:?} = {}", inline(value)))
        .collect();
    match keys.join(", ") {
        none if none.is_empty() => "{}".to_owned(),
        keys => format!("{{ {keys} }}"),
    }
}

/// Returns an annotation as a value.
#[must_use]
pub fn inline(annotation: &Annotation) -> String {
    match annotation {
        Annotation::Text(text) => format!("{text:?}"),
        Annotation::Integer(integer) => integer.to_string(),
        Annotation::Float(float) => format!("{float:?}"),
        Annotation::Boolean(boolean) => boolean.to_string(),
        Annotation::Datetime(datetime) => datetime.clone(),
        Annotation::List(items) => {
            let items: Vec<_> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Annotation::Table(table) => inline_table(table),
    }
}
