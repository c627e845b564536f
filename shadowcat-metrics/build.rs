//! Checks the schema of Shadowcat's own metrics, and writes their documents for this crate's rustdoc.
//!
//! The macro that generates the recorders checks the same file with the same library. A build script reports
//! errors before anything is compiled, and can show warnings, which a macro cannot. It writes documents to
//! `OUT_DIR` only; those in the repository are written by `shadowcat-metrics generate`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Without a `rerun-if-changed` line, cargo would rerun this script whenever any file of the crate
    // changes.
    println!("cargo::rerun-if-changed=build.rs");
    build()
}

/// Without the feature `shadowcat` there is nothing to check, and the compiler is not a dependency.
#[cfg(not(feature = "shadowcat"))]
fn build() -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(feature = "shadowcat")]
fn build() -> ExitCode {
    match schema::build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            // One line each: cargo prefixes every line with the crate's name, so an excerpt stays aligned.
            for line in problems.lines() {
                println!("cargo::error={line}");
            }
            // These lines fail the build. With a failing exit code too, cargo would print each of them twice.
            ExitCode::SUCCESS
        }
    }
}

#[cfg(feature = "shadowcat")]
mod schema {
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use shadowcat_metrics_authoring::catalog::emit_catalog;
    use shadowcat_metrics_authoring::reference::emit_reference;
    use shadowcat_metrics_authoring::{Style, compile_files, render};
    use shadowcat_metrics_codegen::files::{self, Disk};
    use shadowcat_metrics_codegen::{Diagnostic, Source, Version};

    /// Next to Cargo.toml: a link to the file at the repository's root, so that the packaged crate has a
    /// copy.
    pub(super) const FILE: &str = "metrics.toml";

    /// Compiles the schema and writes its documents. Returns the reason if it cannot.
    pub(super) fn build() -> Result<(), String> {
        let bytes =
            files::read(Path::new(FILE)).map_err(|error| format!("cannot read {FILE}: {error}"))?;
        let release = Version::parse(env!("CARGO_PKG_VERSION")).ok();
        let source = Source::from_bytes(FILE, &bytes);
        let outcome = compile_files(source, Some(&Disk::new("")), release.as_ref());
        for path in outcome.source.watched() {
            println!("cargo::rerun-if-changed={path}");
            for target in files::links(Path::new(&path)) {
                println!("cargo::rerun-if-changed={}", target.display());
            }
        }
        let show = |problem: &Diagnostic| render(problem, &outcome.source, Style::Plain);
        for line in outcome
            .report
            .warnings()
            .map(show)
            .collect::<Vec<_>>()
            .join("\n")
            .lines()
        {
            println!("cargo::warning={line}");
        }
        let Some(registry) = outcome.registry() else {
            return Err(outcome
                .report
                .errors()
                .map(show)
                .collect::<Vec<_>>()
                .join("\n"));
        };
        let out_dir = env::var_os("OUT_DIR")
            .map(PathBuf::from)
            .ok_or("OUT_DIR is not set; build with cargo")?;
        // Without objectives and alerts: their crate would add a PromQL parser to every program's build.
        write(&out_dir.join("metrics.md"), &emit_reference(registry, &[]))?;
        write(&out_dir.join("metrics.json"), &emit_catalog(registry, ()))?;
        // The crate asserts with this that the macro has read the same text.
        write(
            &out_dir.join("fingerprint.rs"),
            &format!("{:?}", registry.fingerprint.to_be_bytes()),
        )
    }

    fn write(path: &Path, text: &str) -> Result<(), String> {
        fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }
}
