//! `check`: its arguments and its help.

use std::path::PathBuf;

use super::{Format, ReleaseArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The schema; `-` reads standard input
    #[arg(default_value = "metrics.toml")]
    pub(crate) file: PathBuf,
    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Exit with 1 if there are warnings, too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Mend in the file what is mechanical, and report what is left; for `-`, write the mended schema to standard output
    #[arg(long)]
    pub(crate) fix: bool,
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
}

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics check
  shadowcat-metrics check --deny-warnings services/shop/metrics.toml
  shadowcat-metrics check --fix
  git show HEAD:metrics.toml | shadowcat-metrics check --format json -",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

What --fix mends: keys, references, types, units and lints that are a slip away from the right one; `true`, `false` and \
integers in quotes, a label's values without them; a string where an array of strings is due; a missing full stop; an `allow` \
that is not needed; a unit or a group that a key repeats, if the exposed name stays the same and the metric is not stable. \
Comments and layout stay. A fix after which there would be another error is not made.

JSON, on standard output:
  version           version of this format: 1
  file              the schema as it was named; `<stdin>` for standard input
  errors, warnings  how many there are of each
  diagnostics       every problem, in the order of the file:
    code            stable code: SM1004
    name            the code's name, which `allow` lists hold: type-in-name
    severity        error or warning
    message         what is wrong, in one line
    label           what was expected there, or null
    help            how to mend it, or null
    file            as above
    line, column    where it begins, from 1; columns count characters
    end             where it ends, the same way: the line and column behind its last character
    related         other places that have part in it: label, file, line, column, end
    fix             what `--fix` would do, or null: file, line, column and end as above,
                    and the replacement
  mended            with --fix, what was mended: code, name, message, line, column, and
                    what it was and is now"
);
