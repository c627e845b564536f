//! `infer`: a schema proposed from an exposition page.

use std::fmt::Write as _;
use std::path::Path;

use shadowcat_metrics_codegen::name::is_snake_case;

use super::report::count;
use crate::answer::{Answer, Verdict};
use crate::args::InferArgs;
use crate::failure::{Failure, GOOD, HELP, WARNING};
use crate::fetch::read_page;
use crate::files::{Document, replace};
use crate::infer::infer;

pub(super) fn run(args: &InferArgs) -> Result<Answer, Failure> {
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
        verdict: Verdict::Fine,
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
