//! `[labels]`: the names of labels, and their values: a fixed list that becomes an enum, or any string up to a maximum number.

use super::header::MetricDefaults;
use super::names::free_name;
use super::scope::Positions;
use super::{Checker, sums};
use crate::codes::{codes, errors};
use crate::language::MAX_OPEN_VALUES;
use crate::model::{Label, LabelId, LabelValue, LabelValues, Origin, Stability};
use crate::name::{self, is_label_name};
use crate::parse::ast::{self, Field, Open, Spanned};
use crate::source::Span;

codes! {
    table LABELS;

    CONFLICTING_KEYS = "SM0009" "conflicting-keys": "mutually exclusive keys",
    "A label has exactly one of these keys: `values` for a fixed list; `open` for any string, up to a maximum number of \
     values; `of` for a sum label. A bucket set is a list of bounds, or a table with exactly one of `bounds`, \
     `exponential` and `linear`.",
    example: r#"[labels.server]
help = "Upstream server."
- values = ["a", "b"]
open = { max = 64 }
"#;

    RESERVED_LABEL = "SM0301" "reserved-label": "a reserved label name",
    "Prometheus uses the label `le` for the bounds of a histogram, `quantile` for the quantiles of a summary, and \
     names that begin with `__` internally. The states of a state metric are in a label with the name of the metric, \
     so the metric cannot have another label with that name.",
    example: r#"- [labels.le]
+ [labels.agency]
help = "Law enforcement agency."
values = ["fbi", "dea"]
"#;

    DUPLICATE_LABEL = "SM0302" "duplicate-label": "a label listed twice on one metric",
    "A metric has the labels of its group and the labels in its own `labels`. Each label may appear only once. Do not \
     list the label that `states` names: a state metric already has it.",
    example: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[groups.http]
help = "Requests over HTTP."
labels = ["method"]

[metrics.http.requests]
type = "counter"
help = "Requests answered."
- labels = ["method"]
"#;

    NO_LABEL_VALUES = "SM0303" "no-label-values": "a closed label without values",
    "A closed label becomes an enum, and an enum without variants has no values to pass. List the values, or make the \
     label open: `open = { max = 64 }`.",
    example: r#"[labels.method]
help = "Method of the request."
- values = []
+ values = ["GET", "POST"]
"#;

    EMPTY_LABEL_VALUE = "SM0304" "empty-label-value": "an empty label value",
    "Prometheus treats a label with an empty value as a missing label, so the series would lack the label. The \
     overflow value of an open label cannot be empty either.",
    example: r#"[labels.method]
help = "Method of the request."
- values = ["GET", ""]
+ values = ["GET", "none"]
"#;

    DUPLICATE_LABEL_VALUE = "SM0305" "duplicate-label-value": "a label value listed twice",
    "Each value of a closed label becomes a variant of an enum, so list it once.",
    example: r#"[labels.method]
help = "Method of the request."
- values = ["GET", "POST", "GET"]
+ values = ["GET", "POST"]
"#;

    VALUE_COLLISION = "SM0306" "value-collision": "two label values that become the same Rust variant",
    "The name of a variant is made of the value's letters and digits in PascalCase: `not-found` and `not_found` both \
     become `NotFound`. The exposed value does not change.",
    example: r#"[labels.outcome]
help = "How the request ended."
- values = ["not-found", "not_found"]
+ values = ["not-found", "gone"]
"#;

    VALUE_WITHOUT_NAME = "SM0307" "value-without-name": "a label value that cannot become a Rust name",
    "The name of a variant is made of the value's ASCII letters and digits, so the value needs at least one of them.",
    example: r#"[labels.operator]
help = "Operator of the expression."
- values = ["+", "-"]
+ values = ["plus", "minus"]
"#;

    UNBOUNDED_LABEL = "SM0308" "unbounded-label": "an open label without a bound",
    "An open label takes any string, so without a bound its values could exhaust the memory of the program and \
     of Prometheus. `max` is the number of values that may be in use at once. Additional values are recorded under the \
     overflow value, and the library counts how often that happens.",
    example: r#"[labels.server]
help = "Upstream server."
- open = {}
+ open = { max = 64 }
"#;

    TOO_MANY_OPEN_VALUES = "SM0309" "too-many-open-values": "an open label with too high a bound",
    "`max` is at most 1000000. The program stores each value, even if only info metrics use the label, and Prometheus \
     stores a series for each value. The values of all open labels count toward `series_budget`.",
    example: r#"[labels.server]
help = "Upstream server."
- open = { max = 100_000_000 }
+ open = { max = 64 }
"#;
}

