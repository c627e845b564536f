//! `include` patterns over files on disk.

#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::{fs, process};

use shadowcat_metrics_authoring::compile_files;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::files::Disk;

/// A temporary folder for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("shadowcat-{test}-{}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder can be made");
        Self(path)
    }

    fn write(&self, name: &[u8], text: &str) {
        let path = self.0.join(OsStr::from_bytes(name));
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Compiles a schema that includes `pattern`. Returns the included files and the problems.
    fn compile(&self, pattern: &str) -> (Vec<String>, Vec<String>) {
        let text = format!("format = 1\nnamespace = \"shop\"\ninclude = [\"{pattern}\"]\n");
        let source = Source::new("metrics.toml", text);
        let outcome = compile_files(source, Some(&Disk::new(&self.0)), None);
        let files = outcome.source.files().map(|(name, _)| name.to_owned());
        let problems = outcome.report.errors().map(|error| {
            let at = outcome.source.position(error.primary.start);
            format!("{}:{} {} {}", at.line, at.column, error.code, error.label)
        });
        (files.skip(1).collect(), problems.collect())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn names_that_are_not_utf8_are_skipped_or_reported() {
    let folder = Folder::new("not-utf8");
    folder.write(b"d/a.toml", "");
    folder.write(b"d/caf\xe9.txt", "");
    folder.write(b"d/.\xe9.toml", "");
    folder.write(b"d/\xe9/b.toml", "");
    for pattern in ["d/*.toml", "d/a.toml"] {
        let (files, problems) = folder.compile(pattern);
        assert_eq!(
            (files, problems),
            (vec!["d/a.toml".to_owned()], vec![]),
            "{pattern}"
        );
    }
    folder.write(b"d/caf\xe9.toml", "");
    let (files, problems) = folder.compile("d/*.toml");
    assert!(files.is_empty(), "{files:?}");
    let label = "the name of `caf\u{fffd}.toml` is not UTF-8";
    assert_eq!(problems, [format!("3:12 SM0014 {label}")]);
    // Other files in the folder may match.
    for pattern in ["d/*/*.toml", "**/b.toml"] {
        let (_, problems) = folder.compile(pattern);
        let label = "the name of `\u{fffd}` is not UTF-8";
        assert_eq!(problems, [format!("3:12 SM0014 {label}")], "{pattern}");
    }
}

#[test]
fn patterns_match_names_and_folders() {
    let folder = Folder::new("patterns");
    for name in [
        "d/a.toml",
        "d/b/c.toml",
        "d/b/e/f.toml",
        "d/.hidden.toml",
        "d/.git/g.toml",
        "d/[x].toml",
        "d/a.txt",
    ] {
        folder.write(name.as_bytes(), "");
    }
    symlink(".", folder.0.join("d/loop")).expect("a link can be made");
    for (pattern, expected) in [
        ("d/b/*.toml", &["d/b/c.toml"][..]),
        (
            "d/**/*.toml",
            &["d/[x].toml", "d/a.toml", "d/b/c.toml", "d/b/e/f.toml"],
        ),
        ("d/b/**", &[]),
        ("d/**/f.toml", &["d/b/e/f.toml"]),
        ("**/e/*", &["d/b/e/f.toml"]),
        ("d/?.txt", &["d/a.txt"]),
        ("d/[ab].txt", &["d/a.txt"]),
        ("./d/../d/b/[c-d].toml", &["./d/../d/b/c.toml"]),
        ("d/[[]x].toml", &["d/[x].toml"]),
        ("d/*/c.toml", &["d/b/c.toml"]),
    ] {
        assert_eq!(folder.compile(pattern).0, expected, "{pattern}");
    }
    symlink("nowhere", folder.0.join("d/z.toml")).expect("a link can be made");
    let (_, problems) = folder.compile("d/z*.toml");
    assert_eq!(problems, ["3:12 SM0014 expected a file that can be read"]);
    let (_, problems) = folder.compile("d/[a.toml");
    assert_eq!(problems, ["3:12 SM0014 `[` is not closed in `[a.toml`"]);
}

/// Where git cannot create links, it writes the target's path into a file.
#[test]
fn a_file_that_replaces_a_link_is_read_as_its_target() {
    let folder = Folder::new("text-links");
    folder.write(
        b"shared/carts.toml",
        "[groups.cart]\nhelp = \"Carts in a shop.\"\n",
    );
    folder.write(b"metrics.d/a.toml", "b.toml");
    folder.write(b"metrics.d/b.toml", "../shared/carts.toml\n");
    let (files, problems) = folder.compile("metrics.d/a.toml");
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(files, ["metrics.d/a.toml"]);
    // Two of the names lead to one file, which is included once.
    let (files, _) = folder.compile("metrics.d/*.toml");
    assert_eq!(files.len(), 1, "{files:?}");

    // A cycle of links ends, and other one-line files are read as they are.
    folder.write(b"circle/a.toml", "b.toml");
    folder.write(b"circle/b.toml", "a.toml");
    assert_eq!(folder.compile("circle/a.toml").1.len(), 1);
    folder.write(b"nowhere/a.toml", "nothing.toml");
    assert_eq!(folder.compile("nowhere/a.toml").1.len(), 1);
}
