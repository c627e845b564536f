//! Lints about near duplicates: names, buckets, labels, values.

use std::collections::HashMap;

use super::words::{first_of_row, singular, sorted_words, words};
use super::{Findings, Item, has_word, labels, metric_path, metrics, shop, sums};
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::{
    GroupId, LabelId, LabelValue, Metric, MetricId, Registry, Unit,
};
use shadowcat_metrics_codegen::{Diagnostic, Span, suggest};

codes! {
    NEAR_DUPLICATE_NAME = "SM1201" "near-duplicate-name": "two nearly identical keys",
    "If the keys of two metrics of a group differ only in a letter, a plural or the order of their words, either they \
     are the same metric, or they are easy to confuse in a query. Merge the metrics, or choose keys that show the \
     difference. A deprecated metric may have nearly the same name as its successor.",
    example: shop!(r#"+ [labels.way]
+ help = "How the article got into the cart."
+ values = ["hand", "list"]
+
[metrics.cart.articles_added]
type = "counter"
- help = "Articles put into carts by hand."
-
- [metrics.cart.article_added]
- type = "counter"
- help = "Articles put into carts by a list."
+ labels = ["way"]
+ help = "Articles put into carts."
"#);
}

/// Shorter words that differ by a letter are usually different words: `hits` and `bits`, `sent` and `send`.
const MIN_LENGTH: usize = 6;

/// Reports two metrics of a group whose keys differ only by a misspelling, a plural or the order of words.
pub(super) fn near_duplicate_name(registry: &Registry, findings: &mut Findings) {
    let mut bags: HashMap<(GroupId, Vec<String>), MetricId> = HashMap::new();
    let mut slips: HashMap<(GroupId, String), Vec<MetricId>> = HashMap::new();
    // The replacement of a deprecated metric often has a similar name.
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.deprecated.is_none()) {
        let sorted_words = sorted_words(words(&metric.key));
        if sorted_words.is_empty() {
            continue;
        }
        let variants = variants(&metric.key);
        let same_words = bags.get(&(metric.group, sorted_words.clone())).copied();
        let near = same_words.or_else(|| {
            let candidates = variants
                .iter()
                .filter_map(|variant| slips.get(&(metric.group, variant.clone())))
                .flatten();
            let mut near = candidates
                .copied()
                .filter(|other| is_typo(&metric.key, &registry.metrics[other.0].key));
            near.next()
        });
        if let Some(near) = near {
            let (other, key) = (&registry.metrics[near.0], &metric.key);
            let message = format!("the keys `{}` and `{key}` are nearly identical", other.key);
            let problem = Diagnostic::warning(NEAR_DUPLICATE_NAME, metric.spans.key, message)
                .label("the second one")
                .secondary(other.spans.key, "the first one")
                .help("merge them into one metric, with a label if necessary, or choose keys that show the difference");
            findings.push((Item::Metric(id), problem));
        }
        bags.entry((metric.group, sorted_words)).or_insert(id);
        for variant in variants {
            slips.entry((metric.group, variant)).or_default().push(id);
        }
    }
}

/// Returns the key, and each version of it that lacks one letter of a long word. Keys that are one edit apart
/// have one in common.
fn variants(key: &str) -> Vec<String> {
    let mut variants = Vec::new();
    let mut start = 0;
    for word in key.split('_') {
        if word.len() >= MIN_LENGTH {
            // Keys are ASCII at this point.
            let letters = start..start + word.len();
            variants.extend(letters.map(|at| [&key[..at], &key[at + 1..]].concat()));
        }
        start += word.len() + 1;
    }
    if !variants.is_empty() {
        variants.push(key.to_owned());
    }
    variants.sort_unstable();
    variants.dedup();
    variants
}

/// Returns whether two keys differ by one misspelling in a long word. `http1` and `http2` differ on purpose.
fn is_typo(key: &str, other: &str) -> bool {
    let mut pairs = key
        .split('_')
        .zip(other.split('_'))
        .filter(|(one, two)| one != two);
    let (Some((one, two)), None) = (pairs.next(), pairs.next()) else {
        return false;
    };
    let digits = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    key.split('_').count() == other.split('_').count()
        && one.len().min(two.len()) >= MIN_LENGTH
        && !digits(one)
        && !digits(two)
        && suggest::edits(one, two) == Some(1)
}

