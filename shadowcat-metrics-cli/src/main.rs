//! The `shadowcat-metrics` command: whatever is done to a `metrics.toml`, from a shell.
//!
//! [`args`] is the command line, [`commands`] what each word of it does, [`answer`] how that reaches the terminal and the
//! exit code, [`input`], [`whole`], [`files`], [`fetch`] and [`revision`] where texts come from. What a schema means, the
//! libraries know (`shadowcat-metrics-codegen`, `-operations`, `-conformance`); what only commands need is here: [`diff`]
//! compares schemas, [`infer`] proposes one, [`layout`] lays one out, [`mend`] and [`insert`] edit one, [`texts`] has it as it
//! would be, [`uses`] asks rustc who records. As cargo's wrapper around rustc, for `unused`, it is another program:
//! [`uses::wrapper`].

mod answer;
mod args;
mod call;
mod commands;
mod diff;
mod failure;
mod fetch;
mod files;
mod infer;
mod input;
mod insert;
mod layout;
mod mend;
mod newline;
mod notes;
mod release;
mod revision;
mod texts;
mod uses;
mod whole;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Some(code) = uses::wrapper::run() {
        return code;
    }
    let args = args::Args::parse();
    args.apply_color();
    match commands::run(args.command) {
        Ok(answer) => answer.print(),
        Err(failure) => failure.print(),
    }
}
