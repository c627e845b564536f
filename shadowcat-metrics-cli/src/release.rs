//! Finds the version of the package that a schema belongs to. It decides which removals are due.

use std::fs;
use std::path::Path;

use shadowcat_metrics_codegen::Version;
use toml_edit::{DocumentMut, Item};

use crate::schema::is_stream;

/// Returns the version of the schema's package: from the nearest Cargo.toml in its folder or above, or from the workspace if
/// the package inherits it.
pub(crate) fn release_of(schema: &Path) -> Option<Version> {
    if is_stream(schema) {
        return None;
    }
    let schema = std::path::absolute(schema).ok()?;
    let mut manifests = schema.ancestors().skip(1).filter_map(manifest);
    let nearest = manifests.next()?;
    let version = version(&nearest, "package").or_else(|| shared(&nearest));
    // A package may inherit its version from a workspace further up.
    version.or_else(|| {
        let inherits = nearest.get("package").is_some();
        inherits.then(|| manifests.find_map(|above| shared(&above)))?
    })
}

/// Reads the Cargo.toml in a folder.
pub(crate) fn manifest(folder: &Path) -> Option<DocumentMut> {
    fs::read_to_string(folder.join("Cargo.toml"))
        .ok()?
        .parse()
        .ok()
}

/// Reads the version from a table of a manifest.
fn version(manifest: &DocumentMut, table: &str) -> Option<Version> {
    parse(manifest.get(table)?.get("version")?)
}

/// Reads the version that packages of a workspace inherit.
fn shared(manifest: &DocumentMut) -> Option<Version> {
    parse(manifest.get("workspace")?.get("package")?.get("version")?)
}

fn parse(version: &Item) -> Option<Version> {
    Version::parse(version.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_manifest_has_the_version() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        let release = |path: &str| release_of(&folder.path().join(path)).map(|v| v.to_string());
        write("Cargo.toml", "[workspace.package]\nversion = \"2.0.0\"\n");
        write("own/Cargo.toml", "[package]\nversion = \"0.3.0-rc.1\"\n");
        write("same/Cargo.toml", "[package]\nversion.workspace = true\n");
        write("none/Cargo.toml", "[workspace]\n");
        write("broken/Cargo.toml", "[package\n");
        for (schema, version) in [
            ("metrics.toml", Some("2.0.0")),
            ("sub/metrics.toml", Some("2.0.0")),
            ("own/metrics.toml", Some("0.3.0-rc.1")),
            ("same/a/metrics.toml", Some("2.0.0")),
            // Another workspace begins here.
            ("none/metrics.toml", None),
            ("broken/metrics.toml", Some("2.0.0")),
        ] {
            assert_eq!(release(schema).as_deref(), version, "{schema}");
        }
        assert_eq!(release_of(Path::new("-")), None);
    }
}
