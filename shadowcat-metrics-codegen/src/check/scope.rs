//! Declarations by name, and resolving references to them.

use std::collections::BTreeMap;

use super::native::WrittenNative;
use crate::codes::{Code, codes};
use crate::diagnostic::Report;
use crate::fix::Fix;
use crate::model::{BucketSetId, GroupId, LabelId, MetricId};
use crate::parse::ast::ListedLabel;
use crate::source::Span;
use crate::suggest;

codes! {
    table REFERENCES;

    UNKNOWN_LABEL = "SM0103" "unknown-label": "unknown label",
    "Declare every label once under `[labels]`, with its meaning and its values, and use it by its name.",
    example: r#"+ [labels.method]
+ help = "Method of the request."
+ values = ["GET", "POST"]
+
[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
"#;

    UNKNOWN_BUCKET_SET = "SM0104" "unknown-bucket-set": "unknown bucket set",
    "`buckets` is the name of a bucket set from `[buckets]`, or the bounds themselves: `buckets = [0.1, 1, 10]`.",
    example: r#"+ [buckets]
+ latency = [0.1, 1, 10]
+
[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = "latency"
help = "Time spent on a request."
"#;

    UNKNOWN_METRIC = "SM0105" "unknown-metric": "unknown metric",
    "Refer to a metric as `group.metric`, by its key in the schema and not by its exposed name.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- deprecated = { use = "replies" }
+ deprecated = { use = "http.replies" }

[metrics.http.replies]
type = "counter"
help = "Requests answered."
"#;

    UNKNOWN_GROUP = "SM0106" "unknown-group": "unknown group",
    "The group of a metric `[metrics.GROUP.NAME]` must be declared as `[groups.GROUP]`, which has a help text and the \
     labels that all its metrics share.",
    example: r#"+ [groups.web]
+ help = "The web server."
+
[metrics.web.requests]
type = "counter"
help = "Requests answered."
"#;
}

/// Positions by name. All maps here have this type, because each further map type adds a tenth of a second to
/// compilation.
pub(super) type Positions = BTreeMap<String, usize>;

/// All declarations.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) labels: Names,
    pub(super) bucket_sets: Names,
    /// The native buckets of each bucket set.
    pub(super) natives: Vec<Option<WrittenNative>>,
    pub(super) groups: Names,
    /// By `group.metric`.
    pub(super) metrics: Names,
    /// By the Rust type of a label.
    pub(super) label_types: Positions,
    /// By the Rust type of a group, without `Recorder`.
    pub(super) group_types: Positions,
    /// Sum labels by name.
    pub(super) sums: Positions,
    /// Sum labels with too many parts, which were reported.
    pub(super) cut_sums: Vec<usize>,
    /// By the `Metrics` method of an open label.
    pub(super) open_labels: Positions,
    /// By group, and by the recorder's method of a metric.
    pub(super) metric_methods: Positions,
    /// Positions of the bounds, by [`BucketSetId`].
    pub(super) bound_spans: Vec<Vec<Span>>,
    /// The position of each metric in the file, by [`MetricId`].
    pub(super) written: Vec<usize>,
    pub(super) faulty: Faulty,
}

/// Items of which a part may be missing after an error. Nothing is reported about that part, because the problem would be a
/// consequence.
#[derive(Debug, Default)]
pub(super) struct Faulty {
    /// Labels whose values may be missing.
    pub(super) labels: Vec<LabelId>,
    /// Names of the sum labels whose labels may be missing.
    pub(super) sums: Vec<String>,
    /// Bucket sets whose bounds may be missing.
    pub(super) bucket_sets: Vec<BucketSetId>,
    /// Groups whose labels may be missing.
    pub(super) groups: Vec<GroupId>,
    /// Metrics whose labels, unit or bounds may be missing.
    pub(super) metrics: Vec<MetricId>,
}

impl Faulty {
    /// Returns whether a list has a faulty sum label.
    pub(super) fn has_sum_of(&self, list: &[ListedLabel]) -> bool {
        list.iter()
            .any(|label| self.sums.contains(&label.name.value))
    }
}

/// Declarations of one kind, by name.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Positions in `declared`.
    by_name: Positions,
    /// The id of each declaration, or `None` if it is too faulty for the registry. References to it are not
    /// reported.
    declared: Vec<Option<usize>>,
    /// Positions in `declared` by what the names are called elsewhere.
    aliases: Positions,
    /// The problem about each unknown name without a near miss. Declaring the name fixes all references to
    /// it.
    unknown: Positions,
}

/// The kind of a reference's target, for messages.
pub(super) struct Target {
    code: Code,
    noun: &'static str,
    /// The syntax of its declaration.
    declaration: &'static str,
    /// Returns the fix that replaces the name.
    fix: fn(Span, &str) -> Fix,
}

impl Target {
    fn help(&self, known: &[&str]) -> String {
        /// Readers skip a longer list.
        const SHOWN: usize = 12;
        let (noun, declaration) = (self.noun, self.declaration);
        match known.len() {
            0 => format!("the schema has no {noun}s yet; declare one with {declaration}"),
            1..=SHOWN => {
                let known = suggest::list(known.iter().copied());
                format!("use {known}, or declare a new {noun} with {declaration}")
            }
            _ => format!("declare a new {noun} with {declaration}"),
        }
    }
}

