//! The codes of lints, `SM1xxx`: a schema that is valid, and could be better. `SM10xx` are the rules of
//! `promtool check metrics`, `SM11xx` the house's own, both here. `SM12xx` are advice, one file a subject.
//!
//! Their names are what `allow` lists hold. Their examples are the lints' firing and silent fixtures.

use super::{Code, codes};

/// A whole schema with one group, so that an example shows only what it is about.
macro_rules! shop {
    ($rest:literal) => {
        concat!(
            "format = 1\nnamespace = \"shop\"\n\n[groups.cart]\nhelp = \"Shopping carts.\"\n\n",
            $rest,
        )
    };
}

mod buckets;
mod help;
mod labels;
mod likeness;
mod meaning;
mod names;
mod unsaid;

pub use buckets::*;
pub use help::*;
pub use labels::*;
pub use likeness::*;
pub use meaning::*;
pub use names::*;
pub use unsaid::*;

/// Every lint, in the order of their ids.
pub fn all() -> impl Iterator<Item = Code> {
    [
        RULES, LIKENESS, HELP, LABELS, MEANING, BUCKETS, NAMES, UNSAID,
    ]
    .into_iter()
    .flatten()
    .copied()
}

codes! {
    table RULES;

    /// A counter is exposed without `_total`.
    COUNTER_WITHOUT_TOTAL = "SM1001" "counter-without-total": "counter without `_total`",
    "Prometheus tells a counter by its `_total` suffix, OpenMetrics demands it, and `promtool check metrics` refuses a \
     counter without it. Names made from group and key have it; an exact `name = \"...\"` must bring it along.",
    wrong: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
name = "shop_articles_added"
"#),
    right: shop!(r#"[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
name = "shop_articles_added_total"
"#);

    /// `_total` on something that is not a counter.
    TOTAL_ON_NON_COUNTER = "SM1002" "total-on-non-counter": "`_total` on a metric that is not a counter",
    "Readers of a dashboard apply `rate()` to whatever ends in `_total`. On a gauge that gives nonsense, so \
     `promtool check metrics` refuses it. Rename the metric, or make it a counter.",
    wrong: shop!(r#"[metrics.cart.articles_total]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);

    /// A histogram's suffix on another kind.
    RESERVED_SUFFIX = "SM1003" "reserved-suffix": "histogram suffix on another kind",
    "`_bucket`, `_count` and `_sum` are the parts of a histogram. Another kind under such a name is taken for a part \
     of a histogram that does not exist, and `promtool check metrics` refuses it.",
    wrong: shop!(r#"[metrics.cart.article_count]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);

    /// The kind is part of the name.
    TYPE_IN_NAME = "SM1004" "type-in-name": "metric type in the name",
    "The exposition carries the type beside the name, so a name that repeats it says nothing, and lies once the type \
     changes. `promtool check metrics` refuses `counter`, `gauge`, `histogram` and `summary` in a name.",
    wrong: shop!(r#"[metrics.cart.size_gauge]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
"#);

    /// A unit that is not a base unit.
    NON_BASE_UNIT = "SM1005" "non-base-unit": "not a base unit",
    "Prometheus metrics use base units (seconds, bytes, meters, ...), so that values from two programs can be compared \
     without conversion. `promtool check metrics` refuses others, such as `milliseconds`, in a name. Write \
     `unit = \"seconds\"`: the recorder then takes a `Duration`, and no caller converts anything.",
    wrong: shop!(r#"[metrics.cart.age_milliseconds]
type = "gauge"
help = "Age of the oldest cart."
"#),
    right: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
"#);

    /// An abbreviated unit.
    UNIT_ABBREVIATION = "SM1006" "unit-abbreviation": "abbreviated unit",
    "`promtool check metrics` takes `s`, `ms`, `us`, `ns`, `sec`, `b`, `kb`, `mb`, `gb`, `tb`, `pb`, `m`, `h` and `d` \
     between underscores for abbreviated units and refuses them. Write the unit with the key `unit`, or the word in \
     full.",
    wrong: shop!(r#"[metrics.cart.age_ms]
type = "gauge"
help = "Age of the oldest cart."
"#),
    right: shop!(r#"[metrics.cart.age]
type = "gauge"
unit = "seconds"
help = "Age of the oldest cart."
"#);

    /// camelCase in a name.
    CAMEL_CASE = "SM1007" "camel-case": "camelCase in a name",
    "Names of metrics and labels are written in snake_case everywhere in Prometheus; `promtool check metrics` refuses \
     others.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop_cartSize"
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop_cart_size"
"#);

    /// A colon in an exposed name.
    COLON_IN_NAME = "SM1008" "colon-in-name": "colon in a name",
    "Colons are kept for the names of recording rules, so that a reader can tell a rule's result from what a program \
     exposes. `promtool check metrics` refuses them.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop:cart_size"
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
name = "shop_cart_size"
"#);

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

    /// A label set that nothing uses.
    UNUSED_LABEL = "SM1104" "unused-label": "label that nothing uses",
    "No group binds the label, no metric takes it and no state metric has its values for states. Its Rust type would \
     be made all the same.",
    wrong: shop!(r#"[labels.shelf]
help = "Where the article came from."
values = ["food", "tools"]

[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[labels.shelf]
help = "Where the article came from."
values = ["food", "tools"]

[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
labels = ["shelf"]
"#);

    /// A named bucket set that nothing uses.
    UNUSED_BUCKETS = "SM1105" "unused-buckets": "bucket set that nothing uses",
    "No histogram has these buckets. Remove them, or name them in a histogram: `buckets = \"...\"`.",
    wrong: shop!(r#"[buckets]
age = [1, 10, 60, 600, 3600]
price = [1, 10, 100]

[metrics.cart.age]
type = "histogram"
unit = "seconds"
buckets = "age"
help = "Age of a cart when it was paid."
"#),
    right: shop!(r#"[buckets]
age = [1, 10, 60, 600, 3600]

[metrics.cart.age]
type = "histogram"
unit = "seconds"
buckets = "age"
help = "Age of a cart when it was paid."
"#);

    /// A group without metrics.
    EMPTY_GROUP = "SM1106" "empty-group": "group without metrics",
    "The group would become a recorder without methods.",
    wrong: shop!(""),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);

    /// `allow` names no lint.
    UNKNOWN_ALLOW = "SM1107" "unknown-allow": "no such lint",
    "Only lints can be allowed, by their names; errors cannot. `shadowcat-metrics explain` lists them.",
    wrong: shop!(r#"[metrics.cart.size_gauge]
type = "gauge"
help = "Articles in all carts."
allow = ["type-in-name", "typo-in-name"]
"#),
    right: shop!(r#"[metrics.cart.size_gauge]
type = "gauge"
help = "Articles in all carts."
allow = ["type-in-name"]
"#);

    /// `allow` allows what does not occur.
    NEEDLESS_ALLOW = "SM1108" "needless-allow": "needless allow",
    "The lint finds nothing here, so allowing it would only hide a later mistake. An `allow` on a metric counts before \
     its group's, and that before the one in `[defaults]`.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
allow = ["type-in-name"]
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in all carts."
"#);
}
