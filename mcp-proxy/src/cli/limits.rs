//! Options that bound what a server may cost, in whatever mode it is proxied.

use std::time::Duration;

use clap::Args;

/// How much, how long, how often.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Size limit of one message, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = crate::transport::MAX_MESSAGE)]
    pub max_message: usize,
    /// Time a request may wait for its answer, before it is answered with an error
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = humantime::parse_duration)]
    pub answer_timeout: Duration,
    /// Time a child has to exit after the end of its input, before SIGTERM
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = humantime::parse_duration)]
    pub end_grace: Duration,
    /// Time a child has to exit after SIGTERM, before SIGKILL
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = humantime::parse_duration)]
    pub term_grace: Duration,
    /// Most attempts in a row to reach a server anew, before it is given up
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub max_restarts: u32,
}
