//! `completions`: a script for a shell.

use clap::CommandFactory as _;

use crate::answer::Answer;
use crate::args::{Args, CompletionsArgs};

pub(super) fn run(args: &CompletionsArgs) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Args::command(),
        "shadowcat-metrics",
        &mut script,
    );
    Answer::fine(String::from_utf8_lossy(&script))
}
