//! Writing documents: each is replaced at once by a finished file, and none is if one of them cannot be finished.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A file as it should be.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: PathBuf,
    pub(crate) content: Vec<u8>,
}

impl Document {
    /// What the file holds now; none if there is no file.
    pub(crate) fn present(&self) -> Result<Option<Vec<u8>>, Failure> {
        if self.path.is_dir() {
            return Err(Failure::new(format!("`{}` is a directory", self.path.display()))
                .help("a document is to be written there; move the directory, or choose another `--out-dir`"));
        }
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io("read", &self.path, &error)),
        }
    }
}

/// Writes documents, into folders that are made if they are not there.
///
/// All are first written whole to temporary files beside their places, then moved there.
pub(crate) fn write_all(documents: &[&Document]) -> Result<(), Failure> {
    let staged = documents
        .iter()
        .map(|document| Ok((stage(document)?, document)));
    let staged: Vec<_> = staged.collect::<Result<_, Failure>>()?;
    for (file, document) in staged {
        // A link stays one, and what it points to is replaced.
        let target = fs::canonicalize(&document.path).unwrap_or_else(|_| document.path.clone());
        file.persist(&target)
            .map_err(|failed| refused("write", &document.path, &failed.error))?;
    }
    Ok(())
}

/// Replaces one file at once, or makes it.
pub(crate) fn replace(document: &Document) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| {
        Failure::io("write", &document.path, error).help("nothing was changed")
    };
    let target = fs::canonicalize(&document.path).unwrap_or_else(|_| document.path.clone());
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = builder()
        .tempfile_in(folder)
        .map_err(|error| failed(&error))?;
    if let Ok(present) = fs::metadata(&target) {
        // It stays as readable, and as executable, as it was.
        file.as_file()
            .set_permissions(present.permissions())
            .map_err(|error| failed(&error))?;
    }
    file.write_all(&document.content)
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| failed(&error))?;
    file.persist(&target)
        .map_err(|error| failed(&error.error))?;
    Ok(())
}

fn stage(document: &Document) -> Result<NamedTempFile, Failure> {
    let folder = document.path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| refused("make the folder", folder, &error))?;
    let failed = |error| refused("write to", folder, &error);
    let mut file = builder().tempfile_in(folder).map_err(failed)?;
    file.write_all(&document.content)
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed)?;
    Ok(file)
}

/// Temporary files with the permissions that any new file would have: they become the documents.
fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".shadowcat-metrics-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn refused(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::io(what, path, error)
        .help("nothing was changed; choose a folder you can write to with `--out-dir`")
}
