//! Asking for what the flags have not said. An empty answer leaves a key out, or takes the one in brackets.

use std::io::{self, BufRead, Write};

use clap::ValueEnum as _;
use shadowcat_metrics_codegen::model::{LabelValues, Origin, Registry, Unit};

use crate::args::{Kind, NewArgs};

/// Completes the arguments from answers.
pub(super) fn complete(
    args: &mut NewArgs,
    registry: &Registry,
    group: &str,
    answers: &mut impl BufRead,
    questions: &mut impl Write,
) -> io::Result<()> {
    let mut ask = |question: &str| -> io::Result<Option<String>> {
        write!(questions, "{question}: ")?;
        questions.flush()?;
        let mut answer = String::new();
        answers.read_line(&mut answer)?;
        let answer = answer.trim();
        Ok((!answer.is_empty()).then(|| answer.to_owned()))
    };
    if args.group_help.is_none() && !registry.groups.iter().any(|known| known.name == group) {
        args.group_help = ask(&format!(
            "there is no group `{group}` yet; what will it measure"
        ))?;
    }
    if args.kind.is_none() {
        let kinds: Vec<_> = Kind::value_variants()
            .iter()
            .map(|kind| kind.word())
            .collect();
        // Everything else is for the compiler to judge; what is asked next depends on this.
        while let Some(answer) = ask(&format!("type: {}", kinds.join(", ")))? {
            args.kind = Kind::from_str(&answer, true).ok();
            if args.kind.is_some() {
                break;
            }
        }
    }
    let Some(kind) = args.kind else {
        return Ok(());
    };
    if args.help_text.is_none() {
        args.help_text = ask("what it measures, in one sentence")?;
    }
    let takes_unit = match kind {
        Kind::Counter | Kind::Gauge | Kind::UpDownCounter | Kind::Histogram => true,
        Kind::State | Kind::Info | Kind::Ratio => false,
    };
    if takes_unit && args.unit.is_none() {
        let units = Unit::NAMED.map(Unit::name).join(", ");
        args.unit = ask(&format!("unit, or nothing for a plain number: {units}"))?;
    }
    if args.labels.is_empty() {
        let labels = known(registry, |_| true);
        args.labels = list(ask(&format!("labels of its own, or nothing: {labels}"))?);
    }
    match kind {
        Kind::Histogram if args.buckets.is_none() => {
            let names: Vec<_> = registry
                .bucket_sets
                .iter()
                .filter_map(|set| set.name.as_deref())
                .collect();
            args.buckets = ask(&format!(
                "buckets, a set or bounds in brackets: {}",
                names.join(", ")
            ))?;
        }
        Kind::State if args.states.is_none() => {
            let labels = known(registry, |values| match values {
                LabelValues::Closed(_) => true,
                LabelValues::Open { .. } => false,
            });
            args.states = ask(&format!("closed label with the states: {labels}"))?;
        }
        Kind::Ratio => {
            if args.numerator.is_empty() {
                args.numerator = list(ask("metrics above the line, as GROUP.METRIC")?);
            }
            if args.denominator.is_empty() {
                args.denominator = list(ask("metrics below the line, as GROUP.METRIC")?);
            }
        }
        Kind::Counter
        | Kind::Gauge
        | Kind::UpDownCounter
        | Kind::Histogram
        | Kind::State
        | Kind::Info => {}
    }
    Ok(())
}

fn list(answer: Option<String>) -> Vec<String> {
    let answer = answer.unwrap_or_default();
    let items = answer.split([',', ' ']).filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

/// The names of the author's labels.
fn known(registry: &Registry, wanted: impl Fn(&LabelValues) -> bool) -> String {
    let labels = registry.labels.iter();
    let labels = labels.filter(|label| label.origin == Origin::Schema && wanted(&label.values));
    labels
        .map(|label| label.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use shadowcat_metrics_codegen::{Source, compile};

    use super::*;
    use crate::args::{Args, Command};

    /// What is known after the answers, and what was asked.
    fn asked(flags: &[&str], answers: &str) -> (NewArgs, String) {
        let schema = "format = 1\nnamespace = \"shop\"\n[labels.shelf]\nhelp = \"S.\"\nvalues = [\"a\"]\n\
            [buckets]\nfine = [1]\n[groups.cart]\nhelp = \"C.\"\n";
        let outcome = compile(Source::new("metrics.toml", schema));
        let line = ["shadowcat-metrics", "new"].iter().chain(flags);
        let Command::New(mut args) = Args::parse_from(line).command else {
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
    fn what_is_missing_is_asked_for() {
        let (args, questions) = asked(
            &["cart.wait"],
            "histogram\nHow long.\nseconds\nshelf\nfine\n",
        );
        assert_eq!(args.kind, Some(Kind::Histogram));
        assert_eq!(args.help_text.as_deref(), Some("How long."));
        assert_eq!(args.unit.as_deref(), Some("seconds"));
        assert_eq!(args.labels, ["shelf"]);
        assert_eq!(args.buckets.as_deref(), Some("fine"));
        assert!(
            questions.contains("updown_counter") && questions.contains(": shelf: "),
            "{questions}"
        );
    }

    #[test]
    fn what_is_said_is_not_asked_for() {
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
        let (args, questions) = asked(&["order.load"], "Orders.\nratio\nLoad.\n\na.b, a.c\na.d\n");
        assert_eq!(args.group_help.as_deref(), Some("Orders."));
        assert_eq!(args.numerator, ["a.b", "a.c"]);
        assert!(!questions.contains("unit"), "{questions}");
    }

    #[test]
    fn the_end_of_the_answers_is_no_trouble() {
        let (args, _) = asked(&["cart.wait"], "");
        assert_eq!(args.kind, None);
        let (args, questions) = asked(&["cart.wait"], "countre\ntimer\ncounter\n");
        assert_eq!(args.kind, Some(Kind::Counter));
        assert_eq!(questions.matches("type: ").count(), 3, "it asks again");
    }
}
