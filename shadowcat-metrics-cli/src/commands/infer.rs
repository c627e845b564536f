//! `infer`: a schema inferred from an exposition page.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::answer::{Answer, Verdict};
use crate::failure::{Failure, GOOD, HELP, WARNING};
use crate::fetch::{add_from_protobuf, read_page, shown};
use crate::files::{Document, refuse_existing, replace};
use crate::infer::infer;
use crate::report::{self, count};
use crate::schema::refuse_namespace;

/// Infer a schema from the metrics of another program
#[derive(Debug, clap::Args)]
#[command(after_help = HELP_TEXT)]
pub(crate) struct Args {
    /// The metrics page of a program, as Prometheus text, OpenMetrics or protobuf: a URL, a file, or `-` for standard input
    #[arg(value_name = "URL|FILE")]
    pub(crate) page: OsString,
    /// First part of every exposed name [default: the most common first word of the names]
    #[arg(long)]
    pub(crate) namespace: Option<String>,
    /// Write the schema to this file, which must not exist, instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

const HELP_TEXT: &str = "\
The schema has no errors and no warnings, and exposes the same names as the page. Standard error lists \
what the schema cannot express. Some parts are guesses: which labels are open, how many values they may have, the bucket bounds of a histogram \
that was a summary, and the range of native buckets. Prometheus text has no native buckets and no exemplars, so for a URL the protobuf \
page is read as well. Review the schema.

Examples:
  shadowcat-metrics infer http://127.0.0.1:9100/metrics
  shadowcat-metrics infer page.txt --namespace shop --out metrics.toml
  curl -s https://shop.example/metrics | shadowcat-metrics infer -";

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        run(self)
    }
}

fn run(args: &Args) -> Result<Answer, Failure> {
    if let Some(path) = &args.out {
        refuse_existing(path)?;
    }
    refuse_namespace(args.namespace.as_deref())?;
    let mut page = read_page(&args.page)?;
    add_from_protobuf(&mut page, &args.page);
    let from = shown(&args.page);
    let from = if from == "-" { "a page" } else { &from };
    let proposal = infer(&page, args.namespace.as_deref(), from).map_err(|refusal| {
        Failure::new(format!(
            "cannot infer a schema from `{from}`: {}",
            refusal.reason
        ))
        .help("check that it is a page of metrics in the Prometheus text format or in OpenMetrics")
        .notes(notes(&refusal.notes))
    })?;
    let stderr = notes(&proposal.notes);
    let metrics = count(proposal.metrics, "metric");
    let mut answer = Answer {
        stdout: String::new(),
        stderr,
        verdict: Verdict::Ok,
    };
    let Some(path) = &args.out else {
        answer.stdout = proposal.schema;
        return Ok(answer);
    };
    replace(&Document {
        path: path.clone(),
        content: proposal.schema.into_bytes(),
    })?;
    let shown = path.display();
    let _ = write!(
        answer.stdout,
        "{GOOD}wrote{GOOD:#} {shown} with {metrics}\n{HELP}help{HELP:#}: review it, then run `shadowcat-metrics check {}`\n",
        report::argument(path)
    );
    Ok(answer)
}

fn notes(notes: &[String]) -> String {
    let mut text = String::new();
    for note in notes {
        // A label's value on the page may contain any characters.
        let note: String = note
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let _ = writeln!(text, "{WARNING}note{WARNING:#}: {note}");
    }
    text
}
