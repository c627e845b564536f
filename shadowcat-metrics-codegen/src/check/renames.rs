//! What goes with a release: former names of metrics and of label values, and metrics that were to be removed. And what a
//! stable metric owes: the version that it came with, and labels as stable as itself.

use semver::Version;

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::model::{Former, Kind, LabelId, LabelValue, Origin, Stability, Unit};
use crate::name;
use crate::parse::ast::{self, Field, Given, Rename, Schema};
use crate::source::Span;

/// The version of a rename that does not tell.
const NEVER: Version = Version::new(u64::MAX, 0, 0);

impl Checker<'_> {
    /// Checks `renamed_from`. `what` is what was renamed: "the metric `hits`".
    pub(super) fn check_rename(&mut self, written: &Field<Rename>, what: &str) -> Option<Former> {
        let given = written.given()?;
        let Rename { name, until } = &given.value;
        self.check_present(name, given, "name", "\"former_name\"");
        self.check_present(until, given, "until", "\"2.0.0\"");
        let name = self.check_text(name, "name");
        // What is wrong with the version is told; the name is looked at all the same.
        let until = self.check_version(until, "until").unwrap_or(NEVER);
        let former = Former {
            name: name?,
            until,
            span: Span::new(given.key.start, given.span.end),
        };
        if let Some(release) = self.past(&former.until) {
            self.report.push(
                Diagnostic::error(
                    errors::EXPIRED_RENAME,
                    former.span,
                    format!(
                        "{what} was to be exposed as `{}` until {}, and this is {release}",
                        former.name, former.until
                    ),
                )
                .label("delete this")
                .help("queries that still ask for the former name come back empty from then on; a later `until` keeps it longer"),
            );
        }
        Some(former)
    }

    fn check_present(
        &mut self,
        field: &Field<String>,
        rename: &Given<Rename>,
        key: &str,
        example: &str,
    ) {
        if field.is_absent() {
            self.report.push(
                Diagnostic::error(
                    errors::MISSING_KEY,
                    rename.span,
                    format!("`renamed_from` has no `{key}`"),
                )
                .label(format!("expected `{key} = {example}` in it")),
            );
        }
    }

    /// Checks `renamed_from` of a metric, which is the name it was exposed under, whole.
    pub(super) fn check_former_name(
        &mut self,
        metric: &ast::Metric,
        exposed: &str,
        (kind, unit): (&Kind, Unit),
    ) -> Option<Former> {
        let former = self.check_rename(
            &metric.renamed_from,
            &format!("the metric `{}`", metric.key.value),
        )?;
        let written = metric.renamed_from.given()?;
        let span = written.value.name.span().unwrap_or(former.span);
        if let Some((group, key)) = former.name.split_once('.')
            && name::is_snake_case(group)
            && name::is_snake_case(key)
        {
            let meant = name::exposed_name(&self.registry.namespace, group, key, kind, unit);
            self.report.push(
                Diagnostic::error(
                    errors::INVALID_METRIC_NAME,
                    span,
                    format!("`{}` is no name that was exposed", former.name),
                )
                .label(format!("did you mean `{meant}`?"))
                .help("queries have the whole name, and go on with it")
                .fix(Fix::replace_text(span, &meant)),
            );
            return None;
        }
        if !self.is_exposable(&former.name, span, kind) {
            return None;
        }
        if former.name == exposed {
            self.report.push(
                Diagnostic::error(
                    errors::SAME_FORMER_NAME,
                    former.span,
                    format!(
                        "the metric `{}` is still exposed as `{exposed}`",
                        metric.key.value
                    ),
                )
                .label("expected the name that it had before"),
            );
            return None;
        }
        Some(former)
    }

    /// Reports former values of a label that it still has, and drops them.
    pub(super) fn check_former_values(&mut self, label: &str, values: &mut [LabelValue]) {
        for index in 0..values.len() {
            let Some(former) = &values[index].former else {
                continue;
            };
            let earlier = values[..index]
                .iter()
                .filter_map(|value| value.former.as_ref())
                .find(|other| other.name == former.name)
                .map(|other| other.span);
            let present = values
                .iter()
                .find(|value| value.value == former.name)
                .map(|value| value.span);
            let Some(taken) = present.or(earlier) else {
                continue;
            };
            self.report.push(
                Diagnostic::error(
                    errors::SAME_FORMER_NAME,
                    former.span,
                    format!("the label `{label}` has the value `{}` twice", former.name),
                )
                .label("expected a value that is no more")
                .secondary(taken, "it is here too"),
            );
            values[index].former = None;
        }
    }

    /// Checks `remove_in` of a deprecated metric.
    pub(super) fn check_removal(
        &mut self,
        metric: &ast::Metric,
        remove_in: &Field<String>,
    ) -> Option<Version> {
        let version = self.check_version(remove_in, "remove_in")?;
        if let Some(release) = self.past(&version) {
            let name = &metric.key.value;
            self.report.push(
                Diagnostic::error(
                    errors::EXPIRED_METRIC,
                    metric.key.span,
                    format!(
                        "the metric `{name}` was to be removed in {version}, and this is {release}"
                    ),
                )
                .label("delete this metric")
                .secondary(
                    remove_in.span().unwrap_or_default(),
                    "or name a later version here",
                ),
            );
        }
        Some(version)
    }

    /// Checks what stable metrics depend on.
    pub(super) fn check_promises(&mut self, schema: &Schema) {
        for index in 0..self.registry.metrics.len() {
            let metric = &self.registry.metrics[index];
            let written = &schema.metrics[self.scope.written[index]];
            if metric.stability == Stability::Stable && written.since.is_absent() {
                self.report.push(
                    Diagnostic::error(
                        errors::STABLE_WITHOUT_SINCE,
                        written.stability.span().unwrap_or(written.key.span),
                        format!("the metric `{}` is stable, and does not say since which version", written.key.value),
                    )
                    .label("expected `since = \"1.0.0\"` beside it, the version that introduced the metric"),
                );
            }
        }
        for (index, label) in schema.labels.iter().enumerate() {
            self.check_label_promise(LabelId(index), label);
        }
    }

    fn check_label_promise(&mut self, id: LabelId, written: &ast::Label) {
        let label = &self.registry.labels[id.0];
        let dependents = || {
            let metrics = self.registry.metrics.iter();
            metrics.filter(|metric| metric.stability == Stability::Stable && metric.depends_on(id))
        };
        let Some(metric) = dependents().find(|metric| metric.origin == Origin::Schema) else {
            return;
        };
        if label.stability == Stability::Stable {
            return;
        }
        let others = match dependents().count() - 1 {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let diagnostic = Diagnostic::error(
            errors::STABLE_ON_EXPERIMENTAL,
            written.stability.span().unwrap_or(written.name.span),
            format!(
                "the label `{}` is experimental, and the stable metric `{}`{others} would change with it",
                label.name, metric.key
            ),
        )
        .label("expected `stability = \"stable\"` for this label")
        .secondary(metric.spans.key, "stable, and has the label");
        self.report.push(diagnostic);
    }
}
