//! `generate`: the documents of a schema, written or compared.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use shadowcat_metrics_codegen::emit::OUTPUTS;
use shadowcat_metrics_codegen::emit::json_schema::{INCLUDED_FILE_NAME, emit_included_json_schema};
use shadowcat_metrics_operations as operations;
use shadowcat_metrics_operations::rules::Scale;

use super::difference::unified;
use super::queries::{notes, with_queries};
use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::GenerateArgs;
use crate::failure::{ERROR, Failure, GOOD, HELP};
use crate::files::{Document, write_all};
use crate::input::{compile_schema, is_stdin};

pub(super) fn run(args: &GenerateArgs) -> Result<Answer, Failure> {
    let release = args.release.of(&args.file);
    let folder = args.out_dir.clone().unwrap_or_else(|| beside(&args.file));
    let options = operations::Options {
        notes: notes(&beside(&args.file))?,
        scale: args.scale_windows.unwrap_or(Scale::ONE),
    };
    let outcome = with_queries(compile_schema(&args.file, release.as_ref())?, &options);
    let stderr = report::human(&outcome);
    let Some(registry) = outcome.registry() else {
        return Ok(Answer::problems(stderr));
    };
    let mut documents: Vec<_> = OUTPUTS
        .iter()
        .map(|output| Document {
            path: folder.join(output.file_name),
            content: (output.emit)(registry).into_bytes(),
        })
        .collect();
    if outcome.source.files().count() > 1 {
        documents.push(Document {
            path: folder.join(INCLUDED_FILE_NAME),
            content: emit_included_json_schema().into_bytes(),
        });
    }
    documents.extend(
        operations::documents(registry, &options)
            .into_iter()
            .map(|document| Document {
                path: folder.join(document.path),
                content: document.content.into_bytes(),
            }),
    );
    let drifted = drifted(&documents)?;
    let left_over = left_over(&folder, &documents)?;
    if args.check {
        return Ok(compare(args, stderr, &documents, &drifted, &left_over));
    }
    let stale: Vec<_> = drifted.iter().map(|drift| drift.document).collect();
    // A document that is right already keeps its modification time, and builds that depend on it stay fresh.
    if !stale.is_empty() {
        write_all(&stale)?;
    }
    for path in &left_over {
        fs::remove_file(path).map_err(|error| Failure::io("remove", path, &error))?;
    }
    let removed = left_over
        .iter()
        .map(|path| format!("removed {}\n", path.display()));
    let wrote = stale
        .iter()
        .map(|document| format!("wrote {}\n", document.path.display()));
    // Of these there are many, and what was written is to be seen among them.
    let unchanged = match documents.len() - stale.len() {
        0 => None,
        1 => Some("1 document is unchanged\n".to_owned()),
        more => Some(format!("{more} documents are unchanged\n")),
    };
    Ok(Answer {
        stdout: wrote.chain(removed).chain(unchanged).collect(),
        stderr,
        verdict: Verdict::Fine,
    })
}

/// Generated documents of what the schema no longer has. Only files that bear the mark of such: others are people's.
fn left_over(folder: &Path, documents: &[Document]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for folder in operations::FOLDERS.map(|inner| folder.join(inner)) {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::io("read", &folder, &error)),
        };
        for entry in entries {
            let path = entry
                .map_err(|error| Failure::io("read", &folder, &error))?
                .path();
            let is_wanted = documents.iter().any(|document| document.path == path);
            if !is_wanted && path.is_file() && bears_mark(&path)? {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn bears_mark(path: &Path) -> Result<bool, Failure> {
    let mut head = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(1024).read_to_end(&mut head))
        .map_err(|error| Failure::io("read", path, &error))?;
    Ok(String::from_utf8_lossy(&head).contains(operations::MARK))
}

/// A document that is not what it should be.
struct Drift<'a> {
    document: &'a Document,
    /// What it is; none if it is missing.
    present: Option<Vec<u8>>,
}

fn drifted(documents: &[Document]) -> Result<Vec<Drift<'_>>, Failure> {
    let mut drifted = Vec::new();
    for document in documents {
        let present = document.present()?;
        if present.as_ref() != Some(&document.content) {
            drifted.push(Drift { document, present });
        }
    }
    Ok(drifted)
}

fn compare(
    args: &GenerateArgs,
    mut stderr: String,
    documents: &[Document],
    drifted: &[Drift<'_>],
    left_over: &[PathBuf],
) -> Answer {
    if drifted.is_empty() && left_over.is_empty() {
        return Answer {
            stdout: format!(
                "{GOOD}ok{GOOD:#}: {} documents are what the schema says\n",
                documents.len()
            ),
            stderr,
            verdict: Verdict::Fine,
        };
    }
    let mut stdout = String::new();
    for Drift { document, present } in drifted {
        let path = document.path.display();
        let state = if present.is_some() {
            "is not what the schema says"
        } else {
            "is missing"
        };
        let _ = writeln!(stderr, "{ERROR}error{ERROR:#}: `{path}` {state}");
        stdout.push_str(&unified(
            &path.to_string(),
            present.as_deref(),
            &document.content,
        ));
    }
    for path in left_over {
        let path = path.display();
        let _ = writeln!(
            stderr,
            "{ERROR}error{ERROR:#}: `{path}` is left over: the schema has nothing that it is about"
        );
    }
    let mends = match (drifted.len(), left_over.len()) {
        (0, 1) => "removes it",
        (0, _) => "removes them",
        (1, 0) => "rewrites it",
        (_, 0) => "rewrites them",
        (_, _) => "mends that",
    };
    let _ = writeln!(stderr, "{HELP}help{HELP:#}: `{}` {mends}", command(args));
    Answer {
        stdout,
        stderr,
        verdict: Verdict::Problems,
    }
}

/// The folder for documents beside a schema.
pub(super) fn beside(schema: &Path) -> PathBuf {
    if is_stdin(schema) {
        PathBuf::from("docs")
    } else {
        schema.with_file_name("docs")
    }
}

/// The command that would have written what `--check` compared.
fn command(args: &GenerateArgs) -> String {
    let mut command = "shadowcat-metrics generate".to_owned();
    if let Some(folder) = &args.out_dir {
        let _ = write!(command, " --out-dir {}", folder.display());
    }
    if args.file != Path::new("metrics.toml") {
        let _ = write!(command, " {}", args.file.display());
    }
    command
}
