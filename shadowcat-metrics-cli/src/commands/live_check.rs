//! `live-check`: what a running program exposes, held against its schema.

mod tell;

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use shadowcat_metrics_conformance::{
    self as conformance, Code, Expected, Finding, Options, Page, Severity, Watch, conforms,
};

use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::{FailOnFinding, LiveCheckArgs};
use crate::failure::Failure;
use crate::fetch::{Accept, Fetched, is_url, no_format, read_page_as};
use crate::input::compile_schema;

/// A page, and what is wrong with it.
struct Checked {
    page: Page,
    findings: Vec<Finding>,
}

pub(super) fn run(args: &LiveCheckArgs) -> Result<Answer, Failure> {
    let release = args.release.of(&args.schema);
    // Names whose time is up are told of the program, not of the schema.
    let outcome = compile_schema(&args.schema, None)?;
    let Some(registry) = outcome.registry() else {
        return Ok(Answer::problems(report::human(&outcome)));
    };
    if args.watch.is_some() && !is_url(&args.from) {
        return Err(Failure::new("`--for` needs a program to watch")
            .help("name its page by URL, such as `http://127.0.0.1:9464/metrics`"));
    }
    let expected = Expected::new(registry, release.as_ref());
    let options = Options {
        strict: args.strict,
        allowed_labels: args.allow_label.iter().cloned().collect(),
    };
    let check = |accept| -> Result<Option<Checked>, Failure> {
        let fetched = read_page_as(&args.from, accept)?;
        Ok(fetched.map(|fetched| Checked::new(fetched, &expected, &options)))
    };
    let mut pages = Vec::new();
    if is_url(&args.from) {
        for accept in [Accept::Text, Accept::OpenMetrics, Accept::Protobuf] {
            // Most servers give text if they have nothing else.
            let checked = check(accept)?.filter(|page: &Checked| {
                let is_same = |known: &Checked| known.page.format == page.page.format;
                !pages.iter().any(is_same)
            });
            pages.extend(checked);
        }
    } else {
        pages.extend(check(Accept::Any)?);
    }
    let Some(first) = pages.first_mut() else {
        return Err(no_format(&args.from));
    };
    if let Some(time) = args.watch {
        let accept = match first.page.format {
            conformance::Format::Text => Accept::Text,
            conformance::Format::OpenMetrics => Accept::OpenMetrics,
            conformance::Format::Protobuf => Accept::Protobuf,
        };
        let mut watch = Watch::new(&first.page, &expected);
        let start = Instant::now();
        while let Some(left) = time.checked_sub(start.elapsed()) {
            wait(left.min(args.every), left);
            // What was seen so far is not to be lost because a program is started anew meanwhile.
            match check(accept).and_then(|later| later.ok_or_else(|| no_format(&args.from))) {
                Ok(later) => {
                    watch.see(&later.page);
                    first.learn(later.findings, start.elapsed());
                }
                Err(failure) => first.learn(vec![no_answer(&failure)], start.elapsed()),
            }
        }
        first.findings.extend(watch.unmoved());
    }
    let verdict = verdict(args.fail_on, &pages);
    tell::tell(args, &pages, expected.families.len(), verdict)
}

/// A look at a page that is watched, in vain.
fn no_answer(failure: &Failure) -> Finding {
    Finding {
        code: Code::NoAnswer,
        family: String::new(),
        line: None,
        message: failure.message().to_owned(),
    }
}

impl Checked {
    fn new(fetched: Fetched, expected: &Expected, options: &Options) -> Self {
        let Fetched { page, content_type } = fetched;
        let is_empty = !page
            .families
            .iter()
            .any(conformance::page::Family::has_values);
        let mut findings = match content_type {
            // That nothing of the schema is on what is no page of metrics goes without saying.
            Some(_) if is_empty => Vec::new(),
            Some(_) | None => conforms(&page, expected, options),
        };
        findings.splice(..0, content_type);
        Self { page, findings }
    }

    /// Adds what was found on a later page and not told of this one: another finding of a code for the same family would
    /// say little more.
    fn learn(&mut self, later: Vec<Finding>, after: Duration) {
        for mut finding in later {
            let told =
                |known: &Finding| known.code == finding.code && known.family == finding.family;
            if !self.findings.iter().any(told) {
                let _ = write!(finding.message, ", {:.1} s later", after.as_secs_f64());
                self.findings.push(finding);
            }
        }
    }
}

/// Waits, and shows on a terminal how much of the time is left.
fn wait(pause: Duration, left: Duration) {
    let start = Instant::now();
    let shows = io::stderr().is_terminal();
    while let Some(rest) = pause.checked_sub(start.elapsed()) {
        if shows {
            let left = left.saturating_sub(start.elapsed()).as_secs() + 1;
            let _ = write!(io::stderr(), "\rwatching, {left} s left  ");
        }
        thread::sleep(rest.min(Duration::from_secs(1)));
    }
    if shows {
        let _ = write!(io::stderr(), "\r{:24}\r", "");
    }
}

fn verdict(fail_on: FailOnFinding, pages: &[Checked]) -> Verdict {
    let worst = pages
        .iter()
        .flat_map(|page| &page.findings)
        .map(|finding| finding.code.severity())
        .max();
    let fails = match fail_on {
        FailOnFinding::Warning => worst.is_some(),
        FailOnFinding::Error => worst == Some(Severity::Error),
        FailOnFinding::Never => false,
    };
    if fails {
        Verdict::Problems
    } else {
        Verdict::Fine
    }
}
