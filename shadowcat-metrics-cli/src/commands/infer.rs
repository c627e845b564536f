//! `infer`: a schema inferred from an exposition page.

use std::ffi::OsString;
use std::fmt::Write as _;

use crate::answer::{Answer, Verdict};
use crate::failure::{Failure, WARNING};
use crate::fetch::{add_from_protobuf, read_page, shown};
use crate::infer::infer;
use crate::proposal::OutArgs;

/// Infer a schema from the metrics of another program
#[derive(Debug, clap::Args)]
#[command(after_help = HELP_TEXT)]
pub(crate) struct Args {
    /// The metrics page of a program, as Prometheus text, OpenMetrics or protobuf: a URL, a file, or `-` for standard input
    #[arg(value_name = "URL|FILE")]
    page: OsString,
    /// First part of every exposed name [default: the most common first word of the names]
    #[arg(long)]
    namespace: Option<String>,
    #[command(flatten)]
    out: OutArgs,
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
        let namespace = self.namespace.as_deref();
        self.out.check(namespace)?;
        let mut page = read_page(&self.page)?;
        add_from_protobuf(&mut page, &self.page);
        let from = shown(&self.page);
        let from = if from == "-" { "a page" } else { &from };
        let proposal = infer(&page, namespace, from).map_err(|refusal| {
            let reason = refusal.reason;
            Failure::new(format!("cannot infer a schema from `{from}`: {reason}"))
                .help("check that it is a page of metrics in the Prometheus text format or in OpenMetrics")
                .notes(notes(&refusal.notes))
        })?;
        Ok(Answer {
            stdout: self
                .out
                .write(proposal.schema, proposal.metrics, "review it")?,
            stderr: notes(&proposal.notes),
            verdict: Verdict::Ok,
        })
    }
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
