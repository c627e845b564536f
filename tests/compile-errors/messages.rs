//! Compile errors that users see: each case is a program that must not compile, with the expected messages.
//!
//! After improving a message, run `TRYBUILD=overwrite cargo test -p shadowcat-metrics-compile-errors` and read the diff.

use std::path::Path;
use std::{fs, io};

#[test]
fn messages() {
    copy_schemas().expect("the schemas can be copied into the target directory");
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/*.rs");
}

/// trybuild builds its cases in a separate project, and the paths in `metrics!` are relative to it.
fn copy_schemas() -> io::Result<()> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tests");
    let project = target.join("trybuild").join(env!("CARGO_PKG_NAME"));
    // Removed first, so that no case uses a deleted schema.
    let copies = project.join("ui");
    if copies.exists() {
        fs::remove_dir_all(&copies)?;
    }
    copy_toml(&source, &copies)
}

fn copy_toml(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        if path.is_dir() {
            copy_toml(&path, &to.join(name))?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
