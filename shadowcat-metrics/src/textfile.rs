//! A page in a file, for `node_exporter`'s textfile collector.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::exposition::Format;
use crate::registry::Registry;

impl Registry {
    /// Writes all values as Prometheus text to a file that `node_exporter`'s textfile collector reads, such as the last page
    /// of a program that ends before the next scrape.
    ///
    /// The file is replaced atomically: a reader sees the previous page or the new one, never a part. The page is written to a
    /// temporary file in the same folder, flushed to disk, and renamed.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # fn main() -> std::io::Result<()> {
    /// # let metrics = Metrics::new();
    /// # let folder = std::env::temp_dir();
    /// metrics.write_textfile(folder.join("shop.prom"))?;
    /// # std::fs::remove_file(folder.join("shop.prom"))
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the name does not end with `.prom`, because the collector reads no other files, or if the file cannot be
    /// written. The previous page is then kept.
    pub fn write_textfile(&self, path: impl AsRef<Path>) -> io::Result<()> {
        write_page(path.as_ref(), |page| {
            self.encode_into(Format::PrometheusText, page);
        })
    }
}

/// Replaces a file at once with a page.
pub(crate) fn write_page(path: &Path, encode: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default();
    if path.extension().is_none_or(|extension| extension != "prom") {
        let fault = format!("`{}` does not end with `.prom`", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, fault));
    }
    let mut page = Vec::new();
    encode(&mut page);
    let (temporary, mut file) = Temporary::create_next_to(path, name)?;
    file.write_all(&page)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary.0, path)?;
    sync_folder(path)
}

/// The path of a file that is removed when this is dropped, unless it was renamed.
struct Temporary(PathBuf);

impl Temporary {
    /// Creates a file that the collector does not read. A crash may leave such a file, and a process of another container may have
    /// the same id, so its name is random.
    fn create_next_to(path: &Path, name: &OsStr) -> io::Result<(Self, File)> {
        loop {
            // Each `RandomState` has random keys, so the hash of no data is a random number.
            let random = RandomState::new().build_hasher().finish();
            let mut temporary = OsString::from(".");
            temporary.push(name);
            temporary.push(format!(".{}-{random:x}.tmp", std::process::id()));
            let path = path.with_file_name(temporary);
            match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                created => return created.map(|file| (Self(path), file)),
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Fails if the file was renamed or never created.
        let _ = fs::remove_file(&self.0);
    }
}

/// Flushes the rename to disk. Only Unix can open folders as files.
fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()
}
