//! Runs cargo on a generated crate.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, process};

use shadowcat_metrics_measure::clock::children_time;

use crate::generate;

/// A crate in a temporary folder, which is removed at the end.
pub struct Crate {
    home: PathBuf,
}

/// The time of a cargo run.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// Processor time.
    pub cpu: Duration,
    /// Wall-clock time.
    pub wall: Duration,
}

impl Crate {
    /// Creates a crate with a generated schema of `metrics` metrics, and a program that uses all of them.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn new(metrics: usize) -> Result<Self, String> {
        let home = env::temp_dir().join(format!("growth-{}-{metrics}", process::id()));
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let runtime = here.join("../../shadowcat-metrics");
        let manifest = format!(
            "[package]\nname = \"grown\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nshadowcat-metrics = {{ path = \"{}\" }}\n",
            runtime.display(),
        );
        let made = Self { home };
        let write = || {
            fs::create_dir_all(made.home.join("src"))?;
            fs::write(made.home.join("Cargo.toml"), manifest)?;
            fs::write(made.home.join("metrics.toml"), generate::schema(metrics))?;
            fs::write(made.home.join("src/main.rs"), generate::program(metrics))?;
            fs::copy(here.join("../Cargo.lock"), made.home.join("Cargo.lock"))
        };
        write().map_err(|error| format!("{}: {error}", made.home.display()))?;
        made.cargo(&["fetch"])?;
        Ok(made)
    }

    /// Runs cargo for the crate and its dependencies, then once more for the crate alone. Returns the time of the second run.
    ///
    /// # Errors
    /// If cargo fails, with its output.
    pub fn again(&self, arguments: &[&str]) -> Result<Took, String> {
        self.cargo(arguments)?;
        let main = self.home.join("src/main.rs");
        let text = fs::read_to_string(&main).map_err(|error| error.to_string())?;
        fs::write(&main, text + "\n").map_err(|error| error.to_string())?;
        let (cpu, wall) = (children_time(), Instant::now());
        self.cargo(arguments)?;
        Ok(Took {
            cpu: children_time().saturating_sub(cpu),
            wall: wall.elapsed(),
        })
    }

    /// Returns the size of the release program, in bytes.
    ///
    /// # Errors
    /// If the program cannot be read.
    pub fn program_size(&self) -> Result<u64, String> {
        let program = self.home.join("target/release/grown");
        let data =
            fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?;
        Ok(data.len())
    }

    fn cargo(&self, arguments: &[&str]) -> Result<(), String> {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.home)
            .env("CARGO_TARGET_DIR", self.home.join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .map_err(|error| format!("cargo did not start: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

impl Drop for Crate {
    fn drop(&mut self) {
        // A folder that cannot be removed stays in the system's temporary folder.
        let _ = fs::remove_dir_all(&self.home);
    }
}
