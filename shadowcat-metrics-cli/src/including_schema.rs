//! Finds the schema that includes a file. An editor or hook passes the saved file, but the command needs the whole schema.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use shadowcat_metrics_authoring::json_schema::{FILE_NAME, INCLUDED_FILE_NAME};
use shadowcat_metrics_codegen::files::{self, normal};
use shadowcat_metrics_codegen::{Files, Source};
use shadowcat_metrics_operations::{Outcome, compile_files};

use crate::failure::Failure;
use crate::schema::{SchemaArg, disk, is_stdin};
use crate::schema_files::Overlay;

#[derive(Debug)]
pub(crate) struct IncludingSchema {
    pub(crate) schema: PathBuf,
    /// The file's name in the schema.
    pub(crate) part: String,
}

impl IncludingSchema {
    /// Finds the `metrics.toml` in a file's folder or above that includes it: the highest if there are several.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        Self::with(file, &disk())
    }

    /// Finds the schema that would include a file that does not exist yet.
    pub(crate) fn of_new(file: &Path) -> Option<Self> {
        let disk = disk();
        let files = Overlay {
            files: &disk,
            texts: BTreeMap::from([(normal(file.to_str()?), String::new())]),
        };
        Self::with(file, &files)
    }

    /// Compiles the schema with an empty text for the new file.
    pub(crate) fn compile_with_empty_part(&self) -> Result<Outcome, Failure> {
        let disk = disk();
        let files = Overlay {
            files: &disk,
            texts: BTreeMap::from([(self.part.clone(), String::new())]),
        };
        Ok(compile_files(
            SchemaArg::exact(self.schema.clone()).read()?,
            Some(&files),
            None,
        ))
    }

    /// Returns the first line of a new file: the `#:schema` line for editors, if the schema begins with one.
    pub(crate) fn first_line(&self, schema: &str) -> Option<String> {
        let named = schema.lines().next()?.strip_prefix("#:schema ")?.trim();
        let folder = named.strip_suffix(FILE_NAME)?;
        if folder.starts_with('/') || folder.contains("://") {
            return None;
        }
        let below = Path::new(&self.part).strip_prefix(self.schema.parent()?);
        let up = "../".repeat(below.ok()?.components().count() - 1);
        Some(format!("#:schema {up}{folder}{INCLUDED_FILE_NAME}\n"))
    }

    fn with(file: &Path, files: &dyn Files) -> Option<Self> {
        if is_stdin(file) {
            return None;
        }
        let identity = files.identity(file.to_str()?);
        let mut above = schemas_above(file);
        // Starts with the highest.
        above.reverse();
        above
            .into_iter()
            .filter(|schema| files.identity(schema) != identity)
            .find_map(|schema| {
                let part = part(&schema, &identity, files)?;
                Some(Self {
                    schema: schema.into(),
                    part,
                })
            })
    }
}

/// Returns the paths where a file's schema may be: `metrics.toml` in its folder and in each folder above.
pub(crate) fn schemas_above(file: &Path) -> Vec<String> {
    let folder = normal(file.parent().and_then(Path::to_str).unwrap_or_default());
    let folder = if folder.is_empty() { "." } else { &folder };
    let levels = std::path::absolute(folder).map_or(0, |folder| folder.ancestors().count());
    let above = (0..levels).map(|level| {
        let up = "../".repeat(level);
        normal(&format!("{folder}/{up}metrics.toml"))
    });
    above.collect()
}

/// Returns a file's name in a schema that includes it.
fn part(schema: &str, identity: &str, files: &dyn Files) -> Option<String> {
    let bytes = files::read(Path::new(schema)).ok()?;
    let source = Source::from_bytes(schema, &bytes);
    if !source.text().contains("include") {
        return None;
    }
    let outcome = compile_files(source, Some(files), None);
    let included = outcome.source.files().skip(1);
    let mut same = included.filter(|(name, _)| files.identity(name) == identity);
    same.next().map(|(name, _)| name.to_owned())
}
