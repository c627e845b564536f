//! The `shadowcat-metrics` command. For `unused`, cargo also runs it as a wrapper around rustc: see [`uses::wrap_rustc`].

mod answer;
mod cli;
mod commands;
mod diff;
mod failure;
mod fetch;
mod files;
mod fix;
mod format;
mod including_schema;
mod infer;
mod newline;
mod proposal;
mod release;
mod report;
mod revision;
mod schema;
mod schema_files;
mod table;
mod text_diff;
mod uses;

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = uses::wrap_rustc() {
        return code;
    }
    let cli = match cli::Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(usage) => return answer::print_usage(&usage),
    };
    cli.apply_color();
    let form = cli.command.form();
    if form == report::Form::Human {
        // Notes are optional: a closed standard error does not stop the command.
        let _ = answer::write(anstream::stderr().lock(), &cli.command.notes());
    }
    match cli.command.run() {
        Ok(answer) => answer.print(),
        Err(failure) => failure.print(form),
    }
}
