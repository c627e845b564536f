//! `generate`: the documents of a schema, written or compared.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use shadowcat_metrics_authoring::json_schema::{INCLUDED_FILE_NAME, emit_included_json_schema};
use shadowcat_metrics_operations as operations;
use shadowcat_metrics_operations::duration::Scale;
use shadowcat_metrics_operations::weaver::{Export, export_program};

use super::check::{notes, with_queries};
use crate::answer::{Answer, Verdict};
use crate::cli::ReleaseArgs;
use crate::failure::{Failure, GOOD};
use crate::files::{Document, clean_folders_of, is_temporary, write_all};
use crate::newline;
use crate::report;
use crate::schema::{DEFAULT, ProgramArgs, Schema, SchemaArg};
use crate::text_diff::unified;

/// Write the documents of a schema
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// The schema; `-` reads standard input
    #[arg(default_value = DEFAULT)]
    pub(crate) file: SchemaArg,
    /// Write nothing; show the difference and fail if a document is out of date
    #[arg(long)]
    check: bool,
    /// Folder of the documents, which is created if needed [default: `docs` next to FILE]
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// What to write: the documents of the schema, or an OpenTelemetry registry for Weaver
    #[arg(long, value_enum, default_value_t)]
    format: Target,
    /// Schema URL of the registry, which ends in its version [default: `https://schemas.invalid/NAMESPACE/VERSION`]
    #[arg(long, value_name = "URL", value_parser = schema_url)]
    schema_url: Option<String>,
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    release: ReleaseArgs,
    /// Multiply every window, range and `for` of rules and alerts by this factor, such as 0.01, to try alerts quickly. Names
    /// stay the same, and no tests are written
    #[arg(long, value_name = "FACTOR", value_parser = scale)]
    scale_windows: Option<Scale>,
}

/// What `generate` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Target {
    /// Reference, catalog, JSON Schema, rules, dashboards and runbooks
    #[default]
    Documents,
    /// A registry in the format `definition/2` of OpenTelemetry Weaver, in the folder `weaver`
    Weaver,
}

/// Parses a schema URL as Weaver takes it: `http[s]://server[:port]/path/version`.
fn schema_url(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or(text.strip_prefix("http://"));
    let mut parts = rest.unwrap_or_default().split('/');
    let is_word = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    if parts.clone().count() >= 3 && parts.all(is_word) {
        Ok(text.to_owned())
    } else {
        Err(
            "expected a URL that ends in a version: `https://example.com/schemas/shop/1.0.0`"
                .to_owned(),
        )
    }
}

fn scale(text: &str) -> Result<Scale, String> {
    let factor = text.parse().ok().and_then(Scale::new);
    factor.ok_or_else(|| "expected a number greater than 0 and at most 1".to_owned())
}

const HELP: &str = "\
Writes the reference, the catalog, the JSON Schema for editors, rules, alerts, tests of the alerts, dashboards and \
runbooks. Nothing is written if the schema has errors. Each file is replaced atomically, and files that are up to \
date are not touched. A file that differs only in CRLF line endings is up to date.

With `--format weaver`, the command writes a registry instead: manifest.yaml and metrics.yaml in the folder `weaver`. Each other \
schema of the program becomes a registry in the folder `NAMESPACE.weaver`. Parts of the schema for which a registry has no keys \
become annotations, from which `import` restores them. Parts that are left out are reported as warnings.

Examples:
  shadowcat-metrics generate
  shadowcat-metrics generate --check       in CI: write nothing, show what is out of date
  shadowcat-metrics generate --out-dir site/reference services/shop/metrics.toml
  shadowcat-metrics generate --format weaver --schema-url https://example.com/schemas/shop/1.0.0";

