//! Queries of any length and depth: they are checked or refused, and never overflow the stack.

use shadowcat_metrics_operations::codes;
use shadowcat_metrics_operations::promql::{self, Query, Vocabulary};
use shadowcat_metrics_operations::{Options, check};

/// Returns chains of every kind with `count` links.
fn chains(count: usize) -> Vec<String> {
    let joined = |with: &str| vec!["up"; count + 1].join(with);
    let around = |before: &str, inner: &str, after: &str| {
        format!("{}{inner}{}", before.repeat(count), after.repeat(count))
    };
    let operators = [
        " or ",
        " and ",
        " unless ",
        " + ",
        " - ",
        " * ",
        " / ",
        " % ",
        " ^ ",
        " atan2 ",
        " > ",
        " == bool ",
        " != ",
        " and on (job) ",
        " * on (job) group_left (instance) ",
        " + (",
        " - -",
        " + +",
    ];
    let mut all: Vec<_> = operators.iter().map(|operator| joined(operator)).collect();
    all[15].push_str(&")".repeat(count));
    all.extend([
        around("(", "up", ")"),
        around("-", "up", ""),
        around("+", "up", ""),
        around("- (", "up", ")"),
        around("abs(", "up", ")"),
        around("sum(", "up", ")"),
        around("sum by (job) (", "up", ")"),
        around("clamp(1 + ", "up", ", 1, 2)"),
        around("max_over_time(", "up", "[5m:1m])"),
        around("", "up", "[5m:1m]"),
        around("", "up", " offset 5m"),
        around("", "up", " @ 5"),
        around("(up or up and up > up + up * ", "up", ")"),
        around("1 + ", "1", ""),
        around("(1 + ", "1", ") > 1"),
        around("up{a=\"b\"} or ", "up", " or up{a=\"b"),
        format!("{} + é", joined(" or ")),
        format!("{} +", joined(" or ")),
    ]);
    all
}

/// The stack of a test thread has two megabytes, as is common for threads.
#[test]
fn long_chains_are_refused() {
    for query in chains(5_000) {
        let findings = promql::check(&query, &Vocabulary::default());
        let start: String = query.chars().take(40).collect();
        assert_eq!(
            findings.first().map(|finding| finding.code),
            Some(codes::PROMQL_SYNTAX),
            "{start}"
        );
        let query = Query::parse(&query);
        let structure = query.structure();
        assert_eq!(structure.names.len(), 0, "{start}");
        assert!(structure.look_back.is_zero(), "{start}");
    }
    let query = vec!["up"; 4_001].join(" unless ");
    let finding = &promql::check(&query, &Vocabulary::default())[0];
    assert_eq!(
        (finding.message.as_str(), finding.label.as_str()),
        (
            "this is not PromQL: the query is too long: it has 4000 operators",
            "expected at most 1000"
        )
    );
}

#[test]
fn chains_at_the_limits_fit_the_stack() {
    for count in [100, 1_000] {
        for query in chains(count) {
            let _ = promql::check(&query, &Vocabulary::default());
        }
    }
    let query = vec!["up"; 1_000].join(" or ");
    assert_eq!(Query::parse(&query).structure().names.len(), 1);
}

#[test]
fn long_expressions_of_a_schema_are_refused() {
    for end in ["up", "é", "up é", "\u{1f600}"] {
        let expr = "up or ".repeat(5_000) + end;
        let alert =
            format!("\n[alerts.long]\nsummary = \"Long.\"\nseverity = \"info\"\nexpr = '{expr}'\n");
        let outcome = super::compiled(&(super::SCHEMA.to_owned() + &alert));
        let schema = outcome.schema().expect("it compiles");
        let problems = check(schema, &outcome.source, &Options::default());
        let found = problems
            .iter()
            .find(|problem| problem.code == codes::PROMQL_SYNTAX)
            .expect("a problem");
        assert!(
            outcome
                .source
                .slice(found.primary)
                .ends_with(&format!("{end}'"))
                || outcome.source.slice(found.primary).ends_with(end),
            "{end}"
        );
    }
}
