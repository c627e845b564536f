//! The failure of a command (exit code 2), with help for its user.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use shadowcat_metrics_operations::Outcome;

use crate::answer::{self, Answer, Verdict};
use crate::report::{self, Form};

pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const BOLD: Style = Style::new().bold();

#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: Option<String>,
    /// The schema whose errors caused the failure. They are printed instead of the message.
    schema: Option<Box<Outcome>>,
    /// Lines printed before the message.
    notes: String,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            schema: None,
            notes: String::new(),
        }
    }

    /// Creates the failure for a schema with errors.
    pub(crate) fn invalid_schema(outcome: Outcome) -> Self {
        Self {
            schema: Some(Box::new(outcome)),
            ..Self::new("the schema has errors")
        }
    }

    /// Returns the message.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Sets the help: what to do next.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the lines printed before the message.
    pub(crate) fn notes(mut self, notes: String) -> Self {
        self.notes = notes;
        self
    }

    /// Creates the failure for a file operation that the system refused.
    pub(crate) fn io(what: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!("cannot {what} `{}`: {error}", path.display()))
    }

    /// Prints the failure in the requested form: a schema's errors are data for programs.
    pub(crate) fn print(&self, form: Form) -> ExitCode {
        let mut answer = match self.schema.as_deref() {
            Some(outcome) => {
                report::schema_errors(outcome, form).unwrap_or_else(|failure| failure.text())
            }
            None => self.text(),
        };
        if let (Some(_), Some(help)) = (&self.schema, &self.help)
            && form == Form::Human
        {
            answer.help(help);
        }
        // If writing to standard error fails, only the exit code can report it.
        let _ = answer::write(anstream::stderr().lock(), &answer.stderr);
        let _ = answer::write(anstream::stdout().lock(), &answer.stdout);
        ExitCode::from(2)
    }

    pub(crate) fn text(&self) -> Answer {
        let mut answer = Answer::new("", Verdict::Failed);
        answer.stderr.push_str(&self.notes);
        answer.error(&self.message);
        if let Some(help) = &self.help {
            answer.help(help);
        }
        answer
    }
}
