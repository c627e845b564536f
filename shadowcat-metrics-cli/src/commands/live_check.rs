//! `live-check`: the page of a running program, checked against its schema.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use shadowcat_metrics_conformance::page::Family;
use shadowcat_metrics_conformance::{
    Code, Expected, Finding, Format as PageFormat, Options, Page, Severity, Watch, conforms,
};

use crate::answer::{Answer, Verdict};
use crate::cli::{ReleaseArgs, long_help};
use crate::failure::{ERROR, Failure, GOOD, HELP, WARNING};
use crate::fetch::{Fetched, as_url, no_format, read_page_as, shown};
use crate::report::{self, Form};
use crate::schema::{DEFAULT, ProgramArgs, Schema, SchemaArg};

/// Maximum number of findings per code in text output; further ones are counted.
const SHOWN: usize = 50;

/// Check a running program's metrics against its schema
#[derive(Debug, clap::Args)]
#[command(after_help = HELP_TEXT, after_long_help = long_help(HELP_TEXT, JSON))]
pub(crate) struct Args {
    /// The page of the program: a URL, a file, or `-` for standard input
    #[arg(value_name = "URL|FILE")]
    from: OsString,
    /// The schema
    #[arg(long, value_name = "FILE", default_value = DEFAULT)]
    pub(crate) schema: SchemaArg,
    /// Watch a URL for this time, such as 30s or 5m, and report which metrics did not change
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    watch: Option<Duration>,
    /// Time between two scrapes of a watched URL
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "5s", requires = "watch")]
    every: Duration,
    /// Exit with 1 if there is a finding of this severity or a higher one
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t)]
    fail_on: FailOn,
    /// Also report families outside the schema's namespace
    #[arg(long)]
    strict: bool,
    /// A label that any sample may have, because the scraper adds it; can be repeated
    #[arg(long, value_name = "NAME")]
    allow_label: Vec<String>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    release: ReleaseArgs,
}

/// The values of `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum FailOn {
    /// Errors and warnings
    Warning,
    /// Errors: the program and its schema disagree
    #[default]
    Error,
    /// Nothing: findings are only reported
    Never,
}

/// The form of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Text
    #[default]
    Human,
    /// JSON, described by `--help`
    Json,
    /// A report in the format of `JUnit`, for CI systems that show test results
    Junit,
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Human => Self::Human,
            Format::Json => Self::Json,
            Format::Junit => Self::Junit,
        }
    }
}

/// Parses a time in seconds, minutes or hours: `30s`, `1.5m`, `1h`.
fn seconds(text: &str) -> Result<Duration, String> {
    let units = [("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let found = units.iter().find_map(|(suffix, factor)| {
        let number: f64 = text.strip_suffix(suffix)?.parse().ok()?;
        Duration::try_from_secs_f64(number * factor).ok()
    });
    found
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "expected a time such as `30s` or `5m`".to_owned())
}

const HELP_TEXT: &str = "\
A URL is read in each format that the program has: text 0.0.4, OpenMetrics and protobuf. Every page is checked for families, \
types, units, help, labels, label values, buckets and states, for missing and duplicate series, and for more series than the \
maximum. With `--for`, the page is scraped repeatedly, and metrics that did not change are reported as well. `explain LC01` \
explains a code.

Examples:
  shadowcat-metrics live-check http://127.0.0.1:9464/metrics
  shadowcat-metrics live-check http://127.0.0.1:9464/metrics --for 60s --fail-on warning
  shadowcat-metrics live-check page.txt --schema services/shop/metrics.toml --format json
  curl -s https://shop.example/metrics | shadowcat-metrics live-check - --allow-label instance";

const JSON: &str = "\
JSON, on standard output:
  version           version of this format: 1
  from              the page, as on the command line, without credentials
  errors, warnings  number of each
  findings          every finding:
    code, name      stable code and its name: LC03, missing-family
    severity        error or warning
    family          exposed name of the metric, or null
    format          format of the page that has the finding: text, openmetrics or protobuf
    line            line of that page, or null
    message         what was found, and what was expected
    advice          what to do";

