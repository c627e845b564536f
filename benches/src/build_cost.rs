//! Measures the cost of building each contestant: a clean build of a crate that depends only on it. For this project, the crate
//! also calls the macro; for the others, it is empty.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, process};

use serde::Serialize;

use crate::peers::Peer;
use crate::report::table::figure;
use shadowcat_metrics_measure::clock::children_time;
use shadowcat_metrics_measure::statistics::Summary;

/// The cost of one contestant's build.
#[derive(Debug, Serialize)]
pub struct Cost {
    /// Name of the contestant.
    pub name: &'static str,
    /// Number of compiled crates, including the contestant's own.
    pub crates: usize,
    /// Processor seconds: the median of all rounds.
    pub cpu_seconds: f64,
    /// Wall-clock seconds: the median of all rounds.
    pub wall_seconds: f64,
}

/// The schema of the crate that calls the macro.
const SCHEMA: &str = include_str!("../../examples/quickstart/metrics.toml");

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that cannot be removed stays in the system's temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Builds every contestant `rounds` times, alternately, with the default development profile. Cargo never compiles dependencies
/// from a registry incrementally. This project is a path dependency here, which `incremental` compiles incrementally.
///
/// # Errors
/// If a build fails.
pub fn measure(
    peers: &[&'static Peer],
    rounds: usize,
    incremental: bool,
) -> Result<Vec<Cost>, String> {
    let peers: Vec<_> = peers
        .iter()
        .filter(|peer| !peer.dependencies.is_empty())
        .collect();
    let folder = Folder(env::temp_dir().join(format!("build-cost-{}", process::id())));
    let mut crates = Vec::new();
    for peer in &peers {
        crates.push(make_crate(&folder.0, peer)?);
    }
    let mut times = vec![(Vec::new(), Vec::new()); peers.len()];
    for round in 0..rounds {
        for turn in 0..peers.len() {
            let turn = (turn + round) % peers.len();
            let (cpu, wall) = build(&folder.0.join(peers[turn].name), incremental)?;
            times[turn].0.push(cpu.as_secs_f64());
            times[turn].1.push(wall.as_secs_f64());
        }
    }
    let costs = peers.iter().zip(crates).zip(times);
    Ok(costs
        .map(|((peer, crates), (cpu, wall))| Cost {
            name: peer.name,
            crates,
            cpu_seconds: Summary::new(cpu).median,
            wall_seconds: Summary::new(wall).median,
        })
        .collect())
}

/// Creates a crate that depends on a contestant, in the versions of this program. Returns the number of crates.
fn make_crate(folder: &Path, peer: &Peer) -> Result<usize, String> {
    let home = folder.join(peer.name);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = here.join("../shadowcat-metrics");
    let dependencies = peer.dependencies.join("\n");
    let manifest = format!(
        "[package]\nname = \"dependant\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\n{}\n",
        dependencies.replace("OWN", &own.to_string_lossy()),
    );
    let write = || {
        fs::create_dir_all(home.join("src"))?;
        fs::write(home.join("Cargo.toml"), manifest)?;
        let program = if dependencies.contains("OWN") {
            fs::write(home.join("metrics.toml"), SCHEMA)?;
            "shadowcat_metrics::metrics!(\"metrics.toml\");\n"
        } else {
            ""
        };
        fs::write(home.join("src/lib.rs"), program)?;
        fs::copy(here.join("Cargo.lock"), home.join("Cargo.lock"))
    };
    write().map_err(|error| format!("{}: {error}", home.display()))?;
    // The first call may download something, so that the builds need not.
    let tree = cargo(
        &home,
        &[
            "tree",
            "--prefix=none",
            "--edges=normal,build",
            "--no-dedupe",
        ],
    )?;
    let mut names: Vec<&str> = tree.lines().filter(|line| !line.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    cargo(&home, &["fetch"])?;
    Ok(names.len() - 1)
}

fn build(home: &Path, incremental: bool) -> Result<(Duration, Duration), String> {
    let target = home.join("target");
    if target.exists() {
        fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
    }
    let (cpu, wall) = (children_time(), Instant::now());
    let incremental = format!("build.incremental={incremental}");
    cargo(home, &["build", "--offline", "--config", &incremental])?;
    Ok((children_time().saturating_sub(cpu), wall.elapsed()))
}

fn cargo(home: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(home)
        .env("CARGO_TARGET_DIR", home.join("target"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_INCREMENTAL")
        .output()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let what = arguments.join(" ");
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(format!("cargo {what} in {}:\n{why}", home.display()))
    }
}

/// Formats the costs as text, the lowest first.
#[must_use]
pub fn table(mut costs: Vec<Cost>) -> String {
    costs.sort_by(|a, b| a.cpu_seconds.total_cmp(&b.cpu_seconds));
    let mut text = format!(
        "{:26} {:>9} {:>9} {:>7}\n",
        "clean build", "cpu s", "wall s", "crates"
    );
    for cost in costs {
        let _ = writeln!(
            text,
            "{:26} {:>9} {:>9} {:>7}",
            cost.name,
            figure(cost.cpu_seconds),
            figure(cost.wall_seconds),
            cost.crates,
        );
    }
    text
}