impl Checker<'_> {
    pub(super) fn check_labels(&mut self, labels: &[ast::Label], defaults: &MetricDefaults) {
        for label in labels.iter().filter(|label| !sums::is_sum(label)) {
            let id = LabelId(self.registry.labels.len());
            let before = self.report.diagnostics().len();
            let values = self.check_values(label);
            if label.has_errors || self.report.diagnostics().len() > before {
                self.scope.faulty.labels.push(id);
            }
            self.check_label_keys(label, Some(&values));
            let key = self.check_label_key(label, &values);
            let name = self.check_label_name(label, &key);
            self.scope.labels.declare(&label.key.value, Some(id.0));
            self.scope.labels.declare(&key, Some(id.0));
            self.scope.labels.declare_alias(&name, &label.key.value);
            self.scope.label_types.insert(name::pascal_case(&key), id.0);
            if let LabelValues::Open { .. } = values {
                self.scope.open_labels.insert(key.clone(), id.0);
            }
            let stability = self.check_stability(&label.stability, &Stability::PROMISES);
            let label = Label {
                key,
                name,
                help: self.check_help(&label.help, &noun(label), label.key.span),
                is_extensible: is_closed(&values) && label.extensible.is_true(),
                fallback: self.check_fallback(label, &values),
                examples: self.check_examples(label, &values),
                values,
                otel: self.check_otel_name(&label.otel),
                stability: stability.unwrap_or(defaults.stability),
                notes: self.check_notes(&label.note, &label.annotations),
                allow: label.allow.items().to_vec(),
                origin: Origin::Schema,
                span: label.key.span,
                name_span: label.name.span().unwrap_or(label.key.span),
            };
            self.registry.labels.push(label);
        }
    }

    /// Returns the name of the Prometheus label: its key, unless it has a `name`.
    fn check_label_name(&mut self, label: &ast::Label, key: &str) -> String {
        let given = label.name.given();
        let name = given.map_or(key, |given| given.value.as_str());
        let span = given.map_or(label.key.span, |given| given.span);
        let mut others = self.registry.labels.iter();
        let other = others.find(|other| other.name == name);
        if given.is_some() && is_reserved(name) {
            self.reserved_label(name, span);
        } else if !is_label_name(name) {
            let message = format!("`{name}` cannot be the name of a label");
            self.error(errors::INVALID_METRIC_NAME, span, message)
                .label("expected letters, digits and `_`, beginning with a letter or `_`");
        } else if let Some(other) = other.map(|other| other.span) {
            let message = format!("two labels are exposed as `{name}`");
            self.error(errors::DUPLICATE_EXPOSED_NAME, span, message)
                .label("expected a name that no other label has")
                .secondary(other, "the other label");
        } else {
            return name.to_owned();
        }
        let labels = &self.registry.labels;
        free_name(key.to_owned(), &|name| {
            labels.iter().any(|label| label.name == name)
        })
    }

    pub(super) fn check_label_key(&mut self, label: &ast::Label, values: &LabelValues) -> String {
        let key = &label.key;
        let usable = if is_reserved(&key.value) && label.name.given().is_none() {
            self.reserved_label(&key.value, key.span);
            name::to_snake_case(&key.value)
        } else {
            self.check_identifier(key, "label")
        };
        let open = !is_closed(values);
        if open && name::is_metrics_method(&usable) {
            let help = format!(
                "its values are created by `Metrics::{}(...)`, but `Metrics` already has a method with that name",
                key.value
            );
            self.reserved_method("an open label", key, help);
        }
        if let Some(other) = self.scope.label_types.get(&name::pascal_case(&usable)) {
            let other = &self.registry.labels[*other];
            let (name, span) = (other.name.clone(), other.span);
            let path = format!("labels::{}", name::pascal_case(&key.value));
            self.type_collision(key, &name, &path)
                .secondary(span, "the other label");
        }
        let types = &self.scope.label_types;
        free_name(usable, &|name| {
            types.contains_key(&name::pascal_case(name)) || (open && name::is_metrics_method(name))
        })
    }

    /// Reports a label name that Prometheus itself uses.
    fn reserved_label(&mut self, name: &str, span: Span) {
        let message = format!("the label name `{name}` is reserved");
        self.error(RESERVED_LABEL, span, message)
            .label("expected another name")
            .help("Prometheus itself uses `le`, `quantile` and every name that begins with `__`");
    }

    fn check_values(&mut self, label: &ast::Label) -> LabelValues {
        let (name, span) = (&label.key.value, label.key.span);
        match (&label.values, &label.open) {
            (Field::Given(values), open) => {
                if let Field::Given(open) = open {
                    let message = format!("the label `{name}` has both `values` and `open`");
                    self.error(CONFLICTING_KEYS, open.key, message)
                        .label("expected one of the two: `values` for a fixed list, `open` for any string")
                        .secondary(values.key, "`values` is here");
                }
                LabelValues::Closed(self.check_closed(name, &values.value, values.span))
            }
            (_, Field::Given(open)) => self.check_open(name, &open.value, open.span),
            (_, Field::Invalid) => LabelValues::Open {
                max: 1,
                overflow: OVERFLOW.to_owned(),
            },
            (values, Field::Absent) => {
                if values.is_absent() {
                    let message = format!("the label `{name}` has no values");
                    self.error(errors::MISSING_KEY, span, message)
                        .label("expected `values = [...]` for a fixed list, or `open = { max = 64 }` for any string");
                }
                LabelValues::Closed(vec![placeholder(span)])
            }
        }
    }

    fn check_closed(
        &mut self,
        label: &str,
        written: &[ast::LabelValue],
        span: Span,
    ) -> Vec<LabelValue> {
        if written.is_empty() {
            let message = format!("the label `{label}` has no values");
            self.error(NO_LABEL_VALUES, span, message)
                .label("expected at least one value");
        }
        let mut values: Vec<LabelValue> = Vec::new();
        // Indexes in `values`, by variant.
        let mut variants = Positions::new();
        for of_label in written {
            let Spanned { value, span } = &of_label.value;
            let variant = name::pascal_case(value);
            if value.is_empty() {
                self.empty_value(label, *span);
            } else if variant.is_empty() {
                let message =
                    format!("the value `{value}` of the label `{label}` cannot become a Rust name");
                self.error(VALUE_WITHOUT_NAME, *span, message)
                    .label("expected at least one letter `a` to `z` or digit")
                    .help(
                        "a value becomes a variant of an enum, named after its letters and digits",
                    );
            } else if let Some(other) = variants.get(&variant).map(|index| &values[*index]) {
                let problem = if other.value == *value {
                    let message = format!("the label `{label}` lists the value `{value}` twice");
                    self.error(DUPLICATE_LABEL_VALUE, *span, message)
                        .label("remove this one")
                } else {
                    let other = &other.value;
                    let message = format!(
                        "the values `{other}` and `{value}` both become the Rust variant `{variant}`"
                    );
                    self.error(VALUE_COLLISION, *span, message).label(
                        "expected values that differ in their letters or digits, ignoring case",
                    )
                };
                problem.secondary(other.span, "the first one");
            } else {
                variants.insert(variant, values.len());
                let what = format!("the value `{value}`");
                let deprecated = of_label.deprecated.given().map(|given| {
                    // The replacement may be a later value.
                    self.check_deprecated(&what, "another-value", *span, given)
                });
                values.push(LabelValue {
                    help: of_label.help.value().cloned(),
                    bad: of_label.bad.is_true(),
                    since: self.check_version(&of_label.since, "since"),
                    deprecated,
                    former: self.check_rename(&of_label.renamed_from, &what),
                    ..plain_value(value.clone(), *span)
                });
            }
        }
        self.check_former_values(label, &mut values);
        self.check_value_replacements(label, written, &mut values);
        if values.is_empty() {
            values.push(placeholder(span));
        }
        values
    }

    fn check_open(&mut self, label: &str, open: &Open, span: Span) -> LabelValues {
        let max = match &open.max {
            Field::Given(max) => self.check_max(label, max.value, max.span),
            Field::Absent => {
                let message = format!("the open label `{label}` has no `max`");
                self.error(UNBOUNDED_LABEL, span, message)
                    .label("expected the number of values that may be in use at once, such as `max = 64`")
                    .help("once `max` values are in use, additional values are recorded under the overflow value");
                1
            }
            Field::Invalid => 1,
        };
        let overflow = open.overflow.given();
        if let Some(empty) = overflow.filter(|overflow| overflow.value.is_empty()) {
            self.empty_value(label, empty.span);
        }
        let overflow = overflow.map(|overflow| overflow.value.as_str());
        let overflow = overflow.filter(|overflow| !overflow.is_empty());
        LabelValues::Open {
            max,
            overflow: overflow.unwrap_or(OVERFLOW).to_owned(),
        }
    }

    fn check_max(&mut self, label: &str, max: i64, span: Span) -> u32 {
        match u32::try_from(max) {
            Ok(max @ 1..=MAX_OPEN_VALUES) => return max,
            Ok(0) => {
                let message = format!("the open label `{label}` has a `max` of 0");
                self.error(UNBOUNDED_LABEL, span, message)
                    .label("expected 1 or more");
            }
            Err(_) if max < 0 => {
                let message = format!("a `max` of {max} is out of range");
                self.error(errors::NUMBER_OUT_OF_RANGE, span, message)
                    .label(format!("expected 1 to {MAX_OPEN_VALUES}"));
            }
            Ok(_) | Err(_) => {
                let message = format!("the open label `{label}` allows {max} values at once");
                self.error(TOO_MANY_OPEN_VALUES, span, message)
                    .label(format!("expected at most {MAX_OPEN_VALUES}"))
                    .help("the program stores each value, and Prometheus a series for each value; a `max` of 10 to \
                         1000 is usual");
            }
        }
        1
    }

    pub(super) fn empty_value(&mut self, label: &str, span: Span) {
        let message = format!("a value of the label `{label}` is empty");
        self.error(EMPTY_LABEL_VALUE, span, message)
            .label("expected some text")
            .help("Prometheus treats a label with an empty value as a missing label");
    }
}

