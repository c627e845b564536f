//! `man`: the manual of the command.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::answer::Answer;
use crate::cli::Cli;
use crate::failure::Failure;
use crate::files::{Document, write_all};

/// Print the man page, or write one for each command
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Write a page for each command into this folder, which is created if needed
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
}

const HELP: &str = "\
Examples:
  shadowcat-metrics man | man -l -
  shadowcat-metrics man --out-dir ~/.local/share/man/man1";

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let mut command = Cli::command();
        command.build();
        let Some(folder) = &self.out_dir else {
            return Ok(Answer::ok(String::from_utf8_lossy(&page(command)?)));
        };
        let commands = command
            .get_subcommands()
            .filter(|sub| sub.get_name() != "help")
            .cloned()
            .collect::<Vec<_>>();
        let pages: Vec<_> = std::iter::once(command)
            .chain(commands)
            .map(|command| document(folder, command))
            .collect::<Result<_, _>>()?;
        write_all(&pages.iter().collect::<Vec<_>>())?;
        let written = pages
            .iter()
            .map(|page| format!("wrote {}\n", page.path.display()));
        Ok(Answer::ok(written.collect::<String>()))
    }
}

fn document(folder: &Path, command: clap::Command) -> Result<Document, Failure> {
    // A built subcommand knows its full name: `shadowcat-metrics-check`.
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name());
    Ok(Document {
        path: folder.join(format!("{name}.1")),
        content: page(command)?,
    })
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut roff = Vec::new();
    Man::new(command)
        .render(&mut roff)
        .map_err(|error| Failure::new(format!("cannot render the man page: {error}")))?;
    Ok(roff)
}
