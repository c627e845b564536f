//! Further keys of labels and of their values: which labels take them, the value for unknown strings, examples, and deprecation.

use super::Checker;
use super::labels::{CONFLICTING_KEYS, noun};
use crate::codes::{codes, errors};
use crate::fix::Fix;
use crate::model::{LabelValue, LabelValues};
use crate::parse::ast::{self, Field, LabelValue as Written};
use crate::source::Span;
use crate::suggest;

codes! {
    table LABEL_VALUES;

    MISPLACED_LABEL_KEY = "SM0310" "misplaced-label-key": "a label key that does not apply",
    "`extensible` and `fallback` are for a closed label, one with `values`. `fallback` also needs `extensible = true`: \
     without it, the set of values is complete, and any other string is an error. `examples` are for an open label; a closed \
     label needs none, because its values are listed. `of` and `with` together make a sum label. A sum label is not \
     exposed itself, so keys such as `name`, `examples` and `stability` belong to the labels that it stands for.",
    example: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST", "other"]
+ extensible = true
fallback = "other"
"#;

    UNKNOWN_LABEL_VALUE = "SM0311" "undeclared-label-value": "a value that the label does not have",
    "`fallback` of a label and `use` of a deprecated value must each name a value that the label lists.",
    example: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST", "other"]
extensible = true
- fallback = "others"
+ fallback = "other"
"#;
}

impl Checker<'_> {
    /// Reports keys that belong to other labels. A sum label has no `values`.
    pub(super) fn check_label_keys(&mut self, label: &ast::Label, values: Option<&LabelValues>) {
        for (key, span) in &label.given {
            let expected = match (*key, values) {
                ("values" | "open", None) => {
                    let message = format!("{} has both `{key}` and `of`", noun(label));
                    self.error(CONFLICTING_KEYS, *span, message)
                        .label("expected one of them")
                        .help("a sum label has the values of the label in `of`");
                    continue;
                }
                ("name" | "extensible" | "fallback" | "examples" | "otel" | "stability", None) => {
                    "move it to the labels of the sum"
                }
                ("with", Some(_)) => "remove it, or also write `of`, which makes this a sum label",
                ("extensible", Some(LabelValues::Open { .. })) => {
                    "remove it: an open label takes any string"
                }
                ("fallback", Some(LabelValues::Open { .. })) => {
                    "remove it; the value for all other strings is `open = { overflow = ... }`"
                }
                ("examples", Some(LabelValues::Closed(_))) => {
                    "remove it: the values of a closed label are its examples"
                }
                _ => continue,
            };
            self.misplaced(label, key, *span, expected);
        }
    }

    pub(super) fn misplaced(&mut self, label: &ast::Label, key: &str, span: Span, expected: &str) {
        let message = format!("{} takes no `{key}`", noun(label));
        self.error(MISPLACED_LABEL_KEY, span, message)
            .label(expected);
    }

    /// Returns the position of the value for unknown strings.
    pub(super) fn check_fallback(
        &mut self,
        label: &ast::Label,
        values: &LabelValues,
    ) -> Option<usize> {
        let given = label.fallback.given()?;
        let LabelValues::Closed(values) = values else {
            return None;
        };
        if !label.extensible.is_true() && !matches!(label.extensible, Field::Invalid) {
            let expected = "remove it, or add `extensible = true`";
            self.misplaced(label, "fallback", given.key, expected);
            return None;
        }
        let (key, name) = ("fallback", &given.value);
        self.find_value(&label.key.value, values, key, name, given.span)
    }

    /// Checks the examples of an open label's values.
    pub(super) fn check_examples(
        &mut self,
        label: &ast::Label,
        values: &LabelValues,
    ) -> Vec<String> {
        let mut examples = Vec::new();
        if let LabelValues::Closed(_) = values {
            return examples;
        }
        for example in label.examples.items() {
            if example.value.is_empty() {
                self.empty_value(&label.key.value, example.span);
            } else {
                examples.push(example.value.clone());
            }
        }
        examples
    }

    /// Returns the position of a value that a key names. Reports an unknown one, and returns its near miss.
    pub(super) fn find_value(
        &mut self,
        label: &str,
        values: &[LabelValue],
        key: &str,
        name: &str,
        span: Span,
    ) -> Option<usize> {
        let position = |name: &str| values.iter().position(|value| value.value == name);
        if let Some(found) = position(name) {
            return Some(found);
        }
        let names = || values.iter().map(|value| value.value.as_str());
        let near = suggest::nearest(name, names());
        let message = format!("`{key}` is `{name}`, which the label `{label}` does not list");
        let problem = self.error(UNKNOWN_LABEL_VALUE, span, message);
        match near {
            Some(near) => problem.did_you_mean(near, Fix::replace_text(span, near)),
            None => problem.label(format!("expected {}", suggest::list(names()))),
        };
        near.and_then(position)
    }

    /// Resolves the replacements of deprecated values.
    pub(super) fn check_value_replacements(
        &mut self,
        label: &str,
        written: &[Written],
        values: &mut [LabelValue],
    ) {
        for written in written {
            let deprecated = written.deprecated.value();
            let replacement = deprecated.and_then(|deprecated| deprecated.replacement.given());
            let Some(given) = replacement else { continue };
            let name = &written.value.value;
            if given.value == *name {
                let message = format!("the value `{name}` is replaced by itself");
                self.error(errors::DEPRECATED_WITHOUT_REASON, given.span, message)
                    .label("expected another value");
                continue;
            }
            let found = self.find_value(label, values, "use", &given.value, given.span);
            let found = found.map(|found| values[found].value.clone());
            let value = values.iter_mut().find(|value| value.value == *name);
            if let Some(deprecation) = value.and_then(|value| value.deprecated.as_mut()) {
                deprecation.replacement = found;
            }
        }
    }
}