/// The overflow value of an open label that declares none.
const OVERFLOW: &str = "__other__";

/// Returns a label as messages name it.
pub(super) fn noun(label: &ast::Label) -> String {
    format!("the label `{}`", label.key.value)
}

fn is_closed(values: &LabelValues) -> bool {
    match values {
        LabelValues::Closed(_) => true,
        LabelValues::Open { .. } => false,
    }
}

/// Creates a value without other keys.
pub(super) fn plain_value(value: String, span: Span) -> LabelValue {
    LabelValue {
        variant: name::pascal_case(&value),
        value,
        span,
        ..LabelValue::default()
    }
}

/// Replaces invalid values, because an enum must have a variant.
fn placeholder(span: Span) -> LabelValue {
    plain_value("unknown".to_owned(), span)
}

/// Returns whether Prometheus itself uses a label name.
fn is_reserved(name: &str) -> bool {
    name == "le" || name == "quantile" || name.starts_with("__")
}

#[test]
fn rules_of_labels() {
    crate::testing::rules(
        r#"
        labels.x = { help = "X.", values = ["a"], ^open = { max = 1 } } => conflicting-keys
        labels.x = { help = "X.", values = ^[] } => no-label-values
        labels.x = { help = "X.", values = [^"", "a"] } => empty-label-value
        labels.x = { help = "X.", open = { max = 1, overflow = ^"" } } => empty-label-value
        labels.x = { help = "X.", values = ["a", ^"a"] } => duplicate-label-value
        labels.x = { help = "X.", values = { a-b = "", ^a_b = "" } } => value-collision
        labels.x = { help = "X.", values = ["get", ^"GET"] } => value-collision
        labels.x = { help = "X.", values = [^"日"] } => value-without-name
        labels.x = { help = "X.", open = ^{} } => unbounded-label
        labels.x = { help = "X.", open = { max = ^0 } } => unbounded-label
        labels.x = { help = "X.", open = { max = ^4294967295 } } => too-many-open-values
        labels.x = { help = "X.", open = { max = ^4294967294 } } => too-many-open-values
        labels.x = { help = "X.", open = { max = ^1_000_001 } } => too-many-open-values
        labels.^le = { help = "X.", values = ["a"] } => reserved-label
        labels.^quantile = { help = "X.", values = ["a"] } => reserved-label
        labels.^__x = { help = "X.", values = ["a"] } => reserved-label
        buckets.x = { exponential = { start = 1, factor = 2, count = 3 }, ^linear = { start = 1, width = 2, count = 3 } } => conflicting-keys
        x: counter, labels = ["mode", ^"mode"] => duplicate-label
        web.x: counter, labels = [^"mode"] => duplicate-label
        x: state, states = "mode", labels = [^"mode"] => duplicate-label
        web.x: state, states = ^"mode" => duplicate-label
        x: state, states = "mode", labels = ^["host"], name = "host" => reserved-label
        x: state, states = "mode", labels = ^["host"], renamed_from = { name = "host", until = "9.0.0" } => reserved-label
    "#,
    );
}
