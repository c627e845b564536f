//! `[groups]`, and the label lists of groups and metrics.

use super::names::free_name;
use super::{Checker, scope, words};
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::model::{Group, GroupId, LabelId, LabelValues, Notes, Origin, SumId, SumUse};
use crate::name;
use crate::parse::ast::{self, Field, Spanned, Texts};
use crate::source::Span;

/// A resolved list of labels.
pub(super) struct Listed {
    pub(super) labels: Vec<LabelId>,
    /// Labels that series may lack.
    pub(super) optional: Vec<LabelId>,
    /// The sum labels, with their positions among the labels of the metric.
    pub(super) sums: Vec<SumUse>,
}

impl Checker<'_> {
    pub(super) fn check_groups(&mut self, groups: &[ast::Group]) {
        for group in groups {
            let name = self.check_group_name(&group.name);
            let help = self.check_help(
                &group.help,
                &format!("the group `{}`", group.name.value),
                group.name.span,
            );
            let listed = (&group.labels, group.optional.as_slice());
            let Listed {
                labels,
                optional,
                sums,
            } = self.check_label_list(listed, (&[], 1), "the group");
            if self.scope.labels.any_unknown(&group.labels) {
                let id = GroupId(self.registry.groups.len());
                self.scope.groups_lacking.push(id);
            }
            let notes = self.check_notes(&group.notes);
            let allow = words::allow(&group.allow);
            self.add_group(
                &group.name,
                Group {
                    name,
                    help,
                    labels,
                    optional,
                    sums,
                    notes,
                    allow,
                    origin: Origin::Schema,
                    span: group.name.span,
                },
            );
        }
    }

    /// Returns the group of a metric. An unknown group is reported once, and replaced with its near miss or a
    /// new group.
    pub(super) fn check_group_of_metric(&mut self, name: &Spanned<String>) -> GroupId {
        if let Some(id) = self.group_after_namespace(name) {
            self.scope.groups.declare(&name.value, Some(id.0));
            return id;
        }
        let groups = &mut self.scope.groups;
        let found = groups.resolve(&name.value, name.span, &scope::GROUP, self.report);
        if let Some(id) = found.map(GroupId) {
            // Declares the misspelled name too, so that the group's next metric is not reported again.
            self.scope.groups.declare(&name.value, Some(id.0));
            return id;
        }
        self.scope
            .groups_lacking
            .push(GroupId(self.registry.groups.len()));
        self.add_group(
            name,
            Group {
                name: self.free_group_name(name),
                help: String::new(),
                labels: Vec::new(),
                optional: Vec::new(),
                sums: Vec::new(),
                notes: Notes::default(),
                allow: Vec::new(),
                origin: Origin::Schema,
                span: name.span,
            },
        )
    }

    /// Reports `[metrics.shop_cart.added]` in the namespace `shop`, and returns the intended group.
    fn group_after_namespace(&mut self, name: &Spanned<String>) -> Option<GroupId> {
        let groups = &self.scope.groups;
        let rest = name.value.strip_prefix(self.registry.namespace.as_str())?;
        let group = rest.strip_prefix('_').filter(|group| groups.knows(group))?;
        if groups.knows(&name.value) {
            return None;
        }
        let message = format!("unknown group `{}`", name.value);
        let problem = Diagnostic::error(errors::UNKNOWN_GROUP, name.span, message)
            .label(format!("did you mean `{group}`?"))
            .help("a group's name does not include the namespace, which is added to every exposed name")
            .fix(Fix::replace(name.span, group));
        self.report.push(problem);
        groups.get(group).map(GroupId)
    }

    fn add_group(&mut self, written: &Spanned<String>, group: Group) -> GroupId {
        let id = GroupId(self.registry.groups.len());
        self.scope.groups.declare(&written.value, Some(id.0));
        self.scope
            .group_types
            .insert(name::pascal_case(&group.name), id.0);
        self.registry.groups.push(group);
        id
    }

    fn check_group_name(&mut self, key: &Spanned<String>) -> String {
        let usable = self.check_identifier(key, "group");
        let written = &key.value;
        if name::is_metrics_method(&usable) || usable == name::OWN_GROUP {
            let help = if usable == name::OWN_GROUP {
                "the group `metrics` holds the library's own metrics".to_owned()
            } else {
                format!(
                    "its recorder is created by `Metrics::{written}(...)`, but `Metrics` already has a method with \
                     that name"
                )
            };
            let message = format!("a group cannot be called `{written}`");
            let problem = Diagnostic::error(errors::RESERVED_METHOD, key.span, message)
                .label("expected another name")
                .help(help);
            self.report.push(problem);
        } else if let Some(label) = self.scope.open_labels.get(&usable) {
            let span = self.registry.labels[*label].span;
            let message = format!(
                "the group and the open label `{written}` both become the method `Metrics::{written}`"
            );
            let problem = Diagnostic::error(errors::METHOD_COLLISION, key.span, message)
                .label("expected another name for one of the two")
                .secondary(span, "the open label");
            self.report.push(problem);
        } else if let Some(other) = self.scope.group_types.get(&name::pascal_case(&usable)) {
            let other = &self.registry.groups[*other];
            let message = format!(
                "`{written}` and `{}` both become the Rust type `{}Recorder`",
                other.name,
                name::pascal_case(written)
            );
            let problem = Diagnostic::error(errors::TYPE_COLLISION, key.span, message)
                .label("expected a name that differs in more than underscores")
                .secondary(other.span, "the other group");
            self.report.push(problem);
        }
        self.free_group_name(key)
    }

    /// Returns the name of a group, changed if it conflicts with another.
    fn free_group_name(&self, key: &Spanned<String>) -> String {
        free_name(name::to_snake_case(&key.value), |name| {
            name::is_metrics_method(name)
                || name == name::OWN_GROUP
                || self.scope.open_labels.contains_key(name)
                || self
                    .scope
                    .group_types
                    .contains_key(&name::pascal_case(name))
        })
    }

    /// Resolves a `labels` list and the positions of its optional labels. `bound` has the labels that are already bound,
    /// `owner` names the item with the list.
    pub(super) fn check_label_list(
        &mut self,
        (list, optional): (&Field<Texts>, &[Span]),
        (bound, bound_parts): (&[LabelId], usize),
        owner: &str,
    ) -> Listed {
        let mut parts = bound_parts;
        let mut labels: Vec<(LabelId, &Spanned<String>)> = Vec::new();
        let mut sums = Vec::new();
        for name in list
            .given()
            .map(|given| given.value.as_slice())
            .unwrap_or_default()
        {
            let written_optional = optional.contains(&name.span);
            if let Some(sum) = self.scope.sums.get(&name.value).copied().map(SumId) {
                if written_optional {
                    self.misplaced_sum(name, "an optional label", "list its name alone");
                } else if let Some(ids) = self.labels_of_sum(sum, name, bound, &labels, owner) {
                    parts = parts.saturating_mul(self.registry.sum_parts(sum).len());
                    if self.too_many_parts(parts, owner, name.span) {
                        break;
                    }
                    sums.push(SumUse {
                        sum,
                        first: bound.len() + labels.len(),
                        count: ids.len(),
                    });
                    labels.extend(ids.into_iter().map(|id| (id, name)));
                }
                continue;
            }
            let is_value = self.label_with_value(&name.value);
            let found = self.scope.labels.resolve_with_help(
                &name.value,
                name.span,
                &scope::LABEL,
                is_value,
                self.report,
            );
            let Some(id) = found.map(LabelId) else {
                continue;
            };
            let first = labels.iter().find(|(other, _)| *other == id);
            // A misspelled name is not a duplicate of its near miss.
            if !self.scope.labels.knows(&name.value) && (first.is_some() || bound.contains(&id)) {
                continue;
            }
            if let Some((_, first)) = first {
                let message = format!("{owner} lists the label `{}` twice", name.value);
                let problem = Diagnostic::error(errors::DUPLICATE_LABEL, name.span, message)
                    .label("remove this one")
                    .secondary(first.span, "the first one");
                self.report.push(problem);
            } else if bound.contains(&id) {
                let message = format!("the group already has the label `{}`", name.value);
                let problem = Diagnostic::error(errors::DUPLICATE_LABEL, name.span, message)
                    .label("remove it: a metric inherits its group's labels");
                self.report.push(problem);
            } else {
                labels.push((id, name));
            }
        }
        let is_optional = |name: &Spanned<String>| optional.contains(&name.span);
        let optional = labels.iter().filter(|(_, name)| is_optional(name));
        let mut optional: Vec<_> = optional.map(|(id, _)| *id).collect();
        for sum in &sums {
            optional.extend(self.conditional_labels(sum.sum));
        }
        Listed {
            labels: labels.into_iter().map(|(id, _)| id).collect(),
            optional,
            sums,
        }
    }

    /// Returns help for a list that names a label value instead of a label.
    fn label_with_value(&self, value: &str) -> Option<String> {
        let label = self.registry.labels.iter().find(|label| {
            let values = match &label.values {
                LabelValues::Closed(values) => values.as_slice(),
                LabelValues::Open { .. } => &[],
            };
            values.iter().any(|known| known.value == value)
        })?;
        Some(format!(
            "this is a value of the label `{}`; list the label instead",
            label.name
        ))
    }
}