/// A page and its findings.
struct Checked {
    page: Page,
    findings: Vec<Finding>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let release = self.release.of(self.schema.path());
        // Names that this release should have removed are findings about the program, not errors in the
        // schema.
        let mut outcome = self.schema.compile(None)?;
        let parts = self.program.join(&self.schema, &mut outcome)?;
        let schema = Schema::valid(outcome)?;
        if self.watch.is_some() && as_url(&self.from).is_none() {
            return Err(Failure::new("`--for` needs a program to watch")
                .help("use the URL of its page, such as `http://127.0.0.1:9464/metrics`"));
        }
        let mut expected = Expected::new(schema.registry(), release.as_ref());
        for part in &parts {
            expected.also(Expected::new(&part.schema.registry, None));
        }
        let options = Options {
            strict: self.strict,
            allowed_labels: self.allow_label.iter().cloned().collect(),
        };
        let check = |format| -> Result<Option<Checked>, Failure> {
            let fetched = read_page_as(&self.from, format)?;
            Ok(fetched.map(|fetched| Checked::new(fetched, &expected, &options)))
        };
        let mut pages = Vec::new();
        if as_url(&self.from).is_some() {
            for format in PageFormat::ALL {
                // Most servers fall back on text.
                let checked = check(Some(format))?.filter(|page: &Checked| {
                    let is_same = |known: &Checked| known.page.format == page.page.format;
                    !pages.iter().any(is_same)
                });
                pages.extend(checked);
            }
        } else {
            pages.extend(check(None)?);
        }
        let Some(first) = pages.first_mut() else {
            return Err(no_format(&self.from));
        };
        if let Some(time) = self.watch {
            let format = Some(first.page.format);
            let mut watch = Watch::new(&first.page, &expected);
            let start = Instant::now();
            while let Some(left) = time.checked_sub(start.elapsed()) {
                wait(left.min(self.every), left);
                // If the program restarts, earlier findings must not be lost.
                match check(format).and_then(|later| later.ok_or_else(|| no_format(&self.from))) {
                    Ok(later) => {
                        watch.see(&later.page);
                        first.learn(later.findings, start.elapsed());
                    }
                    Err(failure) => first.learn(vec![no_answer(&failure)], start.elapsed()),
                }
            }
            first.findings.extend(watch.unmoved());
        }
        let verdict = verdict(self.fail_on, &pages);
        match self.format {
            Format::Human => Ok(self.human(&pages, verdict)),
            Format::Json => Answer::json(&self.json(&pages), verdict),
            Format::Junit => self.junit(&pages, verdict),
        }
    }

    fn human(&self, pages: &[Checked], verdict: Verdict) -> Answer {
        let mut stderr = String::new();
        let mut codes: BTreeMap<Code, usize> = BTreeMap::new();
        for Checked { page, findings } in pages {
            for finding in findings {
                let count = codes.entry(finding.code).or_default();
                *count += 1;
                if *count > SHOWN {
                    continue;
                }
                let style = match finding.code.severity() {
                    Severity::Error => ERROR,
                    Severity::Warning => WARNING,
                };
                let line = finding
                    .line
                    .map_or(String::new(), |line| format!(":{line}"));
                let _ = writeln!(
                    stderr,
                    "{style}{}[{}]{style:#}: {} ({}{line})",
                    finding.code.severity().name(),
                    finding.code.id(),
                    finding.message,
                    page.format.name(),
                );
            }
        }
        for (code, found) in &codes {
            let _ = writeln!(
                stderr,
                "{HELP}help[{}]{HELP:#}: {}",
                code.id(),
                code.advice()
            );
            if *found > SHOWN {
                let more = found - SHOWN;
                let _ = writeln!(
                    stderr,
                    "{HELP}help[{}]{HELP:#}: use `--format json` to see {more} more of these",
                    code.id(),
                );
            }
        }
        let (errors, warnings) = (
            count(pages, Severity::Error),
            count(pages, Severity::Warning),
        );
        let formats: Vec<_> = pages.iter().map(|page| page.page.format.name()).collect();
        let formats = match formats.as_slice() {
            [init @ .., before, last] => [init, &[&format!("{before} and {last}")]]
                .concat()
                .join(", "),
            formats => formats.concat(),
        };
        let found = format!(
            "{} has {} and {} ({} in {})\n",
            shown(&self.from),
            report::count(errors, "error"),
            report::count(warnings, "warning"),
            families(pages),
            formats,
        );
        let stdout = if errors == 0 && verdict == Verdict::Ok {
            format!("{GOOD}ok{GOOD:#}: {found}")
        } else {
            found
        };
        Answer {
            stdout,
            stderr,
            verdict,
        }
    }

    fn json<'a>(&self, pages: &'a [Checked]) -> Json<'a> {
        let entries = pages.iter().flat_map(|Checked { page, findings }| {
            findings.iter().map(|finding| Entry {
                code: finding.code.id(),
                name: finding.code.name(),
                severity: finding.code.severity().name(),
                family: Some(&*finding.family).filter(|family| !family.is_empty()),
                format: page.format.name(),
                line: finding.line,
                message: &finding.message,
                advice: finding.code.advice(),
            })
        });
        Json {
            version: 1,
            from: shown(&self.from),
            errors: count(pages, Severity::Error),
            warnings: count(pages, Severity::Warning),
            findings: entries.collect(),
        }
    }

    /// Creates a `JUnit` suite for each page with a case for each code. Codes without findings pass.
    fn junit(&self, pages: &[Checked], verdict: Verdict) -> Result<Answer, Failure> {
        let mut report = Report::new("shadowcat-metrics live-check");
        for Checked { page, findings } in pages {
            let mut suite =
                TestSuite::new(format!("{} ({})", shown(&self.from), page.format.name()));
            for code in Code::ALL {
                let messages: Vec<_> = findings
                    .iter()
                    .filter(|finding| finding.code == *code)
                    .map(ToString::to_string)
                    .collect();
                let is_failure = match self.fail_on {
                    FailOn::Warning => true,
                    FailOn::Error => code.severity() == Severity::Error,
                    FailOn::Never => false,
                };
                let mut status = match (messages.is_empty(), is_failure) {
                    (true, _) => TestCaseStatus::success(),
                    (false, true) => TestCaseStatus::non_success(NonSuccessKind::Failure),
                    (false, false) => TestCaseStatus::skipped(),
                };
                if !messages.is_empty() {
                    status.set_type(code.id());
                    status.set_message(code.meaning());
                    status.set_description(messages.join("\n"));
                }
                let mut case = TestCase::new(code.name(), status);
                case.set_classname(code.id());
                suite.add_test_case(case);
            }
            report.add_test_suite(suite);
        }
        Answer::junit(&report, verdict)
    }
}

