//! `[metrics]`: a metric's name and labels, and the keys that its kind requires.

use super::header::MetricDefaults;
use super::names::free_name;
use super::{Checker, scope, words};
use crate::codes::{codes, errors};
use crate::diagnostic::Diagnostic;
use crate::model::{
    BucketSetId, GroupId, Kind, LabelId, LabelValues, Metric, MetricId, MetricSpans, Origin,
    Storage, Unit, Units,
};
use crate::parse::ast::{self, Field, MetricBuckets, Spanned};
use crate::source::Span;
use crate::{name, suggest};

codes! {
    table METRICS;

    /// A histogram has no bounds.
    MISSING_BUCKETS = "SM0401" "missing-buckets": "a histogram without buckets",
    "A histogram counts observations in buckets. There are no default buckets, because none suit both microseconds \
     and hours. Name a bucket set from `[buckets]`, or write the bounds on the metric.",
    example: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
+ buckets = { exponential = { start = 0.001, factor = 2, count = 12 } }
help = "Time spent on a request."
"#;

    /// A key is not one of those that the metric's type takes.
    MISPLACED_KEY = "SM0402" "misplaced-key": "a key that the metric's type does not take",
    "`unit` is for counters, gauges, up-down counters and histograms; a ratio always has the unit `ratio`, and state \
     and info metrics have no unit. `buckets`, `native` and `quantiles` are for histograms, `states` for state metrics, \
     `callback` for counters and gauges, `bad` for counters, and `numerator` and `denominator` for ratios. \
     `exemplars` is for histograms, and for counters without `callback` whose name ends with `_total`: a callback \
     has no trace, and OpenMetrics does not allow exemplars on counters with other names. Remove the key, or change `type`. To split a metric by a label, list the label in `labels`. To record a share directly, use \
     a gauge with `unit = \"ratio\"`.",
    example: r#"[metrics.http.requests]
type = "counter"
- buckets = [0.1, 1, 10]
help = "Requests answered."
"#;

    /// A state metric has no states.
    MISSING_STATES = "SM0403" "missing-states": "a state metric without states",
    "A state metric is always in one of several states. They are the values of a closed label, and `states` is the \
     name of that label.",
    example: r#"+ [labels.health]
+ help = "How a server is."
+ values = ["up", "down"]
+
[metrics.http.health]
type = "state"
+ states = "health"
help = "How the server is."
"#;

    /// `states` names an open label.
    OPEN_STATES = "SM0405" "open-states": "states that are not a fixed list",
    "A state metric exposes every state at each scrape: the current one with 1 and the others with 0. Therefore the \
     states must be a fixed list, and their label needs `values`.",
    example: r#"[labels.health]
help = "How a server is."
- open = { max = 8 }
+ values = ["up", "down"]

[metrics.http.health]
type = "state"
states = "health"
help = "How the server is."
"#;

    /// An info metric has no facts.
    INFO_WITHOUT_FACTS = "SM0409" "info-without-facts": "an info metric without labels",
    "An info metric exposes facts, such as a version, as the values of its own labels. Without labels it has no \
     content.",
    example: r#"+ [labels.version]
+ help = "Version of the program."
+ open = { max = 2 }
+
[metrics.http.build]
type = "info"
+ labels = ["version"]
help = "What is running."
"#;

    /// A fact of an info metric is optional.
    OPTIONAL_FACT = "SM0413" "optional-fact": "an optional fact",
    "An optional label distinguishes series with a value from series without one. The facts of an info metric distinguish \
     no series, so they cannot be optional. Set an unknown fact to an empty string, which Prometheus treats as a \
     missing label.",
    example: r#"[labels.version]
help = "Version of the program."
open = { max = 2 }

[metrics.http.build]
type = "info"
- labels = [{ name = "version", optional = true }]
+ labels = ["version"]
help = "What is running."
"#;
}

