//! `[metrics]`: a metric's name and labels, and the keys that its kind requires.

use super::header::MetricDefaults;
use super::names::free_name;
use super::{Checker, scope, words};
use crate::codes::{codes, errors};
use crate::model::{
    BucketSetId, GroupId, Kind, LabelId, Metric, MetricId, MetricSpans, Origin, Registry, Storage,
    Unit, Units,
};
use crate::parse::ast::{self, Field, ListedLabel, MetricBuckets, Spanned};
use crate::source::Span;
use crate::{name, suggest};

codes! {
    table METRICS;

    MISSING_BUCKETS = "SM0401" "missing-buckets": "a histogram without buckets",
    "A histogram counts observations in buckets. There are no default buckets, because none suit both microseconds \
     and hours. Name a bucket set from `[buckets]`, or write the bounds on the metric.",
    example: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
+ buckets = { exponential = { start = 0.001, factor = 2, count = 12 } }
help = "Time spent on a request."
"#;

    MISPLACED_KEY = "SM0402" "misplaced-key": "a key that the metric's type does not take",
    "`unit` is for counters, gauges, up-down counters and histograms; a ratio always has the unit `ratio`, and state and info \
     metrics have no unit. `buckets`, `native` and `quantiles` are for histograms, `states` for state metrics, `callback` for \
     counters and gauges, `bad` for counters, and `numerator` and `denominator` for ratios. `exemplars` is for histograms, and \
     for counters without `callback` whose name ends with `_total`: a callback has no trace, and OpenMetrics does not allow \
     exemplars on counters with other names. Remove the key, or change `type`. To split a metric by a label, list the label in \
     `labels`. To record a share directly, use a gauge with `unit = \"ratio\"`.",
    example: r#"[metrics.http.requests]
type = "counter"
- buckets = [0.1, 1, 10]
help = "Requests answered."
"#;

    MISSING_STATES = "SM0403" "missing-states": "a state metric without states",
    "A state metric is always in one of several states. They are the values of a closed label, and `states` is the \
     name of that label.",
    example: r#"+ [labels.health]
+ help = "Health of a server."
+ values = ["up", "down"]
+
[metrics.http.health]
type = "state"
+ states = "health"
help = "Health of the server."
"#;

    OPEN_STATES = "SM0405" "open-states": "states that are not a fixed list",
    "A state metric exposes every state at each scrape: the current one with 1 and the others with 0. Therefore the \
     states must be a fixed list, and their label needs `values`.",
    example: r#"[labels.health]
help = "Health of a server."
- open = { max = 8 }
+ values = ["up", "down"]

[metrics.http.health]
type = "state"
states = "health"
help = "Health of the server."
"#;

    INFO_WITHOUT_FACTS = "SM0409" "info-without-facts": "an info metric without labels",
    "An info metric exposes facts, such as a version, as the values of its own labels. Without labels, it has no content.",
    example: r#"+ [labels.version]
+ help = "Version of the program."
+ open = { max = 2 }
+
[metrics.http.build]
type = "info"
+ labels = ["version"]
help = "Build of the running program."
"#;

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
help = "Build of the running program."
"#;
}

