//! Stability, former names, deprecation and removal, with their versions.

use semver::Version;

use super::Checker;
use super::header::MetricDefaults;
use super::scope::Positions;
use super::sums::is_sum;
use crate::codes::{codes, errors};
use crate::diagnostic::Reported;
use crate::fix::Fix;
use crate::model::{Deprecation, Former, Kind, LabelId, LabelValue, Stability, Unit};
use crate::name;
use crate::parse::ast::{self, Deprecated, Field, Given, Rename, Schema};
use crate::source::Span;

codes! {
    table LIFECYCLE;

    DEPRECATED_WITHOUT_REASON = "SM0410" "deprecated-without-reason": "deprecated without a reason",
    "Users of a deprecated metric or label value need to know what to do instead. `use` names the replacement: another metric, \
     or another value of the same label. `note` gives the reason in words. Both appear in the compiler's warning and in the \
     reference.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- deprecated = { since = "0.4.0" }
+ deprecated = { since = "0.4.0", note = "Counted by the load balancer." }
"#;

    DEPRECATED_AND_STABLE = "SM0411" "deprecated-and-stable": "a deprecated metric with another stability",
    "`deprecated` already sets the stability. Remove `stability`.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- stability = "stable"
deprecated = { note = "Counted by the load balancer." }
"#;

    INVALID_VERSION = "SM0701" "invalid-version": "not a version",
    "`since`, `until` and `remove_in` are versions of the package that has the metrics, in Cargo's format: three \
     numbers and an optional pre-release, such as `1.4.0` or `2.0.0-beta.1`. From the version in `until` or \
     `remove_in` on, the build fails as long as the schema has the former name, or the deprecated metric or value.",
    example: r#"[metrics.http.answered]
type = "counter"
help = "Requests answered."
- renamed_from = { name = "app_http_replies_total", until = "v2" }
+ renamed_from = { name = "app_http_replies_total", until = "2.0.0" }
"#;

    EXPIRED_RENAME = "SM0702" "expired-rename": "an expired former name",
    "A renamed metric or label value is exposed under both names until the release in `until`. From that release on, the build \
     fails until `renamed_from` is deleted. This ensures that former names are removed.",
    example: r#"[metrics.http.answered]
type = "counter"
help = "Requests answered."
- renamed_from = { name = "app_http_replies_total", until = "0.4.0" }
"#;

    EXPIRED_METRIC = "SM0703" "expired-metric": "a metric or label value past its removal",
    "`remove_in` is the release that removes a deprecated metric or label value. From that release on, the build fails \
     until you delete the metric or value, or set a later release.",
    example: r#"[metrics.http.replies]
type = "counter"
help = "Requests answered."
- deprecated = { note = "Nobody looked at it.", remove_in = "0.4.0" }
+ deprecated = { note = "Nobody looked at it.", remove_in = "2.0.0" }
"#;

    SAME_FORMER_NAME = "SM0704" "same-former-name": "a former name that is in use",
    "`renamed_from` is the name that was exposed before. For a metric, it is the complete exposed name, as dashboards \
     use it; for a label value, it is the former value. It cannot be a name or value that is still in use.",
    example: r#"[labels.outcome]
help = "How the request ended."
values.ok = { help = "it worked", renamed_from = { name = "success", until = "2.0.0" } }
- values.success = "it worked too"
+ values.failed = "it failed"

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["outcome"]
"#;

    STABLE_WITHOUT_SINCE = "SM0705" "stable-without-since": "stable without `since`",
    "Users of a stable metric need to know which version introduced it. Set `since` to that version.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
stability = "stable"
+ since = "0.3.0"
"#;

    STABLE_ON_EXPERIMENTAL = "SM0706" "stable-on-experimental": "a stable metric with an experimental label",
    "The labels of a metric are part of its series. If the values of a label may change in any release, the series of a stable \
     metric may change too. Declare the label `stable`, or the metric `experimental`. A label without `stability` has the \
     stability in `[defaults]`. Without a default, the label is experimental.",
    example: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]
+ stability = "stable"

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
stability = "stable"
since = "0.3.0"
"#;
}

