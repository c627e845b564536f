//! What each command does: from its arguments to an [`Answer`], without printing anything.

mod budget;
mod check;
mod check_rules;
mod completions;
mod diff;
mod diff_text;
mod difference;
mod explain;
mod fmt;
mod generate;
mod infer;
mod init;
mod list;
mod live_check;
mod man;
mod new;
mod queries;
mod report;
mod table;
mod unused;

use crate::answer::Answer;
use crate::args::Command;
use crate::failure::Failure;

pub(crate) fn run(command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Check(args) => check::run(&args),
        Command::CheckRules(args) => check_rules::run(&args),
        Command::Generate(args) => generate::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Infer(args) => infer::run(&args),
        Command::New(args) => new::run(&args),
        Command::Init(args) => init::run(&args),
        Command::List(args) => list::run(&args),
        Command::Budget(args) => budget::run(&args),
        Command::Unused(args) => unused::run(&args),
        Command::LiveCheck(args) => live_check::run(&args),
        Command::Completions(args) => Ok(completions::run(&args)),
        Command::Man(args) => man::run(&args),
    }
}