#[test]
fn rules_of_label_values() {
    crate::testing::rules(
        r#"
        labels.x = { help = "X.", ^extensible = true, open = { max = 1 } } => misplaced-label-key
        labels.x = { help = "X.", values = ["a"], ^fallback = "a" } => misplaced-label-key
        labels.x = { help = "X.", values = ["a"], extensible = false, ^fallback = "a" } => misplaced-label-key
        labels.x = { help = "X.", open = { max = 1 }, ^fallback = "a" } => misplaced-label-key
        labels.x = { help = "X.", values = ["a"], ^examples = ["a"] } => misplaced-label-key
        labels.x = { help = "X.", open = { max = 1 }, examples = ["a", ^""] } => empty-label-value
        labels.x = { help = "X.", values = ["a"], extensible = true, fallback = ^"b" } => undeclared-label-value
        labels.x = { help = "X.", values = ["a"], extensible = true, fallback = "a" } =>
        labels.x = { help = "X.", values = { a = { deprecated = { use = ^"c" } }, b = {} } } => undeclared-label-value
        labels.x = { help = "X.", values = { a = { deprecated = { use = "b" } }, b = {} } } =>
        labels.x = { help = "X.", values = { a = { deprecated = { use = ^"a" } } } } => deprecated-without-reason
        labels.x = { help = "X.", values = { a = { deprecated = ^{} } } } => deprecated-without-reason
        @1.0.0 labels.x = { help = "X.", values = { ^a = { deprecated = { note = "B.", remove_in = "1.0.0" } } } } => expired-metric
        labels.x = { help = "X.", values = { a = { since = ^"1" } } } => invalid-version
        groups.x = { help = "X.", annotations = ^"a" } => wrong-type
        groups.x = { help = "X.", note = ^" " } => empty-text
        groups.x = { help = "X.", annotations = { a = 1, b.c = [1.5, { d = 1979-05-27 }], e = "" } } =>
    "#,
    );
}
