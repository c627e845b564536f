//! Questions, and the arguments that the answers result in.

use clap::Parser as _;
use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::Source;

use super::*;
use crate::cli::{Cli, Command};

/// Returns the completed arguments and the text of the questions.
fn asked(flags: &[&str], answers: &str) -> (Args, String) {
    let schema = "format = 1\nnamespace = \"shop\"\n[labels.shelf]\nhelp = \"S.\"\nvalues = [\"a\"]\n\
        [buckets]\nfine = [1]\n[groups.cart]\nhelp = \"C.\"\n\
        [metrics.cart]\na = { type = \"counter\", help = \"A.\" }\nb = { type = \"counter\", help = \"B.\" }\n";
    let outcome = compile(Source::new("metrics.toml", schema));
    let line = ["shadowcat-metrics", "new"].iter().chain(flags);
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
    (*args, String::from_utf8(questions).expect("text"))
}

#[test]
fn missing_arguments_are_asked_for() {
    let (args, questions) = asked(
        &["cart.wait"],
        "histogram\nHow long.\nseconds\nshelf\nfine\n",
    );
    assert_eq!(args.kind.map(Kind::name), Some("histogram"));
    assert_eq!(args.help_text.as_deref(), Some("How long."));
    assert_eq!(args.unit.as_deref(), Some("seconds"));
    assert_eq!(args.labels, ["shelf"]);
    assert_eq!(args.buckets.as_deref(), Some("fine"));
    assert!(
        questions.contains("updown_counter") && questions.contains(" (shelf): "),
        "{questions}"
    );
}

#[test]
fn given_arguments_are_not_asked_for() {
    let flags = [
        "cart.mode",
        "--type",
        "state",
        "--help-text",
        "M.",
        "--states",
        "shelf",
        "--labels",
        "shelf",
    ];
    let (args, questions) = asked(&flags, "");
    assert_eq!(
        (questions.as_str(), args.states.as_deref()),
        ("", Some("shelf"))
    );
    let (args, questions) = asked(
        &["order.load"],
        "Orders.\nratio\nLoad.\n\ncart.a, cart.b\ncart.a\n",
    );
    assert_eq!(args.group_help.as_deref(), Some("Orders."));
    assert_eq!(args.numerator, ["cart.a", "cart.b"]);
    assert_eq!(args.denominator, ["cart.a"]);
    assert!(!questions.contains("unit"), "{questions}");
}

#[test]
fn questions_stop_at_the_end_of_the_input() {
    let (args, _) = asked(&["cart.wait"], "");
    assert_eq!(args.kind, None);
    let (args, questions) = asked(&["cart.wait"], "countre\ntimer\ncounter\n");
    assert_eq!(args.kind.map(Kind::name), Some("counter"));
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
        let (args, questions) = asked(&["cart.lost"], &answers);
        assert_eq!(args.bad, bad, "{answers}: {questions}");
    }
    let (args, questions) = asked(&["cart.size"], "gauge\nArticles.\n\n\n");
    assert!(!args.bad && !questions.contains("wrong"), "{questions}");
}

#[test]
fn invalid_answers_are_asked_again() {
    let (args, questions) = asked(
        &["carts.wait"],
        "\nCarts.\nhistogram\n\nHow long\nsecond\nseconds\nshelf,shelv\nshelf\n\ncoarse\n[1, \n[1, 2]\n",
    );
    for question in [
        "if you mean `cart`, stop with Ctrl-C",
        "  the metric needs it\n",
        "  there is no unit `second`; did you mean `seconds`?\n",
        "  there is no label `shelv`; did you mean `shelf`?\n",
        "  there is no set of buckets `coarse`\n",
        "  `[1,` is not a list of bounds\n",
    ] {
        assert!(questions.contains(question), "{question}: {questions}");
    }
    assert_eq!(args.group_help.as_deref(), Some("Carts."));
    assert_eq!(args.help_text.as_deref(), Some("How long"));
    assert_eq!(args.unit.as_deref(), Some("seconds"));
    assert_eq!(args.labels, ["shelf"]);
    assert_eq!(args.buckets.as_deref(), Some("[1, 2]"));
}
