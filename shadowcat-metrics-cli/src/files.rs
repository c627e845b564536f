//! Writes files. Each file is replaced atomically, so that no reader sees part of one.
//!
//! A process that writes into a folder holds its lock from creating the first temporary file to the last rename. A temporary
//! file found under the lock was therefore left by a killed process and is removed. An edited file is compared under the lock
//! with the text that the edit started from, so that no change of another process is lost.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::files as codegen_files;
use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Prefix of temporary files.
const TEMPORARY: &str = ".shadowcat-metrics-";

/// Timeout for the lock of a folder.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Limit of attempts: more than the number of processes that edit one file at once.
const MAX_ATTEMPTS: usize = 1000;

/// A file and the content it should have.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) path: PathBuf,
    pub(crate) content: Vec<u8>,
}

impl Document {
    /// Returns the file's current content; `None` if it does not exist.
    pub(crate) fn present(&self) -> Result<Option<Vec<u8>>, Failure> {
        let mut folders = folder_of(&self.path).ancestors();
        if let Some(file) = folders.find(|folder| folder.is_file()) {
            return Err(
                Failure::new(format!("`{}` is a file, not a directory", file.display()))
                    .help("move the file, or choose another folder with `--out-dir`"),
            );
        }
        if self.path.is_dir() {
            return Err(
                Failure::new(format!("`{}` is a directory", self.path.display()))
                    .help("move the directory, or choose another folder with `--out-dir`"),
            );
        }
        // Reading a named pipe would wait for a writer.
        if self.path.exists() && !self.path.is_file() {
            return Err(
                Failure::new(format!("`{}` is not a regular file", self.path.display()))
                    .help("remove it, or choose another folder with `--out-dir`"),
            );
        }
        read_if_there(&self.path)
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match codegen_files::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("read", path, &error)),
    }
}

/// Returns whether a path is that of a temporary file, which may belong to a running process.
pub(crate) fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes())
}

/// Removes temporary files of killed processes next to files that are up to date.
pub(crate) fn clean_folders_of<'p>(files: impl IntoIterator<Item = &'p Path>) {
    let folders: BTreeSet<_> = files.into_iter().map(folder_of).collect();
    for folder in folders {
        if temporary_files(folder).next().is_some() {
            // Taking the lock removes them.
            drop(FolderLock::of(folder));
        }
    }
}

/// Writes documents and creates their folders. All are first written to temporary files and then renamed, so that none is
/// replaced if one cannot be written.
pub(crate) fn write_all(documents: &[&Document]) -> Result<(), Failure> {
    let advise = |failure: Failure| {
        failure.help("nothing was changed; choose a folder you can write to with `--out-dir`")
    };
    let mut folders = NewFolders::default();
    for document in documents {
        folders.create_for(&document.path).map_err(advise)?;
    }
    let targets: Vec<_> = documents
        .iter()
        .map(|document| target(&document.path))
        .collect();
    // Sorted, so that two processes cannot deadlock.
    let folders: BTreeSet<_> = targets.iter().map(|target| folder_of(target)).collect();
    let _locks = folders
        .into_iter()
        .map(FolderLock::of)
        .collect::<Result<Vec<_>, _>>()
        .map_err(advise)?;
    let staged = documents
        .iter()
        .zip(&targets)
        .map(|(document, target)| stage(target, &document.content, &document.path).map_err(advise));
    let staged: Vec<_> = staged.collect::<Result<_, Failure>>()?;
    for ((file, document), target) in staged.into_iter().zip(documents).zip(&targets) {
        file.persist(target)
            .map_err(|failed| advise(Failure::io("write", &document.path, &failed.error)))?;
    }
    Ok(())
}

/// Creates or replaces one file.
pub(crate) fn replace(document: &Document) -> Result<(), Failure> {
    replace_where(document, |_| true).map(drop)
}

/// Replaces a file's text and keeps its byte order mark, or creates the file. Returns false if the file no longer has the text
/// that the edit started from.
pub(crate) fn replace_text(
    path: &Path,
    before: Option<&str>,
    after: &str,
) -> Result<bool, Failure> {
    let present = read_if_there(path)?;
    let text = present
        .as_deref()
        .map(|bytes| Source::from_bytes("", bytes).text().to_owned());
    if text.as_deref() != before {
        return Ok(false);
    }
    let mark = "\u{feff}".as_bytes();
    let has_mark = present
        .as_deref()
        .is_some_and(|bytes| bytes.starts_with(mark));
    let document = Document {
        path: path.to_owned(),
        content: [if has_mark { mark } else { &[] }, after.as_bytes()].concat(),
    };
    replace_where(&document, |now| now == present.as_deref())
}

