//! `[groups]`, and the label lists of groups and metrics.

use super::names::free_name;
use super::{Checker, scope};
use crate::codes::errors;
use crate::fix::Fix;
use crate::model::{Group, GroupId, LabelId, Origin, SumId, SumUse};
use crate::name;
use crate::parse::ast::{self, ListedLabel, Spanned};
use crate::source::Span;

/// A resolved list of labels.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) labels: Vec<LabelId>,
    /// Labels that series may lack.
    pub(super) optional: Vec<LabelId>,
    /// The sum labels, with their positions among the labels of the metric.
    pub(super) sums: Vec<SumUse>,
    /// Whether the labels of an item could not be determined.
    pub(super) is_incomplete: bool,
}

impl Checker<'_> {
    pub(super) fn check_groups(&mut self, groups: &[ast::Group]) {
        for group in groups {
            let key = &group.name;
            let name = self.check_group_name(key);
            let what = format!("the group `{}`", key.value);
            let help = self.check_help(&group.help, &what, key.span);
            let listed = self.check_label_list(group.labels.items(), (&[], 1), "the group");
            if group.has_errors || listed.is_incomplete {
                let id = GroupId(self.registry.groups.len());
                self.scope.faulty.groups.push(id);
            }
            let group = Group {
                name,
                help,
                labels: listed.labels,
                optional: listed.optional,
                sums: listed.sums,
                notes: self.check_notes(&group.note, &group.annotations),
                allow: group.allow.items().to_vec(),
                origin: Origin::Schema,
                span: key.span,
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
        self.scope.faulty.groups.push(id);
        let group = Group {
            name: self.free_group_name(name),
            span: name.span,
            ..Group::default()
        };
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
        self.scope.groups.declare(&group.name, Some(id.0));
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
        free_name(name::to_snake_case(&key.value), &|name| {
            name::is_metrics_method(name)
                || name == name::OWN_GROUP
                || scope.open_labels.contains_key(name)
                || scope.group_types.contains_key(&name::pascal_case(name))
        })
    }

    /// Resolves a list of labels. `bound` has the labels that are already bound and the number of their parts. `owner` names the
    /// item with the list.
    pub(super) fn check_label_list(
        &mut self,
        list: &[ListedLabel],
        (bound, mut parts): (&[LabelId], usize),
        owner: &str,
    ) -> Listed {
        let mut listed = Listed {
            is_incomplete: self.scope.faulty.has_sum_of(list),
            ..Listed::default()
        };
        // The position of each listed label.
        let mut spans: Vec<Span> = Vec::new();
        for ListedLabel { name, optional } in list {
            let Spanned { value: text, span } = name;
            if let Some(sum) = self.scope.sums.get(text).copied().map(SumId) {
                let taken = [bound, &listed.labels].concat();
                if *optional {
                    let help = "write only its name, without `optional`";
                    self.misplaced_sum(text, *span, "an optional label", help);
                    listed.is_incomplete = true;
                } else if let Some(ids) = self.labels_of_sum(sum, name, &taken, owner) {
                    parts = parts.saturating_mul(self.registry.sum_parts(sum).len());
                    if self.too_many_parts(parts, owner, *span) {
                        listed.is_incomplete = true;
                        break;
                    }
                    listed.sums.push(SumUse {
                        sum,
                        first: taken.len(),
                        count: ids.len(),
                    });
                    listed.optional.extend(self.conditional_labels(sum));
                    listed.labels.extend(ids);
                    spans.resize(listed.labels.len(), *span);
                } else {
                    listed.is_incomplete = true;
                }
                continue;
            }
            let is_value = self.label_with_value(text);
            let Some(id) = self.resolve_label(text, *span, is_value) else {
                listed.is_incomplete = true;
                continue;
            };
            let first = listed.labels.iter().position(|other| *other == id);
            if first.is_none() && !bound.contains(&id) {
                listed.labels.push(id);
                spans.push(*span);
                if *optional {
                    listed.optional.push(id);
                }
            } else if !self.scope.labels.knows(text) {
                // A misspelled name is not a duplicate of its near miss.
            } else if let Some(first) = first {
                let message = format!("{owner} lists the label `{text}` twice");
                self.error(errors::DUPLICATE_LABEL, *span, message)
                    .label("remove this one")
                    .secondary(spans[first], "the first one");
            } else {
                let message = format!("the group already has the label `{text}`");
                self.error(errors::DUPLICATE_LABEL, *span, message)
                    .label("remove it: a metric inherits its group's labels");
            }
        }
        listed
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
