//! Where the lints of `SM12xx` draw their lines: what is like another thing, and what only looks so.

use std::fmt::Write as _;

use shadowcat_metrics_codegen::{Source, compile};

/// `name item` of everything found in a schema with these tables, where item is the text at the caret.
fn found(tables: &str) -> Vec<String> {
    let schema = format!("format = 1\nnamespace = \"ns\"\n{tables}");
    let outcome = compile(Source::new("metrics.toml", schema));
    let problems = outcome.report.diagnostics().iter();
    problems
        .map(|problem| {
            let at = outcome.source.slice(problem.primary);
            format!("{} {at}", problem.code.name())
        })
        .collect()
}

/// What is found about metrics of one group, each given as key and the lines of its table but for `help`.
fn found_in(metrics: &[(&str, &str)]) -> Vec<String> {
    let mut tables = "[groups.cart]\nhelp = \"What is bought.\"\n".to_owned();
    for (number, (key, lines)) in metrics.iter().enumerate() {
        let _ = writeln!(
            tables,
            "[metrics.cart.{key}]\nhelp = \"Says enough, and not what {number} others do.\"\n{lines}"
        );
    }
    found(&tables)
}

/// What is found about closed labels that one counter has.
fn found_in_labels(labels: &[(&str, &str)]) -> Vec<String> {
    let names: Vec<_> = labels
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let mut tables = String::new();
    for (name, lines) in labels {
        let _ = writeln!(tables, "[labels.{name}]\nhelp = \"Says enough.\"\n{lines}");
    }
    let labels = format!("type = \"counter\"\nlabels = [{}]", names.join(", "));
    tables += "[groups.cart]\nhelp = \"What is bought.\"\n[metrics.cart.bought]\nhelp = \"Says enough.\"\n";
    found(&(tables + &labels))
}

const NONE: [&str; 0] = [];
const COUNTER: &str = "type = \"counter\"";
const GAUGE: &str = "type = \"gauge\"";

fn histogram(unit: &str, bounds: &str) -> String {
    format!("type = \"histogram\"\nunit = \"{unit}\"\nbuckets = {bounds}")
}

#[test]
fn near_duplicates_are_plurals_slips_and_orders() {
    for (one, two) in [
        ("order", "orders"),
        ("body_size", "size_bodies"),
        ("received", "recieved"),
        ("messages_dropped", "messages_droped"),
        ("compressed", "compresse"),
    ] {
        assert_eq!(
            found_in(&[(one, COUNTER), (two, COUNTER)]),
            [format!("near-duplicate-name {two}")],
            "{one}"
        );
    }
    for (one, two) in [
        ("reads", "heads"),
        ("shard1_depth", "shard2_depth"),
        ("version10", "version11"),
        ("opened", "closed"),
        ("depth", "depth_peak"),
        ("requests", "requested"),
    ] {
        assert_eq!(
            found_in(&[(one, COUNTER), (two, COUNTER)]),
            NONE,
            "{one} {two}"
        );
    }
    let deprecated = "type = \"counter\"\ndeprecated = { use = \"cart.orders\" }";
    assert_eq!(
        found_in(&[("order", deprecated), ("orders", COUNTER)]),
        NONE
    );
}

#[test]
fn buckets_are_compared_where_ranges_overlap() {
    let group = "[groups.order]\nhelp = \"What is paid.\"\n";
    let both = |one: &str, two: &str| {
        let first = histogram("seconds", one);
        let second = histogram("seconds", two);
        found(&format!(
            "{group}[groups.cart]\nhelp = \"What is bought.\"\n\
             [metrics.order.duration]\nhelp = \"Says enough.\"\n{first}\n\
             [metrics.cart.latency]\nhelp = \"Says enough.\"\n{second}\n"
        ))
    };
    assert_eq!(both("[0.1, 1]", "[0.1, 1]"), NONE);
    assert_eq!(
        both("[0.1, 1]", "[0.1, 0.5, 1]"),
        ["unlike-buckets [0.1, 0.5, 1]"]
    );
    assert_eq!(both("[0.1, 1]", "[0.5, 1]"), ["unlike-buckets [0.5, 1]"]);
    assert_eq!(
        both("[0.01, 0.1]", "[60, 600]"),
        NONE,
        "milliseconds and minutes"
    );
    let other_thing = [
        ("wait_duration", &*histogram("seconds", "[0.1, 1]")),
        ("pack_duration", &*histogram("seconds", "[0.2, 1]")),
    ];
    assert_eq!(found_in(&other_thing), NONE);
}

