//! `new`: a metric put into a schema, from flags or from answers, and the line of Rust that records it.

mod ask;
mod place;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::name::is_snake_case;
use shadowcat_metrics_codegen::sentence::lacks_full_stop;
use shadowcat_metrics_codegen::{Diagnostic, Report};
use toml_edit::Value;

use place::{Place, place};

use super::difference::unified;
use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::{Kind, NewArgs};
use crate::call::call;
use crate::failure::{Failure, GOOD, HELP};
use crate::files::{Document, replace};
use crate::input::{compile_schema, disk};
use crate::insert::{NewMetric, insert};
use crate::mend::compile_changed;
use crate::whole::Whole;

pub(super) fn run(args: &NewArgs) -> Result<Answer, Failure> {
    let is_there = args.file.exists();
    let whole = if is_there {
        Whole::of(&args.file)
    } else {
        Whole::of_new(&args.file)
    };
    let schema = whole.as_ref().map_or(&args.file, |whole| &whole.schema);
    let outcome = match &whole {
        // It may be the first that a pattern takes.
        Some(whole) if !is_there => whole.compile_with_empty_part()?,
        Some(_) | None => compile_schema(schema, None)?,
    };
    let Some(registry) = outcome.registry() else {
        let help = format!("{HELP}help{HELP:#}: mend the schema before you add to it\n");
        return Ok(Answer::problems(report::human(&outcome) + &help));
    };
    let (group, key) = split(&args.metric)?;
    let mut args = args.clone();
    refuse(&args, registry, group, key)?;
    if !missing(&args, registry, group).is_empty() && io::stdin().is_terminal() {
        ask::complete(
            &mut args,
            registry,
            group,
            &mut io::stdin().lock(),
            &mut anstream::stderr().lock(),
        )
        .map_err(|error| Failure::new(format!("cannot ask: {error}")))?;
    }
    refuse_incomplete(&args, registry, group)?;
    let Place { file: name, text } = place(&outcome.source, registry, group, whole.as_ref());
    let new = insert(
        &text,
        NewMetric {
            group,
            key,
            entries: entries(&args)?,
            group_help: args.group_help.as_deref().map(sentence),
        },
    )?;
    let compiled = compile_changed(&outcome.source, (name, &new), &disk());
    let brought = brought(&outcome.report, &compiled.report);
    let told = report::human_about(&compiled.source, &brought);
    let Some(registry) = compiled.registry() else {
        let help = format!("{HELP}help{HELP:#}: {name} was not changed\n");
        return Ok(Answer::problems(told + &help));
    };
    let is_new = !Path::new(name).exists();
    let mut stdout = if args.dry_run {
        let present = (!is_new).then_some(text.as_bytes());
        unified(name, present, new.as_bytes())
    } else {
        let path = PathBuf::from(name);
        if let Some(folder) = path.parent().filter(|_| is_new) {
            fs::create_dir_all(folder)
                .map_err(|error| Failure::io("make the folder", folder, &error))?;
        }
        replace(&Document {
            path,
            content: new.clone().into_bytes(),
        })?;
        format!("{GOOD}wrote{GOOD:#} [metrics.{group}.{key}] into {name}\n")
    };
    show(schema, registry, (group, key), &mut stdout);
    Ok(Answer {
        stdout,
        stderr: told,
        verdict: Verdict::Fine,
    })
}

/// The warnings that there were not before: what else is wrong with the schema is not the metric's fault.
fn brought(before: &Report, after: &Report) -> Report {
    let said = |problem: &Diagnostic| (problem.code, problem.message.clone());
    let were: Vec<_> = before.diagnostics().iter().map(said).collect();
    let mut brought = Report::default();
    let new = |problem: &&Diagnostic| !were.contains(&said(problem));
    brought.extend(after.diagnostics().iter().filter(new).cloned());
    brought
}

fn split(metric: &str) -> Result<(&str, &str), Failure> {
    match metric.split_once('.') {
        Some((group, key)) if is_snake_case(group) && is_snake_case(key) => Ok((group, key)),
        Some(_) | None => Err(Failure::new(format!("`{metric}` is not a metric's place")).help(
            "write GROUP.METRIC, each in words of `a` to `z` and `0` to `9` joined by underscores: `request.retries`",
        )),
    }
}

/// Refuses what is there already.
fn refuse(args: &NewArgs, registry: &Registry, group: &str, key: &str) -> Result<(), Failure> {
    let Some(id) = registry.groups.iter().position(|known| known.name == group) else {
        return Ok(());
    };
    let mut metrics = registry.metrics.iter();
    if let Some(there) = metrics.find(|metric| metric.group.0 == id && metric.key == key) {
        return Err(
            Failure::new(format!("there is a metric `{group}.{key}` already")).help(format!(
                "it is exposed as `{}`; choose another name, or edit it by hand",
                there.exposed
            )),
        );
    }
    if args.group_help.is_some() {
        return Err(Failure::new(format!("there is a group `{group}` already"))
            .help("leave out `--group-help`"));
    }
    Ok(())
}

/// The names of the groups.
fn group_names(registry: &Registry) -> Vec<&str> {
    let groups = registry.groups.iter();
    groups.map(|group| group.name.as_str()).collect()
}

