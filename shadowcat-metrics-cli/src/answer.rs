//! What a command has to say, and how it is printed: commands build an [`Answer`], and only this file writes to the
//! standard streams.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::failure::Failure;

/// What a command found, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All is well: exit code 0.
    Fine,
    /// The schema has problems or documents have drifted: exit code 1.
    Problems,
}

/// Text for both streams, styled; the styles are taken out again where the stream is not to have any.
#[derive(Debug)]
pub(crate) struct Answer {
    /// What was asked for.
    pub(crate) stdout: String,
    /// What is wrong.
    pub(crate) stderr: String,
    pub(crate) verdict: Verdict,
}

impl Answer {
    pub(crate) fn fine(stdout: impl Into<String>) -> Self {
        Self {
            stdout: stdout.into(),
            stderr: String::new(),
            verdict: Verdict::Fine,
        }
    }

    /// There is nothing to say but what is wrong.
    pub(crate) const fn problems(stderr: String) -> Self {
        Self {
            stdout: String::new(),
            stderr,
            verdict: Verdict::Problems,
        }
    }

    /// An answer for programs: one JSON document on standard output.
    pub(crate) fn json(value: &impl Serialize, verdict: Verdict) -> Result<Self, Failure> {
        let json =
            serde_json::to_string_pretty(value).map_err(|error| Failure::new(error.to_string()))?;
        Ok(Self {
            stdout: json + "\n",
            stderr: String::new(),
            verdict,
        })
    }

    pub(crate) fn print(&self) -> ExitCode {
        let written = write(anstream::stderr().lock(), &self.stderr)
            .and_then(|()| write(anstream::stdout().lock(), &self.stdout));
        match (written, self.verdict) {
            (Err(error), _) => Failure::new(format!("cannot write the answer: {error}")).print(),
            (Ok(()), Verdict::Fine) => ExitCode::SUCCESS,
            (Ok(()), Verdict::Problems) => ExitCode::from(1),
        }
    }
}

/// Writes it all. A reader that has seen enough, such as `head`, is no reason to complain.
pub(crate) fn write(mut stream: impl Write, text: &str) -> io::Result<()> {
    match stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
    {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