/// The findings as JSON.
#[derive(Debug, Serialize)]
struct Json<'a> {
    version: u32,
    from: String,
    errors: usize,
    warnings: usize,
    findings: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    family: Option<&'a str>,
    format: &'static str,
    line: Option<usize>,
    message: &'a str,
    advice: &'static str,
}

fn count(pages: &[Checked], severity: Severity) -> usize {
    let findings = pages.iter().flat_map(|page| &page.findings);
    findings
        .filter(|finding| finding.code.severity() == severity)
        .count()
}

/// Returns how many families with values the pages have, as text. The formats of a program can differ.
fn families(pages: &[Checked]) -> String {
    let counts = pages.iter().map(|Checked { page, .. }| {
        let with_values = page.families.iter().filter(|family| family.has_values());
        with_values.count()
    });
    let least = counts.clone().min().unwrap_or_default();
    let most = counts.max().unwrap_or_default();
    if least == most {
        report::count(most, "family")
    } else {
        format!("{least} to {}", report::count(most, "family"))
    }
}

/// Returns the finding for a failed scrape of a watched page.
fn no_answer(failure: &Failure) -> Finding {
    Finding {
        code: Code::NO_ANSWER,
        family: String::new(),
        line: None,
        message: failure.message().to_owned(),
    }
}

impl Checked {
    fn new(fetched: Fetched, expected: &Expected, options: &Options) -> Self {
        let Fetched { page, content_type } = fetched;
        let is_empty = !page.families.iter().any(Family::has_values);
        let mut findings = match content_type {
            // A web page without metrics lacks every family, so individual findings would be noise.
            Some(_) if is_empty => Vec::new(),
            Some(_) | None => conforms(&page, expected, options),
        };
        findings.splice(..0, content_type);
        Self { page, findings }
    }

    /// Adds the findings of a later page, except for codes already reported for the same family.
    fn learn(&mut self, later: Vec<Finding>, after: Duration) {
        for mut finding in later {
            let same =
                |known: &Finding| known.code == finding.code && known.family == finding.family;
            if !self.findings.iter().any(same) {
                let _ = write!(finding.message, ", after {:.1} s", after.as_secs_f64());
                self.findings.push(finding);
            }
        }
    }
}

/// Waits, and shows the remaining time on a terminal.
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

fn verdict(fail_on: FailOn, pages: &[Checked]) -> Verdict {
    let worst = pages
        .iter()
        .flat_map(|page| &page.findings)
        .map(|finding| finding.code.severity())
        .max();
    let fails = match fail_on {
        FailOn::Warning => worst.is_some(),
        FailOn::Error => worst == Some(Severity::Error),
        FailOn::Never => false,
    };
    Verdict::findings_if(fails)
}
