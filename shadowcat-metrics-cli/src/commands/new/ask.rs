//! Asks for missing arguments, and asks again after an invalid answer. An empty answer omits a key.

#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Write};

use shadowcat_metrics_codegen::lint::metric_path;
use shadowcat_metrics_codegen::model::{Kind, LabelValues, Origin, Registry, Unit};
use shadowcat_metrics_codegen::suggest::nearest;

use super::call::KindRow;
use super::{Args, buckets_value, group_names, table_value, takes};

/// Asks for the arguments that are missing.
pub(super) fn complete(
    args: &mut Args,
    registry: &Registry,
    group: &str,
    answers: &mut impl BufRead,
    questions: &mut impl Write,
) -> io::Result<()> {
    let mut dialogue = Dialogue { answers, questions };
    if args.group_help.is_none() && !group_names(registry).contains(&group) {
        let near = nearest(group, group_names(registry))
            .map(|near| format!(" (if you mean `{near}`, stop with Ctrl-C)"));
        args.group_help = dialogue.ask(
            &format!(
                "there is no group `{group}` yet{}; what does it measure",
                near.unwrap_or_default()
            ),
            some,
        )?;
    }
    if args.kind.is_none() {
        args.kind = dialogue.kind()?;
    }
    let Some(kind) = args.kind else {
        return Ok(());
    };
    if args.help_text.is_none() {
        args.help_text = dialogue.ask("what it measures, in one sentence", some)?;
    }
    if takes(kind, "unit") && args.unit.is_none() {
        let units = Unit::NAMED.map(Unit::name);
        args.unit = dialogue.choose("unit, empty for a plain number", "unit", &units)?;
    }
    let labels = known(registry, |_| true);
    if args.labels.is_empty() && !labels.is_empty() {
        let question = "labels separated by commas, or empty";
        args.labels = dialogue.list(question, "label", &labels)?;
    }
    if takes(kind, "buckets") && args.buckets.is_none() {
        let names: Vec<_> = registry
            .bucket_sets
            .iter()
            .filter_map(|set| set.name.as_deref())
            .collect();
        args.buckets = dialogue.buckets(&names)?;
        if args.native.is_none() {
            args.native = dialogue.native()?;
        }
    }
    let closed = closed_labels(registry);
    if takes(kind, "states") && args.states.is_none() && !closed.is_empty() {
        let question = format!("label with the states ({})", closed.join(", "));
        args.states = dialogue.ask(&question, |answer| one_of(answer, "closed label", &closed))?;
    }
    if takes(kind, "numerator") {
        let metrics: Vec<_> = registry
            .metrics
            .iter()
            .map(|metric| metric_path(registry, metric))
            .collect();
        let metrics: Vec<_> = metrics.iter().map(String::as_str).collect();
        if args.numerator.is_empty() {
            args.numerator = dialogue.operands("numerator", &metrics)?;
        }
        if args.denominator.is_empty() {
            args.denominator = dialogue.operands("denominator", &metrics)?;
        }
    }
    if takes(kind, "bad") && !args.bad {
        let question = "does each count mean that something went wrong, empty for no";
        args.bad = dialogue
            .choose(question, "answer", &["yes", "no"])?
            .as_deref()
            == Some("yes");
    }
    Ok(())
}

/// Asks questions and reads the answers.
struct Dialogue<'d, R, W> {
    answers: &'d mut R,
    questions: &'d mut W,
}

