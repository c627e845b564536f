//! Codes of lints about what a metric leaves unsaid, `SM1221` and `SM1222`.

use crate::codes::codes;

codes! {
    table UNSAID;

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

    /// A key names a quantity, and the metric has no unit.
    MISSING_UNIT = "SM1222" "missing-unit": "quantity without a unit",
    "A `duration` or a `temperature` is a number of something. With `unit` the exposed name says of what, and the recorder \
     takes a `Duration` instead of any number, so that nobody passes milliseconds. Without it each caller has to guess.",
    wrong: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
buckets = [0.1, 0.5, 1, 5]
help = "Time to pay."
"#),
    right: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 0.5, 1, 5]
help = "Time to pay."
"#);
}
