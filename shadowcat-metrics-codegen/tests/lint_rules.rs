//! Where lints draw their lines, and how `allow` lists are followed.

use shadowcat_metrics_codegen::{Source, compile};

const HEAD: &str = "format = 1\nnamespace = \"ns\"\n";

/// `name line:column` of everything found, in source order.
fn found(schema: &str) -> Vec<String> {
    let outcome = compile(Source::new("metrics.toml", schema));
    let problems = outcome.report.diagnostics().iter();
    problems
        .map(|problem| {
            let position = outcome.source.position(problem.primary.start);
            format!(
                "{} {}:{}",
                problem.code.name(),
                position.line,
                position.column
            )
        })
        .collect()
}

/// What is found about one metric of the group `cart`, whose lines begin at 6; its table is `[metrics.cart.KEY]`.
fn found_in_metric(key: &str, lines: &str) -> Vec<String> {
    found(&format!(
        "{HEAD}\n[groups.cart]\nhelp = \"What is bought.\"\n[metrics.cart.{key}]\nhelp = \"Says enough.\"\n{lines}"
    ))
}

const NONE: [&str; 0] = [];

#[test]
fn unit_in_name_is_about_keys_that_make_names() {
    assert_eq!(
        found_in_metric("age_seconds", "type = \"gauge\"\n"),
        ["unit-in-name 6:15"]
    );
    assert_eq!(
        found_in_metric("bytes_read", "type = \"counter\"\nunit = \"bytes\"\n"),
        ["unit-in-name 6:15"]
    );
    assert_eq!(
        found_in_metric("bytes_read", "type = \"counter\"\n"),
        NONE,
        "it may count reads of bytes"
    );
    assert_eq!(
        found_in_metric(
            "age_seconds",
            "type = \"gauge\"\nunit = \"seconds\"\nname = \"ns_age_seconds\"\n"
        ),
        NONE,
        "an exact name is not made from the key",
    );
    let ratio = "type = \"ratio\"\nnumerator = \"cart.x\"\ndenominator = [\"cart.x\", \"cart.y\"]\n\
                 [metrics.cart.x]\ntype = \"counter\"\nhelp = \"A.\"\n[metrics.cart.y]\ntype = \"counter\"\nhelp = \"B.\"\n";
    assert_eq!(found_in_metric("hit_ratio", ratio), NONE);
}

#[test]
fn group_in_name_is_about_whole_words() {
    assert_eq!(
        found_in_metric("cart_size", "type = \"gauge\"\n"),
        ["group-in-name 6:15"]
    );
    assert_eq!(
        found_in_metric("cart", "type = \"gauge\"\n"),
        ["group-in-name 6:15"]
    );
    assert_eq!(
        found_in_metric("full_cart", "type = \"gauge\"\n"),
        ["group-in-name 6:15"]
    );
    assert_eq!(found_in_metric("cartridges", "type = \"gauge\"\n"), NONE);
    assert_eq!(found_in_metric("in_cart_size", "type = \"gauge\"\n"), NONE);
}

#[test]
fn missing_suffix_looks_before_total() {
    let counter = |name: &str| format!("type = \"counter\"\nunit = \"bytes\"\nname = \"{name}\"\n");
    assert_eq!(
        found_in_metric("sent", &counter("ns_sent_bytes_total")),
        NONE
    );
    assert_eq!(
        found_in_metric("sent", &counter("ns_sent_total")),
        ["missing-suffix 10:8"]
    );
    let info = |name: &str| {
        format!(
            "type = \"info\"\nlabels = [\"v\"]\nname = \"{name}\"\n[labels.v]\nhelp = \"Says enough.\"\nvalues = [\"a\"]\n"
        )
    };
    assert_eq!(
        found_in_metric("about", &info("ns_build")),
        ["missing-suffix 10:8"]
    );
    assert_eq!(found_in_metric("about", &info("ns_build_info")), NONE);
}

#[test]
fn a_label_is_used_by_groups_metrics_and_states() {
    let label =
        |name: &str| format!("[labels.{name}]\nhelp = \"Says enough.\"\nvalues = [\"a\", \"b\"]\n");
    let labels = format!(
        "{}{}{}{}",
        label("one"),
        label("two"),
        label("three"),
        label("four")
    );
    let rest = "[groups.cart]\nhelp = \"What is bought.\"\nlabels = [\"one\"]\n\
                [metrics.cart.size]\ntype = \"gauge\"\nhelp = \"How much.\"\nlabels = [\"two\"]\n\
                [metrics.cart.stage]\ntype = \"state\"\nstates = \"three\"\nhelp = \"How far.\"\n";
    assert_eq!(
        found(&format!("{HEAD}{labels}{rest}")),
        ["unused-label 12:9"]
    );
    let allowed = labels.replace(
        "[labels.four]\n",
        "[labels.four]\nallow = [\"unused-label\"]\n",
    );
    assert_eq!(found(&format!("{HEAD}{allowed}{rest}")), NONE);
}

#[test]
fn buckets_inside_a_metric_are_used() {
    assert_eq!(
        found_in_metric("size", "type = \"histogram\"\nbuckets = [1, 2]\n"),
        NONE
    );
}

#[test]
fn the_nearest_allow_is_the_one_that_counts() {
    let schema = |file: &str, group: &str, metric: &str| {
        format!(
            "{HEAD}[defaults]\nallow = [{file}]\n[groups.cart]\nhelp = \"What is bought.\"\nallow = [{group}]\n\
             [metrics.cart.size_gauge]\ntype = \"gauge\"\nhelp = \"How much.\"\nallow = [{metric}]\n"
        )
    };
    let allow = "\"type-in-name\"";
    assert_eq!(found(&schema("", "", "")), ["type-in-name 8:15"]);
    assert_eq!(found(&schema(allow, "", "")), NONE);
    assert_eq!(found(&schema("", allow, "")), NONE);
    assert_eq!(found(&schema("", "", allow)), NONE);
    assert_eq!(found(&schema(allow, "", allow)), ["needless-allow 4:10"]);
    assert_eq!(found(&schema(allow, allow, "")), ["needless-allow 4:10"]);
    assert_eq!(
        found(&schema("", "", &format!("{allow}, {allow}"))),
        ["needless-allow 11:26"],
        "once is enough"
    );
}

#[test]
fn findings_about_allow_lists_can_be_allowed() {
    let lines = "type = \"gauge\"\nallow = [\"camel-case\", \"needless-allow\"]\n";
    assert_eq!(found_in_metric("size", lines), NONE);
    let lines = "type = \"gauge\"\nallow = [\"of-tomorrow\", \"unknown-allow\"]\n";
    assert_eq!(found_in_metric("size", lines), NONE);
}

#[test]
fn unknown_allows_say_what_was_meant() {
    let label = |lint: &str| {
        let lines = format!("type = \"gauge\"\nallow = [\"{lint}\"]\n");
        let schema = format!(
            "{HEAD}[groups.cart]\nhelp = \"What is bought.\"\n[metrics.cart.size]\nhelp = \"Says enough.\"\n{lines}"
        );
        let outcome = compile(Source::new("metrics.toml", schema));
        outcome
            .report
            .diagnostics()
            .first()
            .map(|problem| problem.label.clone())
            .unwrap_or_default()
    };
    assert_eq!(label("type-in-nam"), "did you mean `type-in-name`?");
    assert_eq!(label("SM1004"), "expected its name: `type-in-name`");
    assert_eq!(
        label("sm0001"),
        "SM0001 is an error, which cannot be allowed"
    );
    assert_eq!(label("something else"), "expected the name of a lint");
}
