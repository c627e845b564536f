//! How the program ends, and the exit code that says so.

use std::fmt;
use std::process::ExitCode;

use crate::telemetry::BindError;
use crate::upstream::StartError;

/// Everything that makes the exit code other than zero, except for what clap finds wrong, which is 2 as well.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// 1: the demo's metrics are not what its traffic should have made them.
    #[error("the metrics are not what the traffic should have made them")]
    Verdict,
    /// 2: the command line is right word by word, but not as a whole.
    #[error("{0}")]
    Usage(String),
    /// 3: there is no server to proxy.
    #[error(transparent)]
    NotStarted(#[from] StartError),
    /// 3: the server kept exiting.
    #[error("the server kept exiting, and was given up")]
    GivenUp,
    /// 4: the metrics, or the servers, cannot be served where they should.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// 5: what the demo or the program itself needs cannot be had.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// The table for `--help`.
pub const TABLE: &str = "\
Exit codes:
  0  all went well; Ctrl-C and the client's hanging up are orderly ends
  1  demo: a metric is not what the traffic should have made it
  2  wrong usage
  3  the server could not be started, or kept exiting
  4  the address for metrics, or for clients, could not be bound
  5  input or output failed";

impl Failure {
    /// The exit code that stands for it.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Verdict => 1,
            Self::Usage(_) => 2,
            Self::NotStarted(_) | Self::GivenUp => 3,
            Self::Bind(_) => 4,
            Self::Io(_) => 5,
        }
    }
}

impl From<&Failure> for ExitCode {
    fn from(failure: &Failure) -> Self {
        failure.code().into()
    }
}

/// Prints an error as the command line does.
pub fn report(failure: &impl fmt::Display) {
    eprintln!("mcp-proxy: {failure}");
}
