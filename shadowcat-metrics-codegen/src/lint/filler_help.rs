//! `filler-help`: a help text that begins with what is shown beside it anyway, or is a note to write one.

use super::finding::{Finding, Item, metrics};
use super::words::sentence_words;
use crate::model::{GroupId, LabelId, Origin, Registry};
use crate::source::Span;

const NOTES: &[&str] = &["todo", "fixme", "tbd", "xxx", "wip"];
const ARTICLES: &[&str] = &["a", "the", "this"];
const THINGS: &[&str] = &["metric", "counter", "gauge", "histogram", "label", "group"];
const LINKS: &[&str] = &[
    "counting",
    "counts",
    "for",
    "holding",
    "holds",
    "is",
    "measures",
    "measuring",
    "of",
    "reports",
    "showing",
    "shows",
    "that",
    "to",
    "tracking",
    "tracks",
    "which",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut judge = |help: &str, item: Item, span: Span| {
        if let Some(filler) = filler(help) {
            findings.push(Finding::new(item, span, filler.message(), filler.label()));
        }
    };
    for (index, label) in registry.labels.iter().enumerate() {
        if label.origin == Origin::Schema {
            judge(&label.help, Item::Label(LabelId(index)), label.span);
        }
    }
    for (index, group) in registry.groups.iter().enumerate() {
        if group.origin == Origin::Schema {
            judge(&group.help, Item::Group(GroupId(index)), group.span);
        }
    }
    for (id, metric) in metrics(registry) {
        if metric.origin == Origin::Schema {
            judge(&metric.help, Item::Metric(id), metric.spans.help);
        }
    }
}

enum Filler {
    /// A note to write a help text.
    Note(String),
    /// The words before what it is about.
    Start(String),
    /// There is nothing behind them.
    Nothing,
}

impl Filler {
    fn message(&self) -> String {
        match self {
            Self::Note(word) => format!("the help is a note: `{}`", word.to_uppercase()),
            Self::Start(start) => format!("the help begins with `{start}`, which says nothing"),
            Self::Nothing => "the help says nothing".to_owned(),
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::Note(_) | Self::Nothing => "expected a sentence that says what it means",
            Self::Start(_) => "expected a sentence that begins with what is counted or measured",
        }
    }
}

fn filler(help: &str) -> Option<Filler> {
    let words: Vec<_> = sentence_words(help).take(3).collect();
    let is = |word: Option<&String>, list: &[&str]| {
        word.is_some_and(|word| list.contains(&word.as_str()))
    };
    let first = words.first()?;
    if is(Some(first), NOTES) {
        return Some(Filler::Note(first.clone()));
    }
    let article = usize::from(is(Some(first), ARTICLES));
    if !is(words.get(article), THINGS) {
        return None;
    }
    let link = words.get(article + 1);
    if link.is_none() {
        return Some(Filler::Nothing);
    }
    is(link, LINKS).then(|| Filler::Start(words[..=article + 1].join(" ")))
}
