//! `[labels]`: what a label may be called, and that it says what its values are.

use super::header::MetricDefaults;
use super::identifiers::free_name;
use super::label_values::{OVERFLOW, placeholder};
use super::{Checker, words};
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Label, LabelId, LabelValues, Origin, Stability};
use crate::name;
use crate::parse::ast::{self, Field, Spanned};

impl Checker<'_> {
    pub(super) fn check_labels(&mut self, labels: &[ast::Label], defaults: &MetricDefaults) {
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
            self.scope.label_types.insert(name::pascal_case(&name), id);
            if let LabelValues::Open { .. } = values {
                self.scope.open_labels.insert(name.clone(), id);
            }
            let stability = self.check_label_stability(label, defaults);
            self.registry.labels.push(Label {
                name,
                help,
                values,
                stability,
                allow: words::allow(&label.allow),
                origin: Origin::Schema,
                span: label.name.span,
            });
        }
    }

    /// A label that does not say is as firm as metrics that do not.
    fn check_label_stability(
        &mut self,
        label: &ast::Label,
        defaults: &MetricDefaults,
    ) -> Stability {
        self.check_stability(&label.stability, &Stability::PROMISES)
            .unwrap_or(defaults.stability)
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
        if open && name::is_metrics_method(&usable) {
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
        let types = &self.scope.label_types;
        if let Some(other) = types.get(&name::pascal_case(&usable)) {
            let other = &self.registry.labels[other.0];
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
            types.contains_key(&name::pascal_case(name)) || (open && name::is_metrics_method(name))
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
}
