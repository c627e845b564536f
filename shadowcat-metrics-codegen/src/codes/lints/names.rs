//! Codes of lints about words that a name can do without, `SM1220`.

use crate::codes::codes;

codes! {
    table NAMES;

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
