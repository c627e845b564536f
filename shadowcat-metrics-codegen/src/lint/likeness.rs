//! Lints about things that are nearly the same: names, buckets, labels, values.

use std::collections::HashMap;

use super::finding::{Finding, Item, metrics};
use super::words::{bag, singular, words};
use crate::codes::codes;
use crate::model::{
    GroupId, Label, LabelId, LabelValue, LabelValues, Metric, MetricId, Origin, Registry, Unit,
};

codes! {
    /// Two keys of a group are nearly the same.
    NEAR_DUPLICATE_NAME = "SM1201" "near-duplicate-name": "two keys nearly the same",
    "Two metrics of a group whose keys are a letter, a plural or the order of their words apart are one metric \
     twice, or a trap for whoever types a query. Make them one, or let the keys say what sets them apart. A \
     deprecated metric may be called like its successor.",
    wrong: shop!(r#"[metrics.cart.articles_added]
type = "counter"
help = "Articles put into carts by hand."

[metrics.cart.article_added]
type = "counter"
help = "Articles put into carts by a list."
"#),
    right: shop!(r#"[labels.way]
help = "How the article got into the cart."
values = ["hand", "list"]

[metrics.cart.articles_added]
type = "counter"
labels = ["way"]
help = "Articles put into carts."
"#);
}

/// Shorter words that differ by a letter are different words: `hits` and `bits`, `sent` and `send`.
const SHORTEST: usize = 6;

/// Two metrics of a group whose keys are a slip, a plural or the order of words apart.
pub(super) fn near_duplicate_name(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut bags: HashMap<(GroupId, Vec<String>), MetricId> = HashMap::new();
    let mut slips: HashMap<(GroupId, String), Vec<MetricId>> = HashMap::new();
    for (id, metric) in metrics(registry) {
        // What replaces a deprecated metric is often called nearly the same.
        if metric.origin == Origin::Library || metric.deprecated.is_some() {
            continue;
        }
        let bag = bag(words(&metric.key));
        if bag.is_empty() {
            continue;
        }
        let variants = variants(&metric.key);
        let same_words = bags.get(&(metric.group, bag.clone())).copied();
        let near = same_words.or_else(|| {
            let candidates = variants
                .iter()
                .filter_map(|variant| slips.get(&(metric.group, variant.clone())))
                .flatten();
            let mut near = candidates
                .copied()
                .filter(|other| is_slip(&metric.key, &registry.metrics[other.0].key));
            near.next()
        });
        if let Some(near) = near {
            let other = &registry.metrics[near.0];
            let message = format!(
                "the keys `{}` and `{}` are nearly the same",
                other.key, metric.key
            );
            let finding = Finding::new(Item::Metric(id), metric.spans.key, message, "and this");
            findings.push(finding.secondary(other.spans.key, "there is this").help(
                "make them one metric, with a label if need be, or let their keys say what sets them apart",
            ));
        }
        bags.entry((metric.group, bag)).or_insert(id);
        for variant in variants {
            slips.entry((metric.group, variant)).or_default().push(id);
        }
    }
}

/// The key with one letter of one long word left out, for each such letter, and whole: keys one edit apart share one.
fn variants(key: &str) -> Vec<String> {
    let mut variants = Vec::new();
    let mut start = 0;
    for word in key.split('_') {
        if word.len() >= SHORTEST {
            // Keys are ASCII, whatever was written.
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

/// Whether two keys differ by one slip in one long word. `http1` and `http2` differ on purpose.
fn is_slip(key: &str, other: &str) -> bool {
    let mut pairs = key
        .split('_')
        .zip(other.split('_'))
        .filter(|(one, two)| one != two);
    let (Some((one, two)), None) = (pairs.next(), pairs.next()) else {
        return false;
    };
    let digits = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    key.split('_').count() == other.split('_').count()
        && one.len().min(two.len()) >= SHORTEST
        && !digits(one)
        && !digits(two)
        && strsim::damerau_levenshtein(one, two) == 1
}

codes! {
    /// Histograms of like things have different bounds.
    UNLIKE_BUCKETS = "SM1202" "unlike-buckets": "unlike buckets for like things",
    "Quantiles of two histograms can be compared, and their buckets summed, only where their bounds agree. \
     Histograms with the same unit and the same key in two groups, or with keys of the same words, should share a \
     set of `[buckets]`. Ranges that hardly overlap are left alone: milliseconds and hours are not like things.",
    wrong: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 0.5, 1, 5]
help = "Time to pay."

[groups.order]
help = "Orders of all shops."

[metrics.order.payment_duration]
type = "histogram"
unit = "seconds"
buckets = [0.2, 0.4, 0.8, 1.6]
help = "Time to pay later."
"#),
    right: shop!(r#"[buckets]
payment = [0.1, 0.5, 1, 5]

[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
buckets = "payment"
help = "Time to pay."

[groups.order]
help = "Orders of all shops."

[metrics.order.payment_duration]
type = "histogram"
unit = "seconds"
buckets = "payment"
help = "Time to pay later."
"#);
}

/// Histograms of like things with bounds that differ, so that their quantiles cannot be compared.
pub(super) fn unlike_buckets(registry: &Registry, findings: &mut Vec<Finding>) {
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
            let path = |metric: &Metric| {
                format!("{}.{}", registry.groups[metric.group.0].name, metric.key)
            };
            let message = format!(
                "`{}` and `{}` measure like things in unlike buckets",
                path(other),
                path(metric)
            );
            let finding = Finding::new(
                Item::Metric(id),
                metric.spans.buckets,
                message,
                "and these bounds",
            );
            findings.push(finding.secondary(other.spans.buckets, "there are these").help(
                "give both one set under `[buckets]`, so that their quantiles can be compared and summed",
            ));
        }
    }
}

/// The words of a histogram's key but for those that say again that it is a time or a size.
fn thing(metric: &Metric) -> Vec<String> {
    let said_by_unit: &[&str] = match metric.unit {
        Unit::Seconds => &["duration", "time", "latency", "seconds"],
        Unit::Bytes => &["size", "length", "bytes"],
        Unit::None
        | Unit::Ratio
        | Unit::Celsius
        | Unit::Meters
        | Unit::Volts
        | Unit::Amperes
        | Unit::Joules
        | Unit::Watts
        | Unit::Grams
        | Unit::Hertz => &[],
    };
    bag(words(&metric.key).filter(|word| !said_by_unit.contains(word)))
}

/// Whether the shorter of two ranges lies in the other by half or more, on a logarithmic scale. Milliseconds and hours
/// are not alike, whatever they are called.
fn overlap(one: &[f64], two: &[f64]) -> bool {
    let (Some((from, to)), Some((other_from, other_to))) = (range(one), range(two)) else {
        return false;
    };
    let common = to.min(other_to) - from.max(other_from);
    let shorter = (to - from).min(other_to - other_from);
    common >= 0.0 && common >= shorter / 2.0
}

/// The logarithms of the first bound above zero and of the last one.
fn range(bounds: &[f64]) -> Option<(f64, f64)> {
    let first = bounds.iter().find(|bound| **bound > 0.0)?;
    Some((first.ln(), bounds.last()?.ln()))
}

codes! {
    /// Two labels mean the same.
    LABEL_SYNONYM = "SM1203" "label-synonym": "one meaning under two label names",
    "Queries join series by equal label names, and a dashboard's variable has one. Two labels for one meaning (`op` \
     and `operation`, `addr` and `address`, `verb` and `method`) keep series apart that belong together. Declare \
     the label once and name it in both places.",
    wrong: shop!(r#"[labels.op]
help = "What was done with the cart."
values = ["add", "remove"]

[labels.operation]
help = "What was done with the list."
values = ["add", "remove"]

[metrics.cart.changes]
type = "counter"
labels = ["op"]
help = "Changes made by customers."

[metrics.cart.list_changes]
type = "counter"
labels = ["operation"]
help = "Changes made to lists."
"#),
    right: shop!(r#"[labels.operation]
help = "What was done."
values = ["add", "remove"]

[metrics.cart.changes]
type = "counter"
labels = ["operation"]
help = "Changes made by customers."

[metrics.cart.list_changes]
type = "counter"
labels = ["operation"]
help = "Changes made to lists."
"#);
}

/// Words that are written in several ways: first the whole or usual one, then the others.
const LABELS: &[&[&str]] = &[
    &["address", "addr"],
    &["application", "app"],
    &["argument", "arg"],
    &["certificate", "cert"],
    &["command", "cmd"],
    &["configuration", "config", "cfg", "conf"],
    &["connection", "conn"],
    &["database", "db"],
    &["destination", "dest", "dst"],
    &["directory", "folder"],
    &["environment", "env"],
    &["error", "err", "failure"],
    &["function", "func", "fn"],
    &["host", "hostname"],
    &["identifier", "id"],
    &["index", "idx"],
    &["language", "lang"],
    &["maximum", "max"],
    &["message", "msg"],
    &["method", "verb"],
    &["minimum", "min"],
    &["namespace", "ns"],
    &["number", "num", "nr"],
    &["operation", "op"],
    &["outcome", "result"],
    &["parameter", "param"],
    &["previous", "prev"],
    &["protocol", "proto"],
    &["reason", "cause"],
    &["request", "req"],
    &["response", "resp", "rsp"],
    &["service", "svc"],
    &["source", "src"],
    &["type", "kind"],
    &["version", "ver"],
];

/// Two labels whose names mean the same, such as `op` and `operation`.
pub(super) fn label_synonym(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<Vec<String>, LabelId> = HashMap::new();
    for (index, label) in registry.labels.iter().enumerate() {
        let id = LabelId(index);
        let meaning: Vec<_> = words(&label.name).map(usual).collect();
        if label.origin == Origin::Library || meaning.is_empty() {
            continue;
        }
        let Some(other) = seen.get(&meaning) else {
            seen.insert(meaning, id);
            continue;
        };
        let other = &registry.labels[other.0];
        let message = format!(
            "the labels `{}` and `{}` mean the same",
            other.name, label.name
        );
        let finding = Finding::new(Item::Label(id), label.span, message, "and this");
        findings.push(finding.secondary(other.span, "there is this").help(
            "make them one label: queries join series by equal labels, and callers have one type less",
        ));
    }
}

/// The usual way to write a word, in the singular.
fn usual(word: &str) -> String {
    let word = singular(word);
    let row = LABELS.iter().find(|row| row.contains(&word.as_str()));
    row.map_or(word, |row| row[0].to_owned())
}

codes! {
    /// One value has two spellings.
    VALUE_SYNONYM = "SM1204" "value-synonym": "one value spelled twice",
    "`ok` in one label and `success` in another make every query over both a list of exceptions; in one label they \
     split one count in two. Choose one spelling for the whole schema. Values that differ only in case or \
     punctuation are found too. `error` and `failed` count as one value within a label, and may be two things in \
     two.",
    wrong: shop!(r#"[labels.outcome]
help = "How the payment ended."
values = ["ok", "declined"]

[labels.delivery]
help = "How the delivery ended."
values = ["success", "refused"]

[metrics.cart.payments]
type = "counter"
labels = ["outcome"]
help = "Payments tried."

[metrics.cart.deliveries]
type = "counter"
labels = ["delivery"]
help = "Deliveries tried."
"#),
    right: shop!(r#"[labels.outcome]
help = "How the payment ended."
values = ["ok", "declined"]

[labels.delivery]
help = "How the delivery ended."
values = ["ok", "refused"]

[metrics.cart.payments]
type = "counter"
labels = ["outcome"]
help = "Payments tried."

[metrics.cart.deliveries]
type = "counter"
labels = ["delivery"]
help = "Deliveries tried."
"#);
}

/// Values that mean the same wherever they stand.
const VALUES: &[&[&str]] = &[
    &["ok", "okay", "success", "successful", "succeeded"],
    &["fail", "failed", "failure"],
    &["error", "err", "errored"],
    &["timeout", "timedout"],
    &["cancelled", "canceled", "cancel"],
    &["unknown", "undefined", "unspecified"],
    &["none", "null", "nil"],
    &["other", "others", "misc"],
    &["inbound", "incoming", "ingress"],
    &["outbound", "outgoing", "egress"],
    &["enabled", "enable"],
    &["disabled", "disable"],
];

/// What means the same in one label, and may be two things in two.
const IN_ONE_LABEL: &[&[&str]] = &[&["fail", "error"]];

/// One value under two spellings, in one label or in two: `ok` here, `success` there.
pub(super) fn value_synonym(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut everywhere: HashMap<String, (LabelId, &LabelValue)> = HashMap::new();
    for (index, label) in registry.labels.iter().enumerate() {
        let id = LabelId(index);
        let mut here: HashMap<String, &LabelValue> = HashMap::new();
        for value in values(label) {
            let meaning = meaning(&value.value);
            let row = IN_ONE_LABEL
                .iter()
                .find(|row| row.contains(&meaning.as_str()));
            let in_label = row.map_or(meaning.as_str(), |row| row[0]);
            let twice = here.get(in_label).map(|other| (id, *other));
            let twice = twice.or_else(|| everywhere.get(&meaning).copied());
            match twice {
                Some((other, spelled)) if is_other(&spelled.value, &value.value) => {
                    findings.push(finding(registry, (other, spelled), (id, value)));
                }
                Some(_) | None => {}
            }
            here.entry(in_label.to_owned()).or_insert(value);
            everywhere.entry(meaning).or_insert((id, value));
        }
    }
}

fn values(label: &Label) -> &[LabelValue] {
    match &label.values {
        LabelValues::Closed(values) if label.origin == Origin::Schema => values,
        LabelValues::Closed(_) | LabelValues::Open { .. } => &[],
    }
}

/// What a value means: its letters and digits, or the first of its row.
fn meaning(value: &str) -> String {
    let letters = value.chars().filter(|c| c.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    // Punctuation alone may be what a value is about: `<` and `>`, `+` and `-`.
    if plain.is_empty() || value.starts_with(['+', '-', '<', '>', '!', '=']) {
        return value.to_owned();
    }
    let row = VALUES.iter().find(|row| row.contains(&plain.as_str()));
    row.map_or(plain, |row| row[0].to_owned())
}

/// Whether two values of one meaning differ. HTTP's `GET` and a cache's `get` are not one thing.
fn is_other(one: &str, two: &str) -> bool {
    let shouted = |value: &str| value == value.to_uppercase() && value != value.to_lowercase();
    one != two && shouted(one) == shouted(two)
}

fn finding(
    registry: &Registry,
    (other, spelled): (LabelId, &LabelValue),
    (id, value): (LabelId, &LabelValue),
) -> Finding {
    let message = if other == id {
        format!(
            "the values `{}` and `{}` mean the same",
            spelled.value, value.value
        )
    } else {
        format!(
            "`{}` of the label `{}` is called `{}` in the label `{}`",
            value.value, registry.labels[id.0].name, spelled.value, registry.labels[other.0].name
        )
    };
    Finding::new(Item::Label(id), value.span, message, "and this")
        .secondary(spelled.span, "there is this")
        .help(if other == id {
            "make them one value, or call them by what sets them apart"
        } else {
            "call it the same in both, so that one query finds both"
        })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{COUNTER, NONE, found, found_in, found_in_labels, histogram};

    #[test]
    fn near_duplicates_are_plurals_slips_and_orders() {
        for (one, two) in [
            ("order", "orders"),
            ("body_size", "size_bodies"),
            ("received", "recieved"),
            ("messages_dropped", "messages_droped"),
            ("compressed", "compresse"),
        ] {
            assert_eq!(
                found_in(&[(one, COUNTER), (two, COUNTER)]),
                [format!("near-duplicate-name {two}")],
                "{one}"
            );
        }
        for (one, two) in [
            ("reads", "heads"),
            ("shard1_depth", "shard2_depth"),
            ("version10", "version11"),
            ("opened", "closed"),
            ("depth", "depth_peak"),
            ("requests", "requested"),
        ] {
            assert_eq!(
                found_in(&[(one, COUNTER), (two, COUNTER)]),
                NONE,
                "{one} {two}"
            );
        }
        let deprecated = "type = \"counter\"\ndeprecated = { use = \"cart.orders\" }";
        assert_eq!(
            found_in(&[("order", deprecated), ("orders", COUNTER)]),
            NONE
        );
    }

    #[test]
    fn buckets_are_compared_where_ranges_overlap() {
        let group = "[groups.order]\nhelp = \"What is paid.\"\n";
        let both = |one: &str, two: &str| {
            let first = histogram("seconds", one);
            let second = histogram("seconds", two);
            found(&format!(
                "{group}[groups.cart]\nhelp = \"What is bought.\"\n\
                 [metrics.order.duration]\nhelp = \"Says enough.\"\n{first}\n\
                 [metrics.cart.latency]\nhelp = \"Says enough.\"\n{second}\n"
            ))
        };
        assert_eq!(both("[0.1, 1]", "[0.1, 1]"), NONE);
        assert_eq!(
            both("[0.1, 1]", "[0.1, 0.5, 1]"),
            ["unlike-buckets [0.1, 0.5, 1]"]
        );
        assert_eq!(both("[0.1, 1]", "[0.5, 1]"), ["unlike-buckets [0.5, 1]"]);
        assert_eq!(
            both("[0.01, 0.1]", "[60, 600]"),
            NONE,
            "milliseconds and minutes"
        );
        let other_thing = [
            ("wait_duration", &*histogram("seconds", "[0.1, 1]")),
            ("pack_duration", &*histogram("seconds", "[0.2, 1]")),
        ];
        assert_eq!(found_in(&other_thing), NONE);
    }

    #[test]
    fn labels_are_compared_word_by_word() {
        let values = |value: &str| format!("values = [\"{value}1\", \"{value}2\"]");
        let (a, b) = (values("a"), values("b"));
        for (one, two) in [
            ("op", "operation"),
            ("src_addr", "source_address"),
            ("method", "verb"),
            ("server", "servers"),
        ] {
            let labels = [(one, &*a), (two, &*b)];
            assert_eq!(found_in_labels(&labels), [format!("label-synonym {two}")]);
        }
        for (one, two) in [
            ("source", "destination"),
            ("status", "state"),
            ("op", "opera"),
        ] {
            assert_eq!(found_in_labels(&[(one, &*a), (two, &*b)]), NONE);
        }
    }

    #[test]
    fn values_are_compared_by_meaning() {
        let in_one =
            |values: &str| found_in_labels(&[("outcome", &*format!("values = [{values}]"))]);
        assert_eq!(in_one("\"ok\", \"success\""), ["value-synonym \"success\""]);
        assert_eq!(in_one("\"failed\", \"error\""), ["value-synonym \"error\""]);
        assert_eq!(in_one("\"ok\", \"error\", \"lost\""), NONE);

        let in_two = |one: &str, two: &str| {
            let one = format!("values = [\"{one}\", \"x1\"]");
            let two = format!("values = [\"{two}\", \"x2\"]");
            found_in_labels(&[("outcome", &*one), ("ending", &*two)])
        };
        assert_eq!(in_two("ok", "success"), ["value-synonym \"success\""]);
        assert_eq!(
            in_two("timed_out", "timed-out"),
            ["value-synonym \"timed-out\""]
        );
        assert_eq!(in_two("ok", "ok"), NONE);
        assert_eq!(
            in_two("failed", "error"),
            NONE,
            "they may be two things in two labels"
        );
        assert_eq!(
            in_two("GET", "get"),
            NONE,
            "a method of HTTP, and an operation"
        );
    }
}
