//! `diff`: what changed from one schema to another, and the release that it asks for.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::ValueEnum as _;
use serde::Serialize;

use super::{diff_text, report};
use crate::answer::{Answer, Verdict};
use crate::args::{DiffArgs, DiffFormat, FailOn};
use crate::diff::{Change, Impact, Release, diff, likely_renames};
use crate::failure::{ERROR, Failure, HELP, WARNING};
use crate::input::compile_revision;
use crate::notes::Notes;

/// The changes, for programs.
#[derive(Debug, Serialize)]
struct Json<'a> {
    /// Version of this format: 1.
    version: u32,
    old: &'a str,
    new: &'a str,
    release: Release,
    changes: &'a [Change],
}

pub(super) fn run(args: &DiffArgs) -> Result<Answer, Failure> {
    let notes = args.notes.as_deref().map(read_notes).transpose()?;
    let old = compile_revision(&args.old)?;
    let new = compile_revision(&args.new)?;
    let mut stderr = String::new();
    if old.report.has_errors() {
        // It cannot be mended any more, and what can be made out of it is better than nothing.
        stderr = format!(
            "{WARNING}warning{WARNING:#}: {} has errors, so it is compared as well as it can be made out\n",
            old.source.name()
        );
    }
    let Some(registry) = new.registry() else {
        return Ok(Answer::problems(stderr + &report::human(&new)));
    };
    let changes = diff(old.skeleton(), registry);
    let release = Release::of(&changes);
    let (stdout, verdict) = (
        match args.format {
            DiffFormat::Human => diff_text::human(old.source.name(), new.source.name(), &changes),
            DiffFormat::Markdown => diff_text::markdown(&changes),
            DiffFormat::Json => {
                Answer::json(
                    &Json {
                        version: 1,
                        old: old.source.name(),
                        new: new.source.name(),
                        release,
                        changes: &changes,
                    },
                    Verdict::Fine,
                )?
                .stdout
            }
        },
        judge(args, &changes, notes.as_ref(), &mut stderr),
    );
    if args.format == DiffFormat::Human {
        for (name, key) in likely_renames(old.skeleton(), registry) {
            let _ = writeln!(
                stderr,
                "{HELP}help{HELP:#}: if `{key}` is what was exposed as `{name}`, give it \
                 `renamed_from = {{ name = \"{name}\", until = \"VERSION\" }}`: both names are there until then"
            );
        }
    }
    Ok(Answer {
        stdout,
        stderr,
        verdict,
    })
}

/// Whether the changes are more than `--fail-on` lets pass.
fn judge(
    args: &DiffArgs,
    changes: &[Change],
    notes: Option<&Notes>,
    stderr: &mut String,
) -> Verdict {
    let Some(fail_on) = args.fail_on else {
        return Verdict::Fine;
    };
    let too_much = |change: &&Change| match fail_on {
        FailOn::Any => true,
        FailOn::Additive => change.impact() >= Impact::Additive,
        FailOn::Breaking => change.impact() == Impact::Breaking,
        FailOn::Major => change.breaks_promise(),
    };
    let untold = |change: &&Change| notes.is_none_or(|notes| !notes.mention(change));
    let found: Vec<_> = changes.iter().filter(too_much).filter(untold).collect();
    for change in &found {
        let word = if change.breaks_promise() {
            "breaks what was promised"
        } else {
            change.impact().name()
        };
        let _ = writeln!(
            stderr,
            "{ERROR}error{ERROR:#}: {word}: {}",
            diff_text::line(change)
        );
    }
    if found.is_empty() {
        return Verdict::Fine;
    }
    let told = match &args.notes {
        Some(path) => format!(
            "say what breaks under `## Unreleased` in `{}`, by the name in backquotes",
            path.display()
        ),
        None => "name a changelog that tells of it with `--notes FILE`".to_owned(),
    };
    let _ = writeln!(
        stderr,
        "{HELP}help{HELP:#}: `--fail-on {}` lets none of this pass: undo it, or {told}",
        fail_on
            .to_possible_value()
            .as_ref()
            .map_or_else(String::new, |word| word.get_name().to_owned())
    );
    Verdict::Problems
}

fn read_notes(path: &Path) -> Result<Notes, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::io("read", path, &error))?;
    Notes::parse(&text).ok_or_else(|| {
        Failure::new(format!(
            "`{}` has no heading `## Unreleased`",
            path.display()
        ))
        .help("add it above the latest release; what breaks is to be told there")
    })
}