impl Checker<'_> {
    pub(super) fn check_metrics(&mut self, metrics: &[ast::Metric], defaults: &MetricDefaults) {
        for (written, metric) in metrics.iter().enumerate() {
            let group = self.check_group_of_metric(&metric.group);
            let checked = self.check_metric(metric, group, defaults);
            let id = checked.map(|checked| {
                let id = MetricId(self.registry.metrics.len());
                if self.scope.groups_lacking.contains(&group)
                    || self.scope.labels.any_unknown(&metric.labels)
                {
                    self.scope.metrics_lacking.push(id);
                }
                self.registry.metrics.push(checked);
                self.scope.written.push(written);
                id
            });
            // Under a misspelled group, the metric also gets the correct name, which references will use.
            for group in [&metric.group.value, &self.registry.groups[group.0].name] {
                self.scope
                    .metrics
                    .declare(format!("{group}.{}", metric.key.value), id.map(|id| id.0));
            }
        }
    }

    /// Checks references to other metrics once all are known: ratios and replacements.
    pub(super) fn check_metric_references(&mut self, metrics: &[ast::Metric]) {
        for index in 0..self.registry.metrics.len() {
            let metric = &metrics[self.scope.written[index]];
            self.check_replacement(metric, index);
            self.check_ratio(metric, index);
        }
    }

    /// Returns `None` if the kind cannot be determined. The other keys are checked nevertheless.
    fn check_metric(
        &mut self,
        metric: &ast::Metric,
        group: GroupId,
        defaults: &MetricDefaults,
    ) -> Option<Metric> {
        let key = self.check_metric_key(&metric.key, group);
        let help = self.check_help(
            &metric.help,
            &format!("the metric `{}`", metric.key.value),
            metric.key.span,
        );
        let mut labels = self.registry.groups[group.0].labels.clone();
        let group_labels = labels.len();
        let mut optional = self.registry.groups[group.0].optional.clone();
        let listed = (&metric.labels, metric.optional.as_slice());
        let group_parts = self
            .registry
            .group_parts(&self.registry.groups[group.0])
            .len();
        let own = self.check_label_list(listed, (&labels, group_parts), "the metric");
        labels.extend(own.labels);
        optional.extend(own.optional);
        let mut sums = self.registry.groups[group.0].sums.clone();
        sums.extend(own.sums);
        let (stability, deprecated) = self.check_lifecycle(metric, defaults);
        let since = self.check_version(&metric.since, "since");
        let owner = self
            .check_text(&metric.owner, "owner")
            .or_else(|| defaults.owner.clone());
        let (kind, unit) = self.check_kind(metric, &labels[..group_labels])?;
        let native = match kind.spec().buckets {
            Some(set) if words::is_known_unit(&metric.unit) => {
                self.check_metric_native(metric, set, unit)
            }
            Some(_) | None => None,
        };
        let exact = self.check_exact_name(metric, &kind);
        let spans = spans(metric);
        let exposed = exact
            .clone()
            .unwrap_or_else(|| self.exposed_name(group, &key, &kind, unit));
        let former = self.check_former_name(metric, &exposed, (&kind, unit));
        let written_exemplars = metric.exemplars.given().map(|field| field.key);
        let metric = Metric {
            group,
            exposed,
            key,
            name_is_exact: exact.is_some(),
            otel: self.check_otel_name(&metric.otel),
            help,
            kind,
            unit,
            labels,
            optional,
            sums,
            group_labels,
            native,
            quantiles: is_set(&metric.quantiles),
            exemplars: is_set(&metric.exemplars),
            bad: is_set(&metric.bad),
            stability,
            since,
            owner,
            deprecated,
            former,
            notes: self.check_notes(&metric.notes),
            allow: words::allow(&metric.allow),
            origin: Origin::Schema,
            spans,
        };
        self.check_exemplars(written_exemplars, &metric);
        self.check_state_label(&metric);
        Some(metric)
    }

    fn exposed_name(&self, group: GroupId, key: &str, kind: &Kind, unit: Unit) -> String {
        name::exposed_name(
            &self.registry.namespace,
            &self.registry.groups[group.0].name,
            key,
            kind,
            unit,
        )
    }

    fn check_metric_key(&mut self, key: &Spanned<String>, group: GroupId) -> String {
        let usable = self.check_identifier(key, "metric");
        if name::is_recorder_method(&usable) {
            let message = format!("a metric cannot be called `{}`", key.value);
            let problem = Diagnostic::error(errors::RESERVED_METHOD, key.span, message)
                .label("expected another name")
                .help(
                    "it becomes a method of its group's recorder, which already has a method with that name",
                );
            self.report.push(problem);
        }
        let methods = &mut self.scope.metric_methods;
        let path = |name: &str| format!("{}.{name}", group.0);
        let name = free_name(usable, |name| {
            name::is_recorder_method(name) || methods.contains_key(&path(name))
        });
        methods.insert(path(&name), 0);
        name
    }

    fn check_exact_name(&mut self, metric: &ast::Metric, kind: &Kind) -> Option<String> {
        let given = metric.name.given()?;
        self.is_exposable(&given.value, given.span, kind)
            .then(|| given.value.clone())
    }

    /// Returns whether a full name is valid, and reports an invalid one.
    pub(super) fn is_exposable(&mut self, name: &str, span: Span, kind: &Kind) -> bool {
        let problem = Diagnostic::error(
            errors::INVALID_METRIC_NAME,
            span,
            format!("`{name}` is not a valid metric name"),
        );
        if !name::is_metric_name(name) {
            let expected = "expected letters `a` to `z` and `A` to `Z`, digits, `_` and `:`, not beginning with a digit";
            // Labels are not part of a name.
            let bare = name.split('{').next().unwrap_or_default().trim();
            let near = bare.replace(
                |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':',
                "_",
            );
            let such = if name::is_metric_name(&near) {
                format!("{expected}, such as `{near}`")
            } else {
                expected.to_owned()
            };
            self.report.push(problem.label(such));
            return false;
        }
        if kind.spec().states.is_some() && name.contains(':') {
            let expected =
                "the name of a state metric is also a label name, where `:` is not allowed";
            self.report.push(problem.label(expected));
            return false;
        }
        true
    }

    /// Checks that a page can show the exemplars of a counter. Other kinds reject the key or always support it.
    fn check_exemplars(&mut self, written: Option<Span>, metric: &Metric) {
        let Some(span) = written.filter(|_| metric.exemplars) else {
            return;
        };
        if !metric.kind.spec().keys.contains(&"exemplars")
            || name::created_name(&metric.exposed, &metric.kind).is_some()
        {
            return;
        }
        let (message, label) = if metric.kind.spec().storage == Storage::Callback {
            let message = "a metric with `callback = true` takes no `exemplars`".to_owned();
            (
                message,
                "remove it: only metrics that the program records have exemplars",
            )
        } else {
            let message = format!("`{}` cannot have exemplars", metric.exposed);
            (message, "expected a name that ends with `_total`")
        };
        let problem = Diagnostic::error(errors::MISPLACED_KEY, span, message).label(label);
        self.report.push(problem);
    }

    /// Checks the label of a state, which has the metric's name.
    fn check_state_label(&mut self, metric: &Metric) {
        if metric.kind.spec().states.is_none() {
            return;
        }
        let clash = metric
            .labels
            .iter()
            .find(|label| self.registry.labels[label.0].name == metric.exposed);
        if let Some(label) = clash {
            let label = &self.registry.labels[label.0];
            let message = format!(
                "a state metric cannot have a label with its own name, `{}`",
                label.name
            );
            let problem = Diagnostic::error(errors::RESERVED_LABEL, metric.spans.labels, message)
                .label("expected another label, or another name for the metric")
                .secondary(label.span, "the label")
                .help("the label with the name of the metric holds the state");
            self.report.push(problem);
        }
    }
}

