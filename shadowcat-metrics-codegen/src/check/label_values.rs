//! The values of a label: a fixed list that becomes an enum, or any string up to a number of them.

use std::collections::BTreeMap;

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::language::MOST_OPEN_VALUES;
use crate::model::{LabelValue, LabelValues};
use crate::name;
use crate::parse::ast::{self, Field, Open, Spanned};
use crate::source::Span;

/// The overflow value of an open label that sets none.
pub(super) const OVERFLOW: &str = "__other__";

impl Checker<'_> {
    pub(super) fn check_closed(
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
            renamed_from,
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
                    former: self.check_rename(renamed_from, &format!("the value `{value}`")),
                    span: *span,
                });
            }
        }
        self.check_former_values(label, &mut values);
        if values.is_empty() {
            values.push(placeholder(span));
        }
        values
    }

    pub(super) fn check_open(&mut self, label: &str, open: &Open, span: Span) -> LabelValues {
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
            Ok(max) if max <= MOST_OPEN_VALUES => max,
            Err(_) if max < 0 => {
                self.report.push(
                    Diagnostic::error(
                        errors::NUMBER_OUT_OF_RANGE,
                        span,
                        format!("a `max` of {max} is out of range"),
                    )
                    .label(format!("expected 1 to {MOST_OPEN_VALUES}")),
                );
                1
            }
            Ok(_) | Err(_) => {
                self.report.push(
                    Diagnostic::error(
                        errors::TOO_MANY_OPEN_VALUES,
                        span,
                        format!("the open label `{label}` allows {max} values at once"),
                    )
                    .label(format!("expected at most {MOST_OPEN_VALUES}"))
                    .help("the program keeps a slot for each value, and Prometheus a series; a `max` of 10 to 1000 is usual"),
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
pub(super) fn placeholder(span: Span) -> LabelValue {
    LabelValue {
        value: "unknown".to_owned(),
        variant: "Unknown".to_owned(),
        help: None,
        former: None,
        span,
    }
}
