//! `infer`: a schema proposed from an exposition page.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use shadowcat_metrics_codegen::name::is_snake_case;

use crate::answer::{Answer, Verdict};
use crate::failure::{Failure, GOOD, HELP, WARNING};
use crate::fetch::read_page;
use crate::files::{Document, replace};
use crate::infer::infer;
use crate::report::count;

/// Propose a schema for the metrics of another program
#[derive(Debug, clap::Args)]
#[command(after_help = HELP_TEXT)]
pub(crate) struct Args {
    /// A page in the Prometheus text format or in OpenMetrics: `http://...`, a file, or `-` for standard input
    #[arg(value_name = "URL|FILE")]
    pub(crate) page: String,
    /// First part of every name [default: the first word that most names have]
    #[arg(long)]
    pub(crate) namespace: Option<String>,
    /// Write the schema to this file, which must not be there yet, instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

const HELP_TEXT: &str = "\
The proposal checks clean, and exposes the names that the page has; what it cannot say is noted on standard error. It has \
guesses: which labels are open and how many values they may have, what a summary's bounds should be. Read it through.

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
    if let Some(namespace) = args.namespace.as_ref().filter(|name| !is_snake_case(name)) {
        return Err(
            Failure::new(format!("`{namespace}` cannot be the namespace")).help(
                "it takes words of `a` to `z` and `0` to `9` joined by underscores, a letter first",
            ),
        );
    }
    let page = read_page(&args.page)?;
    let from = if args.page == "-" {
        "a page"
    } else {
        &args.page
    };
    let proposal = infer(&page, args.namespace.as_deref(), from).map_err(|why| {
        Failure::new(format!("no schema can be made of `{}`: {why}", args.page))
            .help("it must be a page of metrics, in the Prometheus text format or in OpenMetrics")
    })?;
    let mut stderr = String::new();
    for note in &proposal.notes {
        let _ = writeln!(stderr, "{WARNING}note{WARNING:#}: {note}");
    }
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
        "{GOOD}wrote{GOOD:#} {shown} with {metrics}\n{HELP}help{HELP:#}: read it through, then `shadowcat-metrics check {shown}`\n"
    );
    Ok(answer)
}

/// What somebody has written is not replaced by a guess.
fn refuse_existing(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Err(
            Failure::new(format!("there is `{}` already", path.display()))
                .help("name another file with `--out`, or leave it out to see the proposal"),
        );
    }
    Ok(())
}