fn spans(metric: &ast::Metric) -> MetricSpans {
    let key = metric.key.span;
    let buckets = metric.buckets.span().unwrap_or(key);
    MetricSpans {
        key,
        help: metric.help.span().unwrap_or(key),
        kind: metric.kind.span().unwrap_or(key),
        unit: metric.unit.span().unwrap_or(key),
        name: metric.name.span().unwrap_or(key),
        labels: metric.labels.span().unwrap_or(key),
        buckets,
        native: metric.native.span().unwrap_or(buckets),
    }
}

/// Returns whether a boolean key is present and `true`.
pub(super) fn is_set(key: &Field<bool>) -> bool {
    key.given().is_some_and(|given| given.value)
}

impl Checker<'_> {
    /// Returns the metric's kind and unit, or `None` if the kind cannot be determined.
    pub(super) fn check_kind(
        &mut self,
        metric: &ast::Metric,
        group_labels: &[LabelId],
    ) -> Option<(Kind, Unit)> {
        let kind = self.check_kind_word(metric);
        let unit = self.check_unit(&metric.unit);
        let kind = kind?;
        self.check_misplaced_keys(metric, &kind);
        let unit = match kind.spec().units {
            Units::Declared => unit,
            Units::Fixed(unit) => unit,
        };
        let kind = match kind {
            Kind::Counter { .. } => Kind::Counter {
                callback: is_set(&metric.callback),
            },
            Kind::Gauge { .. } => Kind::Gauge {
                callback: is_set(&metric.callback),
            },
            Kind::Histogram { .. } => {
                let buckets = self.check_metric_buckets(metric);
                if words::is_known_unit(&metric.unit) {
                    self.check_bounds_for(buckets, unit, &metric.key);
                }
                Kind::Histogram { buckets }
            }
            Kind::State { .. } => Kind::State {
                states: self.check_states(metric, group_labels)?,
            },
            Kind::Info => {
                self.check_facts(metric);
                Kind::Info
            }
            // Operands may be declared later in the file; `check_metric_references` resolves them.
            kind @ (Kind::UpDownCounter | Kind::Ratio { .. }) => kind,
        };
        Some((kind, unit))
    }

    fn check_misplaced_keys(&mut self, metric: &ast::Metric, kind: &Kind) {
        for (key, span) in &metric.given {
            let takes_key = |kind: &&Kind| kind.spec().keys.contains(key);
            let kinds: Vec<_> = Kind::each().filter(takes_key).map(Kind::name).collect();
            if kinds.is_empty() || takes_key(&kind) {
                continue;
            }
            let message = format!("a metric of type `{}` takes no `{key}`", kind.name());
            let problem = Diagnostic::error(errors::MISPLACED_KEY, *span, message)
                .label(format!(
                    "remove it, or set `type` to {}",
                    suggest::list(kinds)
                ))
                .secondary(
                    metric.kind.span().unwrap_or(metric.key.span),
                    "the type is set here",
                );
            self.report.push(problem);
        }
    }

    fn check_metric_buckets(&mut self, metric: &ast::Metric) -> BucketSetId {
        let found = match &metric.buckets {
            Field::Given(given) => match &given.value {
                MetricBuckets::Named(name) => {
                    let sets = &mut self.scope.bucket_sets;
                    let found = sets.resolve(name, given.span, &scope::BUCKET_SET, self.report);
                    found.map(BucketSetId)
                }
                MetricBuckets::Inline(buckets) => {
                    Some(self.check_inline_buckets(buckets, given.span))
                }
            },
            // The message about the word already mentions the missing keys.
            Field::Absent if words::is_foreign_kind(&metric.kind) => None,
            Field::Absent => {
                let message = format!("the histogram `{}` has no `buckets`", metric.key.value);
                let problem = Diagnostic::error(errors::MISSING_BUCKETS, metric.key.span, message)
                    .label("expected `buckets = \"NAME\"` with a bucket set from `[buckets]`, or `buckets = [...]`");
                self.report.push(problem);
                None
            }
            Field::Invalid => None,
        };
        found.unwrap_or_else(|| self.placeholder_buckets(metric.key.span))
    }

    fn check_states(&mut self, metric: &ast::Metric, group_labels: &[LabelId]) -> Option<LabelId> {
        let given = match &metric.states {
            Field::Given(given) => given,
            Field::Absent if words::is_foreign_kind(&metric.kind) => return None,
            Field::Absent => {
                let message = format!("the state metric `{}` has no `states`", metric.key.value);
                let problem = Diagnostic::error(errors::MISSING_STATES, metric.key.span, message)
                    .label("expected `states = \"LABEL\"` with a closed label, whose values are the states");
                self.report.push(problem);
                return None;
            }
            Field::Invalid => return None,
        };
        if self.scope.sums.contains_key(&given.value) {
            let name = Spanned {
                value: given.value.clone(),
                span: given.span,
            };
            self.misplaced_sum(&name, "the states of a metric", "name a closed label");
            return None;
        }
        let labels = &mut self.scope.labels;
        let id = labels.resolve(&given.value, given.span, &scope::LABEL, self.report)?;
        let id = LabelId(id);
        let label = &self.registry.labels[id.0];
        if let LabelValues::Open { .. } = label.values {
            let message = format!(
                "the label `{}` is open, so its values cannot be states",
                given.value
            );
            let problem = Diagnostic::error(errors::OPEN_STATES, given.span, message)
                .label("expected a closed label, one with `values`")
                .secondary(label.span, "the open label");
            self.report.push(problem);
            return None;
        }
        let listed = metric
            .labels
            .given()
            .map(|labels| labels.value.as_slice())
            .unwrap_or_default();
        let listed = listed
            .iter()
            .find(|name| name.value == given.value)
            .map(|name| name.span);
        let (span, place, label) = match listed {
            Some(span) => (span, "in `states`", "remove it"),
            None if group_labels.contains(&id) => (
                given.span,
                "a label of the group",
                "expected a label that the group does not have",
            ),
            None => return Some(id),
        };
        let message = format!("the label `{}` is already {place}", given.value);
        let problem = Diagnostic::error(errors::DUPLICATE_LABEL, span, message);
        self.report.push(problem.label(label));
        Some(id)
    }

    fn check_facts(&mut self, metric: &ast::Metric) {
        for name in metric.labels.given().iter().flat_map(|list| &list.value) {
            if self.scope.sums.contains_key(&name.value) {
                self.misplaced_sum(
                    name,
                    "a fact of an info metric",
                    "list the labels themselves",
                );
            }
        }
        for span in &metric.optional {
            let message = format!("the facts of `{}` cannot be optional", metric.key.value);
            let problem = Diagnostic::error(errors::OPTIONAL_FACT, *span, message)
                .label("expected the name alone")
                .help("remove `optional`, and set a fact that is not known to an empty string");
            self.report.push(problem);
        }
        if metric.labels.is_absent()
            || metric
                .labels
                .given()
                .is_some_and(|labels| labels.value.is_empty())
        {
            let message = format!("the info metric `{}` has no labels", metric.key.value);
            let problem = Diagnostic::error(
                errors::INFO_WITHOUT_FACTS,
                metric.labels.span().unwrap_or(metric.key.span),
                message,
            )
            .label("expected `labels = [...]` with the facts to expose, such as a version");
            self.report.push(problem);
        }
    }
}

