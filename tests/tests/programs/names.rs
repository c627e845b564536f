//! The library under other names: a renamed dependency, a re-export by another crate, and two versions in one program.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::project::{Project, library, manifest, workspace};

const SCHEMA: &str = "format = 1\nnamespace = \"app\"\n\n\
    [labels.shelf]\nhelp = \"Where an article was found.\"\nvalues = [\"food\", \"tools\"]\n\n\
    [labels.shop]\nhelp = \"Shop that sold it.\"\nopen = { max = 4 }\n\n\
    [groups.cart]\nhelp = \"Shopping carts.\"\nlabels = [\"shop\"]\n\n\
    [metrics.cart.added]\ntype = \"counter\"\nlabels = [\"shelf\"]\nhelp = \"Articles put into carts.\"\n\n\
    [metrics.cart.wait]\ntype = \"histogram\"\nunit = \"seconds\"\nbuckets = [0.1, 1]\nhelp = \"Time to wait.\"\n";

/// Returns a module with recorders from the macro at a path, and a function that uses them.
fn module(name: &str, macro_path: &str) -> String {
    format!(
        "mod {name} {{\n    {macro_path}!(\"metrics.toml\");\n\n    pub fn record() {{\n        \
         let metrics = Metrics::new();\n        let shop = metrics.shop(\"corner\");\n        \
         metrics.cart(&shop).added(labels::Shelf::Tools).inc();\n        \
         metrics.cart(&shop).wait().start_timer().stop();\n        \
         assert_eq!(metrics.snapshot().cart(&shop).added(labels::Shelf::Tools), 1);\n        \
         let _: &str = labels::Shelf::Tools.as_ref();\n    }}\n}}\n"
    )
}

#[test]
fn a_renamed_dependency_works() {
    let package = library().replace('{', "{ package = \"shadowcat-metrics\",");
    let project = Project::with_dependencies("renamed", &format!("sm = {package}"));
    project.write("metrics.toml", SCHEMA);
    project.write(
        "src/main.rs",
        &format!(
            "{}fn main() {{ recorders::record() }}\n",
            module("recorders", "sm::metrics")
        ),
    );
    project.cargo("run").succeeds();
}

/// A team's crate re-exports the library: as a module, as only the macro, with everything else, and inside its own macro.
#[test]
fn a_re_export_works() {
    let project = Project::with_dependencies("re-export", "team = { path = 'team' }");
    let dependencies = format!("shadowcat-metrics = {}", library());
    project.write("team/Cargo.toml", &manifest("team", "", &dependencies));
    project.write(
        "team/src/lib.rs",
        "pub use shadowcat_metrics;\npub use shadowcat_metrics::metrics as declare;\n\
         pub mod prelude {\n    pub use shadowcat_metrics::*;\n}\n\n\
         #[macro_export]\nmacro_rules! team_metrics {\n    \
         ($path:expr) => { $crate::shadowcat_metrics::metrics!($path); };\n}\n",
    );
    project.write("metrics.toml", SCHEMA);
    let paths = [
        "team::shadowcat_metrics::metrics",
        "team::declare",
        "team::prelude::metrics",
        "team::team_metrics",
    ];
    let mut program = String::from("#![deny(warnings)]\n\n");
    let mut calls = String::new();
    for (number, path) in paths.into_iter().enumerate() {
        program += &module(&format!("m{number}"), path);
        let _ = writeln!(calls, "    m{number}::record();");
    }
    project.write(
        "src/main.rs",
        &format!("{program}fn main() {{\n{calls}}}\n"),
    );
    project.cargo("run").succeeds();
}

/// The procedural macro alone does not know the runtime's path.
#[test]
fn the_procedural_macro_alone_has_help() {
    let macros = workspace().join("shadowcat-metrics-macros");
    let macros = format!(
        "shadowcat-metrics-macros = {{ path = '{}' }}",
        macros.display()
    );
    let project = Project::with_dependencies("macro-alone", &macros);
    project.write("metrics.toml", SCHEMA);
    project.write(
        "src/main.rs",
        "shadowcat_metrics_macros::metrics!(\"metrics.toml\");\nfn main() {}\n",
    );
    let output = project.cargo("check");
    assert!(!output.success);
    output.reports("call `shadowcat_metrics::metrics!(\"metrics.toml\")`");
}

/// Each version expands to its own runtime. The other version also builds Shadowcat's own recorders, from a checkout without
/// symbolic links.
#[test]
fn two_versions_work_in_one_program() {
    let other = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-version");
    copy_as_version(&other, "99.0.0").expect("the library can be copied into the target directory");
    let dependencies = format!(
        "shadowcat-metrics = {}\nother = {{ package = \"shadowcat-metrics\", path = '{}', default-features = false, \
         features = ['shadowcat'] }}",
        library(),
        other.join("shadowcat-metrics").display(),
    );
    let project = Project::with_dependencies("two-versions", &dependencies);
    project.write("metrics.toml", SCHEMA);
    let modules =
        module("ours", "shadowcat_metrics::metrics") + &module("theirs", "other::metrics");
    project.write(
        "src/main.rs",
        &format!("{modules}fn main() {{\n    ours::record();\n    theirs::record();\n    ours::record();\n}}\n"),
    );
    project.cargo("run").succeeds();
}

/// Copies the library and its sources under another version.
fn copy_as_version(to: &Path, version: &str) -> io::Result<()> {
    const CRATES: [&str; 4] = [
        "shadowcat-metrics",
        "shadowcat-metrics-macros",
        "shadowcat-metrics-authoring",
        "shadowcat-metrics-codegen",
    ];
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    let manifest = fs::read_to_string(workspace().join("Cargo.toml"))?;
    let (before, rest) = manifest
        .split_once("members = [")
        .unwrap_or((&manifest, ""));
    let (_, after) = rest.split_once(']').unwrap_or(("", rest));
    let manifest = format!("{before}members = {CRATES:?}{after}");
    let ours = env!("CARGO_PKG_VERSION");
    fs::write(to.join("Cargo.toml"), manifest.replace(ours, version))?;
    fs::copy(workspace().join("metrics.toml"), to.join("metrics.toml"))?;
    for name in CRATES {
        copy_sources(&workspace().join(name), &to.join(name), (ours, version))?;
    }
    fs::write(to.join("shadowcat-metrics/metrics.toml"), "../metrics.toml")
}

fn copy_sources(from: &Path, to: &Path, (ours, version): (&str, &str)) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        let to = to.join(name);
        if path.is_dir() {
            copy_sources(&path, &to, (ours, version))?;
        } else if let Ok(text) = fs::read_to_string(&path) {
            fs::write(
                to,
                text.replace(&format!("\"{ours}\""), &format!("\"{version}\"")),
            )?;
        }
    }
    Ok(())
}
