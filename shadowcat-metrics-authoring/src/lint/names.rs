//! Lints about keys, group names and exposed names that say too much or too little.

use super::words::words;
use super::{Findings, Item, groups, has_word, other_key, shop, split};
use shadowcat_metrics_codegen::Diagnostic;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::{Metric, Registry, Unit};
use shadowcat_metrics_codegen::name::{ends_with_word, open_metrics_family};

codes! {
    UNIT_IN_NAME = "SM1101" "unit-in-name": "unit in the key",
    "The key `unit` adds the unit to the exposed name and sets the type that the recorder takes. A unit in the key is \
     either a repetition, or misleading: without `unit`, the recorder takes a plain number.",
    example: shop!(r#"- [metrics.cart.age_seconds]
+ [metrics.cart.age]
type = "gauge"
+ unit = "seconds"
help = "Age of the oldest cart."
"#);
}

/// Reports a key that contains a unit, instead of or in addition to `unit`.
pub(super) fn unit_in_name(registry: &Registry, metric: &Metric) -> Option<Diagnostic> {
    // An exact name is not derived from the key, so nothing is repeated. The unit of a ratio is fixed, so
    // `hit_ratio` is a natural name for one.
    if metric.name_is_exact || metric.kind.spec().operands.is_some() {
        return None;
    }
    let unit = spelled_unit(metric)?;
    let word = unit.name();
    let message = format!("the key `{}` contains the unit `{word}`", metric.key);
    let problem = Diagnostic::warning(UNIT_IN_NAME, metric.spans.key, message);
    if unit != metric.unit {
        let help = format!("if it is the unit, write `unit = \"{word}\"` instead");
        return Some(
            problem
                .label(format!("expected a key without `{word}`"))
                .help(help),
        );
    }
    let stem = metric.key.strip_suffix(word);
    let stem = stem.map(|stem| stem.trim_end_matches('_'));
    let problem = problem
        .label("expected a key without it: `unit` already adds it")
        .help(format!("the exposed name ends in `_{word}` in any case"))
        .fix(stem.and_then(|stem| other_key(registry, metric, stem)));
    Some(problem)
}

/// Returns the metric's own unit anywhere in its key, or another unit at the end. Elsewhere, another unit is
/// an ordinary word: `bytes_read` may count reads.
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
    GROUP_IN_NAME = "SM1102" "group-in-name": "key repeats its group",
    "The group is already part of the exposed name and of the call: `shop_cart_cart_size`, `cart.cart_size()`.",
    example: shop!(r#"- [metrics.cart.cart_size]
+ [metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// Reports a key that begins or ends with the name of its group.
pub(super) fn group_in_name(registry: &Registry, metric: &Metric) -> Option<Diagnostic> {
    let group = registry.groups[metric.group.0].name.as_str();
    let begins = metric.key.strip_prefix(group);
    let begins = begins.filter(|rest| rest.is_empty() || rest.starts_with('_'));
    let ends = metric.key.strip_suffix(group);
    let rest = begins.or(ends.filter(|_| ends_with_word(&metric.key, group)))?;
    let message = format!("the key `{}` repeats its group `{group}`", metric.key);
    let expected = match rest {
        "" => "another key".to_owned(),
        _ => format!("a key without `{group}`"),
    };
    let problem = Diagnostic::warning(GROUP_IN_NAME, metric.spans.key, message)
        .label(format!(
            "expected {expected}: the call reads `{group}.{}()`",
            metric.key
        ))
        .fix(other_key(registry, metric, rest.trim_matches('_')));
    Some(problem)
}

codes! {
    MISSING_SUFFIX = "SM1103" "missing-suffix": "exact name without its suffix",
    "The name of a metric ends in its unit. In the name of a counter, `_total` follows the unit. The name of an info metric ends \
     in `_info`. Readers rely on these suffixes, and OpenMetrics requires the unit suffix for its `# UNIT` line. The suffix is \
     added to names made from group and key, but an exact `name = \"...\"` must contain it. Allow the lint for a name that \
     dashboards already use.",
    example: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
- name = "shop_oldest_cart"
+ name = "shop_oldest_cart_seconds"
"#);
}

/// Reports an exact name without its usual unit or `_info`. `counter-without-total` covers `_total`.
pub(super) fn missing_suffix(_: &Registry, metric: &Metric) -> Option<Diagnostic> {
    let suffix = metric.kind.spec().suffix;
    let name = &metric.exposed;
    let family = open_metrics_family(name, &metric.kind);
    let unit = metric.unit.name();
    let (message, label) = if !metric.name_is_exact {
        return None;
    } else if metric.unit != Unit::None && !ends_with_word(family, unit) {
        (
            format!("`{name}` does not end in its unit, `{unit}`"),
            format!("expected `{family}_{unit}{suffix}`"),
        )
    } else if metric.kind.spec().has_facts && !name.ends_with(suffix) {
        (
            format!("the info metric `{name}` does not end in `{suffix}`"),
            format!("expected `{family}{suffix}`"),
        )
    } else {
        return None;
    };
    Some(Diagnostic::warning(MISSING_SUFFIX, metric.spans.name, message).label(label))
}

codes! {
    COMMON_PREFIX = "SM1215" "common-prefix": "keys with a common prefix",
    "If all keys of a group begin with the same word, move the word into the name of the group, or remove it: it is \
     repeated in every call and in every name. Mozilla's glean_parser has a similar lint.",
    example: shop!(r#"- [metrics.cart.article_added]
+ [metrics.cart.added]
type = "counter"
help = "Articles put in."

- [metrics.cart.article_removed]
+ [metrics.cart.removed]
type = "counter"
help = "Articles taken out."

- [metrics.cart.article_moved]
+ [metrics.cart.moved]
type = "counter"
help = "Articles moved elsewhere."
"#);
}

/// Minimum number of keys. Two keys may begin with the same word by chance.
const MIN_KEYS: usize = 3;

/// Reports a group in which all keys begin with the same word.
pub(super) fn common_prefix(registry: &Registry, findings: &mut Findings) {
    let mut firsts: Vec<Vec<Option<&str>>> = vec![Vec::new(); registry.groups.len()];
    for metric in &registry.metrics {
        let mut words = words(&metric.key);
        let first = words.next();
        // A key with a single word would become empty.
        firsts[metric.group.0].push(first.filter(|_| words.next().is_some()));
    }
    for (id, group) in groups(registry) {
        let firsts = &firsts[id.0];
        let Some(Some(first)) = firsts.first() else {
            continue;
        };
        if firsts.len() >= MIN_KEYS && firsts.iter().all(|one| one == &Some(*first)) {
            let name = &group.name;
            let message = format!("every key of the group `{name}` begins with `{first}_`");
            let label = format!("expected a group `{name}_{first}`, or keys without the prefix");
            let problem = Diagnostic::warning(COMMON_PREFIX, group.span, message);
            findings.push((Item::Group(id), problem.label(label)));
        }
    }
}

codes! {
    GENERIC_GROUP = "SM1216" "generic-group": "group with a generic name",
    "A group becomes part of every name and a method of `Metrics`: `shop_stats_added_total`, `metrics.stats()`. Name \
     it after the thing that it measures. Mozilla's glean_parser has a similar lint.",
    example: shop!(r#"- [groups.stats]
- help = "Figures of interest."
+ [groups.door]
+ help = "Entrance of the shop."

- [metrics.stats.visits]
+ [metrics.door.visits]
type = "counter"
help = "Customers who came in."

[metrics.cart.added]
type = "counter"
help = "Articles put in."
"#);
}

const GENERIC: &str = "common counters data events gauges histograms info misc miscellaneous other others stats \
     statistics things";

/// Reports a group whose name does not describe what it measures.
pub(super) fn generic_group(registry: &Registry, findings: &mut Findings) {
    for (id, group) in groups(registry).filter(|(_, group)| has_word(GENERIC, &group.name)) {
        let message = format!("`{}` is too generic for the name of a group", group.name);
        let problem = Diagnostic::warning(GENERIC_GROUP, group.span, message)
            .label("expected the name of the thing that it measures, such as `cart`");
        findings.push((Item::Group(id), problem));
    }
}

codes! {
    NUMBER_IN_NAME = "SM1220" "number-in-name": "redundant `number` or `total` in the key",
    "Every metric is a number, so `num_articles` and `number_of_articles` say no more than `articles`. The exposed name \
     of every counter ends in `_total`, so the key `total_articles` becomes `shop_cart_total_articles_total`. Name only \
     the things that are counted.",
    example: shop!(r#"- [metrics.cart.number_of_articles]
+ [metrics.cart.articles]
type = "gauge"
help = "Articles in the fullest cart."
"#);
}

/// Prefixes that no key needs, and for counters also `total`. A gauge may be the total memory, next to the
/// used memory.
const STARTS: &str = "total number_of num_of num nr_of nr count_of cnt amount_of";

/// Reports a key that says that the metric is a number: `num_requests`, `total_requests`.
pub(super) fn number_in_name(_: &Registry, metric: &Metric) -> Option<Diagnostic> {
    let mut starts = split(STARTS).filter(|start| *start != "total" || metric.kind.is_counter());
    let rest = |start| metric.key.strip_prefix(start)?.strip_prefix('_');
    let rest = starts.find_map(rest)?.trim_start_matches('_');
    let rest = rest.strip_prefix("of_").unwrap_or(rest);
    let message = format!("the key `{}` begins with a redundant word", metric.key);
    let problem = Diagnostic::warning(NUMBER_IN_NAME, metric.spans.key, message);
    Some(problem.label(format!("expected `{rest}`")))
}

#[test]
fn redundant_words_in_keys() {
    crate::testing::lints(
        r#"
        age_seconds: gauge => unit-in-name age_seconds
        bytes_read: counter, unit = "bytes" => unit-in-name bytes_read
        bytes_read: counter =>
        age_seconds: gauge, unit = "seconds", name = "ns_age_seconds" =>
        hit_ratio: ratio, numerator = "cart.x", denominator = ["cart.x", "cart.y"] | x: counter | y: counter =>

        cart_size: gauge => group-in-name cart_size
        cart: gauge => group-in-name cart
        full_cart: gauge => group-in-name full_cart
        cartridges: gauge =>
        in_cart_size: gauge =>

        num_articles: counter => number-in-name num_articles
        number_of_articles: counter => number-in-name number_of_articles
        nr_of_articles: counter => number-in-name nr_of_articles
        total_articles: counter => number-in-name total_articles
        total_memory: gauge =>
        numbers_drawn: gauge =>
        count_down: gauge =>
    "#,
    );
}

#[test]
fn exact_names_have_a_suffix_before_total() {
    crate::testing::lints(
        r#"
        sent: counter, unit = "bytes", name = "ns_sent_bytes_total" =>
        sent: counter, unit = "bytes", name = "ns_sent_total" => missing-suffix "ns_sent_total"
        about: info, labels = ["v"], name = "ns_build" | v: values = ["a"] => missing-suffix "ns_build"
        about: info, labels = ["v"], name = "ns_build_info" | v: values = ["a"] =>
    "#,
    );
}

#[test]
fn a_prefix_is_common_to_three_keys_or_more() {
    crate::testing::lints(
        r"
        item_added: counter | item_removed: counter | item_rank: gauge => common-prefix cart
        item_added: counter | item_removed: counter =>
        item_added: counter | item_removed: counter | item: gauge =>
    ",
    );
}
