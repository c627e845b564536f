//! Every rule of the language, broken once: code, line and column of what is reported.

mod file;
mod lives;
mod metrics;
mod pairs;

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::codes::errors;

use super::{compiled, found};

/// A title, lines of a schema behind `format` and `namespace` (so their first line is line 3), and what is found.
type Case = (&'static str, &'static str, &'static [&'static str]);

/// Two labels, a group and a bucket set to break rules with; lines 3 to 7.
const BASE: &str = "\
labels.mode = { help = \"Mode.\", values = [\"on\", \"off\"] }
labels.host = { help = \"Host.\", open = { max = 8 } }
buckets.small = [1, 2]
groups.app = { help = \"The app.\" }
groups.web = { help = \"The web.\", labels = [\"mode\"] }
";

fn run(head: &str, cases: &[Case]) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut wrong = Vec::new();
    for (title, schema, expected) in cases {
        let outcome = compiled(&format!("format = 1\nnamespace = \"t\"\n{head}{schema}\n"));
        let errors: Vec<_> = found(&outcome)
            .into_iter()
            .filter(|found| found.starts_with("SM0"))
            .collect();
        if errors != *expected {
            wrong.push(format!("{title}: found {errors:?}, expected {expected:?}"));
        }
        codes.extend(errors.iter().map(|error| error[..6].to_owned()));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    codes
}

#[test]
fn every_rule_is_held() {
    let mut codes = run("", file::CASES);
    codes.extend(run(BASE, metrics::CASES));
    codes.extend(run(BASE, lives::CASES));
    // These have tests of their own: the file as a whole, suffixes, pairs of operands, the budget.
    let elsewhere = [
        errors::SYNTAX,
        errors::INVALID_UTF8,
        errors::UNSUPPORTED_FORMAT,
        errors::COLLIDING_SUFFIX,
        errors::DUPLICATE_OPERAND,
        errors::RATIO_UNLIKE_KINDS,
        errors::RATIO_UNLIKE_UNITS,
        errors::RATIO_UNLIKE_LABELS,
        errors::OVER_BUDGET,
        errors::EXPIRED_RENAME,
        errors::INCLUDE_NOT_FOUND,
        errors::INCLUDED_TWICE,
        errors::DUPLICATE_DECLARATION,
        errors::MISPLACED_HEADER,
        errors::EXPIRED_METRIC,
    ];
    codes.extend(elsewhere.map(|code| code.id().to_owned()));
    let all: BTreeSet<_> = errors::all().map(|code| code.id().to_owned()).collect();
    assert_eq!(codes, all, "every code has a case");
}

#[test]
fn the_head_of_the_file() {
    let cases = [
        ("", &["SM0006 1:1", "SM0006 1:1"][..]),
        ("format = 2\nnamespace = \"t\"", &["SM0003 1:10"]),
        (
            "format = \"1\"\nnamespace = 1",
            &["SM0007 1:10", "SM0007 2:13"],
        ),
        (
            "format = 1.5\nnamespace = \"My-App\"",
            &["SM0007 1:10", "SM0201 2:13"],
        ),
        ("format = 1\nnamespace = \"\"", &["SM0201 2:13"]),
        ("format = 0x1\nnamespace = \"t\"", &[]),
        // JSON Schema has no other idea of an integer.
        ("format = 1.0\nnamespace = \"t\"", &[]),
    ];
    for (schema, expected) in cases {
        assert_eq!(found(&compiled(schema)), expected, "{schema}");
    }
}
