//! The schema that a file is a part of: whoever names an included file, as an editor does when it is saved, means the whole.

use std::fs;
use std::path::{Path, PathBuf};

use shadowcat_metrics_codegen::files::normal;
use shadowcat_metrics_codegen::{Files as _, Source, compile_files};

use crate::input::{disk, is_stdin};

/// A schema that includes a file.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) schema: PathBuf,
    /// The file's name in it.
    pub(crate) part: String,
}

impl Whole {
    /// The `metrics.toml` in a file's folder, or above, that includes it; the highest, if one includes the other.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        if is_stdin(file) {
            return None;
        }
        let folder = file.parent()?.to_str()?;
        let folder = if folder.is_empty() { "." } else { folder };
        let levels = fs::canonicalize(folder).ok()?.ancestors().count();
        let identity = disk().identity(file.to_str()?);
        let above = (0..levels).rev().map(|level| {
            let up = "../".repeat(level);
            normal(&format!("{folder}/{up}metrics.toml"))
        });
        above
            .filter(|schema| disk().identity(schema) != identity)
            .find_map(|schema| {
                let part = part(&schema, &identity)?;
                Some(Self {
                    schema: schema.into(),
                    part,
                })
            })
    }
}

/// The name that a schema includes a file by, if it does.
fn part(schema: &str, identity: &str) -> Option<String> {
    let bytes = fs::read(schema).ok()?;
    let source = Source::from_bytes(schema, &bytes);
    if !source.text().contains("include") {
        return None;
    }
    let disk = disk();
    let outcome = compile_files(source, Some(&disk), None);
    let included = outcome.source.files().skip(1);
    let mut same = included.filter(|(name, _)| disk.identity(name) == identity);
    same.next().map(|(name, _)| name.to_owned())
}
