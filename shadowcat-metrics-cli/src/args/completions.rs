//! `completions`: its arguments and its help.

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

pub(super) const HELP: &str = "\
Examples:
  shadowcat-metrics completions bash > ~/.local/share/bash-completion/completions/shadowcat-metrics
  shadowcat-metrics completions fish > ~/.config/fish/completions/shadowcat-metrics.fish";