impl<R: BufRead, W: Write> Dialogue<'_, R, W> {
    /// Asks until the answer is valid. Returns `None` when the input ends.
    fn ask<T>(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> io::Result<Option<T>> {
        loop {
            write!(self.questions, "{question}: ")?;
            self.questions.flush()?;
            let mut answer = String::new();
            if self.answers.read_line(&mut answer)? == 0 {
                return Ok(None);
            }
            match read(answer.trim()) {
                Ok(read) => return Ok(Some(read)),
                Err(why) => writeln!(self.questions, "  {why}")?,
            }
        }
    }

    fn kind(&mut self) -> io::Result<Option<&'static Kind>> {
        for kind in Kind::each() {
            writeln!(
                self.questions,
                "  {:<16}{}",
                kind.name(),
                KindRow::of(kind).phrase
            )?;
        }
        let words = Kind::names();
        self.ask("type", |answer| {
            Kind::named(answer).ok_or_else(|| unknown(answer, "type", &words))
        })
    }

    /// Asks for one of `names`. Returns `None` for an empty answer.
    fn choose(&mut self, question: &str, what: &str, names: &[&str]) -> io::Result<Option<String>> {
        let question = format!("{question} ({})", names.join(", "));
        let answer = self.ask(&question, |answer| match answer {
            "" => Ok(None),
            answer => one_of(answer, what, names).map(Some),
        })?;
        Ok(answer.flatten())
    }

    /// Asks for a list of `names`.
    fn list(&mut self, question: &str, what: &str, names: &[&str]) -> io::Result<Vec<String>> {
        let question = format!("{question} ({})", names.join(", "));
        let answer = self.ask(&question, |answer| all_of(answer, what, names))?;
        Ok(answer.unwrap_or_default())
    }

    fn buckets(&mut self, names: &[&str]) -> io::Result<Option<String>> {
        let question = if names.is_empty() {
            "bounds of its buckets, such as [0.1, 1, 10]".to_owned()
        } else {
            let names = names.join(", ");
            format!("buckets, a set ({names}) or bounds such as [0.1, 1, 10]")
        };
        self.ask(&question, |answer| {
            if answer.starts_with(['[', '{']) {
                let bounds = buckets_value(answer).map(|_| answer.to_owned());
                bounds.map_err(|_| format!("`{answer}` is not a list of bounds"))
            } else {
                one_of(answer, "set of buckets", names)
            }
        })
    }

    fn native(&mut self) -> io::Result<Option<String>> {
        let question = "native buckets, such as { factor = 1.1, from = 0.001, to = 60 }, or empty";
        self.ask(question, |answer| {
            if answer.is_empty() {
                return Ok(String::new());
            }
            let native = table_value(answer).map(|_| answer.to_owned());
            native.ok_or_else(|| format!("`{answer}` is not a table of native buckets"))
        })
        .map(|answer| answer.filter(|answer| !answer.is_empty()))
    }

    fn operands(&mut self, side: &str, metrics: &[&str]) -> io::Result<Vec<String>> {
        let question = format!("metrics of the {side} as GROUP.METRIC, separated by commas");
        let answer = self.ask(&question, |answer| {
            some(answer)?;
            all_of(answer, "metric", metrics)
        })?;
        Ok(answer.unwrap_or_default())
    }
}

fn some(answer: &str) -> Result<String, String> {
    if answer.is_empty() {
        return Err("the metric needs a value here".to_owned());
    }
    Ok(answer.to_owned())
}

fn one_of(answer: &str, what: &str, names: &[&str]) -> Result<String, String> {
    if names.contains(&answer) {
        Ok(answer.to_owned())
    } else {
        Err(unknown(answer, what, names))
    }
}

fn all_of(answer: &str, what: &str, names: &[&str]) -> Result<Vec<String>, String> {
    let items = answer.split([',', ' ']).filter(|item| !item.is_empty());
    items.map(|item| one_of(item, what, names)).collect()
}

fn unknown(answer: &str, what: &str, names: &[&str]) -> String {
    if answer.is_empty() {
        return "the metric needs a value here".to_owned();
    }
    let near = nearest(answer, names.iter().copied());
    let near = near.map(|near| format!("; did you mean `{near}`?"));
    format!("there is no {what} `{answer}`{}", near.unwrap_or_default())
}

/// Returns the names of the schema's own labels that `wanted` accepts.
fn known(registry: &Registry, wanted: impl Fn(&LabelValues) -> bool) -> Vec<&str> {
    let labels = registry.labels.iter();
    let labels = labels.filter(|label| label.origin == Origin::Schema && wanted(&label.values));
    labels.map(|label| label.key.as_str()).collect()
}

/// Returns the names of the labels whose values can be states.
pub(super) fn closed_labels(registry: &Registry) -> Vec<&str> {
    known(registry, |values| match values {
        LabelValues::Closed(_) => true,
        LabelValues::Open { .. } => false,
    })
}