impl Checker<'_> {
    pub(super) fn check_metrics(&mut self, metrics: &[ast::Metric], defaults: &MetricDefaults) {
        for (written, metric) in metrics.iter().enumerate() {
            let group = self.check_group_of_metric(&metric.group);
            let mut id = None;
            if let Some(checked) = self.check_metric(metric, group, defaults) {
                let next = MetricId(self.registry.metrics.len());
                self.registry.metrics.push(checked);
                self.scope.written.push(written);
                id = Some(next.0);
            }
            // Under a misspelled group, the metric also gets the correct name, which references will use.
            let key = &metric.key.value;
            let group = &self.registry.groups[group.0].name;
            let written = format!("{}.{key}", metric.group.value);
            let name = format!("{group}.{key}");
            self.scope.metrics.declare(written, id);
            self.scope.metrics.declare(&name, id);
            if let Some(id) = id {
                let metric = &self.registry.metrics[id];
                let corrected = format!("{group}.{}", metric.key);
                self.scope.metrics.declare(corrected, Some(id));
                self.scope.metrics.declare_alias(&metric.exposed, &name);
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
        let what = format!("the metric `{}`", metric.key.value);
        let help = self.check_help(&metric.help, &what, metric.key.span);
        let of_group = &self.registry.groups[group.0];
        let mut labels = of_group.labels.clone();
        let mut optional = of_group.optional.clone();
        let mut sums = of_group.sums.clone();
        let group_labels = labels.len();
        let bound = (labels.as_slice(), self.registry.group_parts(of_group).len());
        let own = self.check_label_list(metric.labels.items(), bound, "the metric");
        labels.extend(own.labels);
        optional.extend(own.optional);
        sums.extend(own.sums);
        let (stability, deprecated) = self.check_lifecycle(metric, defaults);
        let since = self.check_version(&metric.since, "since");
        let owner = self.check_text(&metric.owner, "owner");
        let (kind, unit) = self.check_kind(metric, &labels[..group_labels])?;
        let faulty = &mut self.scope.faulty;
        let buckets = kind.spec().buckets;
        if metric.has_errors
            || own.is_incomplete
            || faulty.groups.contains(&group)
            || buckets.is_some_and(|set| faulty.bucket_sets.contains(&set))
            || !words::is_known_unit(&metric.unit)
        {
            faulty.metrics.push(MetricId(self.registry.metrics.len()));
        }
        let native = match buckets {
            Some(set) if words::is_known_unit(&metric.unit) => {
                self.check_metric_native(metric, set, unit)
            }
            Some(_) | None => None,
        };
        let exact = metric.name.given();
        let exact = exact.filter(|name| self.is_exposable(&name.value, name.span, &kind));
        let exposed = exact.map(|name| name.value.clone());
        let exposed = exposed.unwrap_or_else(|| {
            let Registry {
                namespace, groups, ..
            } = &self.registry;
            name::exposed_name(namespace, &groups[group.0].name, &key, &kind, unit)
        });
        let checked = Metric {
            group,
            former: self.check_former_name(metric, &exposed, (&kind, unit)),
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
            quantiles: metric.quantiles.is_true(),
            exemplars: metric.exemplars.is_true(),
            bad: metric.bad.is_true(),
            stability,
            since,
            owner: owner.or_else(|| defaults.owner.clone()),
            deprecated,
            notes: self.check_notes(&metric.note, &metric.annotations),
            allow: metric.allow.items().to_vec(),
            origin: Origin::Schema,
            spans: spans(metric),
        };
        self.check_exemplars(&metric.exemplars, &checked);
        self.check_state_label(&checked);
        Some(checked)
    }

    fn check_metric_key(&mut self, key: &Spanned<String>, group: GroupId) -> String {
        let usable = self.check_identifier(key, "metric");
        if name::is_recorder_method(&usable) {
            let help = "it becomes a method of its group's recorder, which already has a method with that name";
            self.reserved_method("a metric", key, help);
        }
        let methods = &mut self.scope.metric_methods;
        let path = |name: &str| format!("{}.{name}", group.0);
        let name = free_name(usable, &|name| {
            name::is_recorder_method(name) || methods.contains_key(&path(name))
        });
        methods.insert(path(&name), 0);
        name
    }

    /// Returns whether a full name is valid, and reports an invalid one.
    pub(super) fn is_exposable(&mut self, name: &str, span: Span, kind: &Kind) -> bool {
        let label = if !name::is_metric_name(name) {
            let expected = "expected letters `a` to `z` and `A` to `Z`, digits, `_` and `:`, not beginning with a digit";
            // Labels are not part of a name.
            let bare = name.split('{').next().unwrap_or_default().trim();
            let is_other = |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':';
            let near = bare.replace(is_other, "_");
            if name::is_metric_name(&near) {
                format!("{expected}, such as `{near}`")
            } else {
                expected.to_owned()
            }
        } else if kind.spec().states.is_some() && name.contains(':') {
            "the name of a state metric is also a label name, where `:` is not allowed".to_owned()
        } else {
            return true;
        };
        let message = format!("`{name}` is not a valid metric name");
        self.error(errors::INVALID_METRIC_NAME, span, message)
            .label(label);
        false
    }

    /// Checks that a page can show the exemplars of a counter. Other kinds reject the key or always support it.
    fn check_exemplars(&mut self, written: &Field<bool>, metric: &Metric) {
        let spec = metric.kind.spec();
        let Some(given) = written.given().filter(|given| given.value) else {
            return;
        };
        if !spec.keys.contains(&"exemplars")
            || name::created_name(&metric.exposed, &metric.kind).is_some()
        {
            return;
        }
        let (message, label) = if spec.storage == Storage::Callback {
            (
                "a metric with `callback = true` takes no `exemplars`".to_owned(),
                "remove it: only metrics that the program records have exemplars",
            )
        } else {
            (
                format!("`{}` cannot have exemplars", metric.exposed),
                "expected a name that ends with `_total`",
            )
        };
        self.error(MISPLACED_KEY, given.key, message).label(label);
    }

    /// Checks the label of a state, which has the metric's name.
    fn check_state_label(&mut self, metric: &Metric) {
        let mut labels = metric.labels.iter().map(|id| &self.registry.labels[id.0]);
        let former = metric.former.as_ref().map(|former| &former.name);
        let clash =
            labels.find(|label| label.name == metric.exposed || Some(&label.name) == former);
        if let Some(label) = clash.filter(|_| metric.kind.spec().states.is_some()) {
            let (name, span) = (&label.name, label.span);
            let message = format!("a state metric cannot have a label with its own name, `{name}`");
            self.error(errors::RESERVED_LABEL, metric.spans.labels, message)
                .label("expected another label, or another name for the metric")
                .secondary(span, "the label")
                .help("the label with the name of the metric holds the state");
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

impl Checker<'_> {
    /// Returns the metric's kind and unit, or `None` if the kind cannot be determined.
    fn check_kind(
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
        let callback = metric.callback.is_true();
        let kind = match kind {
            Kind::Counter { .. } => Kind::Counter { callback },
            Kind::Gauge { .. } => Kind::Gauge { callback },
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
            let mut kinds = Vec::new();
            for kind in Kind::each() {
                if kind.spec().keys.contains(key) {
                    kinds.push(kind.name());
                }
            }
            if kinds.is_empty() || kinds.contains(&kind.name()) {
                continue;
            }
            let message = format!("a metric of type `{}` takes no `{key}`", kind.name());
            let expected = format!("remove it, or set `type` to {}", suggest::list(kinds));
            let set = metric.kind.span().unwrap_or(metric.key.span);
            self.error(MISPLACED_KEY, *span, message)
                .label(expected)
                .secondary(set, "the type is set here");
        }
    }

    fn check_metric_buckets(&mut self, metric: &ast::Metric) -> BucketSetId {
        let key = &metric.key;
        let found = match &metric.buckets {
            Field::Given(given) => match &given.value {
                MetricBuckets::Named(name) => {
                    let (sets, target) = (&mut self.scope.bucket_sets, &scope::BUCKET_SET);
                    let found = sets.resolve(name, given.span, target, None, self.report);
                    found.map(BucketSetId)
                }
                MetricBuckets::Inline(buckets) => {
                    let written = Some((&**buckets, given.span));
                    Some(self.add_bucket_set(None, written, given.span))
                }
            },
            // The message about the word already mentions the missing keys.
            Field::Absent if !words::is_foreign_kind(&metric.kind) => {
                let message = format!("the histogram `{}` has no `buckets`", key.value);
                self.error(MISSING_BUCKETS, key.span, message)
                    .label("expected `buckets = \"NAME\"` with a bucket set from `[buckets]`, or `buckets = [...]`");
                None
            }
            Field::Absent | Field::Invalid => None,
        };
        found.unwrap_or_else(|| self.add_bucket_set(None, None, key.span))
    }

    fn check_states(&mut self, metric: &ast::Metric, group_labels: &[LabelId]) -> Option<LabelId> {
        if metric.states.is_absent() && !words::is_foreign_kind(&metric.kind) {
            let message = format!("the state metric `{}` has no `states`", metric.key.value);
            self.error(MISSING_STATES, metric.key.span, message).label(
                "expected `states = \"LABEL\"` with a closed label, whose values are the states",
            );
        }
        let given = metric.states.given()?;
        let (name, span) = (&given.value, given.span);
        if self.scope.sums.contains_key(name) {
            self.misplaced_sum(name, span, "the states of a metric", "name a closed label");
            return None;
        }
        let id = self.resolve_label(name, span, None)?;
        if self.registry.is_open(id) {
            let open = self.registry.labels[id.0].span;
            let message = format!("the label `{name}` is open, so its values cannot be states");
            self.error(OPEN_STATES, span, message)
                .label("expected a closed label, one with `values`")
                .secondary(open, "the open label");
            return None;
        }
        let mut listed = metric.labels.items().iter();
        let (span, place, label) = match listed.find(|label| label.name.value == *name) {
            Some(listed) => (listed.name.span, "in `states`", "remove it"),
            None if group_labels.contains(&id) => (
                span,
                "a label of the group",
                "expected a label that the group does not have",
            ),
            None => return Some(id),
        };
        let message = format!("the label `{name}` is already {place}");
        self.error(errors::DUPLICATE_LABEL, span, message)
            .label(label);
        Some(id)
    }

    fn check_facts(&mut self, metric: &ast::Metric) {
        let key = &metric.key;
        for ListedLabel { name, optional } in metric.labels.items() {
            if self.scope.sums.contains_key(&name.value) {
                let help = "list the labels themselves";
                self.misplaced_sum(&name.value, name.span, "a fact of an info metric", help);
            }
            if *optional {
                let message = format!("the facts of `{}` cannot be optional", key.value);
                self.error(OPTIONAL_FACT, name.span, message)
                    .label("expected only the name")
                    .help("remove `optional`, and set an unknown fact to an empty string");
            }
        }
        if metric.labels.items().is_empty() && !matches!(metric.labels, Field::Invalid) {
            let message = format!("the info metric `{}` has no labels", key.value);
            let span = metric.labels.span().unwrap_or(key.span);
            self.error(INFO_WITHOUT_FACTS, span, message)
                .label("expected `labels = [...]` with the facts to expose, such as a version");
        }
    }
}

#[test]
fn states_that_are_a_label_of_the_group() {
    crate::testing::labels(
        r#"
        web.x: state, states = "mode" => expected a label that the group does not have
    "#,
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