#[test]
fn states_that_are_a_label_of_the_group() {
    let text = "\
format = 1
namespace = \"app\"

[labels.mode]
help = \"Mode.\"
values = [\"a\", \"b\"]

[groups.g]
help = \"Group.\"
labels = [\"mode\"]

[metrics.g.way]
type = \"state\"
states = \"mode\"
help = \"Way.\"
";
    let outcome = crate::compile(crate::Source::new("metrics.toml", text));
    let [problem] = outcome.report.diagnostics() else {
        panic!("{:#?}", outcome.report.diagnostics());
    };
    let message = "the label `mode` is already a label of the group";
    assert_eq!(
        (problem.message.as_str(), problem.label.as_str()),
        (message, "expected a label that the group does not have")
    );
}

#[test]
fn rules_of_kinds_and_their_keys() {
    crate::testing::rules(
        r#"
        x: info, labels = [{ name = ^"mode", optional = true }] => optional-fact
        x: counter, labels = ["mode", { name = "host", optional = true }] =>
        x: counter, labels = [{ name = "host", optional = false }] =>
        x: counter, labels = [^{ optional = true }] => missing-key
        x: counter, labels = [{ name = "host", optional = ^1 }] => wrong-type
        x: counter, labels = [{ name = "host", ^when = true }] => unknown-key
        x: counter, labels = ["host", { name = ^"host", optional = true }] => duplicate-label
        web.x: counter, labels = [{ name = ^"mode", optional = true }] => duplicate-label
        x: counter, labels = [{ name = ^"nothing", optional = true }] => unknown-label
        ^x: histogram => missing-buckets
        x: gauge, ^buckets = "small" => misplaced-key
        ^x: state => missing-states
        x: gauge, ^states = "mode" => misplaced-key
        x: state, states = ^"host" => open-states
        x: updown_counter, ^callback = true => misplaced-key
        x: ratio, numerator = "app.y", denominator = "app.y", ^unit = "bytes" | y: counter => misplaced-key
        x: counter, ^numerator = "app.x", ^denominator = "app.x" => misplaced-key misplaced-key
        ^x: info => info-without-facts
        x: info, labels = ^[] => info-without-facts
        metrics.app.x = { type = "counter", help = "X.", ^quantiles = true } => misplaced-key
        x: gauge, ^bad = false => misplaced-key
        x: gauge, ^exemplars = true => misplaced-key
        x: counter, exemplars = true | y: histogram, buckets = [1], exemplars = true =>
        x: counter, callback = true, ^exemplars = true => misplaced-key
        x: counter, name = "app_x", ^exemplars = true => misplaced-key
        x: counter, name = "x_total", exemplars = true =>
        x: counter, callback = true, exemplars = false =>
        x: counter, callback = true, bad = true =>
        x: counter, bad = ^"yes" => wrong-type
    "#,
    );
}