codes! {
    UNLIKE_BUCKETS = "SM1202" "unlike-buckets": "different buckets for the same quantity",
    "The quantiles of two histograms can be compared, and their buckets summed, only if their bounds are the same. \
     Two histograms with the same unit should share a bucket set if they have the same key in different groups, or if \
     their keys differ only in the order of their words or in words such as `duration` and `time`. Histograms whose ranges hardly \
     overlap, such as milliseconds and hours, are not reported.",
    example: shop!(r#"+ [buckets]
+ payment = [0.1, 0.5, 1, 5]
+
[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
- buckets = [0.1, 0.5, 1, 5]
+ buckets = "payment"
help = "Time to pay."

[groups.order]
help = "Orders of all shops."

[metrics.order.payment_duration]
type = "histogram"
unit = "seconds"
- buckets = [0.2, 0.4, 0.8, 1.6]
+ buckets = "payment"
help = "Time to pay an invoice."
"#);
}

/// Reports histograms of similar things with different bounds, whose quantiles cannot be compared.
pub(super) fn unlike_buckets(registry: &Registry, findings: &mut Findings) {
    let mut seen: HashMap<(Unit, Vec<String>), MetricId> = HashMap::new();
    for (id, metric) in metrics(registry) {
        let Some(bounds) = registry.bounds(metric).filter(|_| !metric.key.is_empty()) else {
            continue;
        };
        let thing = (metric.unit, thing(metric));
        let Some(like) = seen.get(&thing) else {
            seen.insert(thing, id);
            continue;
        };
        let other = &registry.metrics[like.0];
        let of_other = registry.bounds(other).unwrap_or_default();
        if bounds != of_other && overlap(bounds, of_other) {
            let (one, two) = (metric_path(registry, other), metric_path(registry, metric));
            let message =
                format!("`{one}` and `{two}` measure the same quantity with different buckets");
            let problem = Diagnostic::warning(UNLIKE_BUCKETS, metric.spans.buckets, message)
                .label("the other bounds")
                .secondary(other.spans.buckets, "the first bounds")
                .help("use the same bucket set from `[buckets]` for both, so that their quantiles can be compared");
            findings.push((Item::Metric(id), problem));
        }
    }
}

/// Returns the words of a histogram's key without those for a time or a size.
fn thing(metric: &Metric) -> Vec<String> {
    let said_by_unit = match metric.unit {
        Unit::Seconds => "duration time latency seconds",
        Unit::Bytes => "size length bytes",
        _ => "",
    };
    sorted_words(words(&metric.key).filter(|word| !has_word(said_by_unit, word)))
}

/// Returns whether at least half of the shorter range lies in the other, on a logarithmic scale. Milliseconds
/// and hours are not similar, whatever their names.
fn overlap(one: &[f64], two: &[f64]) -> bool {
    let (Some((from, to)), Some((other_from, other_to))) = (range(one), range(two)) else {
        return false;
    };
    let common = to.min(other_to) - from.max(other_from);
    let shorter = (to - from).min(other_to - other_from);
    common >= 0.0 && common >= shorter / 2.0
}

/// Returns the logarithms of the first positive bound and of the last one.
fn range(bounds: &[f64]) -> Option<(f64, f64)> {
    let first = bounds.iter().find(|bound| **bound > 0.0)?;
    Some((first.ln(), bounds.last()?.ln()))
}

codes! {
    LABEL_SYNONYM = "SM1203" "label-synonym": "two label names for one meaning",
    "Queries join series by label names, and a dashboard variable filters by one label name. With two names for one \
     meaning, such as `op` and `operation`, `addr` and `address` or `verb` and `method`, series that belong together \
     cannot be joined. Declare one label, and use it in both places.",
    example: shop!(r#"- [labels.op]
- help = "Operation on the cart."
- values = ["add", "remove"]
-
[labels.operation]
- help = "Operation on the list."
+ help = "Operation on the cart or the list."
values = ["add", "remove"]

[metrics.cart.changes]
type = "counter"
- labels = ["op"]
+ labels = ["operation"]
help = "Changes made by customers."

[metrics.cart.list_changes]
type = "counter"
labels = ["operation"]
help = "Changes made to lists."
"#);
}

/// Synonyms: first the full or usual word, then the others.
const LABELS: [&str; 35] = [
    "address addr",
    "application app",
    "argument arg",
    "certificate cert",
    "command cmd",
    "configuration config cfg conf",
    "connection conn",
    "database db",
    "destination dest dst",
    "directory folder",
    "environment env",
    "error err failure",
    "function func fn",
    "host hostname",
    "identifier id",
    "index idx",
    "language lang",
    "maximum max",
    "message msg",
    "method verb",
    "minimum min",
    "namespace ns",
    "number num nr",
    "operation op",
    "outcome result",
    "parameter param",
    "previous prev",
    "protocol proto",
    "reason cause",
    "request req",
    "response resp rsp",
    "service svc",
    "source src",
    "type kind",
    "version ver",
];

/// Reports two labels whose names mean the same, such as `op` and `operation`.
pub(super) fn label_synonym(registry: &Registry, findings: &mut Findings) {
    // The name of a sum label is not exposed, so it is only compared with those of other sum labels.
    let plain = labels(registry).map(|(id, label)| (Item::Label(id), &label.name, label.span));
    let sums = sums(registry).map(|(id, sum)| (Item::Sum(id), &sum.name, sum.span));
    let help = "replace them with one label, so that queries can join their series";
    same_meaning(plain, "labels", help, findings);
    same_meaning(
        sums,
        "sum labels",
        "replace them with one sum label",
        findings,
    );
}

fn same_meaning<'r>(
    named: impl Iterator<Item = (Item, &'r String, Span)>,
    what: &str,
    help: &str,
    findings: &mut Findings,
) {
    let mut seen: HashMap<Vec<String>, (&String, Span)> = HashMap::new();
    for (item, two, span) in named {
        let usual = |word| first_of_row(&LABELS, singular(word));
        let meaning: Vec<_> = words(two).map(usual).collect();
        if meaning.is_empty() {
            continue;
        }
        let Some((one, first)) = seen.get(&meaning) else {
            seen.insert(meaning, (two, span));
            continue;
        };
        let message = format!("the {what} `{one}` and `{two}` have the same meaning");
        let problem = Diagnostic::warning(LABEL_SYNONYM, span, message)
            .label("the second one")
            .secondary(*first, "the first one")
            .help(help);
        findings.push((item, problem));
    }
}

codes! {
    VALUE_SYNONYM = "SM1204" "value-synonym": "two spellings of one label value",
    "Choose one spelling of a value for the whole schema. With `ok` in one label and `success` in another, a query needs a special \
     case for each label; within one label, the two values split one count. Values that differ only in case or punctuation are \
     reported too. `error` and `failed` are reported within one label, but not across two labels.",
    example: shop!(r#"[labels.outcome]
help = "How the payment ended."
values = ["ok", "declined"]

[labels.delivery]
help = "How the delivery ended."
- values = ["success", "refused"]
+ values = ["ok", "refused"]

[metrics.cart.payments]
type = "counter"
labels = ["outcome"]
help = "Payments attempted."

[metrics.cart.deliveries]
type = "counter"
labels = ["delivery"]
help = "Deliveries attempted."
"#);
}

/// Values that mean the same in any label.
const VALUES: [&str; 12] = [
    "ok okay success successful succeeded",
    "fail failed failure",
    "error err errored",
    "timeout timedout",
    "cancelled canceled cancel",
    "unknown undefined unspecified",
    "none null nil",
    "other others misc",
    "inbound incoming ingress",
    "outbound outgoing egress",
    "enabled enable",
    "disabled disable",
];

/// Values that mean the same in one label, but may differ between labels.
const IN_ONE_LABEL: [&str; 1] = ["fail error"];

/// Reports a value with two spellings, in one label or in two: `ok` here, `success` there.
pub(super) fn value_synonym(registry: &Registry, findings: &mut Findings) {
    let mut everywhere: HashMap<String, (LabelId, &LabelValue)> = HashMap::new();
    for (id, label) in labels(registry) {
        let mut here: HashMap<String, &LabelValue> = HashMap::new();
        for value in label.closed_values() {
            let meaning = meaning(&value.value);
            let in_label = first_of_row(&IN_ONE_LABEL, meaning.clone());
            let twice = here.get(&in_label).map(|other| (id, *other));
            let twice = twice.or_else(|| everywhere.get(&meaning).copied());
            let differs = |(_, other): &(_, &LabelValue)| is_other(&other.value, &value.value);
            if let Some((other, spelled)) = twice.filter(differs) {
                let problem = synonyms(registry, (other, spelled), (id, value));
                findings.push((Item::Label(id), problem));
            }
            here.entry(in_label).or_insert(value);
            everywhere.entry(meaning).or_insert((id, value));
        }
    }
}

/// Returns the meaning of a value: its letters and digits, or the first word in its row.
fn meaning(value: &str) -> String {
    let letters = value.chars().filter(|c| c.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    // A value may consist of punctuation: `<` and `>`, `+` and `-`.
    if plain.is_empty() || value.starts_with(['+', '-', '<', '>', '!', '=']) {
        return value.to_owned();
    }
    first_of_row(&VALUES, plain)
}

/// Returns whether two values with the same meaning differ on purpose. HTTP's `GET` is not a cache's `get`.
fn is_other(one: &str, two: &str) -> bool {
    let shouted = |value: &str| value == value.to_uppercase() && value != value.to_lowercase();
    one != two && shouted(one) == shouted(two)
}

fn synonyms(
    registry: &Registry,
    (other, spelled): (LabelId, &LabelValue),
    (id, value): (LabelId, &LabelValue),
) -> Diagnostic {
    let (one, two) = (&spelled.value, &value.value);
    let [here, there] = [id, other].map(|id| &registry.labels[id.0].name);
    let (message, help) = if other == id {
        (
            format!("the values `{one}` and `{two}` have the same meaning"),
            "merge them into one value, or choose names that show the difference",
        )
    } else {
        (
            format!(
                "the value `{two}` of the label `{here}` is spelled `{one}` in the label `{there}`"
            ),
            "use the same value in both labels, so that one query matches both",
        )
    };
    Diagnostic::warning(VALUE_SYNONYM, value.span, message)
        .label("the second one")
        .secondary(spelled.span, "the first one")
        .help(help)
}

#[test]
fn near_duplicates_are_plurals_typos_and_reordered_words() {
    crate::testing::lints(
        r#"
        order: counter | orders: counter => near-duplicate-name orders
        body_size: counter | size_bodies: counter => near-duplicate-name size_bodies
        received: counter | recieved: counter => near-duplicate-name recieved
        messages_dropped: counter | messages_droped: counter => near-duplicate-name messages_droped
        compressed: counter | compresse: counter => near-duplicate-name compresse
        reads: counter | heads: counter =>
        shard1_depth: counter | shard2_depth: counter =>
        version10: counter | version11: counter =>
        opened: counter | closed: counter =>
        depth: counter | depth_peak: counter =>
        requests: counter | requested: counter =>
        order: counter, deprecated = { use = "cart.orders" } | orders: counter =>
    "#,
    );
}

#[test]
fn buckets_are_compared_where_ranges_overlap() {
    crate::testing::lints(
        r#"
        wait_duration: histogram, unit = "seconds", buckets = [0.1, 1] | wait_time: histogram, unit = "seconds", buckets = [0.1, 1] =>
        wait_duration: histogram, unit = "seconds", buckets = [0.1, 1] | wait_time: histogram, unit = "seconds", buckets = [0.1, 0.5, 1] => unlike-buckets [0.1, 0.5, 1]
        wait_duration: histogram, unit = "seconds", buckets = [0.1, 1] | wait_time: histogram, unit = "seconds", buckets = [0.5, 1] => unlike-buckets [0.5, 1]
        wait_duration: histogram, unit = "seconds", buckets = [0.01, 0.1] | wait_time: histogram, unit = "seconds", buckets = [60, 600] =>
        wait_duration: histogram, unit = "seconds", buckets = [0.1, 1] | pack_duration: histogram, unit = "seconds", buckets = [0.2, 1] =>
    "#,
    );
}

#[test]
fn labels_are_compared_word_by_word() {
    crate::testing::lints(
        r#"
        op: values = ["a1", "a2"] | operation: values = ["b1", "b2"] => label-synonym operation
        labels.req = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.request = { help = "Says as much.", of = "mode", with = { b = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter, labels = ["req"] | lent: counter, labels = ["request"] => label-synonym request
        labels.req = { help = "Says enough.", of = "request", with = { a = ["shard"] } } | labels.request = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter, labels = ["req"] =>
        src_addr: values = ["a1", "a2"] | source_address: values = ["b1", "b2"] => label-synonym source_address
        method: values = ["a1", "a2"] | verb: values = ["b1", "b2"] => label-synonym verb
        server: values = ["a1", "a2"] | servers: values = ["b1", "b2"] => label-synonym servers
        source: values = ["a1", "a2"] | destination: values = ["b1", "b2"] =>
        status: values = ["a1", "a2"] | state: values = ["b1", "b2"] =>
        op: values = ["a1", "a2"] | opera: values = ["b1", "b2"] =>
    "#,
    );
}

#[test]
fn values_are_compared_by_meaning() {
    crate::testing::lints(
        r#"
        outcome: values = ["ok", "success"] => value-synonym "success"
        outcome: values = ["failed", "error"] => value-synonym "error"
        outcome: values = ["ok", "error", "lost"] =>
        outcome: values = ["ok", "x1"] | ending: values = ["success", "x2"] => value-synonym "success"
        outcome: values = ["timed_out", "x1"] | ending: values = ["timed-out", "x2"] => value-synonym "timed-out"
        outcome: values = ["ok", "x1"] | ending: values = ["ok", "x2"] =>
        outcome: values = ["failed", "x1"] | ending: values = ["error", "x2"] =>
        method: values = ["GET", "x1"] | operation: values = ["get", "x2"] =>
    "#,
    );
}
