//! Lints about the schema's `allow` lists.

use std::iter::once;

use super::{Findings, Item, all as lints, all_codes, shop};
use crate::codes::find;
use shadowcat_metrics_codegen::codes::{Code, codes};
use shadowcat_metrics_codegen::lint::Linter;
use shadowcat_metrics_codegen::model::{GroupId, LabelId, MetricId, Registry, SumId};
use shadowcat_metrics_codegen::suggest::nearest;
use shadowcat_metrics_codegen::{Diagnostic, Fix, Spanned};

codes! {
    UNKNOWN_ALLOW = "SM1107" "unknown-allow": "unknown lint in `allow`",
    "`allow` lists lints by name. Errors that are not lints cannot be allowed. `shadowcat-metrics explain` lists the \
     lints.",
    example: shop!(r#"[metrics.cart.size_gauge]
type = "gauge"
help = "Articles in all carts."
- allow = ["type-in-name", "typo-in-name"]
+ allow = ["type-in-name"]
"#);
}

/// Returns every entry of every list, with its item.
fn entries(registry: &Registry) -> impl Iterator<Item = (Item, &Spanned<String>)> {
    let labels = (0..registry.labels.len()).map(|index| Item::Label(LabelId(index)));
    let sums = (0..registry.sums.len()).map(|index| Item::Sum(SumId(index)));
    let groups = (0..registry.groups.len()).map(|index| Item::Group(GroupId(index)));
    let metrics = (0..registry.metrics.len()).map(|index| Item::Metric(MetricId(index)));
    let items = once(Item::File).chain(labels).chain(sums);
    let items = items.chain(groups).chain(metrics);
    items.flat_map(|item| item.allow(registry).iter().map(move |allow| (item, allow)))
}

/// Reports an `allow` entry that is not the name of a lint.
pub(super) fn unknown_allow(registry: &Registry, findings: &mut Findings) {
    for (item, allow) in entries(registry) {
        let names = lints().map(|lint| lint.code.name());
        if names.clone().any(|name| name == allow.value) {
            continue;
        }
        let message = format!("there is no lint `{}`", allow.value);
        let (label, meant) = match (
            find(all_codes(), &allow.value),
            nearest(&allow.value, names),
        ) {
            (Some(code), _) if is_lint(code) => (
                format!("expected its name: `{}`", code.name()),
                Some(code.name()),
            ),
            (Some(code), _) => (
                format!("remove it: {code} is not a lint, and cannot be allowed"),
                None,
            ),
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
    NEEDLESS_ALLOW = "SM1108" "needless-allow": "`allow` that silences nothing",
    "The lint reports nothing here, so the `allow` could only hide a later mistake. The `allow` of a metric takes \
     precedence over that of its group, which takes precedence over the one in `[defaults]`.",
    example: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
- allow = ["type-in-name"]
"#);
}

/// Reports an `allow` entry that suppresses no finding.
pub(super) fn needless_allow(linter: &Linter<'_>, findings: &mut Findings) {
    let unused = entries(linter.registry).filter(|(_, allow)| !linter.has_used(allow));
    for (item, allow) in unused {
        // Unknown names are reported separately, and this lint cannot decide whether it is needed itself.
        let judged = lints().any(|lint| lint.code.name() == allow.value)
            && allow.value != NEEDLESS_ALLOW.name();
        if judged {
            let message = format!("the lint `{}` reports nothing here", allow.value);
            let problem = Diagnostic::warning(NEEDLESS_ALLOW, allow.span, message)
                .label("remove it")
                .fix(Fix::remove_item(allow.span));
            findings.push((item, problem));
        }
    }
}

#[test]
fn the_nearest_allow_list_applies() {
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
fn unknown_allows_have_a_suggestion() {
    for (lint, label) in [
        ("type-in-nam", "did you mean `type-in-name`?"),
        ("SM1004", "expected its name: `type-in-name`"),
        (
            "sm0001",
            "remove it: SM0001 is not a lint, and cannot be allowed",
        ),
        ("something else", "expected the name of a lint"),
    ] {
        let registry = Registry {
            allow: vec![Spanned {
                value: lint.to_owned(),
                ..Spanned::default()
            }],
            ..Registry::default()
        };
        let mut findings = Findings::new();
        unknown_allow(&registry, &mut findings);
        assert_eq!(findings[0].1.label, label);
    }
}
