//! A crate in the target folder that depends on the library by path, like any other project.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

pub(crate) struct Project {
    root: PathBuf,
}

pub(crate) struct Output {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// Creates an empty crate that depends on the library. Replaces the crate of an earlier run.
    pub(crate) fn new(name: &str) -> Self {
        let library = format!("shadowcat-metrics = {}", library());
        Self::with_dependencies(name, &library)
    }

    /// Creates an empty crate with the given dependency lines. Replaces the crate of an earlier run.
    pub(crate) fn with_dependencies(name: &str, dependencies: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if root.exists() {
            fs::remove_dir_all(&root).expect("what an earlier run left can be removed");
        }
        let project = Self { root };
        project.write("Cargo.toml", &manifest(name, "[workspace]", dependencies));
        // The same lock file, so that nothing is downloaded.
        fs::copy(
            workspace().join("Cargo.lock"),
            project.root.join("Cargo.lock"),
        )
        .expect("the workspace has a lock file");
        project
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        let folder = path.parent().expect("the path is below the root");
        fs::create_dir_all(folder).expect("the target directory can be written to");
        fs::write(path, text).expect("the target directory can be written to");
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.root.join(path)).expect("it is there");
    }

    /// Runs cargo in the crate, offline. All projects share one target folder, so that the library is built once.
    pub(crate) fn cargo(&self, command: &str) -> Output {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args([command, "--offline", "--quiet", "--color=never"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.with_file_name("programs"))
            .output()
            .expect("cargo runs this test, so it can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Output {
            success: output.status.success(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl Output {
    /// Asserts success, and returns the standard output.
    #[track_caller]
    pub(crate) fn succeeds(self) -> String {
        assert!(self.success, "{}", self.stderr);
        self.stdout
    }

    /// Asserts that standard error contains a text.
    #[track_caller]
    pub(crate) fn reports(&self, text: &str) {
        assert!(self.stderr.contains(text), "{text}: {}", self.stderr);
    }
}

/// Returns the root folder of the repository.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the library as a dependency's value, without its default features.
pub(crate) fn library() -> String {
    // A TOML literal string keeps backslashes.
    let path = workspace().join("shadowcat-metrics");
    format!(
        "{{ path = '{}', default-features = false }}",
        path.display()
    )
}

/// Returns a Cargo.toml with more lines after the package, and dependency lines.
pub(crate) fn manifest(name: &str, further: &str, dependencies: &str) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n{further}\n\n\
         [dependencies]\n{dependencies}\n"
    )
}