/// Creates a file. Returns false if it already exists.
pub(crate) fn create(document: &Document) -> Result<bool, Failure> {
    replace_where(document, |present| present.is_none())
}

fn replace_where(
    document: &Document,
    may: impl FnOnce(Option<&[u8]>) -> bool,
) -> Result<bool, Failure> {
    let advise = |failure: Failure| failure.help("nothing was changed");
    let target = target(&document.path);
    let _lock = FolderLock::of(folder_of(&target)).map_err(advise)?;
    if !may(read_if_there(&target)?.as_deref()) {
        return Ok(false);
    }
    stage(&target, &document.content, &document.path)
        .and_then(|file| {
            file.persist(&target)
                .map_err(|failed| Failure::io("write", &document.path, &failed.error))
        })
        .map_err(advise)?;
    Ok(true)
}

/// Repeats an edit until no other process changes the files in the meantime. The edit returns `None` to try again.
pub(crate) fn retry<T>(mut edit: impl FnMut() -> Result<Option<T>, Failure>) -> Result<T, Failure> {
    for _ in 0..MAX_ATTEMPTS {
        if let Some(done) = edit()? {
            return Ok(done);
        }
    }
    Err(Failure::new("other programs keep changing the schema")
        .help("run the command again when they have finished"))
}

/// The folders created for new files. Dropping this removes those that are still empty, so that a failed write leaves none behind.
#[derive(Debug, Default)]
pub(crate) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Creates the folder of a file, and the folders above it.
    pub(crate) fn create_for(&mut self, path: &Path) -> Result<(), Failure> {
        let folder = folder_of(path);
        let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let missing: Vec<_> = folder.ancestors().take_while(is_missing).collect();
        self.0.extend(missing.into_iter().rev().map(Path::to_owned));
        fs::create_dir_all(folder).map_err(|error| Failure::io("make the folder", folder, &error))
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Fails for a folder with files.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Returns the file to replace: symbolic links are followed.
fn target(path: &Path) -> PathBuf {
    let path = &codegen_files::follow(path);
    fs::canonicalize(path).unwrap_or_else(|_| {
        // The file does not exist yet, but its folder does.
        let folder = fs::canonicalize(folder_of(path));
        match (folder, path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            (Ok(_) | Err(_), _) => path.to_owned(),
        }
    })
}

/// Returns the path that identifies a file: without symbolic links, if the file exists.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Returns the folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Writes a temporary file next to its target, with the target's permissions or those of a new file.
fn stage(target: &Path, content: &[u8], named: &Path) -> Result<NamedTempFile, Failure> {
    let failed = |error: io::Error| Failure::io("write", named, &error);
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder_of(target)).map_err(failed)?;
    if let Ok(present) = fs::metadata(target) {
        let permissions = present.permissions();
        if permissions.readonly() {
            return Err(failed(io::Error::new(
                ErrorKind::PermissionDenied,
                "it is read-only",
            )));
        }
        file.as_file()
            .set_permissions(permissions)
            .map_err(failed)?;
    }
    // The errors of `file` itself name the temporary file.
    file.as_file_mut()
        .write_all(content)
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed)?;
    Ok(file)
}

/// The lock of a folder. The system releases it when the process ends. No lock file stays in the folder: on Unix, the folder
/// itself is locked.
struct FolderLock {
    _file: Option<File>,
}

impl FolderLock {
    fn of(folder: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::io("lock the folder", folder, &error);
        let file = match lock_file(folder) {
            Ok(file) => file,
            // The folder is writable but not readable.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Ok(Self { _file: None });
            }
            Err(error) => return Err(failed(error)),
        };
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < TIMEOUT => {
                    thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Failure::new(format!(
                        "another process has been writing into `{}` for {} s",
                        folder.display(),
                        TIMEOUT.as_secs()
                    )));
                }
                // The file system has no locks. A single writer is still safe.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(Self { _file: None });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        for path in temporary_files(folder) {
            // A file that cannot be removed does no harm.
            let _ = fs::remove_file(path);
        }
        Ok(Self { _file: Some(file) })
    }
}

fn temporary_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| is_temporary(path))
}

#[cfg(unix)]
fn lock_file(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// Folders cannot be locked on this system, so a file outside the project represents each.
#[cfg(not(unix))]
fn lock_file(folder: &Path) -> io::Result<File> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    let mut hasher = DefaultHasher::new();
    fs::canonicalize(folder)?.hash(&mut hasher);
    let name = format!("shadowcat-metrics-{:016x}.lock", hasher.finish());
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(std::env::temp_dir().join(name))
}
