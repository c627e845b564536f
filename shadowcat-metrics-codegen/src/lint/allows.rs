//! The schema's `allow` lists: the entries that findings needed, and the lints about the lists themselves.

use std::iter::once;

use super::all as lints;
use super::finding::{Findings, Item};
use crate::codes::{Code, all, codes, find};
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::model::{Allow, GroupId, LabelId, MetricId, Registry};
use crate::suggest::nearest;

pub(super) struct Allows<'a> {
    registry: &'a Registry,
    /// By address in the model, because two entries may differ only in their position.
    used: Vec<&'a Allow>,
}

impl<'a> Allows<'a> {
    pub(super) const fn new(registry: &'a Registry) -> Self {
        Self {
            registry,
            used: Vec::new(),
        }
    }

    /// Returns whether the nearest list that names the lint allows a finding about `item`. Marks that entry
    /// as used.
    pub(super) fn permit(&mut self, lint: &str, item: Item) -> bool {
        let registry = self.registry;
        let lists = around(registry, item);
        let entry = lists
            .flat_map(|item| list(registry, item))
            .find(|allow| allow.lint == lint);
        self.used.extend(entry);
        entry.is_some()
    }

    /// Returns the entries that no finding has needed so far.
    pub(super) fn unused(&self) -> impl Iterator<Item = (Item, &'a Allow)> {
        entries(self.registry)
            .filter(|(_, allow)| !self.used.iter().any(|used| std::ptr::eq(*used, *allow)))
    }
}

/// Returns every entry of every list, with its item.
pub(super) fn entries(registry: &Registry) -> impl Iterator<Item = (Item, &Allow)> {
    let labels = (0..registry.labels.len()).map(|index| Item::Label(LabelId(index)));
    let groups = (0..registry.groups.len()).map(|index| Item::Group(GroupId(index)));
    let metrics = (0..registry.metrics.len()).map(|index| Item::Metric(MetricId(index)));
    let items = once(Item::File).chain(labels).chain(groups).chain(metrics);
    items.flat_map(|item| list(registry, item).iter().map(move |allow| (item, allow)))
}

/// Returns the item and its enclosing items, the nearest first.
fn around(registry: &Registry, item: Item) -> impl Iterator<Item = Item> {
    let group = match item {
        Item::Metric(id) => Some(Item::Group(registry.metrics[id.0].group)),
        Item::File | Item::Label(_) | Item::Group(_) => None,
    };
    once(item).chain(group).chain(once(Item::File))
}

fn list(registry: &Registry, item: Item) -> &[Allow] {
    match item {
        Item::File => &registry.allow,
        Item::Label(id) => &registry.labels[id.0].allow,
        Item::Group(id) => &registry.groups[id.0].allow,
        Item::Metric(id) => &registry.metrics[id.0].allow,
    }
}

codes! {
    /// `allow` names no lint.
    UNKNOWN_ALLOW = "SM1107" "unknown-allow": "no such lint",
    "`allow` lists lints by name. Errors that are not lints cannot be allowed. `shadowcat-metrics explain` lists the \
     lints.",
    wrong: shop!(r#"[metrics.cart.size_gauge]
type = "gauge"
help = "Articles in all carts."
allow = ["type-in-name", "typo-in-name"]
"#),
    right: shop!(r#"[metrics.cart.size_gauge]
type = "gauge"
help = "Articles in all carts."
allow = ["type-in-name"]
"#);
}

/// An `allow` entry that is not the name of a lint.
pub(super) fn unknown_allow(registry: &Registry, findings: &mut Findings) {
    for (item, allow) in entries(registry) {
        let names = lints().map(|lint| lint.code.name());
        if names.clone().any(|name| name == allow.lint) {
            continue;
        }
        let message = format!("there is no lint `{}`", allow.lint);
        let (label, meant) = match (find(all(), &allow.lint), nearest(&allow.lint, names)) {
            (Some(code), _) if is_lint(code) => (
                format!("expected its name: `{}`", code.name()),
                Some(code.name()),
            ),
            (Some(code), _) => (format!("{code} is not a lint and cannot be allowed"), None),
            (None, Some(name)) => (format!("did you mean `{name}`?"), Some(name)),
            (None, None) => ("expected the name of a lint".to_owned(), None),
        };
        let problem = Diagnostic::warning(UNKNOWN_ALLOW, allow.span, message)
            .label(label)
            .help("`shadowcat-metrics explain` lists the lints")
            .fix(meant.map(|name| Fix::replace_text(allow.span, name)));
        findings.push((item, problem));
    }
}

fn is_lint(code: Code) -> bool {
    lints().any(|lint| lint.code == code)
}

codes! {
    /// `allow` allows what does not occur.
    NEEDLESS_ALLOW = "SM1108" "needless-allow": "needless allow",
    "The lint reports nothing here, so the `allow` could only hide a later mistake. The `allow` of a metric takes \
     precedence over that of its group, which takes precedence over the one in `[defaults]`.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
allow = ["type-in-name"]
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// An `allow` entry that drops nothing.
pub(super) fn needless_allow(allows: &Allows<'_>, findings: &mut Findings) {
    for (item, allow) in allows.unused() {
        // Unknown names are reported separately, and this lint cannot decide whether it is needed itself.
        let judged = lints().any(|lint| lint.code.name() == allow.lint)
            && allow.lint != NEEDLESS_ALLOW.name();
        if judged {
            let message = format!("the lint `{}` reports nothing here", allow.lint);
            let problem = Diagnostic::warning(NEEDLESS_ALLOW, allow.span, message)
                .label("remove it")
                .fix(Fix::remove_item(allow.span));
            findings.push((item, problem));
        }
    }
}

#[test]
fn the_nearest_allow_is_the_one_that_counts() {
    crate::testing::lints(
        r#"
        size_gauge: gauge => type-in-name size_gauge
        size_gauge: gauge | defaults.allow = ["type-in-name"] =>
        size_gauge: gauge | groups.cart.allow = ["type-in-name"] =>
        size_gauge: gauge, allow = ["type-in-name"] =>
        defaults.allow = ["type-in-name"] | size_gauge: gauge, allow = ["type-in-name"] => needless-allow "type-in-name"
        defaults.allow = ["type-in-name"] | groups.cart.allow = ["type-in-name"] | size_gauge: gauge => needless-allow "type-in-name"
        size_gauge: gauge, allow = ["type-in-name", "type-in-name"] => needless-allow "type-in-name"
        size: gauge, allow = ["camel-case", "needless-allow"] =>
        size: gauge, allow = ["of-tomorrow", "unknown-allow"] =>
    "#,
    );
}

#[test]
fn unknown_allows_say_what_was_meant() {
    for (lint, label) in [
        ("type-in-nam", "did you mean `type-in-name`?"),
        ("SM1004", "expected its name: `type-in-name`"),
        ("sm0001", "SM0001 is not a lint and cannot be allowed"),
        ("something else", "expected the name of a lint"),
    ] {
        let registry = Registry {
            allow: vec![Allow {
                lint: lint.to_owned(),
                span: crate::Span::default(),
            }],
            ..Registry::default()
        };
        let mut findings = Findings::new();
        unknown_allow(&registry, &mut findings);
        assert_eq!(findings[0].1.label, label);
    }
}
