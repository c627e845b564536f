//! Codes of lints about what names promise, `SM1213` to `SM1217`.

use crate::codes::codes;

codes! {
    table MEANING;

    /// A counter has the name of something that goes down again.
    GAUGE_WORD_IN_COUNTER = "SM1213" "gauge-word-in-counter": "counter called like a gauge",
    "What is `active`, `open`, `pending` or `in_flight` becomes less again, and a counter does not. Either the type \
     is wrong, and `updown_counter` is right, or the name is: a counter is called by what happens each time.",
    wrong: shop!(r#"[metrics.cart.articles_pending]
type = "counter"
help = "Articles that wait to be packed."
"#),
    right: shop!(r#"[metrics.cart.articles_pending]
type = "updown_counter"
help = "Articles that wait to be packed."
"#);

    /// A gauge has the name of something that only adds up.
    COUNTER_WORD_IN_GAUGE = "SM1214" "counter-word-in-gauge": "gauge called like a counter",
    "What was `sent`, `received` or `served` does not become less. As a gauge its increase cannot be queried: \
     `rate()` takes a restart of a counter into account, and takes any fall of a gauge for one.",
    wrong: shop!(r#"[metrics.cart.parcels_sent]
type = "gauge"
help = "Parcels on their way so far."
"#),
    right: shop!(r#"[metrics.cart.parcels_sent]
type = "counter"
help = "Parcels on their way so far."
"#);

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

    /// A stable metric has no owner.
    STABLE_WITHOUT_OWNER = "SM1217" "stable-without-owner": "stable metric without an owner",
    "`stability = \"stable\"` promises that neither name nor labels change before a major release. Somebody must \
     keep that promise, and be asked when the metric is in the way. Write `owner` on the metric, or in \
     `[defaults]`.",
    wrong: shop!(r#"[metrics.cart.paid]
type = "counter"
stability = "stable"
since = "1.0.0"
help = "Carts that were paid."
"#),
    right: shop!(r#"[metrics.cart.paid]
type = "counter"
stability = "stable"
since = "1.0.0"
owner = "@shop/checkout"
help = "Carts that were paid."
"#);
}
