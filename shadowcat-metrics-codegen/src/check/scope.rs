//! What has been declared so far, by name, and how a reference finds it.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Code, codes, errors};
use crate::diagnostic::{Diagnostic, Report};
use crate::fix::Fix;
use crate::model::{BucketSetId, GroupId, LabelId, MetricId};
use crate::parse::ast::{Field, Spanned, Texts};
use crate::source::Span;
use crate::suggest;

codes! {
    table REFERENCES;

    /// A label is not declared.
    UNKNOWN_LABEL = "SM0103" "unknown-label": "unknown label",
    "Every label is declared once under `[labels]`, with its meaning and its bound, and then listed by name.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
"#;

    /// A bucket set is not declared.
    UNKNOWN_BUCKET_SET = "SM0104" "unknown-bucket-set": "unknown bucket set",
    "`buckets` names a set declared under `[buckets]`, or holds bounds itself: `buckets = [0.1, 1, 10]`.",
    wrong: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = "latency"
help = "Time spent on a request."
"#,
    right: r#"[buckets]
latency = [0.1, 1, 10]

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = "latency"
help = "Time spent on a request."
"#;

    /// A metric is not declared.
    UNKNOWN_METRIC = "SM0105" "unknown-metric": "unknown metric",
    "Metrics are named as `group.metric`, by their keys in the schema and not by their exposed names.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
deprecated = { use = "replies" }

[metrics.http.replies]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
deprecated = { use = "http.replies" }

[metrics.http.replies]
type = "counter"
help = "Requests answered."
"#;

    /// A group is not declared.
    UNKNOWN_GROUP = "SM0106" "unknown-group": "unknown group",
    "`[metrics.GROUP.NAME]` belongs to a group declared as `[groups.GROUP]`, which says what its metrics have in common \
     and which labels all of them bear.",
    wrong: r#"[metrics.web.requests]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[groups.web]
help = "The web server."

[metrics.web.requests]
type = "counter"
help = "Requests answered."
"#;
}

/// All declarations.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) labels: Names<LabelId>,
    pub(super) bucket_sets: Names<BucketSetId>,
    pub(super) groups: Names<GroupId>,
    /// By `group.metric`.
    pub(super) metrics: Names<MetricId>,
    /// By the Rust type that a label becomes.
    pub(super) label_types: BTreeMap<String, LabelId>,
    /// By the Rust type that a group becomes, without `Recorder`.
    pub(super) group_types: BTreeMap<String, GroupId>,
    /// By the method of `Metrics` that an open label becomes.
    pub(super) open_labels: BTreeMap<String, LabelId>,
    /// By the method of a group's recorder that a metric becomes.
    pub(super) metric_methods: BTreeSet<(GroupId, String)>,
    /// Place of each bound, by [`BucketSetId`].
    pub(super) bound_spans: Vec<Vec<Span>>,
    /// By [`MetricId`], the metric's position among those written.
    pub(super) written: Vec<usize>,
    /// Groups and metrics that have labels which nobody knows: which others they lack cannot be told.
    pub(super) groups_lacking: BTreeSet<GroupId>,
    pub(super) metrics_lacking: BTreeSet<MetricId>,
}

/// Declarations of one kind, under their names as written.
#[derive(Debug)]
pub(super) struct Names<T> {
    /// None for what is declared but too broken to be in the registry: references to it are not worth a word.
    by_name: BTreeMap<String, Option<T>>,
    /// Which problem of the report is about a name that nothing is like: declaring it mends all that refer to it.
    unknown: BTreeMap<String, usize>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            by_name: BTreeMap::new(),
            unknown: BTreeMap::new(),
        }
    }
}

/// What a reference points at, for messages.
pub(super) struct Target {
    code: Code,
    noun: &'static str,
    /// How one is declared.
    declaration: &'static str,
    /// Puts another name in its place.
    fix: fn(Span, &str) -> Fix,
}

