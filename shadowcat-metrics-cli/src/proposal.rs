//! The schema that `infer` or `import` proposes: the checks of its options, and where it is written.

use std::path::PathBuf;

use shadowcat_metrics_codegen::name::{is_keyword, is_snake_case, to_snake_case};

use crate::failure::{Failure, GOOD};
use crate::files::{Document, NewFolders, replace};
use crate::report::{self, count};

/// Where to write a proposed schema.
#[derive(Debug, clap::Args)]
pub(crate) struct OutArgs {
    /// Write the schema to this file, which must not exist, instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl OutArgs {
    /// Refuses to replace an existing file with a guess, and an invalid namespace.
    pub(crate) fn check(&self, namespace: Option<&str>) -> Result<(), Failure> {
        if let Some(path) = self.out.as_ref().filter(|path| path.exists()) {
            return Err(Failure::new(format!("`{}` already exists", path.display()))
                .help("choose another file with `--out`, or omit it to print the schema"));
        }
        namespace.map_or(Ok(()), refuse_namespace)
    }

    /// Writes a schema to the file, and returns the text for standard output. `review` is what to do first.
    pub(crate) fn write(
        &self,
        schema: String,
        metrics: usize,
        review: &str,
    ) -> Result<String, Failure> {
        let Some(path) = &self.out else {
            return Ok(schema);
        };
        let mut folders = NewFolders::default();
        folders.create_for(path)?;
        replace(&Document {
            path: path.clone(),
            content: schema.into_bytes(),
        })?;
        let (shown, metrics) = (path.display(), count(metrics, "metric"));
        let argument = report::argument(path);
        let help = format!("{review}, then run `shadowcat-metrics check {argument}`");
        let help = report::help(&help);
        Ok(format!(
            "{GOOD}wrote{GOOD:#} {shown} with {metrics}\n{help}"
        ))
    }
}

/// Returns an error if the namespace that a user chose for a new schema is invalid.
fn refuse_namespace(namespace: &str) -> Result<(), Failure> {
    let help = if !is_snake_case(namespace) {
        "use words of `a` to `z` and `0` to `9` joined by underscores, starting with a letter"
            .to_owned()
    } else if is_keyword(namespace) {
        let usable = to_snake_case(namespace);
        format!("it is a keyword of Rust; use another name, such as `{usable}`")
    } else {
        return Ok(());
    };
    Err(Failure::new(format!("`{namespace}` cannot be the namespace")).help(help))
}
