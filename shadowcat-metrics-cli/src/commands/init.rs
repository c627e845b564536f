//! `init`: what another project needs to begin: the dependency, a first schema with its documents, a module, CI.

mod starter;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use shadowcat_metrics_codegen::emit::OUTPUTS;
use shadowcat_metrics_codegen::name::to_snake_case;
use shadowcat_metrics_codegen::{Source, compile};
use shadowcat_metrics_operations as operations;
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

use crate::answer::Answer;
use crate::args::InitArgs;
use crate::failure::{BOLD, Failure, GOOD};
use crate::files::{Document, replace};
use crate::newline;

/// The library's name among the dependencies.
const LIBRARY: &str = "shadowcat-metrics";

pub(super) fn run(args: &InitArgs) -> Result<Answer, Failure> {
    let manifest = args.dir.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| {
        Failure::io("read", &manifest, &error).help(
            "the metrics are compiled into a crate, so begin with one: `cargo init`, then this again in its folder",
        )
    })?;
    let (package, with_dependency) = add_dependency(&text, args, &manifest)?;
    // What cannot be made is told before anything is written.
    let files = files(args, &package)?;
    let mut stdout = String::new();
    let state = if let Some(text) = with_dependency {
        replace(&Document {
            path: manifest.clone(),
            content: text.into_bytes(),
        })?;
        format!("added {LIBRARY} to")
    } else {
        format!("kept, as it has {LIBRARY},")
    };
    let _ = writeln!(stdout, "{GOOD}{state}{GOOD:#} {}", manifest.display());
    let mut kept = Vec::new();
    for document in files {
        let shown = document.path.display().to_string();
        let state = if document.path.exists() {
            kept.push(document.path);
            "kept, as it is there,"
        } else {
            make_folder(&document.path)?;
            replace(&document)?;
            "wrote"
        };
        let _ = writeln!(stdout, "{GOOD}{state}{GOOD:#} {shown}");
    }
    let _ = write!(stdout, "\n{BOLD}next{BOLD:#}\n");
    for (number, step) in (1..).zip(steps(args, &kept)) {
        let _ = writeln!(stdout, "  {number}. {step}");
    }
    Ok(Answer::fine(stdout))
}

/// What is left to do, where some files of the author's were kept.
fn steps(args: &InitArgs, kept: &[PathBuf]) -> Vec<String> {
    let root = ["src/main.rs", "src/lib.rs"]
        .into_iter()
        .find(|root| args.dir.join(root).exists())
        .unwrap_or("src/main.rs");
    let text = fs::read_to_string(args.dir.join(root)).unwrap_or_default();
    let mut steps = Vec::new();
    if !text.contains("mod metrics;") {
        steps.push(format!("write `mod metrics;` into {root}"));
    }
    if kept.contains(&args.dir.join("metrics.toml")) {
        steps.push("see what there is to record: `shadowcat-metrics list`".to_owned());
        steps.push("write its documents: `shadowcat-metrics generate`".to_owned());
    } else {
        steps.push(format!("record: `{}`", starter::RECORD));
    }
    steps.push(
        "see it: `print!(\"{}\", metrics.encode(shadowcat_metrics::Format::PrometheusText));`"
            .to_owned(),
    );
    let guards = starter::GUARDS.map(|guard| format!("`{guard}`")).join(", ");
    if args.dir.join(starter::WORKFLOW_PATH).exists() {
        steps.push(format!(
            "look at {}: it runs {guards}",
            starter::WORKFLOW_PATH
        ));
    } else {
        steps.push(format!("in CI: {guards}"));
    }
    steps.push("when all of it is recorded, in CI too: `shadowcat-metrics unused`".to_owned());
    steps
}

/// The crate's name, and its manifest with the dependency, if that is not there yet.
fn add_dependency(
    text: &str,
    args: &InitArgs,
    path: &Path,
) -> Result<(String, Option<String>), Failure> {
    let shown = path.display();
    let mut manifest: DocumentMut = text
        .parse()
        .map_err(|error| Failure::new(format!("`{shown}` is not TOML: {error}")))?;
    let package = manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str())
        .ok_or_else(|| {
            Failure::new(format!("`{shown}` is of no package"))
                .help("name the folder of the crate that is to record")
        })?
        .to_owned();
    let dependencies = manifest
        .entry("dependencies")
        .or_insert_with(|| Item::Table(Table::new()));
    let Some(dependencies) = dependencies.as_table_like_mut() else {
        return Err(Failure::new(format!(
            "the `dependencies` of `{shown}` are no table"
        )));
    };
    if dependencies.contains_key(LIBRARY) {
        return Ok((package, None));
    }
    let mut library = InlineTable::new();
    match &args.path {
        Some(path) => library.insert("path", path.display().to_string().into()),
        None => library.insert("version", env!("CARGO_PKG_VERSION").into()),
    };
    library.insert("default-features", false.into());
    library.insert("features", Value::from_iter(["fast-clock"]));
    dependencies.insert(LIBRARY, Item::Value(library.into()));
    Ok((package, Some(newline::as_in(text, manifest.to_string()))))
}

/// Every file of its own, with the documents that its schema makes.
fn files(args: &InitArgs, package: &str) -> Result<Vec<Document>, Failure> {
    let namespace = args
        .namespace
        .clone()
        .unwrap_or_else(|| to_snake_case(package));
    let file = |path: &str, content: String| Document {
        path: args.dir.join(path),
        content: content.into_bytes(),
    };
    let schema = starter::schema(&namespace);
    let outcome = compile(Source::new("metrics.toml", schema.clone()));
    let Some(registry) = outcome.registry() else {
        let problems: Vec<_> = outcome
            .report
            .errors()
            .map(|error| error.message.clone())
            .collect();
        return Err(Failure::new(format!(
            "`{namespace}` cannot be the namespace: {}",
            problems.join("; ")
        ))
        .help("choose another with `--namespace`"));
    };
    let schema_path = args.dir.join("metrics.toml");
    let mut files = vec![
        file("metrics.toml", schema),
        file("src/metrics.rs", starter::MODULE.to_owned()),
    ];
    // The documents of another schema would be wrong.
    if !schema_path.exists() {
        let documents = OUTPUTS
            .iter()
            .map(|output| (output.file_name.to_owned(), (output.emit)(registry)));
        let operations = operations::documents(registry, &operations::Options::default());
        let operations = operations
            .into_iter()
            .map(|document| (document.path, document.content));
        let documents = documents.chain(operations);
        files.extend(documents.map(|(name, content)| file(&format!("docs/{name}"), content)));
    }
    if args.dir.join(".github").is_dir() {
        files.push(file(starter::WORKFLOW_PATH, starter::workflow()));
    }
    Ok(files)
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))
}
