//! Checks that cargo notices a file that is added to a schema. A macro can track existing files; only a build
//! script can track folders.

use std::path::Path;
use std::{env, fs};

use proc_macro::{Span, TokenStream};
use shadowcat_metrics_codegen::Source;

use crate::expand::compile_error;

/// Refuses a schema whose patterns may match further files that cargo would not notice.
pub(crate) fn unseen(span: Span, source: &Source) -> Option<TokenStream> {
    if !source.may_grow() {
        return None;
    }
    let files: Vec<_> = source.files().map(|(name, _)| name.to_owned()).collect();
    let folders = source.watched().filter(|path| !files.contains(path));
    // Cargo sets this for packages that have a build script.
    let script = env::var_os("OUT_DIR");
    let folders: Vec<_> = match &script {
        Some(out) => folders
            .filter(|folder| !is_watched(folder, Path::new(out)))
            .collect(),
        None => folders.collect(),
    };
    if folders.is_empty() {
        return None;
    }
    let lines: Vec<_> = folders
        .iter()
        .map(|folder| format!("    println!(\"cargo::rerun-if-changed={folder}\");\n"))
        .collect();
    let lines = lines.concat();
    let help = if script.is_some() {
        format!(
            "cargo watches folders for build scripts only; add this to `main` of your build script:\n\n{lines}"
        )
    } else {
        format!(
            "cargo watches folders for build scripts only; put this into build.rs next to Cargo.toml:\n\n\
             fn main() {{\n{lines}}}"
        )
    };
    let message = format!(
        "`{}` includes files by a pattern, and a file that is added to `{}` would go unseen\nhelp: {help}",
        source.name(),
        folders.join("`, `"),
    );
    Some(compile_error(span, &message))
}

/// Returns whether the build script makes cargo watch a folder. Cargo keeps the script's output next to
/// `OUT_DIR`; without it, the script is trusted.
fn is_watched(folder: &str, out: &Path) -> bool {
    let printed = out.with_file_name("output");
    let Ok(printed) = fs::read(printed) else {
        return true;
    };
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    makes_cargo_watch(&String::from_utf8_lossy(&printed), Path::new(&root), folder)
}

/// Returns whether the output of a build script makes cargo watch a folder of the package in `root`.
fn makes_cargo_watch(printed: &str, root: &Path, folder: &str) -> bool {
    let Ok(folder) = root.join(folder).canonicalize() else {
        return true;
    };
    let is_below = |path: &Path| {
        path.canonicalize()
            .is_ok_and(|path| folder.starts_with(path))
    };
    let directive = |line: &str| {
        Some(
            line.strip_prefix("cargo:")?
                .trim_start_matches(':')
                .to_owned(),
        )
    };
    let directives: Vec<_> = printed.lines().filter_map(directive).collect();
    // Without such a line, cargo reruns the script whenever anything in the package changes.
    if !directives.iter().any(|line| line.starts_with("rerun-if-")) {
        return is_below(root);
    }
    directives
        .iter()
        .filter_map(|line| line.strip_prefix("rerun-if-changed="))
        .any(|path| is_below(&root.join(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_watched_by_name_or_with_the_package() {
        let makes_cargo_watch =
            |printed| makes_cargo_watch(printed, Path::new(env!("CARGO_MANIFEST_DIR")), "src");
        for seen in [
            "cargo::rerun-if-changed=src\n",
            "cargo:rerun-if-changed=src/\n",
            "cargo::rerun-if-changed=build.rs\ncargo::rerun-if-changed=./src\n",
            "cargo::rerun-if-changed=.\n",
            concat!("cargo::rerun-if-changed=", env!("CARGO_MANIFEST_DIR")),
            "",
            "cargo::rustc-cfg=x\n",
        ] {
            assert!(makes_cargo_watch(seen), "{seen}");
        }
        for unseen in [
            "cargo::rerun-if-changed=build.rs\n",
            "cargo::rerun-if-changed=src/lib.rs\n",
            "cargo::rerun-if-env-changed=SRC\n",
            "rerun-if-changed=src\ncargo:rerun-if-changed=none\n",
        ] {
            assert!(!makes_cargo_watch(unseen), "{unseen}");
        }
    }
}
