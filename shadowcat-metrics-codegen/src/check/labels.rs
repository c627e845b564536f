//! `[labels]`: what a label may be called, and the bound that each must have.

use std::collections::BTreeMap;

use super::identifiers::free_name;
use super::{Checker, words};
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Label, LabelId, LabelValue, LabelValues, Origin};
use crate::name;
use crate::parse::ast::{self, Field, Open, Spanned};
use crate::source::Span;

/// The overflow value of an open label that sets none.
const OVERFLOW: &str = "__other__";

impl Checker<'_> {
    pub(super) fn check_labels(&mut self, labels: &[ast::Label]) {
        for label in labels {
            let id = LabelId(self.registry.labels.len());
            let values = self.check_values(label);
            let name = self.check_label_name(label, &values);
            let help = self.check_help(
                &label.help,
                &format!("the label `{}`", label.name.value),
                label.name.span,
            );
            self.scope.labels.declare(&label.name.value, Some(id));
            self.registry.labels.push(Label {
                name,
                help,
                values,
                allow: words::allow(&label.allow),
                origin: Origin::Schema,
                span: label.name.span,
            });
        }
    }

    fn check_label_name(&mut self, label: &ast::Label, values: &LabelValues) -> String {
        let Spanned {
            value: written,
            span,
        } = &label.name;
        let usable = if written == "le" || written == "quantile" || written.starts_with("__") {
            self.report.push(
                Diagnostic::error(
                    errors::RESERVED_LABEL,
                    *span,
                    format!("the label name `{written}` is reserved"),
                )
                .label("expected another name")
                .help(
                    "Prometheus itself uses `le`, `quantile` and every name that begins with `__`",
                ),
            );
            name::to_snake_case(written)
        } else {
            self.check_identifier(&label.name, "label")
        };
        let open = matches!(values, LabelValues::Open { .. });
        if open && name::METRICS_METHODS.contains(&usable.as_str()) {
            self.report.push(
                Diagnostic::error(
                    errors::RESERVED_METHOD,
                    *span,
                    format!("an open label cannot be called `{written}`"),
                )
                .label("expected another name")
                .help(format!("its values are made by `Metrics::{written}(...)`, and `Metrics` has a method of that name")),
            );
        }
        let namesake = |name: &str| {
            let types = name::pascal_case(name);
            self.registry
                .labels
                .iter()
                .find(|other| name::pascal_case(&other.name) == types)
        };
        if let Some(other) = namesake(&usable) {
            self.report.push(
                Diagnostic::error(
                    errors::TYPE_COLLISION,
                    *span,
                    format!(
                        "`{written}` and `{}` both become the Rust type `labels::{}`",
                        other.name,
                        name::pascal_case(written)
                    ),
                )
                .label("expected a name that differs by more than underscores")
                .secondary(other.span, "the other label"),
            );
        }
        let taken = |name: &str| {
            namesake(name).is_some() || (open && name::METRICS_METHODS.contains(&name))
        };
        free_name(usable, taken)
    }

    fn check_values(&mut self, label: &ast::Label) -> LabelValues {
        match (&label.values, &label.open) {
            (Field::Given(values), open) => {
                if let Field::Given(open) = open {
                    self.report.push(
                        Diagnostic::error(
                            errors::CONFLICTING_KEYS,
                            open.key,
                            format!("the label `{}` has both `values` and `open`", label.name.value),
                        )
                        .label("expected one of the two: `values` for a fixed list, `open` for any string")
                        .secondary(values.key, "`values` is here"),
                    );
                }
                LabelValues::Closed(self.check_closed(
                    &label.name.value,
                    &values.value,
                    values.span,
                ))
            }
            (_, Field::Given(open)) => self.check_open(&label.name.value, &open.value, open.span),
            (Field::Absent, Field::Absent) => {
                self.report.push(
                    Diagnostic::error(
                        errors::MISSING_KEY,
                        label.name.span,
                        format!("the label `{}` has no values", label.name.value),
                    )
                    .label("expected `values = [...]` for a fixed list, or `open = { max = 64 }` for any string"),
                );
                LabelValues::Closed(vec![placeholder(label.name.span)])
            }
            (_, Field::Invalid) => LabelValues::Open {
                max: 1,
                overflow: OVERFLOW.to_owned(),
            },
            (Field::Invalid, Field::Absent) => {
                LabelValues::Closed(vec![placeholder(label.name.span)])
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
            self.report.push(
                Diagnostic::error(
                    errors::NO_LABEL_VALUES,
                    span,
                    format!("the label `{label}` has no values"),
                )
                .label("expected at least one value"),
            );
        }
        let mut values: Vec<LabelValue> = Vec::new();
        // By variant, the position in `values`.
        let mut variants = BTreeMap::new();
        for ast::LabelValue {
            value: Spanned { value, span },
            help,
        } in written
        {
            let variant = name::pascal_case(value);
            if value.is_empty() {
                self.empty_value(label, *span);
            } else if variant.is_empty() {
                self.report.push(
                    Diagnostic::error(
                        errors::VALUE_WITHOUT_NAME,
                        *span,
                        format!("the value `{value}` of the label `{label}` gives no Rust name"),
                    )
                    .label("expected at least one letter `a` to `z` or digit")
                    .help(
                        "every value becomes a variant of an enum, named by its letters and digits",
                    ),
                );
            } else if let Some(other) = variants.get(&variant).map(|index: &usize| &values[*index])
            {
                let diagnostic = if other.value == *value {
                    Diagnostic::error(
                        errors::DUPLICATE_LABEL_VALUE,
                        *span,
                        format!("the label `{label}` lists the value `{value}` twice"),
                    )
                    .label("remove this one")
                } else {
                    Diagnostic::error(
                        errors::VALUE_COLLISION,
                        *span,
                        format!("the values `{}` and `{value}` both become the Rust variant `{variant}`", other.value),
                    )
                    .label("expected values that differ in letters or digits, beyond upper and lower case")
                };
                let first = (other.span, "the first one".to_owned());
                self.report.push(diagnostic.secondary(first.0, first.1));
            } else {
                variants.insert(variant.clone(), values.len());
                values.push(LabelValue {
                    value: value.clone(),
                    variant,
                    help: help.clone(),
                    span: *span,
                });
            }
        }
        if values.is_empty() {
            values.push(placeholder(span));
        }
        values
    }

    fn check_open(&mut self, label: &str, open: &Open, span: Span) -> LabelValues {
        let max = match &open.max {
            Field::Given(max) => self.check_max(label, max.value, max.span),
            Field::Absent => {
                self.report.push(
                    Diagnostic::error(
                        errors::UNBOUNDED_LABEL,
                        span,
                        format!("the open label `{label}` has no `max`"),
                    )
                    .label("expected `max = 64`, with the most values that may be alive at once")
                    .help("every label is bounded, so that no flood of values can exhaust memory; the surplus is counted under the overflow value"),
                );
                1
            }
            Field::Invalid => 1,
        };
        let overflow = match &open.overflow {
            Field::Given(overflow) if overflow.value.is_empty() => {
                self.empty_value(label, overflow.span);
                OVERFLOW.to_owned()
            }
            Field::Given(overflow) => overflow.value.clone(),
            Field::Absent | Field::Invalid => OVERFLOW.to_owned(),
        };
        LabelValues::Open { max, overflow }
    }

    fn check_max(&mut self, label: &str, max: i64, span: Span) -> u32 {
        match u32::try_from(max) {
            Ok(0) => {
                self.report.push(
                    Diagnostic::error(
                        errors::UNBOUNDED_LABEL,
                        span,
                        format!("the open label `{label}` has room for no value"),
                    )
                    .label("expected 1 or more"),
                );
                1
            }
            // One more must fit: the overflow value.
            Ok(max) if max < u32::MAX => max,
            Ok(_) | Err(_) => {
                self.report.push(
                    Diagnostic::error(
                        errors::NUMBER_OUT_OF_RANGE,
                        span,
                        format!("a `max` of {max} is out of range"),
                    )
                    .label(format!("expected 1 to {}", u32::MAX - 1)),
                );
                1
            }
        }
    }

    fn empty_value(&mut self, label: &str, span: Span) {
        self.report.push(
            Diagnostic::error(
                errors::EMPTY_LABEL_VALUE,
                span,
                format!("a value of the label `{label}` is empty"),
            )
            .label("expected some text")
            .help("to Prometheus, a label with an empty value is the same as no label"),
        );
    }
}

/// Stands in for values that cannot be made out, because an enum must have a variant.
fn placeholder(span: Span) -> LabelValue {
    LabelValue {
        value: "unknown".to_owned(),
        variant: "Unknown".to_owned(),
        help: None,
        span,
    }
}
