//! Lints about help texts.

use std::collections::{HashMap, HashSet};

use super::words::{sentence_words, singular, words};
use super::{Findings, Item, groups, has_word, labels, metrics, shop, sums};
use shadowcat_metrics_codegen::Diagnostic;
use shadowcat_metrics_codegen::Span;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::{GroupId, MetricId, Registry};

codes! {
    HELP_REPEATS_NAME = "SM1205" "help-repeats-name": "help that only repeats the name",
    "A help text that repeats the name tells the reader nothing new. Explain what the name does not: for a metric, when it changes, \
     what is not counted, or what a high value means; for a label, what its values are.",
    example: shop!(r#"[metrics.cart.size]
type = "gauge"
- help = "Current size of the cart."
+ help = "Articles in the fullest cart."
"#);
}

/// Words without meaning for a help text.
const EMPTY: &str = "a an and at by count counter current currently for from gauge group histogram in its label metric \
     number of on or s the their this to total value with";

/// Reports a help text that only has words of the name. Groups are not checked: `Orders.` is a good help for the group
/// `orders`.
pub(super) fn help_repeats_name(registry: &Registry, findings: &mut Findings) {
    for (id, label) in labels(registry) {
        if repeats(&label.help, &[&label.name]) {
            findings.push((
                Item::Label(id),
                says_only(label.span, &label.name, OF_LABELS),
            ));
        }
    }
    for (id, sum) in sums(registry) {
        if repeats(&sum.help, &[&sum.name]) {
            findings.push((Item::Sum(id), says_only(sum.span, &sum.name, OF_LABELS)));
        }
    }
    for (id, metric) in metrics(registry) {
        let group = &registry.groups[metric.group.0].name;
        let names: [&str; 4] = [&registry.namespace, group, &metric.key, metric.unit.name()];
        if repeats(&metric.help, &names) {
            findings.push((
                Item::Metric(id),
                says_only(metric.spans.help, &metric.key, OF_METRICS),
            ));
        }
    }
}

const OF_LABELS: &str = "explain what the values are, or where they come from";
const OF_METRICS: &str =
    "explain when the metric changes, what is not counted, or what a high value means";

fn says_only(span: Span, name: &str, advice: &str) -> Diagnostic {
    let message = format!("the help of `{name}` only repeats the name");
    Diagnostic::warning(HELP_REPEATS_NAME, span, message)
        .label("expected more than the name says")
        .help(advice)
}

fn repeats(help: &str, names: &[&str]) -> bool {
    let name_words: HashSet<_> = names
        .iter()
        .flat_map(|name| words(name))
        .map(singular)
        .collect();
    let mut help = sentence_words(help)
        .filter(|word| !has_word(EMPTY, word))
        .peekable();
    // A text with only such words is reported by `filler-help`.
    help.peek().is_some() && help.all(|word| name_words.contains(&singular(&word)))
}

codes! {
    FILLER_HELP = "SM1206" "filler-help": "help that begins with filler",
    "Words such as `counter of` repeat the type, which is always shown next to the help. Lists often show only the \
     first words of a help text, so begin with the thing that is counted or measured. A `TODO` belongs in an issue \
     tracker, because users see the help text on dashboards.",
    example: shop!(r#"[metrics.cart.paid]
type = "counter"
- help = "Counter of carts that were paid."
+ help = "Carts that were paid."
"#);
}

const NOTES: &str = "todo fixme tbd xxx wip";
const ARTICLES: &str = "a the this";
const THINGS: &str = "metric counter gauge histogram label group";
const LINKS: &str = "counting counts for holding holds is measures measuring of reports showing shows that to tracking \
     tracks which";

/// Reports a help text that begins with words that documents already show next to it, or that is a placeholder.
pub(super) fn filler_help(registry: &Registry, findings: &mut Findings) {
    let labels = labels(registry).map(|(id, label)| (Item::Label(id), &label.help, label.span));
    let sums = sums(registry).map(|(id, sum)| (Item::Sum(id), &sum.help, sum.span));
    let groups = groups(registry).map(|(id, group)| (Item::Group(id), &group.help, group.span));
    let metrics =
        metrics(registry).map(|(id, metric)| (Item::Metric(id), &metric.help, metric.spans.help));
    for (item, help, span) in labels.chain(sums).chain(groups).chain(metrics) {
        if let Some((message, label)) = filler(help) {
            let problem = Diagnostic::warning(FILLER_HELP, span, message);
            findings.push((item, problem.label(label)));
        }
    }
}

/// Returns the fault of a help text's first words, and the expected text.
fn filler(help: &str) -> Option<(String, &'static str)> {
    const SENTENCE: &str = "expected a sentence that says what it means";
    let words: Vec<_> = sentence_words(help).take(3).collect();
    let first = words.first()?;
    if has_word(NOTES, first) {
        return Some((
            format!("the help is a placeholder: `{}`", first.to_uppercase()),
            SENTENCE,
        ));
    }
    let thing = usize::from(has_word(ARTICLES, first));
    if !has_word(THINGS, words.get(thing)?) {
        return None;
    }
    let Some(link) = words.get(thing + 1) else {
        return Some(("the help is only filler".to_owned(), SENTENCE));
    };
    has_word(LINKS, link).then(|| {
        let start = words[..=thing + 1].join(" ");
        let message = format!("the help begins with the filler `{start}`");
        (message, "begin with the thing that is counted or measured")
    })
}

codes! {
    DUPLICATE_HELP = "SM1221" "duplicate-help": "two metrics with the same help",
    "If two metrics of a group have the same help, either they are the same metric, or the help was copied and not \
     changed. A reader cannot know which of the two to use.",
    example: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."

[metrics.cart.removed]
type = "counter"
- help = "Articles put into carts."
+ help = "Articles taken out of carts again."
"#);
}

/// Reports two metrics of a group with the same help. In different groups, the same words may mean different things: `Requests
/// that failed.`
pub(super) fn duplicate_help(registry: &Registry, findings: &mut Findings) {
    let mut seen: HashMap<(GroupId, String), MetricId> = HashMap::new();
    // The replacement of a deprecated metric often has the same meaning.
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.deprecated.is_none()) {
        let words: Vec<_> = sentence_words(&metric.help).collect();
        let meaning = (metric.group, words.join(" "));
        let Some(first) = seen.get(&meaning) else {
            seen.insert(meaning, id);
            continue;
        };
        let first = &registry.metrics[first.0];
        let message = format!("`{}` has the same help as `{}`", metric.key, first.key);
        let problem = Diagnostic::warning(DUPLICATE_HELP, metric.spans.help, message)
            .label("the second one")
            .secondary(first.spans.help, "the first one")
            .help("write how this metric differs, or merge the two into one metric, with a label if necessary");
        findings.push((Item::Metric(id), problem));
    }
}

#[test]
fn help_needs_more_than_the_name() {
    crate::testing::lints(
        r#"
        size: gauge, help = "The size of the cart." => help-repeats-name "The size of the cart."
        size: gauge, help = "Total number of carts." => help-repeats-name "Total number of carts."
        size: gauge, help = "Gauge showing articles." => filler-help "Gauge showing articles."
        size: gauge, help = "This metric counts articles." => filler-help "This metric counts articles."
        size: gauge, help = "TODO: say more." => filler-help "TODO: say more."
        size: gauge, help = "A gauge." => filler-help "A gauge."
        labels.place = { help = "The place.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter, labels = ["place"] => help-repeats-name place
        labels.place = { help = "TODO.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter, labels = ["place"] => filler-help place
        size: gauge, help = "Size of all carts." =>
        size: gauge, help = "Number of articles." =>
        size: gauge, help = "Counter staff at work." =>
        size: gauge, help = "The gauge on the boiler." =>
    "#,
    );
}