#[test]
fn labels_are_compared_word_by_word() {
    let values = |value: &str| format!("values = [\"{value}1\", \"{value}2\"]");
    let (a, b) = (values("a"), values("b"));
    for (one, two) in [
        ("op", "operation"),
        ("src_addr", "source_address"),
        ("method", "verb"),
        ("server", "servers"),
    ] {
        let labels = [(one, &*a), (two, &*b)];
        assert_eq!(found_in_labels(&labels), [format!("label-synonym {two}")]);
    }
    for (one, two) in [
        ("source", "destination"),
        ("status", "state"),
        ("op", "opera"),
    ] {
        assert_eq!(found_in_labels(&[(one, &*a), (two, &*b)]), NONE);
    }
}

#[test]
fn values_are_compared_by_meaning() {
    let in_one = |values: &str| found_in_labels(&[("outcome", &*format!("values = [{values}]"))]);
    assert_eq!(in_one("\"ok\", \"success\""), ["value-synonym \"success\""]);
    assert_eq!(in_one("\"failed\", \"error\""), ["value-synonym \"error\""]);
    assert_eq!(in_one("\"ok\", \"error\", \"lost\""), NONE);

    let in_two = |one: &str, two: &str| {
        let one = format!("values = [\"{one}\", \"x1\"]");
        let two = format!("values = [\"{two}\", \"x2\"]");
        found_in_labels(&[("outcome", &*one), ("ending", &*two)])
    };
    assert_eq!(in_two("ok", "success"), ["value-synonym \"success\""]);
    assert_eq!(
        in_two("timed_out", "timed-out"),
        ["value-synonym \"timed-out\""]
    );
    assert_eq!(in_two("ok", "ok"), NONE);
    assert_eq!(
        in_two("failed", "error"),
        NONE,
        "they may be two things in two labels"
    );
    assert_eq!(
        in_two("GET", "get"),
        NONE,
        "a method of HTTP, and an operation"
    );
}

#[test]
fn one_label_may_take_half_of_the_budget() {
    let schema = |max: u32, budget: u32| {
        found(&format!(
            "[defaults]\nseries_budget = {budget}\n[labels.tenant]\nhelp = \"Says enough.\"\nopen = {{ max = {max} }}\n\
             [groups.cart]\nhelp = \"What is bought.\"\nlabels = [\"tenant\"]\n\
             [metrics.cart.bought]\nhelp = \"Says enough.\"\ntype = \"counter\"\n"
        ))
    };
    // An open label of 50 makes 51 series, one of which there would be without it.
    assert_eq!(schema(50, 100), NONE);
    assert_eq!(schema(51, 100), ["dominating-label tenant"]);
}

#[test]
fn help_needs_a_word_of_its_own() {
    let help = |text: &str| {
        found(&format!(
            "[groups.cart]\nhelp = \"Carts.\"\n[metrics.cart.size]\ntype = \"gauge\"\nhelp = \"{text}\"\n"
        ))
    };
    let fired = |text: &str, lint: &str| assert_eq!(help(text), [format!("{lint} \"{text}\"")]);
    fired("The size of the cart.", "help-repeats-name");
    fired("Total number of carts.", "help-repeats-name");
    fired("Gauge showing articles.", "filler-help");
    fired("This metric counts articles.", "filler-help");
    fired("TODO: say more.", "filler-help");
    fired("A gauge.", "filler-help");
    for silent in [
        "Size of all carts.",
        "Number of articles.",
        "Counter staff at work.",
        "The gauge on the boiler.",
    ] {
        assert_eq!(help(silent), NONE, "{silent}");
    }
}

#[test]
fn labels_that_never_end_are_open() {
    assert_eq!(
        found_in_labels(&[("client_ip", "open = { max = 9 }")]),
        ["identifier-label client_ip"]
    );
    assert_eq!(
        found_in_labels(&[("ip", "values = [\"v4\", \"v6\"]")]),
        NONE
    );
    assert_eq!(found_in_labels(&[("shard_id", "open = { max = 9 }")]), NONE);
    assert_eq!(found_in_labels(&[("zip", "open = { max = 9 }")]), NONE);
}

