//! `init`: creates the first files of a crate that records metrics: dependency, schema, documents, module,
//! CI.

use std::fmt::Write as _;
use std::fs;
use std::iter;
use std::path::{Component, Path, PathBuf};

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::name::to_snake_case;
use shadowcat_metrics_operations as operations;
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::answer::Answer;
use crate::failure::{BOLD, Failure, GOOD};
use crate::files::{Document, NewFolders, create, replace_text, retry};
use crate::newline;
use crate::release::manifest;
use crate::report;

/// The library's name among the dependencies.
const LIBRARY: &str = "shadowcat-metrics";

/// The package of this command.
const COMMAND: &str = env!("CARGO_PKG_NAME");

/// Whether the library is on crates.io. If it is not, a dependency by version does not resolve.
const IS_PUBLISHED: bool = false;

/// The workspace that this command was built from. It may not exist on this machine.
const BUILT_FROM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Set up the current crate
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Folder of the crate that will record metrics
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// First part of every exposed name [default: the name of the crate]
    #[arg(long)]
    namespace: Option<String>,
    /// Folder of the library: its crate, or a checkout of its workspace
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    path: Option<PathBuf>,
    /// Git repository of the library
    #[arg(long, value_name = "URL")]
    git: Option<String>,
}

const HELP: &str = "\
Writes metrics.toml, its documents in docs/, src/metrics.rs and, if there is a .github folder, a workflow; adds the \
dependency to Cargo.toml. Existing files are kept. The output lists what was written and what is left to do.

The library is not on crates.io yet. Without --path or --git, the library is taken from the checkout that this command was built \
from.

Examples:
  shadowcat-metrics init
  shadowcat-metrics init services/shop --namespace shop --path ../shadowcat-metrics
  shadowcat-metrics init --git https://git.example.com/shadowcat-metrics.git";

/// The source of the library.
enum Library {
    /// A folder, as written in Cargo.toml.
    Path(PathBuf),
    /// A folder, chosen because the library is not on crates.io.
    Checkout(PathBuf),
    Git(String),
    Version(&'static str),
}

impl Library {
    fn of(args: &Args) -> Result<Self, Failure> {
        if let Some(url) = &args.git {
            return Ok(Self::Git(url.clone()));
        }
        if let Some(path) = &args.path {
            return library_path(path, &args.dir).map(Self::Path);
        }
        if IS_PUBLISHED {
            return Ok(Self::Version(env!("CARGO_PKG_VERSION")));
        }
        let checkout = fs::canonicalize(BUILT_FROM).ok();
        let library = checkout.and_then(|checkout| library_below(&checkout));
        library.map(Self::Checkout).ok_or_else(|| {
            Failure::new(format!("crates.io does not have `{LIBRARY}` yet, so cargo would not find it"))
                .help("name a checkout of the library with `--path DIR`, or its repository with `--git URL`")
        })
    }

    /// Returns the dependency for Cargo.toml.
    fn dependency(&self) -> InlineTable {
        let mut table = InlineTable::new();
        match self {
            Self::Path(path) | Self::Checkout(path) => {
                table.insert("path", path.display().to_string().into())
            }
            Self::Git(url) => table.insert("git", url.into()),
            Self::Version(version) => table.insert("version", (*version).into()),
        };
        table
    }

    /// Returns the shell line that installs this command in CI, or `None` if CI cannot reach the library.
    fn install(&self, dir: &Path) -> Option<String> {
        let from = match self {
            Self::Path(path) | Self::Checkout(path) => {
                let command = path.parent()?.join(COMMAND);
                let is_in_repository = command.is_relative()
                    && repository(dir)
                        .zip(fs::canonicalize(dir.join(&command)).ok())
                        .is_some_and(|(repository, command)| command.starts_with(repository));
                return is_in_repository.then(|| {
                    format!(
                        "cargo install --locked --path {}",
                        report::argument(&command)
                    )
                });
            }
            Self::Git(url) => format!("--git {url} "),
            Self::Version(_) => String::new(),
        };
        Some(format!("cargo install --locked {from}{COMMAND}"))
    }
}

/// Returns the git repository that contains a folder.
fn repository(folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    let mut above = folder.ancestors();
    above
        .find(|folder| folder.join(".git").exists())
        .map(Path::to_owned)
}

/// Returns the library's path for a crate's Cargo.toml. `given` is relative to the current folder or to the
/// crate, and is the library's folder or its workspace.
fn library_path(given: &Path, dir: &Path) -> Result<PathBuf, Failure> {
    let in_crate = dir.join(given);
    let library = library_below(given).or_else(|| library_below(&in_crate));
    let library = library.ok_or_else(|| {
        let shown = given.display();
        let why = if given.join("Cargo.toml").exists() || in_crate.join("Cargo.toml").exists() {
            format!("`{shown}` has no crate `{LIBRARY}`")
        } else {
            format!("`{shown}` has no Cargo.toml")
        };
        Failure::new(why).help(format!(
            "name the folder of the crate `{LIBRARY}`, or of a workspace that has it"
        ))
    })?;
    if given.is_absolute() {
        return Ok(library);
    }
    Ok(relative(&absolute(&library)?, &absolute(dir)?))
}

/// Returns an absolute path without `.` and `..`. It keeps symbolic links, as cargo does, because cargo
/// treats one crate under two paths as two crates.
fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let whole = std::path::absolute(path).map_err(|error| Failure::io("find", path, &error))?;
    let mut normal = PathBuf::new();
    for component in whole.components() {
        if component == Component::ParentDir {
            normal.pop();
        } else {
            normal.push(component);
        }
    }
    Ok(normal)
}