impl Checker<'_> {
    /// Checks the stability and the deprecation, except for the replacement, which may be declared later in the file.
    pub(super) fn check_lifecycle(
        &mut self,
        metric: &ast::Metric,
        defaults: &MetricDefaults,
    ) -> (Stability, Option<Deprecation>) {
        let stability = self.check_stability(&metric.stability, &Stability::ALL);
        let what = format!("the metric `{}`", metric.key.value);
        let span = metric.stability.span().unwrap_or(metric.key.span);
        let Field::Given(deprecated) = &metric.deprecated else {
            if stability == Some(Stability::Deprecated) && metric.deprecated.is_absent() {
                self.without_reason(&what, span).label(
                    "expected `deprecated = { use = \"group.metric\", note = \"Why.\" }` instead",
                );
            }
            return (stability.unwrap_or(defaults.stability), None);
        };
        if let Some(stability) = stability.filter(|stability| *stability != Stability::Deprecated) {
            let message = format!("{what} is both {stability} and deprecated");
            self.error(DEPRECATED_AND_STABLE, span, message)
                .label("remove it: `deprecated` sets the stability")
                .secondary(deprecated.key, "deprecated here");
        }
        let deprecated = self.check_deprecated(&what, "group.metric", metric.key.span, deprecated);
        (Stability::Deprecated, Some(deprecated))
    }

    fn without_reason(&mut self, what: &str, span: Span) -> Reported<'_> {
        let message = format!("{what} is deprecated without a reason");
        self.error(DEPRECATED_WITHOUT_REASON, span, message)
    }

    /// Checks `deprecated` of a metric or label value, except for its replacement. `what` is the deprecated
    /// item ("the metric `hits`"), `other` the noun for a replacement, `key` the position of the item.
    pub(super) fn check_deprecated<R>(
        &mut self,
        what: &str,
        other: &str,
        key: Span,
        given: &Given<Deprecated>,
    ) -> Deprecation<R> {
        let deprecated = &given.value;
        if deprecated.replacement.is_absent() && deprecated.note.is_absent() {
            let expected = format!("expected `use = \"{other}\"`, `note = \"Why.\"`, or both");
            self.without_reason(what, given.span).label(expected);
        }
        Deprecation {
            since: self.check_version(&deprecated.since, "since"),
            replacement: None,
            note: self.check_text(&deprecated.note, "note"),
            remove_in: self.check_removal(what, key, &deprecated.remove_in),
        }
    }

    /// Resolves the replacement of a deprecated metric.
    pub(super) fn check_replacement(&mut self, metric: &ast::Metric, index: usize) {
        let deprecated = metric.deprecated.value();
        let replacement = deprecated.and_then(|deprecated| deprecated.replacement.given());
        let Some(given) = replacement else { return };
        let found = self.resolve_metric(&given.value, given.span);
        if found.is_some_and(|found| found.0 == index) {
            let message = format!("the metric `{}` is replaced by itself", metric.key.value);
            self.error(DEPRECATED_WITHOUT_REASON, given.span, message)
                .label("expected another metric");
        } else if let Some(deprecation) = &mut self.registry.metrics[index].deprecated {
            deprecation.replacement = found;
        }
    }
}

/// The version of a rename without a readable version.
const NEVER: Version = Version::new(u64::MAX, 0, 0);

