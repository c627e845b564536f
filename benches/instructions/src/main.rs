//! Runs the benchmarks of `benches/hot.rs` and compares the counts with the committed baselines. See `--help`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use clap::Parser;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Number of instructions by benchmark.
type Counts = BTreeMap<String, u64>;

/// The committed baselines.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Baselines {
    /// The compiler of the baselines: another compiler generates different instructions.
    rustc: String,
    counts: Counts,
}

/// Exit code if the baselines come from another compiler and cannot be compared.
const NOT_COMPARABLE: u8 = 77;

const EXAMPLES: &str = "\
Examples:
  instructions               compares with benches/instructions/baselines.json; fails if a count grew, and ends with
                             77 if the baselines are of another compiler
  instructions --renew       shows the differences and writes the baselines anew

Needs valgrind, and `cargo install gungraun-runner` of the version in benches/Cargo.lock.";

/// Counts the instructions of the hot operations and of the encoder, and compares them with the committed baselines.
#[derive(Debug, Parser)]
#[command(name = "instructions", version, after_help = EXAMPLES)]
struct Arguments {
    /// Replaces the baselines
    #[arg(long)]
    renew: bool,
    /// Percentage by which a count may change without being reported
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0)]
    tolerance: f64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode, String> {
    let baselines = read()?;
    let rustc = rustc()?;
    let comparable = baselines.rustc == rustc;
    if !comparable {
        println!(
            "the baselines are of `{}`, and this is `{rustc}`",
            baselines.rustc
        );
        if !arguments.renew {
            println!("nothing was compared; --renew makes baselines for this compiler");
            return Ok(ExitCode::from(NOT_COMPARABLE));
        }
    }
    let counts = count()?;
    let grown = compare(&baselines.counts, &counts, arguments.tolerance);
    if arguments.renew {
        write(&Baselines { rustc, counts })?;
        println!("wrote {}", file().display());
        return Ok(ExitCode::SUCCESS);
    }
    if grown > 0 {
        println!(
            "{grown} grew by more than {} %, or are gone; if that is meant: --renew",
            arguments.tolerance
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the compiler's version and the machine's architecture, in one line.
fn rustc() -> Result<String, String> {
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .arg("-vV")
        .output()
        .map_err(|error| format!("rustc did not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let field = |name| text.lines().find_map(|line| line.strip_prefix(name));
    match (text.lines().next(), field("host: ")) {
        (Some(version), Some(host)) => Ok(format!("{version}, {host}")),
        _ => Err("rustc did not say its version".to_owned()),
    }
}

/// Prints every count next to its baseline. Returns the number of counts that grew or are missing.
fn compare(baselines: &Counts, counts: &Counts, tolerance: f64) -> usize {
    let mut grown = 0;
    println!(
        "{:32} {:>12} {:>12} {:>9}",
        "count", "baseline", "now", "change"
    );
    for (name, now) in counts {
        let Some(before) = baselines.get(name) else {
            println!("{name:32} {:>12} {now:>12} {:>9}", "-", "new");
            continue;
        };
        let change = (*now as f64 / *before as f64 - 1.0) * 100.0;
        let verdict = if change > tolerance {
            grown += 1;
            "  GREW"
        } else if change < -tolerance {
            "  shrank: renew the baselines"
        } else {
            ""
        };
        println!("{name:32} {before:>12} {now:>12} {change:>+8.2}%{verdict}");
    }
    for name in baselines.keys().filter(|name| !counts.contains_key(*name)) {
        grown += 1;
        println!("{name:32} is GONE");
    }
    grown
}

/// Runs gungraun and reads the summaries that it writes.
fn count() -> Result<Counts, String> {
    let target = env::temp_dir().join(format!("instructions-{}", std::process::id()));
    let output = Command::new(env!("CARGO"))
        .args([
            "bench",
            "--package",
            env!("CARGO_PKG_NAME"),
            "--bench",
            "hot",
            "--",
        ])
        .args(["--save-summary=json", "--output-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("GUNGRAUN_HOME", &target)
        .output()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    // A folder that cannot be removed stays in the system's temporary folder.
    let _ = fs::remove_dir_all(&target);
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let summaries = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let counts: Counts = summaries
        .filter_map(|summary| one_count(&summary))
        .collect();
    if counts.is_empty() {
        return Err("gungraun gave no counts".to_owned());
    }
    Ok(counts)
}

/// Returns the benchmark's name and the number of instructions from a summary.
fn one_count(summary: &Value) -> Option<(String, u64)> {
    let function = summary["function_name"].as_str()?;
    let id = summary["id"].as_str().unwrap_or_default();
    Some((format!("{function}/{id}"), find(summary, "Ir")?))
}

/// Returns the first number under a key at any depth, because the structure depends on gungraun's version.
fn find(value: &Value, key: &str) -> Option<u64> {
    match value {
        Value::Object(fields) => match fields.get(key) {
            Some(found) => first_number(found),
            None => fields.values().find_map(|field| find(field, key)),
        },
        Value::Array(items) => items.iter().find_map(|item| find(item, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn first_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::Object(fields) => fields.values().find_map(first_number),
        Value::Array(items) => items.iter().find_map(first_number),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}

fn read() -> Result<Baselines, String> {
    match fs::read_to_string(file()) {
        Ok(text) => {
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file().display()))
        }
        Err(_) => Ok(Baselines::default()),
    }
}

fn write(baselines: &Baselines) -> Result<(), String> {
    let text = serde_json::to_string_pretty(baselines).map_err(|error| error.to_string())? + "\n";
    fs::write(file(), text).map_err(|error| format!("{}: {error}", file().display()))
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines.json")
}
