//! Codes of lints about what is there twice, `SM1201` to `SM1204`: one thing under two names.

use crate::codes::codes;

codes! {
    table LIKENESS;

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