pub(super) const LABEL: Target = Target {
    code: errors::UNKNOWN_LABEL,
    noun: "label",
    declaration: "`[labels.NAME]`",
    fix: Fix::replace_text,
};
pub(super) const BUCKET_SET: Target = Target {
    code: errors::UNKNOWN_BUCKET_SET,
    noun: "bucket set",
    declaration: "`NAME = [...]` under `[buckets]`",
    fix: Fix::replace_text,
};
pub(super) const GROUP: Target = Target {
    code: errors::UNKNOWN_GROUP,
    noun: "group",
    declaration: "`[groups.NAME]`",
    // It stands in a header.
    fix: |span, name| Fix::replace(span, name),
};
pub(super) const METRIC: Target = Target {
    code: errors::UNKNOWN_METRIC,
    noun: "metric",
    declaration: "`[metrics.GROUP.NAME]`",
    fix: Fix::replace_text,
};
/// A metric that is named inside a string.
pub(super) const METRIC_IN_TEXT: Target = Target {
    fix: |span, name| Fix::replace(span, name),
    ..METRIC
};

impl<T: Copy> Names<T> {
    pub(super) fn declare(&mut self, name: impl Into<String>, id: Option<T>) {
        // A misspelt table may bring in a name that there is already; the first stays.
        self.by_name.entry(name.into()).or_insert(id);
    }

    /// Whether a name is declared, so that `resolve` finds it and not a near miss.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Whether a list has a name that was looked for in vain, or is none.
    pub(super) fn any_unknown(&self, list: &Field<Texts>) -> bool {
        let unknown = |name: &Spanned<String>| self.unknown.contains_key(&name.value);
        match list {
            Field::Given(names) => names.value.iter().any(unknown),
            Field::Absent => false,
            Field::Invalid => true,
        }
    }

    /// What a declared name stands for.
    pub(super) fn get(&self, name: &str) -> Option<T> {
        *self.by_name.get(name)?
    }

    /// Finds what a name refers to. An unknown one is reported, and taken for the one it is a near miss of.
    pub(super) fn resolve(
        &mut self,
        name: &str,
        span: Span,
        target: &Target,
        report: &mut Report,
    ) -> Option<T> {
        self.resolve_or_tell(name, span, target, None, report)
    }

    /// The same, with what else is known of a name that none is like.
    pub(super) fn resolve_or_tell(
        &mut self,
        name: &str,
        span: Span,
        target: &Target,
        else_known: Option<String>,
        report: &mut Report,
    ) -> Option<T> {
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        if let Some(index) = self.unknown.get(name) {
            report.also(*index, span);
            return None;
        }
        let near = suggest::nearest(name, self.by_name.keys().map(String::as_str));
        if near.is_none() {
            self.unknown
                .insert(name.to_owned(), report.diagnostics().len());
        }
        let diagnostic = Diagnostic::error(
            target.code,
            span,
            format!("unknown {} `{name}`", target.noun),
        );
        report.push(match near {
            Some(near) => diagnostic
                .label(format!("did you mean `{near}`?"))
                .fix((target.fix)(span, near)),
            None => diagnostic
                .label(else_known.unwrap_or_else(|| format!("no {} has this name", target.noun)))
                .help(self.help(target)),
        });
        near.and_then(|near| *self.by_name.get(near)?)
    }

    fn help(&self, target: &Target) -> String {
        /// A longer list is not read.
        const SHOWN: usize = 12;
        let Target {
            noun, declaration, ..
        } = target;
        match self.by_name.len() {
            0 => format!("the schema has no {noun} yet; declare one with {declaration}"),
            1..=SHOWN => {
                let known = suggest::list(self.by_name.keys().map(String::as_str));
                format!("known: {known}; a new {noun} is declared with {declaration}")
            }
            _ => format!("a {noun} is declared with {declaration}"),
        }
    }
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
