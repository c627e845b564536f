//! Annotations as TOML: keys and values, each on one line.

use shadowcat_metrics_codegen::model::{Annotation, Annotations};

/// Returns a table of annotations as an inline table.
#[must_use]
pub fn inline_table(table: &Annotations) -> String {
    let entries = table.0.iter();
    let entries: Vec<_> = entries
        .map(|(name, value)| format!("{} = {}", toml_key(name), inline(value)))
        .collect();
    match entries.join(", ") {
        none if none.is_empty() => "{}".to_owned(),
        entries => format!("{{ {entries} }}"),
    }
}

/// Returns an annotation as a value.
#[must_use]
pub fn inline(annotation: &Annotation) -> String {
    match annotation {
        Annotation::Text(text) => quoted(text),
        Annotation::Integer(integer) => integer.to_string(),
        // Rust writes `NaN`, TOML `nan`.
        Annotation::Float(float) => format!("{float:?}").to_lowercase(),
        Annotation::Boolean(boolean) => boolean.to_string(),
        Annotation::Datetime(datetime) => datetime.clone(),
        Annotation::List(items) => {
            let items: Vec<_> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Annotation::Table(table) => inline_table(table),
    }
}

/// Returns a key, quoted if necessary.
#[must_use]
pub fn toml_key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Returns a string in quotes, with the escapes of JSON, and one for DEL.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_a_value_of_toml() {
        let texts = ["a \"b\" \\c", "\u{1b}[1m\u{7f}\u{0}\n", "caf\u{e9}\u{301}"];
        let floats = [1.0, 1e300, f64::INFINITY, f64::NEG_INFINITY];
        let date = "2026-01-02T03:04:05Z".to_owned();
        let list = texts.map(|text| Annotation::Text(text.to_owned()));
        let numbers = floats.map(Annotation::Float);
        let table = Annotations(vec![
            ("team".to_owned(), Annotation::List(list.to_vec())),
            ("a.b\u{7f}".to_owned(), Annotation::List(numbers.to_vec())),
            (String::new(), Annotation::Datetime(date)),
            ("none".to_owned(), Annotation::Table(Annotations::default())),
        ]);
        let schema = format!(
            "format = 1\nnamespace = \"app\"\n[labels.x]\nhelp = \"X.\"\nvalues = [\"a\"]\nannotations = {}\n",
            inline_table(&table)
        );
        let source = shadowcat_metrics_codegen::Source::new("metrics.toml", &schema);
        let outcome = crate::compile(source);
        let registry = outcome.registry().expect("the schema compiles");
        assert_eq!(registry.labels[0].notes.annotations, table, "{schema}");
        assert_eq!(inline(&Annotation::Float(f64::NAN)), "nan");
    }
}
