//! Checks the schema of Shadowcat's own metrics and makes their documents, for the rustdoc of this crate.
//!
//! The macro that makes the recorders checks the same file through the same library; a build script can say what is
//! wrong before anything is compiled, and show warnings, which a macro cannot. Documents go to `OUT_DIR` alone: those
//! in the repository are written by `shadowcat-metrics generate`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Without any such line, cargo would run this again whenever any file of the crate has changed.
    println!("cargo::rerun-if-changed=build.rs");
    build()
}

/// Without Shadowcat's metrics there is nothing to check, and the compiler is not even built.
#[cfg(not(feature = "shadowcat"))]
fn build() -> ExitCode {
    ExitCode::SUCCESS
}

#[cfg(feature = "shadowcat")]
fn build() -> ExitCode {
    match schema::build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            // One line each: cargo puts the crate's name before every one, so an excerpt stays aligned.
            for line in problems.lines() {
                println!("cargo::error={line}");
            }
            // These lines fail the build. With a failing exit code as well, cargo would print each of them twice.
            ExitCode::SUCCESS
        }
    }
}

#[cfg(feature = "shadowcat")]
mod schema {
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use shadowcat_metrics_codegen::emit::catalogue::emit_catalogue;
    use shadowcat_metrics_codegen::emit::reference::emit_reference;
    use shadowcat_metrics_codegen::files::{self, Disk};
    use shadowcat_metrics_codegen::{Diagnostic, Source, Style, Version, compile_files, render};

    /// Beside Cargo.toml; a link to the one at the root of the repository, so that the packaged crate has its own.
    pub(super) const FILE: &str = "metrics.toml";

    /// Compiles the schema and writes its documents, or says what stops it.
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
        // Without objectives and alerts: their crate would bring a parser of PromQL into the build of every program.
        write(&out_dir.join("metrics.md"), &emit_reference(registry, &[]))?;
        write(&out_dir.join("metrics.json"), &emit_catalogue(registry, ()))?;
        // For the crate to assert that the macro has read the same text.
        write(
            &out_dir.join("fingerprint.rs"),
            &format!("{:?}", registry.fingerprint.to_be_bytes()),
        )
    }

    fn write(path: &Path, text: &str) -> Result<(), String> {
        fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }
}
