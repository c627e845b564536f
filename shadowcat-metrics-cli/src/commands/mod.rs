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
use crate::args::{Command, Format, LiveFormat};
use crate::failure::{BOLD, Failure};
use crate::whole::Whole;

pub(crate) fn run(mut command: Command) -> Result<Answer, Failure> {
    let note = take_whole(&mut command);
    let mut answer = dispatch(command)?;
    answer.stderr.insert_str(0, &note.unwrap_or_default());
    Ok(answer)
}

/// Gives a command that is to read an included file the schema that includes it, which alone knows what is declared
/// elsewhere, and says so to people; programs see it in the answer. `fmt` lays out what it is given, and `new` adds to it.
fn take_whole(command: &mut Command) -> Option<String> {
    let (file, for_people) = match command {
        Command::Check(args) => (&mut args.file, args.format == Format::Human),
        Command::CheckRules(args) => (&mut args.schema, args.format == Format::Human),
        Command::Generate(args) => (&mut args.file, true),
        Command::List(args) => (&mut args.file, args.format == Format::Human),
        Command::Budget(args) => (&mut args.file, args.format == Format::Human),
        Command::Unused(args) => (args.schema.as_mut()?, args.format == Format::Human),
        Command::LiveCheck(args) => (&mut args.schema, args.format == LiveFormat::Human),
        Command::Diff(_)
        | Command::Fmt(_)
        | Command::Explain(_)
        | Command::Infer(_)
        | Command::New(_)
        | Command::Init(_)
        | Command::Completions(_)
        | Command::Man(_) => return None,
    };
    let Whole { schema, part } = Whole::of(file)?;
    let note = format!(
        "{BOLD}note{BOLD:#}: `{part}` is a part of `{}`, which is taken as a whole\n",
        schema.display()
    );
    *file = schema;
    for_people.then_some(note)
}

fn dispatch(command: Command) -> Result<Answer, Failure> {
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
