//! The other schemas of a program: those of the crates in `uses`, found through `cargo metadata`, and those of `--with`.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};
use shadowcat_metrics_codegen::codes::errors::INVALID_USE;
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Diagnostic, Span};
use shadowcat_metrics_operations::Outcome;
use shadowcat_metrics_operations::program::{Part, check_program};

use crate::failure::Failure;
use crate::files::canonical;
use crate::release::release_of;
use crate::report;
use crate::schema::{Schema, SchemaArg, is_stream};

/// The table of a Cargo.toml that names the crate's schema, below `[package.metadata]`.
const TABLE: &str = "shadowcat-metrics";

/// Further schemas of the program.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ProgramArgs {
    /// Another schema of the same program, in addition to those of the crates in `uses`; can be repeated
    #[arg(long, value_name = "FILE")]
    with: Vec<SchemaArg>,
}

impl ProgramArgs {
    /// Returns the arguments in a command that users can copy, each after a space.
    pub(crate) fn as_arguments(&self) -> String {
        let mut arguments = String::new();
        for file in &self.with {
            let _ = write!(arguments, " --with {}", report::argument(file.path()));
        }
        arguments
    }

    /// Returns all schemas of a program. Fails if they have errors.
    pub(crate) fn load(&self, file: &SchemaArg) -> Result<Program, Failure> {
        let mut outcome = file.compile(None)?;
        let parts = self.join(file, &mut outcome)?;
        let schema = Schema::valid(outcome)?;
        Ok(Program { schema, parts })
    }

    /// Returns the other schemas of a program, and adds the problems of all of them together to the report of its own.
    pub(crate) fn join(
        &self,
        schema: &SchemaArg,
        outcome: &mut Outcome,
    ) -> Result<Vec<Part>, Failure> {
        let mut search = Search {
            cargo: None,
            seen: HashSet::from([canonical(schema.path())]),
            parts: Vec::new(),
            problems: Vec::new(),
        };
        match search.crates(schema.path(), outcome, None) {
            // The errors of the schema come first: `uses` may be wrong, too.
            Err(_) if outcome.report.has_errors() => {}
            found => found?,
        }
        for file in &self.with {
            search.file(file, &file.path().display().to_string(), Span::default())?;
        }
        let Search {
            parts, problems, ..
        } = search;
        outcome.report.extend(problems);
        if let Some(schema) = outcome.schema() {
            let problems = check_program(schema, &parts);
            outcome.report.extend(problems);
        }
        outcome.report.sort();
        Ok(parts)
    }
}

/// A program: its own schema, and the other ones.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) schema: Schema,
    pub(crate) parts: Vec<Part>,
}

impl Program {
    /// Returns the models of all schemas, each with the name of its part; the program's own has none.
    pub(crate) fn registries(&self) -> impl Iterator<Item = (Option<&str>, &Registry)> {
        let parts = self.parts.iter();
        let parts = parts.map(|part| (Some(part.name.as_str()), &part.schema.registry));
        std::iter::once((None, self.schema.registry())).chain(parts)
    }
}

struct Search {
    /// What cargo says about the program, once it was asked.
    cargo: Option<Metadata>,
    seen: HashSet<PathBuf>,
    parts: Vec<Part>,
    problems: Vec<Diagnostic>,
}

impl Search {
    /// Finds the schemas of the crates that a schema uses. Those of a crate's own `uses` are reported at `span`, where the
    /// program's schema names the crate.
    fn crates(
        &mut self,
        path: &Path,
        outcome: &Outcome,
        span: Option<Span>,
    ) -> Result<(), Failure> {
        for used in &outcome.skeleton().registry.uses {
            let span = span.unwrap_or(used.span);
            match self.schema_of(path, &used.value)? {
                Ok(schema) => self.file(&SchemaArg::exact(schema), &used.value, span)?,
                Err(message) => self.problem(span, message),
            }
        }
        Ok(())
    }

    fn problem(&mut self, span: Span, message: String) {
        let problem = Diagnostic::error(INVALID_USE, span, message)
            .label("expected a dependency with a schema");
        self.problems.push(problem);
    }

    /// Compiles a schema and those that it uses.
    fn file(&mut self, file: &SchemaArg, name: &str, span: Span) -> Result<(), Failure> {
        if !self.seen.insert(canonical(file.path())) {
            return Ok(());
        }
        let outcome = file.compile(release_of(file.path()).as_ref())?;
        let Some(schema) = outcome.schema() else {
            let path = file.path().display();
            self.problems.push(
                Diagnostic::error(
                    INVALID_USE,
                    span,
                    format!("the schema of `{name}` has errors"),
                )
                .label(format!("`{path}` cannot be used"))
                .help(format!(
                    "run `shadowcat-metrics check {}`",
                    report::argument(file.path())
                )),
            );
            return Ok(());
        };
        self.parts.push(Part::new(name, schema.clone(), span));
        self.crates(file.path(), &outcome, Some(span))
    }

    /// Returns the path of a crate's schema, or the reason why there is none.
    fn schema_of(&mut self, schema: &Path, name: &str) -> Result<Result<PathBuf, String>, Failure> {
        let metadata = match &mut self.cargo {
            Some(metadata) => metadata,
            none => none.insert(metadata(schema)?),
        };
        let Some(package) = metadata
            .packages
            .iter()
            .find(|package| *package.name == name)
        else {
            return Ok(Err(format!(
                "the program does not depend on the crate `{name}`"
            )));
        };
        let Some(path) = package.metadata[TABLE]["schema"].as_str() else {
            return Ok(Err(format!(
                "the crate `{name}` names no schema: its Cargo.toml has no `[package.metadata.{TABLE}] schema`"
            )));
        };
        Ok(Ok(package.manifest_path.with_file_name(path).into()))
    }
}

/// Asks cargo about the package around a schema.
fn metadata(schema: &Path) -> Result<Metadata, Failure> {
    let folder = std::path::absolute(schema)
        .ok()
        .filter(|_| !is_stream(schema))
        .and_then(|path| path.parent().map(Path::to_owned));
    let mut command = MetadataCommand::new();
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.exec().map_err(|error| {
        let message = error.to_string();
        let line = message
            .lines()
            .find(|line| line.contains("error"))
            .unwrap_or(&message);
        Failure::new(format!("`uses` cannot be resolved: {}", line.trim()))
            .help("run `cargo metadata` in the folder of the schema to see the reason")
    })
}
