//! Codes of lints about help texts, `SM1205` and `SM1206`.

use crate::codes::codes;

codes! {
    table HELP;

    /// The help has no word that the name does not have.
    HELP_REPEATS_NAME = "SM1205" "help-repeats-name": "help that says only the name",
    "Whoever reads the help has read the name already. Say what the name leaves open: when it is counted, what is \
     left out, what a high value means.",
    wrong: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Current size of the cart."
"#),
    right: shop!(r#"[metrics.cart.size]
type = "gauge"
help = "Articles in the fullest cart."
"#);

    /// The help begins with words that say nothing, or is a note to write one.
    FILLER_HELP = "SM1206" "filler-help": "help that begins with filler",
    "That it is a metric, and of which type, is shown beside the help everywhere. The first words of a sentence are \
     what a list shows; begin with what is counted or measured. `TODO` is for an issue, not for whoever looks at a \
     dashboard at night.",
    wrong: shop!(r#"[metrics.cart.paid]
type = "counter"
help = "Counter of carts that were paid."
"#),
    right: shop!(r#"[metrics.cart.paid]
type = "counter"
help = "Carts that were paid."
"#);
}
