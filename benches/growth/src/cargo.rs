//! Runs cargo on a generated crate.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, process};

use shadowcat_metrics_measure::clock::children_time;

use crate::generate;

/// A crate in a folder of its own, which is removed at the end.
pub struct Crate {
    home: PathBuf,
}

/// What a run of cargo took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// Processor time.
    pub cpu: Duration,
    /// Time on the wall.
    pub wall: Duration,
}

impl Crate {
    /// Makes a crate with a generated schema of so many metrics, and a program that uses all of them.
    ///
    /// # Errors
    /// Says what could not be written.
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

    /// Runs cargo for everything, then once more for this crate alone: what the second run took.
    ///
    /// # Errors
    /// Shows what cargo said.
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

    /// Size of the release program, in bytes.
    ///
    /// # Errors
    /// Says why the program cannot be read.
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
        // What cannot be removed is left to the system, as all temporary files are.
        let _ = fs::remove_dir_all(&self.home);
    }
}