impl Args {
    /// Refuses options that have no effect on what is written.
    fn check_format(&self) -> Result<(), Failure> {
        let (option, wanted) = match self.format {
            Target::Documents if self.schema_url.is_some() => ("--schema-url", "weaver"),
            Target::Weaver if self.scale_windows.is_some() => ("--scale-windows", "documents"),
            Target::Documents | Target::Weaver => return Ok(()),
        };
        Err(
            Failure::new(format!("`{option}` needs `--format {wanted}`"))
                .help(format!("leave out `{option}`, or set the format")),
        )
    }

    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        self.check_format()?;
        let beside = self.file.documents_folder();
        let folder = self.out_dir.as_ref().unwrap_or(&beside);
        let mut options = operations::Options {
            notes: notes(&beside)?,
            scale: self.scale_windows.unwrap_or(Scale::ONE),
            parts: Vec::new(),
        };
        let release = self.release.of(self.file.path());
        let mut outcome = self.file.compile(release.as_ref())?;
        options.parts = self.program.join(&self.file, &mut outcome)?;
        let mut outcome = with_queries(outcome, &options);
        let registry = match (self.format, outcome.schema()) {
            (Target::Weaver, Some(schema)) => {
                let namespace = &schema.registry.namespace;
                let url = self.schema_url.clone().unwrap_or_else(|| {
                    let version = release.map_or("0.0.0".to_owned(), |version| version.to_string());
                    format!("https://schemas.invalid/{namespace}/{version}")
                });
                Some(export_program(schema, &options.parts, &url))
            }
            (Target::Weaver, None) | (Target::Documents, _) => None,
        };
        let registry = registry.map(
            |Export {
                 documents,
                 problems,
             }| {
                outcome.report.extend(problems);
                outcome.report.sort();
                documents
            },
        );
        let schema = Schema::valid(outcome)?;
        let mut answer = Answer::ok("");
        answer.stderr = report::human(schema.outcome());
        let (documents, obsolete) = if let Some(made) = registry {
            (in_folder(folder, made), Vec::new())
        } else {
            let documents = documents(&schema, &options, folder);
            let obsolete = obsolete(folder, &documents)?;
            (documents, obsolete)
        };
        let drifted = drifted(&documents)?;
        if self.check {
            return Ok(self.compare(answer, &documents, &drifted, &obsolete));
        }
        let stale: Vec<_> = drifted.iter().map(|drift| drift.document).collect();
        // An up-to-date document keeps its modification time, so that dependent builds stay fresh.
        if !stale.is_empty() {
            write_all(&stale)?;
        }
        for path in &obsolete {
            match fs::remove_file(path) {
                // Another process has removed it.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed.map_err(|error| Failure::io("remove", path, &error))?,
            }
        }
        clean_folders_of(documents.iter().map(|document| &*document.path));
        let removed = obsolete
            .iter()
            .map(|path| format!("removed {}\n", path.display()));
        let wrote = stale
            .iter()
            .map(|document| format!("wrote {}\n", document.path.display()));
        // Unchanged documents are only counted, so that the written ones are easy to see.
        let unchanged = match documents.len() - stale.len() {
            0 => None,
            1 => Some("1 document is unchanged\n".to_owned()),
            more => Some(format!("{more} documents are unchanged\n")),
        };
        answer.stdout = wrote.chain(removed).chain(unchanged).collect();
        Ok(answer)
    }

    fn compare(
        &self,
        mut answer: Answer,
        documents: &[Document],
        drifted: &[Drift<'_>],
        obsolete: &[PathBuf],
    ) -> Answer {
        if drifted.is_empty() && obsolete.is_empty() {
            let count = documents.len();
            answer.stdout = format!("{GOOD}ok{GOOD:#}: {count} documents are up to date\n");
            return answer;
        }
        for Drift { document, present } in drifted {
            let path = document.path.display();
            let state = if present.is_some() {
                "is out of date"
            } else {
                "is missing"
            };
            answer.error(format!("`{path}` {state}"));
            let before = String::from_utf8_lossy(present.as_deref().unwrap_or_default());
            let content = String::from_utf8_lossy(&document.content).into_owned();
            let content = newline::as_in(&before, content);
            let difference = unified(&path.to_string(), present.as_deref(), content.as_bytes());
            answer.stdout.push_str(&difference);
        }
        for path in obsolete {
            let path = path.display();
            answer.error(format!(
                "`{path}` is obsolete: the schema no longer has its subject"
            ));
        }
        let does = match (drifted.len(), obsolete.len()) {
            (0, 1) => "remove it",
            (0, _) => "remove them",
            (1, 0) => "update it",
            (_, 0) => "update them",
            (_, _) => "update and remove them",
        };
        answer.help(format!("run `{}` to {does}", self.command()));
        answer.raise(Verdict::Findings);
        answer
    }

    /// Returns the command that writes what `--check` has compared.
    fn command(&self) -> String {
        let mut command = "shadowcat-metrics generate".to_owned();
        match self.format {
            Target::Documents => {}
            Target::Weaver => command.push_str(" --format weaver"),
        }
        if let Some(url) = &self.schema_url {
            let _ = write!(command, " --schema-url {url}");
        }
        if let Some(folder) = &self.out_dir {
            let _ = write!(command, " --out-dir {}", report::argument(folder));
        }
        command + &self.program.as_arguments() + &self.file.as_argument()
    }
}

fn documents(schema: &Schema, options: &operations::Options, folder: &Path) -> Vec<Document> {
    let mut made = operations::documents(schema.model(), options);
    if schema.source().files().count() > 1 {
        made.push(operations::Document {
            path: INCLUDED_FILE_NAME.to_owned(),
            content: emit_included_json_schema(operations::sections::value),
        });
    }
    in_folder(folder, made)
}

fn in_folder(folder: &Path, documents: Vec<operations::Document>) -> Vec<Document> {
    let document = |made: operations::Document| Document {
        path: folder.join(made.path),
        content: made.content.into_bytes(),
    };
    documents.into_iter().map(document).collect()
}

/// Returns generated documents whose subject was removed from the schema. Files without the mark of generated
/// documents are hand-written.
fn obsolete(folder: &Path, documents: &[Document]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for folder in operations::FOLDERS.map(|inner| folder.join(inner)) {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                continue;
            }
            Err(error) => return Err(Failure::io("read", &folder, &error)),
        };
        for entry in entries {
            let path = entry
                .map_err(|error| Failure::io("read", &folder, &error))?
                .path();
            let is_wanted = documents.iter().any(|document| document.path == path);
            let is_candidate = !is_wanted && !is_temporary(&path) && path.is_file();
            if is_candidate && is_generated(&path)? {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_generated(path: &Path) -> Result<bool, Failure> {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(1024).read_to_end(&mut head));
    match read {
        // Another process has removed it.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::io("read", path, &error)),
        Ok(_) => Ok(String::from_utf8_lossy(&head).contains(operations::MARK)),
    }
}

/// A document that is out of date.
struct Drift<'a> {
    document: &'a Document,
    /// Its current content, or `None` if the file is missing.
    present: Option<Vec<u8>>,
}

fn drifted(documents: &[Document]) -> Result<Vec<Drift<'_>>, Failure> {
    let mut drifted = Vec::new();
    for document in documents {
        let present = document.present()?;
        let is_same = present
            .as_deref()
            .is_some_and(|present| newline::is_same(present, &document.content));
        if !is_same {
            drifted.push(Drift { document, present });
        }
    }
    Ok(drifted)
}
