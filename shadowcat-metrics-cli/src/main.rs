//! The `shadowcat-metrics` command. Run by cargo as a wrapper around rustc, for `unused`, it is another program:
//! [`uses::wrapper`].

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
mod queries;
mod release;
mod report;
mod revision;
mod schema;
mod schema_files;
mod table;
mod text_diff;
mod uses;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Some(code) = uses::wrapper::run() {
        return code;
    }
    let cli = cli::Cli::parse();
    cli.apply_color();
    let form = cli.command.form();
    if form == report::Form::Human {
        // A closed standard error takes no notes; the answer does not depend on them.
        let _ = answer::write(anstream::stderr().lock(), &cli.command.notes());
    }
    match cli.command.run() {
        Ok(answer) => answer.print(),
        Err(failure) => failure.print(form),
    }
}