#[test]
fn labels_name_their_cases() {
    assert_eq!(
        found_in_labels(&[("cached", "values = [\"No\", \"Yes\"]")]),
        ["boolean-label cached"]
    );
    assert_eq!(
        found_in_labels(&[("cached", "values = [\"no\", \"yes\", \"stale\"]")]),
        NONE
    );
    assert_eq!(
        found_in_labels(&[("status", "values = [\"statusless\", \"status\"]")]),
        NONE
    );
    assert_eq!(
        found_in_labels(&[("status", "values = [\"ok\", \"status-bad\"]")]),
        ["label-in-value \"status-bad\""]
    );
}

#[test]
fn words_of_counters_and_gauges() {
    for key in [
        "articles_active",
        "pending_articles",
        "in_flight",
        "carts_open",
    ] {
        assert_eq!(
            found_in(&[(key, COUNTER)]),
            [format!("gauge-word-in-counter {key}")]
        );
        assert_eq!(found_in(&[(key, GAUGE)]), NONE);
    }
    let seconds = "type = \"counter\"\nunit = \"seconds\"";
    assert_eq!(found_in(&[("active", seconds)]), NONE);
    assert_eq!(found_in(&[("open_errors", COUNTER)]), NONE);
    assert_eq!(found_in(&[("retries_of_pending_orders", COUNTER)]), NONE);

    assert_eq!(
        found_in(&[("parcels_sent", "type = \"updown_counter\"")]),
        ["counter-word-in-gauge \"updown_counter\""]
    );
    let seconds = "type = \"gauge\"\nunit = \"seconds\"";
    assert_eq!(found_in(&[("last_received", seconds)]), NONE);
    assert_eq!(
        found_in(&[("jobs_failed", GAUGE)]),
        NONE,
        "a state that is left again"
    );
}

#[test]
fn keys_need_not_say_that_they_are_numbers() {
    for key in [
        "num_articles",
        "number_of_articles",
        "nr_of_articles",
        "total_articles",
    ] {
        assert_eq!(
            found_in(&[(key, COUNTER)]),
            [format!("number-in-name {key}")]
        );
    }
    for key in ["total_memory", "numbers_drawn", "count_down"] {
        assert_eq!(found_in(&[(key, GAUGE)]), NONE);
    }
}

#[test]
fn quantities_have_units() {
    for key in ["packing_duration", "age", "fill_fraction"] {
        assert_eq!(found_in(&[(key, GAUGE)]), [format!("missing-unit {key}")]);
    }
    for key in ["duration_changes", "pages", "size"] {
        assert_eq!(found_in(&[(key, GAUGE)]), NONE);
    }
}

#[test]
fn a_prefix_is_common_to_three_keys_or_more() {
    let three = [
        ("item_added", COUNTER),
        ("item_removed", COUNTER),
        ("item_rank", GAUGE),
    ];
    assert_eq!(found_in(&three), ["common-prefix cart"]);
    assert_eq!(found_in(&three[..2]), NONE);
    let alone = [
        ("item_added", COUNTER),
        ("item_removed", COUNTER),
        ("item", GAUGE),
    ];
    assert_eq!(found_in(&alone), NONE);
}

#[test]
fn bounds_may_be_decades_and_hours() {
    let bounds = |unit: &str, bounds: &str| found_in(&[("age", &*histogram(unit, bounds))]);
    assert_eq!(bounds("seconds", "[0, 0.01, 0.1, 1]"), NONE);
    assert_eq!(
        bounds("seconds", "[0.01, 0.11]"),
        ["coarse-buckets [0.01, 0.11]"]
    );
    let decades = "{ exponential = { start = 0.001, factor = 10, count = 6 } }";
    assert_eq!(bounds("seconds", decades), NONE);
    let ladder = "[10, 25, 50, 100, 250, 500, 1000]";
    assert_eq!(
        bounds("seconds", ladder),
        [format!("millisecond-bounds {ladder}")]
    );
    assert_eq!(bounds("bytes", ladder), NONE);
    assert_eq!(bounds("seconds", "[1, 10, 60, 300, 1800]"), NONE);
    assert_eq!(
        bounds("seconds", "[0.1, 1, 10, 100, 250, 500]"),
        NONE,
        "it begins below a second"
    );
}

#[test]
fn advice_waits_until_there_are_no_errors() {
    let tables = [("order", COUNTER), ("orders", "type = \"conter\"")];
    assert_eq!(found_in(&tables), ["unknown-kind \"conter\""]);
}