/// Returns the library's folder: this one, or a member of the workspace in it.
fn library_below(folder: &Path) -> Option<PathBuf> {
    let is_library = |manifest: &DocumentMut| package_name(manifest) == Some(LIBRARY);
    let root = manifest(folder)?;
    if is_library(&root) {
        return Some(folder.to_owned());
    }
    let members = root.get("workspace")?.get("members")?.as_array()?;
    let patterns = members.iter().filter_map(Value::as_str);
    let escaped = glob::Pattern::escape(folder.to_str()?);
    let folders = patterns
        .filter_map(|pattern| glob::glob(&format!("{escaped}/{pattern}")).ok())
        .flatten()
        .flatten();
    let mut folders = folders.filter(|folder| manifest(folder).as_ref().is_some_and(is_library));
    folders.next()
}

fn package_name(manifest: &DocumentMut) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

/// Returns the path from one absolute folder to another.
fn relative(to: &Path, from: &Path) -> PathBuf {
    let to: Vec<_> = to.components().collect();
    let from: Vec<_> = from.components().collect();
    let common = to.iter().zip(&from).take_while(|(to, from)| to == from);
    let common = common.count();
    if common == 0 {
        // They are on different drives.
        return to.iter().collect();
    }
    let up = from[common..].iter().map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to[common..].iter().copied()).collect();
    if path.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        path
    }
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let manifest = self.dir.join("Cargo.toml");
        let read = || {
            let text = fs::read_to_string(&manifest).map_err(|error| {
                Failure::io("read", &manifest, &error).help(
                    "metrics are compiled into a crate: make one with `cargo init`, then run this command in its folder",
                )
            })?;
            // Writing keeps the byte order mark.
            Ok(text.trim_start_matches('\u{feff}').to_owned())
        };
        let parsed = parse(&read()?, &manifest)?;
        let package = package(&parsed, &manifest)?;
        // All checks that can fail come before the first write.
        let library = Library::of(self);
        let existing = library_name(&parsed);
        let library = if existing.is_some() {
            library.ok()
        } else {
            Some(library?)
        };
        let name = existing.as_deref().unwrap_or(LIBRARY).replace('-', "_");
        let files = self.files(&package, &name, library.as_ref())?;
        let mut stdout = String::new();
        let state = retry(|| {
            let text = read()?;
            let mut manifest_text = parse(&text, &manifest)?;
            let Some(library) = library
                .as_ref()
                .filter(|_| library_name(&manifest_text).is_none())
            else {
                return Ok(Some("kept the existing dependency in"));
            };
            add_dependency(&mut manifest_text, library, &manifest)?;
            let new = newline::as_in(&text, manifest_text.to_string());
            let is_written = replace_text(&manifest, Some(&text), &new)?;
            Ok(is_written.then_some("added the dependency to"))
        })?;
        let _ = writeln!(stdout, "{GOOD}{state}{GOOD:#} {}", manifest.display());
        let mut kept = Vec::new();
        let mut folders = NewFolders::default();
        for document in files {
            folders.create_for(&document.path)?;
            let state = if create(&document)? {
                "wrote"
            } else {
                kept.push(document.path.clone());
                "kept existing"
            };
            let _ = writeln!(stdout, "{GOOD}{state}{GOOD:#} {}", document.path.display());
        }
        if let (Some(Library::Checkout(path)), None) = (&library, &existing) {
            let _ = writeln!(
                stdout,
                "\n{BOLD}note{BOLD:#}: crates.io does not have `{LIBRARY}` yet, so the dependency is the checkout `{}`; \
                 `--path DIR` or `--git URL` names another source",
                path.display()
            );
        }
        let _ = write!(stdout, "\n{BOLD}next{BOLD:#}\n");
        for (number, step) in (1..).zip(self.steps(&kept, &name, library.as_ref())) {
            let _ = writeln!(stdout, "  {number}. {step}");
        }
        Ok(Answer::ok(stdout))
    }

    /// Returns the remaining steps. Existing files may have been kept.
    fn steps(&self, kept: &[PathBuf], name: &str, library: Option<&Library>) -> Vec<String> {
        let root = ["src/main.rs", "src/lib.rs"]
            .into_iter()
            .find(|root| self.dir.join(root).exists())
            .unwrap_or("src/main.rs");
        let text = fs::read_to_string(self.dir.join(root)).unwrap_or_default();
        let mut steps = Vec::new();
        if !text.contains("mod metrics;") {
            steps.push(format!("add `mod metrics;` to {root}"));
        }
        if kept.contains(&self.dir.join("metrics.toml")) {
            steps.push(
                "see the metrics of the existing schema: `shadowcat-metrics list`".to_owned(),
            );
            steps.push("write its documents: `shadowcat-metrics generate`".to_owned());
        } else {
            steps.push(format!("record: `{RECORD}`"));
        }
        steps.push(format!(
            "see the page: `print!(\"{{}}\", metrics.encode({name}::Format::PrometheusText));`"
        ));
        let guards = GUARDS.map(|guard| format!("`{guard}`")).join(", ");
        if self.dir.join(WORKFLOW_PATH).exists() {
            steps.push(format!("read {WORKFLOW_PATH}: it runs {guards}"));
            if library.is_some_and(|library| library.install(&self.dir).is_none()) {
                steps.push(format!(
                    "replace URL in {WORKFLOW_PATH}: CI has to install the command from a repository that it can reach"
                ));
            }
        } else {
            steps.push(format!("run in CI: {guards}"));
        }
        steps.push(
            "once every metric is recorded, add to CI: `shadowcat-metrics unused`".to_owned(),
        );
        steps
    }

    /// Returns all files except Cargo.toml, including the schema's documents. `name` is the name of the library's crate in Rust.
    fn files(
        &self,
        package: &str,
        name: &str,
        library: Option<&Library>,
    ) -> Result<Vec<Document>, Failure> {
        let namespace = self
            .namespace
            .clone()
            .unwrap_or_else(|| to_snake_case(package));
        let file = |path: &str, content: String| Document {
            path: self.dir.join(path),
            content: content.into_bytes(),
        };
        let text = schema(&namespace);
        let outcome = operations::compile(Source::new("metrics.toml", text.clone()));
        let Some(schema) = outcome.schema() else {
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
        let existing = fs::read(self.dir.join("metrics.toml")).ok();
        let is_ours = existing.is_none_or(|existing| existing == text.as_bytes());
        let mut files = vec![
            file("metrics.toml", text),
            file("src/metrics.rs", module(name)),
        ];
        // An existing schema has other documents.
        if is_ours {
            let documents = operations::documents(schema, &operations::Options::default());
            let documents = documents.into_iter();
            files.extend(documents.map(|one| file(&format!("docs/{}", one.path), one.content)));
        }
        if self.dir.join(".github").is_dir() {
            let install = library.and_then(|library| library.install(&self.dir));
            files.push(file(WORKFLOW_PATH, workflow(install)));
        }
        Ok(files)
    }
}

