//! Lints about keys, group names and exposed names that say too much or too little.

use super::finding::{Finding, Item, metrics, other_key};
use super::words::words;
use crate::codes::codes;
use crate::model::{GroupId, Metric, Origin, Registry, Unit};
use crate::name::{ends_with_word, open_metrics_family};

codes! {
    /// The key spells a unit.
    UNIT_IN_NAME = "SM1101" "unit-in-name": "unit spelled in the key",
    "The key `unit` appends the unit to the exposed name and gives the recorder its type. Spelled in the key it is \
     said twice, or, without `unit`, said to readers and not to the compiler.",
    wrong: shop!(r#"[metrics.cart.age_seconds]
type = "gauge"
help = "Age of the oldest cart."
"#),
    right: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
"#);
}

/// A key that spells a unit, instead of or beside `unit`.
pub(super) fn unit_in_name(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // An exact name is not made from the key, so nothing is said twice; and the unit of a ratio metric is fixed,
        // so `hit_ratio` is the natural name for one.
        if metric.name_is_exact || metric.kind.spec().operands.is_some() {
            continue;
        }
        let Some(unit) = spelled_unit(metric) else {
            continue;
        };
        let word = unit.name();
        let message = format!("the key `{}` spells the unit `{word}`", metric.key);
        let (label, help) = if unit == metric.unit {
            (
                "`unit` says it already",
                format!("the name is exposed with `_{word}` whatever the key"),
            )
        } else {
            (
                "expected a key without it",
                format!("if it is the unit, write `unit = \"{word}\"` instead"),
            )
        };
        let finding = Finding::new(Item::Metric(id), metric.spans.key, message, label).help(help);
        let stem = metric
            .key
            .strip_suffix(word)
            .map(|stem| stem.trim_end_matches('_'));
        let fix = stem
            .filter(|_| unit == metric.unit)
            .and_then(|stem| other_key(registry, metric, stem));
        findings.push(finding.fix(fix));
    }
}

/// The metric's own unit anywhere in its key, or another one at its end. Elsewhere another unit's name is a word like
/// any other: `bytes_read` may count reads.
fn spelled_unit(metric: &Metric) -> Option<Unit> {
    let own = (metric.unit != Unit::None
        && metric.key.split('_').any(|word| word == metric.unit.name()))
    .then_some(metric.unit);
    own.or_else(|| {
        Unit::NAMED
            .into_iter()
            .find(|unit| ends_with_word(&metric.key, unit.name()))
    })
}

