//! A page in a file, for `node_exporter`'s textfile collector.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

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
    let temporary = Temporary::next_to(path, name);
    let mut file = File::create_new(&temporary.0)?;
    file.write_all(&page)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary.0, path)?;
    sync_folder(path)
}

/// The path of a file that is removed when this is dropped, unless it was renamed.
struct Temporary(PathBuf);

impl Temporary {
    /// Returns a path that no other write uses, and that the collector does not read.
    fn next_to(path: &Path, name: &std::ffi::OsStr) -> Self {
        static WRITES: AtomicU64 = AtomicU64::new(0);
        let write = WRITES.fetch_add(1, Ordering::Relaxed);
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}-{write}.tmp", std::process::id()));
        Self(path.with_file_name(temporary))
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