fn parse(text: &str, path: &Path) -> Result<DocumentMut, Failure> {
    text.parse()
        .map_err(|error| Failure::new(format!("`{}` is not TOML: {error}", path.display())))
}

/// Returns the package name in a manifest.
fn package(manifest: &DocumentMut, path: &Path) -> Result<String, Failure> {
    if let Some(name) = package_name(manifest) {
        return Ok(name.to_owned());
    }
    let failure = Failure::new(format!("`{}` has no package", path.display()));
    Err(if manifest.contains_key("workspace") {
        failure.help("it is the root of a workspace: name the folder of the crate that will record metrics, such as `shadowcat-metrics init crates/shop`")
    } else {
        failure.help("name the folder of the crate that will record metrics")
    })
}

/// Returns the name of the library among the dependencies, which may rename it, and may be only those of a target.
fn library_name(manifest: &DocumentMut) -> Option<String> {
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let targets = targets.into_iter().flat_map(TableLike::iter);
    let targets = targets.map(|(_, target)| target.get("dependencies"));
    let all = iter::once(manifest.get("dependencies")).chain(targets);
    let all = all.flatten().filter_map(Item::as_table_like);
    let is_library = |(name, dependency): &(&str, &Item)| {
        let package = dependency.get("package").and_then(Item::as_str);
        package.unwrap_or(name) == LIBRARY
    };
    let (name, _) = all.flat_map(TableLike::iter).find(is_library)?;
    Some(name.to_owned())
}