codes! {
    /// The key repeats the group.
    GROUP_IN_NAME = "SM1102" "group-in-name": "key repeats its group",
    "The group is part of the exposed name and of the call already: `shop_cart_cart_size`, `cart.cart_size()`.",
    wrong: shop!(r#"[metrics.cart.cart_size]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// A key that begins or ends with the name of its group.
pub(super) fn group_in_name(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let group = &registry.groups[metric.group.0].name;
        let begins = metric
            .key
            .strip_prefix(group.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        if begins || ends_with_word(&metric.key, group) {
            let message = format!("the key `{}` repeats its group `{group}`", metric.key);
            let label = format!("the call reads `{group}.{}()`", metric.key);
            let finding = Finding::new(Item::Metric(id), metric.spans.key, message, label);
            let rest = if begins {
                metric.key.strip_prefix(group.as_str())
            } else {
                metric.key.strip_suffix(group.as_str())
            };
            let fix = rest.and_then(|rest| other_key(registry, metric, rest.trim_matches('_')));
            findings.push(finding.fix(fix));
        }
    }
}

codes! {
    /// An exact name lacks its conventional suffix.
    MISSING_SUFFIX = "SM1103" "missing-suffix": "exact name without its suffix",
    "A name ends in its unit, and an info metric's in `_info`: readers rely on it, and OpenMetrics, which says the unit \
     in a line of its own, accepts it only if the name ends in it. Names made from group and key do; an exact \
     `name = \"...\"` must bring it along. Allow it for a name that dashboards use already.",
    wrong: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
name = "shop_oldest_cart"
"#),
    right: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
name = "shop_oldest_cart_seconds"
"#);
}

/// An exact name without the unit or the `_info` that it would have got. `_total` is
/// `counter-without-total`.
pub(super) fn missing_suffix(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.name_is_exact) {
        let suffix = metric.kind.spec().suffix;
        let family = open_metrics_family(&metric.exposed, &metric.kind);
        let unit = metric.unit.name();
        if metric.unit != Unit::None && !ends_with_word(family, unit) {
            let message = format!("`{}` is in {unit} and does not say so", metric.exposed);
            findings.push(Finding::exposed_name(
                id,
                metric,
                message,
                format!("expected `{family}_{unit}{suffix}`"),
            ));
        } else if metric.kind.spec().has_facts && !metric.exposed.ends_with(suffix) {
            let message = format!(
                "the info metric `{}` does not end in `{suffix}`",
                metric.exposed
            );
            findings.push(Finding::exposed_name(
                id,
                metric,
                message,
                format!("expected `{family}{suffix}`"),
            ));
        }
    }
}

codes! {
    /// Every key of a group begins with the same word.
    COMMON_PREFIX = "SM1215" "common-prefix": "keys that all begin alike",
    "If all keys of a group begin with one word, that word belongs into the name of the group, or nowhere: it is in \
     every call and in every name. glean_parser has a lint like this.",
    wrong: shop!(r#"[metrics.cart.article_added]
type = "counter"
help = "Articles put in."

[metrics.cart.article_removed]
type = "counter"
help = "Articles taken out."

[metrics.cart.article_moved]
type = "counter"
help = "Articles moved elsewhere."
"#),
    right: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put in."

[metrics.cart.removed]
type = "counter"
help = "Articles taken out."

[metrics.cart.moved]
type = "counter"
help = "Articles moved elsewhere."
"#);
}

/// Two may begin alike by chance.
const FEWEST: usize = 3;

/// A group all of whose keys begin with the same word.
pub(super) fn common_prefix(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut firsts: Vec<Vec<Option<&str>>> = vec![Vec::new(); registry.groups.len()];
    for metric in &registry.metrics {
        let mut words = words(&metric.key);
        let first = words.next();
        // A key of one word would have nothing left.
        firsts[metric.group.0].push(first.filter(|_| words.next().is_some()));
    }
    for (index, (group, firsts)) in registry.groups.iter().zip(&firsts).enumerate() {
        let Some(Some(first)) = firsts.first() else {
            continue;
        };
        let common = firsts.len() >= FEWEST && firsts.iter().all(|one| one == &Some(*first));
        if common && group.origin == Origin::Schema {
            let message = format!(
                "every key of the group `{}` begins with `{first}_`",
                group.name
            );
            let label = format!(
                "expected a group `{}_{first}`, or keys without it",
                group.name
            );
            findings.push(Finding::new(
                Item::Group(GroupId(index)),
                group.span,
                message,
                label,
            ));
        }
    }
}

codes! {
    /// The name of a group says nothing.
    GENERIC_GROUP = "SM1216" "generic-group": "group that could be any",
    "A group becomes a part of every name and a method of `Metrics`: `shop_stats_added_total`, `metrics.stats()`. \
     Call it by what it measures. glean_parser has a lint like this.",
    wrong: shop!(r#"[groups.stats]
help = "Figures of interest."

[metrics.stats.visits]
type = "counter"
help = "Customers who came in."

[metrics.cart.added]
type = "counter"
help = "Articles put in."
"#),
    right: shop!(r#"[groups.door]
help = "Who comes and goes."

[metrics.door.visits]
type = "counter"
help = "Customers who came in."

[metrics.cart.added]
type = "counter"
help = "Articles put in."
"#);
}

const GENERIC: &[&str] = &[
    "common",
    "counters",
    "data",
    "events",
    "gauges",
    "histograms",
    "info",
    "misc",
    "miscellaneous",
    "other",
    "others",
    "stats",
    "statistics",
    "things",
];

/// A group whose name says nothing about what it measures.
pub(super) fn generic_group(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, group) in registry.groups.iter().enumerate() {
        if group.origin == Origin::Schema && GENERIC.contains(&group.name.as_str()) {
            let message = format!("`{}` could be the name of any group", group.name);
            let label = "expected the name of what it measures, such as `cart`";
            findings.push(Finding::new(
                Item::Group(GroupId(index)),
                group.span,
                message,
                label,
            ));
        }
    }
}

codes! {
    /// A key says that the metric is a number.
    NUMBER_IN_NAME = "SM1220" "number-in-name": "key says that it is a number",
    "Every metric is a number, and every counter's exposed name ends in `_total`: `num_articles`, `number_of_articles` and \
     `total_articles` say it once more, the last one twice (`shop_cart_total_articles_total`). Name what is counted.",
    wrong: shop!(r#"[metrics.cart.number_of_articles]
type = "gauge"
help = "Articles in the fullest cart."
"#),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in the fullest cart."
"#);
}

/// What no key needs to begin with.
const STARTS: &[&str] = &[
    "amount_of",
    "cnt",
    "count_of",
    "nr",
    "nr_of",
    "num",
    "num_of",
    "number_of",
];

/// A key that says that the metric is a number: `num_requests`, `total_requests`.
pub(super) fn number_in_name(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.origin == Origin::Schema) {
        let begins = |start: &str| {
            let rest = metric.key.strip_prefix(start);
            rest.is_some_and(|rest| rest.starts_with('_'))
        };
        // The total memory, beside what is used of it, is a gauge.
        let is_counter = metric.kind.is_counter();
        let starts = STARTS.iter().chain(is_counter.then_some(&"total"));
        let Some(start) = starts.rev().find(|start| begins(start)) else {
            continue;
        };
        let rest = metric.key[start.len()..].trim_start_matches('_');
        let rest = rest.strip_prefix("of_").unwrap_or(rest);
        let message = format!("the key `{}` says that it is a number", metric.key);
        findings.push(Finding::new(
            Item::Metric(id),
            metric.spans.key,
            message,
            format!("expected what is counted: `{rest}`"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{COUNTER, GAUGE, NONE, found_in, found_in_metric};

    #[test]
    fn unit_in_name_is_about_keys_that_make_names() {
        assert_eq!(
            found_in_metric("age_seconds", "type = \"gauge\"\n"),
            ["unit-in-name 6:15"]
        );
        assert_eq!(
            found_in_metric("bytes_read", "type = \"counter\"\nunit = \"bytes\"\n"),
            ["unit-in-name 6:15"]
        );
        assert_eq!(
            found_in_metric("bytes_read", "type = \"counter\"\n"),
            NONE,
            "it may count reads of bytes"
        );
        assert_eq!(
            found_in_metric(
                "age_seconds",
                "type = \"gauge\"\nunit = \"seconds\"\nname = \"ns_age_seconds\"\n"
            ),
            NONE,
            "an exact name is not made from the key",
        );
        let ratio = "type = \"ratio\"\nnumerator = \"cart.x\"\ndenominator = [\"cart.x\", \"cart.y\"]\n\
                     [metrics.cart.x]\ntype = \"counter\"\nhelp = \"A.\"\n[metrics.cart.y]\ntype = \"counter\"\nhelp = \"B.\"\n";
        assert_eq!(found_in_metric("hit_ratio", ratio), NONE);
    }

    #[test]
    fn group_in_name_is_about_whole_words() {
        assert_eq!(
            found_in_metric("cart_size", "type = \"gauge\"\n"),
            ["group-in-name 6:15"]
        );
        assert_eq!(
            found_in_metric("cart", "type = \"gauge\"\n"),
            ["group-in-name 6:15"]
        );
        assert_eq!(
            found_in_metric("full_cart", "type = \"gauge\"\n"),
            ["group-in-name 6:15"]
        );
        assert_eq!(found_in_metric("cartridges", "type = \"gauge\"\n"), NONE);
        assert_eq!(found_in_metric("in_cart_size", "type = \"gauge\"\n"), NONE);
    }

    #[test]
    fn missing_suffix_looks_before_total() {
        let counter =
            |name: &str| format!("type = \"counter\"\nunit = \"bytes\"\nname = \"{name}\"\n");
        assert_eq!(
            found_in_metric("sent", &counter("ns_sent_bytes_total")),
            NONE
        );
        assert_eq!(
            found_in_metric("sent", &counter("ns_sent_total")),
            ["missing-suffix 10:8"]
        );
        let info = |name: &str| {
            format!(
                "type = \"info\"\nlabels = [\"v\"]\nname = \"{name}\"\n[labels.v]\nhelp = \"Says enough.\"\nvalues = [\"a\"]\n"
            )
        };
        assert_eq!(
            found_in_metric("about", &info("ns_build")),
            ["missing-suffix 10:8"]
        );
        assert_eq!(found_in_metric("about", &info("ns_build_info")), NONE);
    }

    #[test]
    fn keys_need_not_say_that_they_are_numbers() {
        for key in [
            "num_articles",
            "number_of_articles",
            "nr_of_articles",
            "total_articles",
        ] {
            assert_eq!(
                found_in(&[(key, COUNTER)]),
                [format!("number-in-name {key}")]
            );
        }
        for key in ["total_memory", "numbers_drawn", "count_down"] {
            assert_eq!(found_in(&[(key, GAUGE)]), NONE);
        }
    }

    #[test]
    fn a_prefix_is_common_to_three_keys_or_more() {
        let three = [
            ("item_added", COUNTER),
            ("item_removed", COUNTER),
            ("item_rank", GAUGE),
        ];
        assert_eq!(found_in(&three), ["common-prefix cart"]);
        assert_eq!(found_in(&three[..2]), NONE);
        let alone = [
            ("item_added", COUNTER),
            ("item_removed", COUNTER),
            ("item", GAUGE),
        ];
        assert_eq!(found_in(&alone), NONE);
    }
}
