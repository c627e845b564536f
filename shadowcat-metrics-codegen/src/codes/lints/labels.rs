//! Codes of lints about labels and their values, `SM1207` to `SM1212`.

use crate::codes::codes;

codes! {
    table LABELS;

    /// One label makes more than half of the series budget.
    DOMINATING_LABEL = "SM1207" "dominating-label": "label that takes most of the budget",
    "Without this label, there would be fewer series by more than half of `series_budget`. Give it fewer values or \
     a smaller `max`, or leave it off metrics that can do without it. `shadowcat-metrics budget` shows the largest \
     metrics and labels. If it is worth its price, allow it on the label, or raise the budget.",
    wrong: shop!(r#"[labels.customer]
help = "Customer, by account name."
open = { max = 9_000 }

[metrics.cart.paid]
type = "counter"
labels = ["customer"]
help = "Carts that were paid."
"#),
    right: shop!(r#"[labels.customer]
help = "Customer, by account name."
open = { max = 900 }

[metrics.cart.paid]
type = "counter"
labels = ["customer"]
help = "Carts that were paid."
"#);

    /// A label's type is called like one of Rust's prelude.
    PRELUDE_LABEL = "SM1208" "prelude-label": "label called like a type of Rust",
    "A label becomes a type. Generated code is not confused by one that is called `Option` or `Result`; but a \
     caller who imports it can no longer write Rust's own in that file, and gets messages about the wrong type.",
    wrong: shop!(r#"[labels.result]
help = "How the payment ended."
values = ["ok", "declined"]

[metrics.cart.payments]
type = "counter"
labels = ["result"]
help = "Payments tried."
"#),
    right: shop!(r#"[labels.outcome]
help = "How the payment ended."
values = ["ok", "declined"]

[metrics.cart.payments]
type = "counter"
labels = ["outcome"]
help = "Payments tried."
"#);

    /// An open label identifies single users, requests or addresses.
    IDENTIFIER_LABEL = "SM1209" "identifier-label": "label without an end of values",
    "Prometheus keeps a series for each value for as long as it stores data, so labels are for classes, not for \
     identities. Here such a label is bounded, and all values after the first `max` become one; the metric then \
     says something about whoever came first. Put identities into logs, traces or exemplars.",
    wrong: shop!(r#"[labels.session_id]
help = "Session of the customer."
open = { max = 100 }

[metrics.cart.paid]
type = "counter"
labels = ["session_id"]
help = "Carts that were paid."
"#),
    right: shop!(r#"[labels.plan]
help = "What the customer has subscribed to."
values = ["free", "gold"]

[metrics.cart.paid]
type = "counter"
labels = ["plan"]
help = "Carts that were paid."
"#);

    /// The values of a label are yes and no.
    BOOLEAN_LABEL = "SM1210" "boolean-label": "boolean label",
    "`cache=\"hit\"` reads well alone, in a legend and in a query; `cached=\"true\"` needs its name, and has no \
     room for the third case that comes sooner or later. In Rust it is an enum either way, so that nothing is \
     gained by a boolean.",
    wrong: shop!(r#"[labels.paid]
help = "Whether the cart was paid."
values = ["true", "false"]

[metrics.cart.closed]
type = "counter"
labels = ["paid"]
help = "Carts that were closed."
"#),
    right: shop!(r#"[labels.end]
help = "What became of the cart."
values = ["paid", "abandoned"]

[metrics.cart.closed]
type = "counter"
labels = ["end"]
help = "Carts that were closed."
"#);

    /// A value begins with the name of its label.
    LABEL_IN_VALUE = "SM1211" "label-in-value": "value repeats its label",
    "A value is never shown or matched without its label: `status=\"status_ok\"`, `Status::StatusOk`.",
    wrong: shop!(r#"[labels.status]
help = "How the payment ended."
values = ["status_ok", "status_declined"]

[metrics.cart.payments]
type = "counter"
labels = ["status"]
help = "Payments tried."
"#),
    right: shop!(r#"[labels.status]
help = "How the payment ended."
values = ["ok", "declined"]

[metrics.cart.payments]
type = "counter"
labels = ["status"]
help = "Payments tried."
"#);

    /// A key says by which label the metric is split.
    LABEL_IN_NAME = "SM1212" "label-in-name": "key names a label",
    "Every series has the label, so the name repeats it; and it is wrong as soon as a query sums over the label, or \
     the metric gets another one. The naming rules of Prometheus advise against it.",
    wrong: shop!(r#"[labels.plan]
help = "What the customer has subscribed to."
values = ["free", "gold"]

[metrics.cart.paid_by_plan]
type = "counter"
labels = ["plan"]
help = "Carts that were paid."
"#),
    right: shop!(r#"[labels.plan]
help = "What the customer has subscribed to."
values = ["free", "gold"]

[metrics.cart.paid]
type = "counter"
labels = ["plan"]
help = "Carts that were paid."
"#);
}
