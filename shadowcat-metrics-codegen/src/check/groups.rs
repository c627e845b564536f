//! `[groups]`, and the label lists of groups and metrics.

use super::names::free_name;
use super::{Checker, scope, words};
use crate::codes::errors;
use crate::fix::Fix;
use crate::model::{Group, GroupId, LabelId, Notes, Origin, SumId, SumUse};
use crate::name;
use crate::parse::ast::{self, Field, Spanned, Texts};
use crate::source::Span;

/// A resolved list of labels.
#[derive(Default)]
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
            let key = &group.name;
            let name = self.check_group_name(key);
            let what = format!("the group `{}`", key.value);
            let help = self.check_help(&group.help, &what, key.span);
            let listed = (&group.labels, group.optional.as_slice());
            let listed = self.check_label_list(listed, (&[], 1), "the group");
            if self.scope.labels.any_unknown(&group.labels) {
                let id = GroupId(self.registry.groups.len());
                self.scope.groups_lacking.push(id);
            }
            let group = Group {
                notes: self.check_notes(&group.notes),
                allow: words::allow(&group.allow),
                ..plain_group(name, help, listed, key.span)
            };
            self.add_group(&key.value, group);
        }
    }

    /// Returns the group of a metric. An unknown group is reported once, and replaced with its near miss or a
    /// new group.
    pub(super) fn check_group_of_metric(&mut self, name: &Spanned<String>) -> GroupId {
        let found = self.group_after_namespace(name).or_else(|| {
            let groups = &mut self.scope.groups;
            let found = groups.resolve(&name.value, name.span, &scope::GROUP, None, self.report);
            found.map(GroupId)
        });
        if let Some(id) = found {
            // Declares the misspelled name too, so that the group's next metric is not reported again.
            self.scope.groups.declare(&name.value, Some(id.0));
            return id;
        }
        let id = GroupId(self.registry.groups.len());
        self.scope.groups_lacking.push(id);
        let free = self.free_group_name(name);
        let group = plain_group(free, String::new(), Listed::default(), name.span);
        self.add_group(&name.value, group)
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
        self.error(errors::UNKNOWN_GROUP, name.span, message)
            .did_you_mean(group, Fix::replace(name.span, group))
            .help("a group's name does not include the namespace, which is added to every exposed name");
        self.scope.groups.get(group).map(GroupId)
    }

    fn add_group(&mut self, written: &str, group: Group) -> GroupId {
        let id = GroupId(self.registry.groups.len());
        self.scope.groups.declare(written, Some(id.0));
        let rust_type = name::pascal_case(&group.name);
        self.scope.group_types.insert(rust_type, id.0);
        self.registry.groups.push(group);
        id
    }

    fn check_group_name(&mut self, key: &Spanned<String>) -> String {
        let usable = self.check_identifier(key, "group");
        let written = &key.value;
        if usable == name::OWN_GROUP {
            let help = "the group `metrics` holds the library's own metrics";
            self.reserved_method("a group", key, help);
        } else if name::is_metrics_method(&usable) {
            let help = format!(
                "its recorder is created by `Metrics::{written}(...)`, but `Metrics` already has a method with \
                 that name"
            );
            self.reserved_method("a group", key, help);
        } else if let Some(label) = self.scope.open_labels.get(&usable) {
            let span = self.registry.labels[*label].span;
            let message = format!(
                "the group and the open label `{written}` both become the method `Metrics::{written}`"
            );
            self.error(errors::METHOD_COLLISION, key.span, message)
                .label("expected another name for one of the two")
                .secondary(span, "the open label");
        } else if let Some(other) = self.scope.group_types.get(&name::pascal_case(&usable)) {
            let other = &self.registry.groups[*other];
            let (name, span) = (other.name.clone(), other.span);
            let path = format!("{}Recorder", name::pascal_case(written));
            self.type_collision(key, &name, &path)
                .secondary(span, "the other group");
        }
        self.free_group_name(key)
    }

    /// Returns the name of a group, changed if it conflicts with another.
    fn free_group_name(&self, key: &Spanned<String>) -> String {
        let scope = &self.scope;
        free_name(name::to_snake_case(&key.value), |name| {
            name::is_metrics_method(name)
                || name == name::OWN_GROUP
                || scope.open_labels.contains_key(name)
                || scope.group_types.contains_key(&name::pascal_case(name))
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
        for name in list.given().into_iter().flat_map(|list| &list.value) {
            if let Some(sum) = self.scope.sums.get(&name.value).copied().map(SumId) {
                if optional.contains(&name.span) {
                    self.misplaced_sum(
                        &name.value,
                        name.span,
                        "an optional label",
                        "write only its name, without `optional`",
                    );
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
            let Some(id) = self.resolve_label(&name.value, name.span, is_value) else {
                continue;
            };
            let first = labels.iter().find(|(other, _)| *other == id);
            let first = first.map(|(_, first)| first.span);
            let is_bound = bound.contains(&id);
            if first.is_none() && !is_bound {
                labels.push((id, name));
            } else if !self.scope.labels.knows(&name.value) {
                // A misspelled name is not a duplicate of its near miss.
            } else if let Some(first) = first {
                let message = format!("{owner} lists the label `{}` twice", name.value);
                self.error(errors::DUPLICATE_LABEL, name.span, message)
                    .label("remove this one")
                    .secondary(first, "the first one");
            } else {
                let message = format!("the group already has the label `{}`", name.value);
                self.error(errors::DUPLICATE_LABEL, name.span, message)
                    .label("remove it: a metric inherits its group's labels");
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
        let mut labels = self.registry.labels.iter();
        let label = labels.find(|label| {
            let mut values = label.closed_values().iter();
            values.any(|known| known.value == value)
        })?;
        Some(format!(
            "this is a value of the label `{}`; list the label instead",
            label.name
        ))
    }
}

/// Creates a group without further keys.
pub(super) fn plain_group(name: String, help: String, listed: Listed, span: Span) -> Group {
    Group {
        name,
        help,
        labels: listed.labels,
        optional: listed.optional,
        sums: listed.sums,
        notes: Notes::default(),
        allow: Vec::new(),
        origin: Origin::Schema,
        span,
    }
}