impl Checker<'_> {
    /// Checks `renamed_from`. `what` is the renamed item: "the metric `hits`".
    pub(super) fn check_rename(&mut self, written: &Field<Rename>, what: &str) -> Option<Former> {
        let given = written.given()?;
        let Rename { name, until } = &given.value;
        for (key, field, example) in [("name", name, "former_name"), ("until", until, "2.0.0")] {
            let expected = format!("expected `{key} = \"{example}\"` in it");
            self.required(field, "`renamed_from`", key, given.span, &expected);
        }
        let name = self.check_text(name, "name");
        // A faulty version is reported, and the name is checked nevertheless.
        let until = self.check_version(until, "until").unwrap_or(NEVER);
        let former = Former {
            name: name?,
            until,
            span: Span::new(given.key.start, given.span.end),
        };
        if let Some(release) = self.reached_release(&former.until) {
            let Former { name, until, span } = &former;
            let message = format!(
                "{what} is also exposed as `{name}` until {until}, but the package is at {release}"
            );
            self.error(EXPIRED_RENAME, *span, message)
                .label("delete this")
                .help("without this key, queries that use the former name return nothing; to keep the name longer, set a later \
                     `until`");
        }
        Some(former)
    }

    /// Checks `renamed_from` of a metric, which is its full former name.
    pub(super) fn check_former_name(
        &mut self,
        metric: &ast::Metric,
        exposed: &str,
        (kind, unit): (&Kind, Unit),
    ) -> Option<Former> {
        let what = format!("the metric `{}`", metric.key.value);
        let former = self.check_rename(&metric.renamed_from, &what)?;
        let written = metric.renamed_from.given()?;
        let span = written.value.name.span().unwrap_or(former.span);
        if let Some((group, key)) = former.name.split_once('.')
            && name::is_snake_case(group)
            && name::is_snake_case(key)
        {
            let meant = name::exposed_name(&self.registry.namespace, group, key, kind, unit);
            let message = format!("`{}` cannot be an exposed name", former.name);
            self.error(errors::INVALID_METRIC_NAME, span, message)
                .did_you_mean(&meant, Fix::replace_text(span, &meant))
                .help("write the complete name, as queries use it");
            return None;
        }
        if !self.is_exposable(&former.name, span, kind) {
            return None;
        }
        if former.name == exposed {
            let message = format!("{what} is still exposed as `{exposed}`");
            self.error(SAME_FORMER_NAME, former.span, message)
                .label("expected the former name");
            return None;
        }
        Some(former)
    }

    /// Reports and removes former names of values that are also current values.
    pub(super) fn check_former_values(&mut self, label: &str, values: &mut [LabelValue]) {
        let mut spans = Vec::new();
        // A map keeps large lists fast.
        let mut taken = Positions::new();
        for value in &*values {
            taken.entry(value.value.clone()).or_insert(spans.len());
            spans.push(value.span);
        }
        for value in values {
            let Some(former) = &value.former else {
                continue;
            };
            let (name, span) = (&former.name, former.span);
            let first = *taken.entry(name.clone()).or_insert(spans.len());
            let Some(first) = spans.get(first).copied() else {
                spans.push(span);
                continue;
            };
            let message = format!("the value `{name}` of the label `{label}` is in use");
            self.error(SAME_FORMER_NAME, span, message)
                .label("expected a former value")
                .secondary(first, "declared here");
            value.former = None;
        }
    }

    /// Checks `remove_in` of a deprecated item.
    fn check_removal(
        &mut self,
        what: &str,
        key: Span,
        remove_in: &Field<String>,
    ) -> Option<Version> {
        let version = self.check_version(remove_in, "remove_in")?;
        if let Some(release) = self.reached_release(&version) {
            let message = format!(
                "{what} should have been removed in {version}, but the package is at {release}"
            );
            let later = remove_in.span().unwrap_or_default();
            self.error(EXPIRED_METRIC, key, message)
                .label("delete this")
                .secondary(later, "or set a later version here");
        }
        Some(version)
    }

    /// Checks the dependencies of stable metrics.
    pub(super) fn check_stable_metrics(&mut self, schema: &Schema) {
        for index in 0..self.registry.metrics.len() {
            let metric = &self.registry.metrics[index];
            let written = &schema.metrics[self.scope.written[index]];
            if metric.stability == Stability::Stable && written.since.is_absent() {
                let message = format!("the stable metric `{}` has no `since`", written.key.value);
                let span = written.stability.span().unwrap_or(written.key.span);
                self.error(STABLE_WITHOUT_SINCE, span, message).label(
                    "expected the version that introduced the metric, such as `since = \"1.0.0\"`",
                );
            }
        }
        let plain = schema.labels.iter().filter(|label| !is_sum(label));
        for (index, label) in plain.enumerate() {
            if self.registry.labels[index].stability != Stability::Stable {
                self.check_experimental_label(LabelId(index), label);
            }
        }
    }

    /// Reports an experimental label on a stable metric.
    fn check_experimental_label(&mut self, id: LabelId, written: &ast::Label) {
        let mut dependents = Vec::new();
        for metric in &self.registry.metrics {
            if metric.stability == Stability::Stable && metric.depends_on(id) {
                dependents.push(metric);
            }
        }
        let Some((metric, others)) = dependents.split_first() else {
            return;
        };
        let others = match others.len() {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let (label, span) = (&self.registry.labels[id.0].name, metric.spans.key);
        let message = format!(
            "the experimental label `{label}` is on the stable metric `{}`{others}",
            metric.key
        );
        let at = written.stability.span().unwrap_or(written.key.span);
        self.error(STABLE_ON_EXPERIMENTAL, at, message)
            .label("expected `stability = \"stable\"` for this label")
            .secondary(span, "this stable metric has the label");
    }
}

