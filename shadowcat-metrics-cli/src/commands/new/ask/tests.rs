//! Questions, and the keys of the metric that the answers result in.

use clap::Parser as _;
use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::Source;

use super::*;
use crate::cli::{Cli, Command};

/// Returns the help of the new group and the keys of the metric, and the text of the questions.
fn asked(flags: &str, answers: &str) -> (String, String) {
    let schema = "format = 1\nnamespace = \"shop\"\n[labels.shelf]\nhelp = \"S.\"\nvalues = [\"a\"]\n\
        [buckets]\nfine = [1]\n[groups.cart]\nhelp = \"C.\"\n\
        [metrics.cart]\na = { type = \"counter\", help = \"A.\" }\nb = { type = \"counter\", help = \"B.\" }\n";
    let outcome = compile(Source::new("metrics.toml", schema));
    let line = ["shadowcat-metrics", "new"]
        .into_iter()
        .chain(flags.split(' '));
    let Command::New(mut args) = Cli::parse_from(line).command else {
        panic!("it is `new`");
    };
    let group = args.metric.split('.').next().expect("a group").to_owned();
    let mut questions = Vec::new();
    complete(
        &mut args,
        outcome.skeleton(),
        &group,
        &mut answers.as_bytes(),
        &mut questions,
    )
    .expect("it asks");
    let entries = args.entries().expect("they are valid").into_iter();
    let entries = entries.map(|(key, value)| format!("{key} = {value}"));
    let keys: Vec<_> = args.group_help.into_iter().chain(entries).collect();
    let questions = String::from_utf8(questions).expect("text");
    (keys.join("; "), questions)
}

#[test]
fn missing_arguments_are_asked_for() {
    let answers = "histogram\nHow long.\nseconds\nshelf\nfine\n";
    let (keys, questions) = asked("cart.wait", answers);
    assert_eq!(
        keys,
        r#"type = "histogram"; unit = "seconds"; help = "How long."; labels = ["shelf"]; buckets = "fine""#
    );
    assert!(
        questions.contains("updown_counter") && questions.contains(" (shelf): "),
        "{questions}"
    );
    let answers = "Orders.\nratio\nLoad.\n\ncart.a, cart.b\ncart.a\n";
    let (keys, questions) = asked("order.load", answers);
    assert_eq!(
        keys,
        r#"Orders.; type = "ratio"; help = "Load."; numerator = ["cart.a", "cart.b"]; denominator = ["cart.a"]"#
    );
    assert!(!questions.contains("unit"), "{questions}");
}

#[test]
fn given_arguments_are_not_asked_for() {
    let flags = "cart.mode --type state --help-text M. --states shelf --labels shelf";
    let (keys, questions) = asked(flags, "");
    assert_eq!(
        keys,
        r#"type = "state"; states = "shelf"; help = "M."; labels = ["shelf"]"#
    );
    assert_eq!(questions, "");
}

#[test]
fn questions_stop_at_the_end_of_the_input() {
    assert_eq!(asked("cart.wait", "").0, "");
    let (keys, questions) = asked("cart.wait", "countre\ntimer\ncounter\n");
    assert_eq!(keys, r#"type = "counter""#);
    assert_eq!(questions.matches("type: ").count(), 3, "it asks again");
    assert!(
        questions.contains("there is no type `countre`; did you mean `counter`?"),
        "{questions}"
    );
}

#[test]
fn counters_may_count_errors() {
    for (answers, bad) in [
        ("yes", true),
        ("no", false),
        ("", false),
        ("maybe\nyes", true),
    ] {
        let answers = format!("counter\nCarts lost.\n\n\n{answers}\n");
        let (keys, questions) = asked("cart.lost", &answers);
        assert_eq!(keys.contains("bad = true"), bad, "{answers}: {questions}");
    }
    let (_, questions) = asked("cart.size", "gauge\nArticles.\n\n\n");
    assert!(!questions.contains("wrong"), "{questions}");
}

#[test]
fn invalid_answers_are_asked_again() {
    let (keys, questions) = asked(
        "carts.wait",
        "\nCarts.\nhistogram\n\nHow long\nsecond\nseconds\nshelf,shelv\nshelf\n\ncoarse\n[1, \n[1, 2]\n",
    );
    for question in [
        "if you mean `cart`, stop with Ctrl-C",
        "  the metric needs a value here\n",
        "  there is no unit `second`; did you mean `seconds`?\n",
        "  there is no label `shelv`; did you mean `shelf`?\n",
        "  there is no set of buckets `coarse`\n",
        "  `[1,` is not a list of bounds\n",
    ] {
        assert!(questions.contains(question), "{question}: {questions}");
    }
    assert_eq!(
        keys,
        r#"Carts.; type = "histogram"; unit = "seconds"; help = "How long."; labels = ["shelf"]; buckets = [1, 2]"#
    );
}
