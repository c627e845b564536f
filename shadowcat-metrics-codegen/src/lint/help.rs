//! Lints about help texts.

use std::collections::{HashMap, HashSet};

use super::finding::{Finding, Item, metrics};
use super::words::{sentence_words, singular, words};
use crate::codes::codes;
use crate::model::{GroupId, LabelId, MetricId, Origin, Registry};
use crate::source::Span;

codes! {
    /// The help has no word that the name does not have.
    HELP_REPEATS_NAME = "SM1205" "help-repeats-name": "help that says only the name",
    "Whoever reads the help has read the name already. Say what the name leaves open: when it is counted, what is \
     left out, what a high value means.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Current size of the cart."
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in the fullest cart."
"#);
}

/// Words that say nothing by themselves.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "and",
    "at",
    "by",
    "count",
    "counter",
    "current",
    "currently",
    "for",
    "from",
    "gauge",
    "group",
    "histogram",
    "in",
    "its",
    "label",
    "metric",
    "number",
    "of",
    "on",
    "or",
    "s",
    "the",
    "their",
    "this",
    "to",
    "total",
    "value",
    "with",
];

/// A help text without a word that the name does not have. Groups are left alone: `Orders.` is what
/// a group of that name measures.
pub(super) fn help_repeats_name(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, label) in registry.labels.iter().enumerate() {
        if label.origin == Origin::Schema && repeats(&label.help, &[&label.name]) {
            findings.push(finding(
                Item::Label(LabelId(index)),
                label.span,
                &label.name,
            ));
        }
    }
    for (id, metric) in metrics(registry) {
        let group = &registry.groups[metric.group.0].name;
        let names: [&str; 4] = [&registry.namespace, group, &metric.key, metric.unit.name()];
        if metric.origin == Origin::Schema && repeats(&metric.help, &names) {
            findings.push(finding(Item::Metric(id), metric.spans.help, &metric.key));
        }
    }
}

fn finding(item: Item, span: Span, name: &str) -> Finding {
    let message = format!("the help of `{name}` says no more than the name");
    Finding::new(item, span, message, "expected what the name leaves open")
        .help("say when it is counted or measured, what is left out, or what a high value means")
}

fn repeats(help: &str, names: &[&str]) -> bool {
    let said: HashSet<_> = names
        .iter()
        .flat_map(|name| words(name))
        .map(singular)
        .collect();
    let mut help = sentence_words(help)
        .filter(|word| !EMPTY.contains(&word.as_str()))
        .peekable();
    // A text of empty words alone is for `filler-help`.
    help.peek().is_some() && help.all(|word| said.contains(&singular(&word)))
}

codes! {
    /// The help begins with words that say nothing, or is a note to write one.
    FILLER_HELP = "SM1206" "filler-help": "help that begins with filler",
    "That it is a metric, and of which type, is shown beside the help everywhere. The first words of a sentence are \
     what a list shows; begin with what is counted or measured. `TODO` is for an issue, not for whoever looks at a \
     dashboard at night.",
    wrong: shop!(r#"[metrics.cart.paid]
type = "counter"
help = "Counter of carts that were paid."
"#),
    right: shop!(r#"[metrics.cart.paid]
type = "counter"
help = "Carts that were paid."
"#);
}

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

/// A help text that begins with what is shown beside it anyway, or is a note to write one.
pub(super) fn filler_help(registry: &Registry, findings: &mut Vec<Finding>) {
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

codes! {
    /// Two metrics of a group have the same help.
    DUPLICATE_HELP = "SM1221" "duplicate-help": "two metrics with one help",
    "Two metrics of a group that are explained by the same sentence are one metric twice, or the second was copied from \
     the first and its help left as it was. Whoever sees both cannot tell which one to ask for.",
    wrong: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."

[metrics.cart.removed]
type = "counter"
help = "Articles put into carts."
"#),
    right: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."

[metrics.cart.removed]
type = "counter"
help = "Articles taken out of carts again."
"#);
}

/// Two metrics of a group that are explained by the same words. In another group the words may mean
/// something else: `Requests that failed.`
pub(super) fn duplicate_help(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<(GroupId, String), MetricId> = HashMap::new();
    for (id, metric) in metrics(registry) {
        // What replaces a deprecated metric often means the same.
        if metric.origin == Origin::Library || metric.deprecated.is_some() {
            continue;
        }
        let words: Vec<_> = sentence_words(&metric.help).collect();
        let meaning = (metric.group, words.join(" "));
        let Some(first) = seen.get(&meaning) else {
            seen.insert(meaning, id);
            continue;
        };
        let first = &registry.metrics[first.0];
        let message = format!("the help of `{}` is that of `{}`", metric.key, first.key);
        findings.push(
            Finding::new(Item::Metric(id), metric.spans.help, message, "and this")
                .secondary(first.spans.help, "there is this")
                .help("say what sets this one apart, or make them one metric, with a label if need be"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NONE, found};

    #[test]
    fn help_needs_a_word_of_its_own() {
        let help = |text: &str| {
            found(&format!(
                "[groups.cart]\nhelp = \"Carts.\"\n[metrics.cart.size]\ntype = \"gauge\"\nhelp = \"{text}\"\n"
            ))
        };
        let fired = |text: &str, lint: &str| assert_eq!(help(text), [format!("{lint} \"{text}\"")]);
        fired("The size of the cart.", "help-repeats-name");
        fired("Total number of carts.", "help-repeats-name");
        fired("Gauge showing articles.", "filler-help");
        fired("This metric counts articles.", "filler-help");
        fired("TODO: say more.", "filler-help");
        fired("A gauge.", "filler-help");
        for silent in [
            "Size of all carts.",
            "Number of articles.",
            "Counter staff at work.",
            "The gauge on the boiler.",
        ] {
            assert_eq!(help(silent), NONE, "{silent}");
        }
    }
}