fn add_dependency(
    manifest: &mut DocumentMut,
    library: &Library,
    path: &Path,
) -> Result<(), Failure> {
    let dependencies = manifest
        .entry("dependencies")
        .or_insert_with(|| Item::Table(Table::new()));
    let Some(dependencies) = dependencies.as_table_like_mut() else {
        return Err(Failure::new(format!(
            "`dependencies` in `{}` is not a table",
            path.display()
        )));
    };
    let existing = dependencies.get(LIBRARY);
    let package = existing.and_then(|dependency| dependency.get("package"));
    if let Some(package) = package.and_then(Item::as_str) {
        return Err(Failure::new(format!(
            "the dependency `{LIBRARY}` in `{}` is the package `{package}`",
            path.display()
        ))
        .help("rename that dependency, then run `init` again"));
    }
    dependencies.insert(LIBRARY, Item::Value(library.dependency().into()));
    Ok(())
}

/// Example code for recording the first metric.
const RECORD: &str = "let metrics = metrics::Metrics::new(); \
     metrics.job().completed(metrics::labels::Outcome::Ok).inc();";

/// Returns `src/metrics.rs`.
fn module(library: &str) -> String {
    format!(
        "\
//! The metrics of this program, generated from `metrics.toml`.

{library}::metrics!(\"metrics.toml\");
"
    )
}

/// CI commands that check the schema and its documents.
const GUARDS: [&str; 4] = [
    "shadowcat-metrics check --deny-warnings",
    "shadowcat-metrics fmt --check",
    "shadowcat-metrics generate --check",
    "shadowcat-metrics diff origin/main:metrics.toml --fail-on major",
];

/// The path of the workflow for GitHub.
const WORKFLOW_PATH: &str = ".github/workflows/metrics.yml";

/// Returns a workflow with the checks. If `install` is missing, the author has to add that line.
fn workflow(install: Option<String>) -> String {
    let install = install.map_or_else(
        || {
            format!(
                "# crates.io does not have the command yet: replace URL.\n      - run: cargo install --locked --git URL {COMMAND}"
            )
        },
        |install| format!("- run: {install}"),
    );
    let [check, fmt, generate, diff] = GUARDS;
    let diff = diff.replace("origin/main:metrics.toml", "\"$old\"");
    format!(
        "\
name: metrics
on: [push, pull_request]
jobs:
  metrics:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      {install}
      - run: {check}
      - run: {fmt}
      - run: {generate}
      - name: stable metrics do not break
        if: github.base_ref
        run: |
          old=\"origin/$GITHUB_BASE_REF:metrics.toml\"
          if git cat-file -e \"$old\"; then {diff}; fi
"
    )
}

/// Returns a `metrics.toml` with one metric of each common kind.
fn schema(namespace: &str) -> String {
    format!(
        "\
#:schema docs/metrics.schema.json
# Every metric of this program. Recorders and documents are generated from it. To add a metric, run `shadowcat-metrics new`.

format = 1
namespace = \"{namespace}\"

[labels.outcome]
help = \"How a job ended.\"

[labels.outcome.values]
ok = \"as intended\"
failed = {{ help = \"with an error\", bad = true }}

[buckets]
latency = {{ exponential = {{ start = 0.001, factor = 2.0, count = 14 }} }}

# Rename this group after what your program does.
[groups.job]
help = \"Jobs of this program.\"

[metrics.job.completed]
type = \"counter\"
help = \"Jobs that ended.\"
labels = [\"outcome\"]

[metrics.job.active]
type = \"updown_counter\"
help = \"Jobs under way.\"

[metrics.job.duration]
type = \"histogram\"
help = \"Time that a job took.\"
unit = \"seconds\"
buckets = \"latency\"
"
    )
}
