//! `man`: the command's own manual.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::answer::Answer;
use crate::args::{Args, ManArgs};
use crate::failure::Failure;
use crate::files::{Document, write_all};

pub(super) fn run(args: &ManArgs) -> Result<Answer, Failure> {
    let mut command = Args::command();
    command.build();
    let Some(folder) = &args.out_dir else {
        return Ok(Answer::fine(String::from_utf8_lossy(&page(command)?)));
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
    let written: Vec<_> = pages
        .iter()
        .map(|page| format!("wrote {}", page.path.display()))
        .collect();
    Ok(Answer::fine(written.join("\n") + "\n"))
}

fn document(folder: &Path, command: clap::Command) -> Result<Document, Failure> {
    // Once built, a subcommand knows its full name: `shadowcat-metrics-check`.
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
        .map_err(|error| Failure::new(format!("cannot make the man page: {error}")))?;
    Ok(roff)
}
