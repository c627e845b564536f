//! `explain`: its arguments and its help.

use super::Format;

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// A code such as SM1004, or its name; without it, all are listed
    pub(crate) code: Option<String>,
    /// How to write the explanation
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics explain                list all codes
  shadowcat-metrics explain SM1004
  shadowcat-metrics explain type-in-name   by the name that `allow` lists hold",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

JSON, for one code; without one, an object with `version` (1) and `codes`, an array of these:
  code, name        SM1004, type-in-name
  severity          error or warning
  allowable         whether it is a lint, which `allow` can silence
  title             what is wrong, in a few words
  explanation       why, and what to do
  wrong, right      a schema that yields the code, and the same mended"
);
