//! `completions`: a completion script for a shell.

use clap::CommandFactory as _;

use crate::answer::Answer;
use crate::cli::Cli;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

const HELP: &str = "\
Examples:
  shadowcat-metrics completions bash > ~/.local/share/bash-completion/completions/shadowcat-metrics
  shadowcat-metrics completions fish > ~/.config/fish/completions/shadowcat-metrics.fish";

impl Args {
    pub(crate) fn run(&self) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Cli::command(),
            "shadowcat-metrics",
            &mut script,
        );
        let script = String::from_utf8_lossy(&script);
        // Bash completes no option of a command without this, because of the hyphen in the program's name: clap-rs/clap#6421.
        Answer::ok(script.replace("shadowcat__subcmd__metrics", "shadowcat__metrics"))
    }
}
