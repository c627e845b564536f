//! The result of a command, and how it is printed. Commands build an [`Answer`]; only this file writes to the standard
//! streams.

use std::fmt::{Display, Write as _};
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use quick_junit::Report;
use serde::Serialize;

use crate::failure::{ERROR, Failure, HELP, WARNING};
use crate::report::Form;

/// What a command found: its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Exit code 0.
    Ok,
    /// There are problems to fix, documents to generate, or changes that are not allowed: exit code 1.
    Findings,
    /// A part of the job could not be done: exit code 2.
    Failed,
}

impl Verdict {
    pub(crate) const fn findings_if(found: bool) -> Self {
        if found { Self::Findings } else { Self::Ok }
    }
}

/// Styled text for both streams. A stream that is not a terminal gets it without the styles.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) verdict: Verdict,
}

impl Answer {
    pub(crate) fn new(stdout: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            stdout: stdout.into(),
            stderr: String::new(),
            verdict,
        }
    }

    pub(crate) fn ok(stdout: impl Into<String>) -> Self {
        Self::new(stdout, Verdict::Ok)
    }

    /// Adds an error.
    pub(crate) fn error(&mut self, message: impl Display) {
        let _ = writeln!(self.stderr, "{ERROR}error{ERROR:#}: {message}");
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, message: impl Display) {
        let _ = writeln!(self.stderr, "{WARNING}warning{WARNING:#}: {message}");
    }

    /// Adds what to do.
    pub(crate) fn help(&mut self, advice: impl Display) {
        let _ = writeln!(self.stderr, "{HELP}help{HELP:#}: {advice}");
    }

    /// Makes the exit code worse, never better.
    pub(crate) fn raise(&mut self, verdict: Verdict) {
        self.verdict = self.verdict.max(verdict);
    }

    /// Adds a failure to the results for other inputs.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        self.stderr.push_str(&failure.text().stderr);
        self.verdict = Verdict::Failed;
    }

    /// Creates an answer with one JSON document on standard output.
    pub(crate) fn json(value: &impl Serialize, verdict: Verdict) -> Result<Self, Failure> {
        let json =
            serde_json::to_string_pretty(value).map_err(|error| Failure::new(error.to_string()))?;
        Ok(Self::new(json + "\n", verdict))
    }

    /// Creates an answer with one `JUnit` document on standard output.
    pub(crate) fn junit(report: &Report, verdict: Verdict) -> Result<Self, Failure> {
        let text = report.to_string();
        let text = text.map_err(|error| Failure::new(error.to_string()))?;
        Ok(Self::new(text, verdict))
    }

    pub(crate) fn print(&self) -> ExitCode {
        let written = write(anstream::stderr().lock(), &self.stderr)
            .and_then(|()| write(anstream::stdout().lock(), &self.stdout));
        match (written, self.verdict) {
            (Err(error), _) => not_written(&error),
            (Ok(()), Verdict::Ok) => ExitCode::SUCCESS,
            (Ok(()), Verdict::Findings) => ExitCode::from(1),
            (Ok(()), Verdict::Failed) => ExitCode::from(2),
        }
    }
}

/// Prints help, or a mistake on the command line.
pub(crate) fn print_usage(usage: &clap::Error) -> ExitCode {
    match usage.print() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => not_written(&error),
        _ => u8::try_from(usage.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

fn not_written(error: &io::Error) -> ExitCode {
    Failure::new(format!("cannot write the answer: {error}")).print(Form::Human)
}

/// Writes a whole text. A reader that stops early, such as `head`, is not an error.
pub(crate) fn write(mut stream: impl Write, text: &str) -> io::Result<()> {
    match stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
    {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