const fn target(code: Code, noun: &'static str, declaration: &'static str) -> Target {
    Target {
        code,
        noun,
        declaration,
        fix: Fix::replace_text,
    }
}

pub(super) const LABEL: Target = target(UNKNOWN_LABEL, "label", "`[labels.NAME]`");
pub(super) const BUCKET_SET: Target = target(
    UNKNOWN_BUCKET_SET,
    "bucket set",
    "`NAME = [...]` under `[buckets]`",
);
pub(super) const METRIC: Target = target(UNKNOWN_METRIC, "metric", "`[metrics.GROUP.NAME]`");
/// A metric named inside a string.
pub(super) const METRIC_IN_TEXT: Target = Target {
    fix: |span, name| Fix::replace(span, name),
    ..METRIC
};
/// A group, whose name is in a table header.
pub(super) const GROUP: Target = Target {
    fix: |span, name| Fix::replace(span, name),
    ..target(UNKNOWN_GROUP, "group", "`[groups.NAME]`")
};

impl Names {
    /// Declares a name, unless it exists: a misspelled table may repeat a name.
    pub(super) fn declare(&mut self, name: impl Into<String>, id: Option<usize>) {
        let position = self.declared.len();
        self.declared.push(id);
        self.by_name.entry(name.into()).or_insert(position);
    }

    /// Declares what a declared name is called elsewhere, for references that confuse the two.
    pub(super) fn declare_alias(&mut self, alias: impl Into<String>, name: &str) {
        if let Some(position) = self.by_name.get(name) {
            self.aliases.entry(alias.into()).or_insert(*position);
        }
    }

    /// Returns whether a name is declared, so that `resolve` finds it without a near miss.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Returns the id of a declared name.
    pub(super) fn get(&self, name: &str) -> Option<usize> {
        self.declared[*self.by_name.get(name)?]
    }

    /// Resolves a name. Reports an unknown one, and returns its near miss. `else_known` says more about a name without one.
    pub(super) fn resolve(
        &mut self,
        name: &str,
        span: Span,
        target: &Target,
        else_known: Option<String>,
        report: &mut Report,
    ) -> Option<usize> {
        if self.knows(name) {
            return self.get(name);
        }
        if let Some(index) = self.unknown.get(name) {
            report.also(*index, span);
            return None;
        }
        let known: Vec<_> = self.by_name.keys().map(String::as_str).collect();
        let called = self.aliases.get(name).and_then(|alias| {
            let mut names = self.by_name.iter();
            names.find(|(_, position)| *position == alias)
        });
        let near = match called {
            Some((called, _)) => Some(called.as_str()),
            None => {
                suggest::nearest(name, known.iter().copied()).or_else(|| only_key(name, &known))
            }
        };
        let index = report.diagnostics().len();
        let noun = target.noun;
        let problem = report.error(target.code, span, format!("unknown {noun} `{name}`"));
        if let Some(near) = near {
            problem.did_you_mean(near, (target.fix)(span, near));
            return self.get(near);
        }
        problem
            .label(else_known.unwrap_or_else(|| format!("no {noun} has this name")))
            .help(target.help(&known));
        self.unknown.insert(name.to_owned(), index);
        None
    }
}

/// Returns the only `group.metric` whose key is this name: its group was forgotten.
fn only_key<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let has_key = |known: &&str| known.split_once('.').is_some_and(|(_, key)| key == name);
    let mut with_key = known.iter().copied().filter(has_key);
    with_key.next().filter(|_| with_key.next().is_none())
}

#[test]
fn rules_of_references() {
    crate::testing::rules(
        r#"
        groups.x = { help = "X.", labels = [^"y"] } => unknown-label
        metrics.^ap.x = { type = "counter", help = "X." } | metrics.ap.y = { type = "counter", help = "Y." } => unknown-group
        metrics.^backend.x = { type = "counter", help = "X." } => unknown-group
        x: counter, labels = [^"mod"] => unknown-label
        x: histogram, buckets = ^"smal" => unknown-bucket-set
        x: state, states = ^"moode" => unknown-label
        x: counter, deprecated = { use = ^"app_y" } => unknown-metric
        x: ratio, numerator = ^"y", denominator = ^1 => unknown-metric wrong-type
    "#,
    );
}

#[test]
fn a_forgotten_group_is_suggested_if_it_is_the_only_one() {
    crate::testing::labels(
        r#"
        x: counter, deprecated = { use = "replies" } | replies: counter => did you mean `app.replies`?
        x: counter, deprecated = { use = "replies" } | replies: counter | web.replies: counter => no metric has this name
    "#,
    );
}

#[test]
fn the_exposed_name_of_a_label_leads_to_its_key() {
    crate::testing::labels(
        r#"
        labels.kind = { help = "Kind.", name = "type", values = ["a"] } | groups.g = { help = "G.", labels = ["type"] } => did you mean `kind`?
    "#,
    );
}

#[test]
fn the_exposed_name_of_a_metric_leads_to_its_group_and_key() {
    crate::testing::labels(
        r#"
        x: counter, deprecated = { use = "t_app_replies_total" } | replies: counter => did you mean `app.replies`?
    "#,
    );
}
