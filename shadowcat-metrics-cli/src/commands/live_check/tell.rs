//! How the findings of `live-check` are written: for people, for programs, for CI systems.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use shadowcat_metrics_conformance::{Code, Severity};

use super::Checked;
use crate::answer::{Answer, Verdict};
use crate::args::{FailOnFinding, LiveCheckArgs, LiveFormat};
use crate::commands::report;
use crate::failure::{ERROR, Failure, GOOD, HELP, WARNING};

/// Findings of one code that people are shown; more are counted.
const SHOWN: usize = 50;

/// The answer, in the form that was asked for.
pub(super) fn tell(
    args: &LiveCheckArgs,
    pages: &[Checked],
    families: usize,
    verdict: Verdict,
) -> Result<Answer, Failure> {
    match args.format {
        LiveFormat::Human => Ok(human(args, pages, families, verdict)),
        LiveFormat::Json => Answer::json(&json(args, pages), verdict),
        LiveFormat::Junit => junit(args, pages, verdict),
    }
}

fn count(pages: &[Checked], severity: Severity) -> usize {
    let findings = pages.iter().flat_map(|page| &page.findings);
    findings
        .filter(|finding| finding.code.severity() == severity)
        .count()
}

fn human(args: &LiveCheckArgs, pages: &[Checked], families: usize, verdict: Verdict) -> Answer {
    let mut stderr = String::new();
    let mut codes: BTreeMap<Code, usize> = BTreeMap::new();
    for Checked { page, findings } in pages {
        for finding in findings {
            let told = codes.entry(finding.code).or_default();
            *told += 1;
            if *told > SHOWN {
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
                "{HELP}help[{}]{HELP:#}: there are {more} more of these, which `--format json` has",
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
        "{} has {} and {} against {} in {}\n",
        args.from,
        report::count(errors, "error"),
        report::count(warnings, "warning"),
        report::count(families, "family name"),
        formats,
    );
    let stdout = if errors == 0 && matches!(verdict, Verdict::Fine) {
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

/// The findings, for programs.
#[derive(Debug, Serialize)]
struct Json<'a> {
    version: u32,
    from: &'a str,
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

fn json<'a>(args: &'a LiveCheckArgs, pages: &'a [Checked]) -> Json<'a> {
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
        from: &args.from,
        errors: count(pages, Severity::Error),
        warnings: count(pages, Severity::Warning),
        findings: entries.collect(),
    }
}

/// One suite a page, one case a code: those without findings have passed.
fn junit(args: &LiveCheckArgs, pages: &[Checked], verdict: Verdict) -> Result<Answer, Failure> {
    let mut report = Report::new("shadowcat-metrics live-check");
    for Checked { page, findings } in pages {
        let mut suite = TestSuite::new(format!("{} ({})", args.from, page.format.name()));
        for code in Code::ALL {
            let messages: Vec<_> = findings
                .iter()
                .filter(|finding| finding.code == *code)
                .map(ToString::to_string)
                .collect();
            let is_failure = match args.fail_on {
                FailOnFinding::Warning => true,
                FailOnFinding::Error => code.severity() == Severity::Error,
                FailOnFinding::Never => false,
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
    let stdout = report
        .to_string()
        .map_err(|error| Failure::new(error.to_string()))?;
    Ok(Answer {
        stdout,
        stderr: String::new(),
        verdict,
    })
}