/// What there is instead of a group that is not there.
pub(super) fn known_groups(registry: &Registry) -> String {
    let names = group_names(registry);
    if names.is_empty() {
        "it has no groups yet".to_owned()
    } else {
        format!("its groups are: {}", names.join(", "))
    }
}

/// The flags without which there is no metric of this kind.
fn missing(args: &NewArgs, registry: &Registry, group: &str) -> Vec<&'static str> {
    let new_group = !group_names(registry).contains(&group);
    let mut flags = vec![
        ("--group-help", new_group && args.group_help.is_none()),
        ("--type", args.kind.is_none()),
        ("--help-text", args.help_text.is_none()),
    ];
    match args.kind {
        Some(Kind::Histogram) => flags.push(("--buckets", args.buckets.is_none())),
        Some(Kind::State) => flags.push(("--states", args.states.is_none())),
        Some(Kind::Ratio) => flags.extend([
            ("--numerator", args.numerator.is_empty()),
            ("--denominator", args.denominator.is_empty()),
        ]),
        Some(Kind::Counter | Kind::Gauge | Kind::UpDownCounter | Kind::Info) | None => {}
    }
    let missing = flags.into_iter().filter(|(_, missing)| *missing);
    missing.map(|(flag, _)| flag).collect()
}

/// Refuses what is not complete.
fn refuse_incomplete(args: &NewArgs, registry: &Registry, group: &str) -> Result<(), Failure> {
    let missing = missing(args, registry, group);
    if missing.contains(&"--group-help") {
        return Err(
            Failure::new(format!("the schema has no group `{group}`")).help(format!(
                "{}; `--group-help \"What it measures.\"` makes a new one",
                known_groups(registry)
            )),
        );
    }
    if missing.contains(&"--states") && ask::closed_labels(registry).is_empty() {
        return Err(
            Failure::new("the schema has no label with a list of values for the states").help(
                "declare one first: `[labels.NAME]` with `help` and `values`, which are the states",
            ),
        );
    }
    if !missing.is_empty() {
        return Err(
            Failure::new(format!("{} must be given", missing.join(" and ")))
                .help("on a terminal, the command asks for what is missing"),
        );
    }
    Ok(())
}

/// The keys of the metric's table, in any order.
fn entries(args: &NewArgs) -> Result<Vec<(&'static str, Value)>, Failure> {
    let mut entries: Vec<(&'static str, Value)> = Vec::new();
    entries.extend(args.kind.map(|kind| ("type", kind.word().into())));
    let texts = [
        ("unit", &args.unit),
        ("states", &args.states),
        ("name", &args.name),
        ("stability", &args.stability),
        ("since", &args.since),
        ("owner", &args.owner),
    ];
    for (key, text) in texts {
        entries.extend(text.as_ref().map(|text| (key, text.into())));
    }
    let help = args.help_text.as_deref();
    entries.extend(help.map(|text| ("help", sentence(text).into())));
    for (key, list) in [
        ("labels", &args.labels),
        ("numerator", &args.numerator),
        ("denominator", &args.denominator),
    ] {
        if !list.is_empty() {
            entries.push((key, list.iter().collect()));
        }
    }
    if let Some(buckets) = &args.buckets {
        entries.push(("buckets", buckets_value(buckets)?));
    }
    if args.callback {
        entries.push(("callback", true.into()));
    }
    Ok(entries)
}

/// A text as a sentence: whoever types one on a command line forgets its full stop.
fn sentence(text: &str) -> String {
    let stop = if lacks_full_stop(text) { "." } else { "" };
    format!("{text}{stop}")
}

/// The name of a set or, in brackets or braces, bounds as TOML has them.
fn buckets_value(text: &str) -> Result<Value, Failure> {
    if !text.starts_with(['[', '{']) {
        return Ok(text.into());
    }
    text.parse().map_err(|_| {
        Failure::new(format!("`{text}` are no bounds"))
            .help("name a set of `[buckets]`, or write bounds as in the schema: `[0.1, 1, 10]`")
    })
}

/// How the metric is exposed, recorded and documented.
fn show(schema: &Path, registry: &Registry, (group, key): (&str, &str), stdout: &mut String) {
    let mut metrics = registry.metrics.iter();
    let found =
        metrics.find(|metric| metric.key == key && registry.groups[metric.group.0].name == group);
    let Some(metric) = found else {
        return;
    };
    let _ = writeln!(stdout, "\nexposed as  {}", metric.exposed);
    match call(registry, metric) {
        Some(call) => {
            let _ = writeln!(stdout, "recorded by {call}");
        }
        None => stdout.push_str("recorded by nobody: it is computed when scraped\n"),
    }
    stdout.push_str("docs from   `shadowcat-metrics generate");
    if schema != Path::new("metrics.toml") {
        let _ = write!(stdout, " {}", schema.display());
    }
    stdout.push_str("`\n");
}

impl Kind {
    /// The word for it in the schema.
    fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::UpDownCounter => "updown_counter",
            Self::Histogram => "histogram",
            Self::State => "state",
            Self::Info => "info",
            Self::Ratio => "ratio",
        }
    }
}