impl Checker<'_> {
    /// Checks a full version, as Cargo defines it. All keys with a version follow the same rule, even if
    /// nothing is compared with them, because readers compare them.
    pub(super) fn check_version(&mut self, field: &Field<String>, key: &str) -> Option<Version> {
        let given = field.given()?;
        let error = match Version::parse(given.value.trim()) {
            Ok(version) => return Some(version),
            Err(error) => error,
        };
        let message = format!("`{key}` is not a version: {error}");
        let problem = self.error(INVALID_VERSION, given.span, message);
        match intended_version(&given.value) {
            Some(meant) => problem.did_you_mean(&meant, Fix::replace_text(given.span, &meant)),
            None => problem.label("expected a complete version, such as `1.4.0`"),
        };
        None
    }

    /// Returns the release that the schema is compiled for, if it has reached `version`.
    fn reached_release(&self, version: &Version) -> Option<Version> {
        self.release.filter(|release| *release >= version).cloned()
    }
}

/// Returns the intended version for one with a leading `v`, as in tags, or with fewer than three numbers.
fn intended_version(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    let numbers = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(numbers);
    let missing = 3_usize.checked_sub(numbers.split('.').count())?;
    let version = format!("{numbers}{}{rest}", ".0".repeat(missing));
    Version::parse(&version).is_ok().then_some(version)
}

#[test]
fn rules_of_lifecycles() {
    crate::testing::rules(
        r#"
        x: counter, deprecated = ^{} => deprecated-without-reason
        x: counter, stability = ^"deprecated" => deprecated-without-reason
        x: counter, deprecated = { use = ^"app.x" } => deprecated-without-reason
        x: counter, stability = ^"stable", deprecated = { note = "N." } => deprecated-and-stable
        x: counter, renamed_from = { name = "old", until = ^"2" }, deprecated = { since = ^"", note = "No.", remove_in = ^"soon" }, since = ^"v2" => invalid-version invalid-version invalid-version invalid-version
        x: counter, stability = "stable", since = ^"soon" => invalid-version
        x: counter, ^renamed_from = { name = "t_app_x_total", until = "2.0.0" } => same-former-name
        labels.end = { help = "End.", values = { a = { renamed_from = { name = "z", until = "2.0.0" } }, b = { ^renamed_from = { name = "z", until = "2.0.0" } }, c = { ^renamed_from = { name = "a", until = "2.0.0" } } } } => same-former-name same-former-name
        x: counter, stability = ^"stable" => stable-without-since
        labels.^end = { help = "End.", values = ["a"] } | x: counter, labels = ["end"], stability = "stable", since = "1.0.0" => stable-on-experimental
        labels.end = { help = "End.", values.a = { renamed_from = { name = "z", until = "1.2.0" } } } =>
        @1.2.0-alpha labels.end = { help = "End.", values.a = { renamed_from = { name = "z", until = "1.2.0" } } } =>
        @1.2.0 labels.end = { help = "End.", values.a = { ^renamed_from = { name = "z", until = "1.2.0" } } } => expired-rename
        @1.3.0-beta x: counter, renamed_from = { name = "old", until = "1.3.0-rc.1" } =>
        @1.3.0-rc.1 x: counter, ^renamed_from = { name = "old", until = "1.3.0-rc.1" } => expired-rename
        @1.9.0 x: gauge, deprecated = { note = "No.", remove_in = "2.0.0" } =>
        @3.0.0 ^x: gauge, deprecated = { note = "No.", remove_in = "2.0.0" } => expired-metric
    "#,
    );
}

#[test]
fn versions_are_completed() {
    for (text, version) in [
        ("v1.2.3", Some("1.2.3")),
        (" V2 ", Some("2.0.0")),
        ("0.4", Some("0.4.0")),
        ("1.2-rc.1", Some("1.2.0-rc.1")),
        ("soon", None),
        ("", None),
        ("1.2.3.4", None),
        ("1.", None),
        ("1.02", None),
    ] {
        assert_eq!(intended_version(text).as_deref(), version, "{text}");
    }
}
