//! Rules between two metrics: exposed names that collide, operands of a ratio.

use shadowcat_metrics_codegen::codes::errors;

use super::BASE;
use crate::{compiled, found};

/// Pairs of types and keys whose exposed names collide, by the suffix that one of them bears.
const SUFFIX_CASES: [(&str, &str, &str); 7] = [
    ("x", "histogram", "x_bucket"),
    ("x", "histogram", "x_count"),
    ("x", "histogram", "x_sum"),
    ("x", "histogram", "x_created"),
    ("x", "counter", "x_created"),
    ("x_total", "counter", "x"),
    ("x_info", "info", "x"),
];

#[test]
fn suffixes_collide_both_ways_round() {
    for (one, kind, other) in SUFFIX_CASES {
        let needs = match kind {
            "histogram" => "buckets = [1]",
            "info" => "labels = [\"host\"]",
            _ => "",
        };
        let one = format!("[metrics.app.{one}]\ntype = \"{kind}\"\nhelp = \"X.\"\n{needs}\n");
        let other = format!("[metrics.app.{other}]\ntype = \"gauge\"\nhelp = \"X.\"\n\n");
        for [first, second] in [[&one, &other], [&other, &one]] {
            let outcome = compiled(&format!(
                "format = 1\nnamespace = \"t\"\n{BASE}{first}{second}"
            ));
            let errors: Vec<_> = outcome.report.errors().map(|error| error.code).collect();
            assert!(
                errors.contains(&errors::COLLIDING_SUFFIX),
                "{first}{second}: {:?}",
                found(&outcome)
            );
            assert!(
                found(&outcome).contains(&"SM0204 12:14".to_owned()),
                "{:?}",
                found(&outcome)
            );
        }
    }
}

/// Each pair of operands with what is wrong with the second of them.
#[test]
fn operands_of_a_ratio_are_alike() {
    let operands = "
[metrics.app.hits]
type = \"counter\"
help = \"X.\"
[metrics.app.sent]
type = \"counter\"
unit = \"bytes\"
help = \"X.\"
[metrics.app.idle]
type = \"gauge\"
help = \"X.\"
[metrics.app.level]
type = \"updown_counter\"
help = \"X.\"
[metrics.web.moded]
type = \"counter\"
help = \"X.\"
";
    let cases = [
        ("app.hits", "app.hits", &[][..]),
        ("app.idle", "app.level", &[]),
        ("app.hits", "app.idle", &["SM0604"]),
        ("app.level", "app.hits", &["SM0604"]),
        ("app.hits", "app.sent", &["SM0605"]),
        ("app.sent", "app.hits", &["SM0605"]),
        ("app.hits", "web.moded", &["SM0606"]),
        ("app.hits\", \"app.hits", "app.hits", &["SM0603"]),
    ];
    for (above, below, expected) in cases {
        let ratio = format!(
            "[metrics.app.share]\ntype = \"ratio\"\nhelp = \"X.\"\nnumerator = [\"{above}\"]\ndenominator = [\"{below}\"]"
        );
        let outcome = compiled(&format!(
            "format = 1\nnamespace = \"t\"\n{BASE}{ratio}{operands}"
        ));
        let codes: Vec<_> = outcome
            .report
            .errors()
            .map(|error| error.code.id())
            .collect();
        assert_eq!(codes, expected, "{above} / {below}");
    }
}

#[test]
fn labels_of_a_ratio_may_stand_in_any_order() {
    let outcome = compiled(&format!(
        "format = 1\nnamespace = \"t\"\n{BASE}
[metrics.app.share]
type = \"ratio\"
help = \"X.\"
labels = [\"host\", \"mode\"]
numerator = \"web.x\"
denominator = \"web.x\"
[metrics.web.x]
type = \"counter\"
help = \"X.\"
labels = [\"host\"]
"
    ));
    assert_eq!(outcome.report.errors().count(), 0, "{:?}", found(&outcome));
}
