//! Runs the counts of `benches/hot.rs` and compares them with the committed baselines. See `--help`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use clap::Parser;
use serde_json::Value;

/// Instructions by name of the count.
type Counts = BTreeMap<String, u64>;

const EXAMPLES: &str = "\
Examples:
  instructions               compares with benches/instructions/baselines.json; fails if a count grew
  instructions --renew       shows the differences and writes the baselines anew

Needs valgrind, and `cargo install gungraun-runner` of the version in benches/Cargo.lock.";

/// Counts the instructions of the hot operations and of the encoder, and compares them with the committed baselines.
#[derive(Debug, Parser)]
#[command(name = "instructions", version, after_help = EXAMPLES)]
struct Arguments {
    /// Writes the baselines anew
    #[arg(long)]
    renew: bool,
    /// By how many percent a count may grow, or shrink, before it is a difference
    #[arg(long, value_name = "PERCENT", default_value_t = 2.0)]
    tolerance: f64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Whether no count grew.
fn run(arguments: &Arguments) -> Result<bool, String> {
    let counts = count()?;
    let baselines = read()?;
    let grown = compare(&baselines, &counts, arguments.tolerance);
    if arguments.renew {
        write(&counts)?;
        println!("wrote {}", file().display());
        return Ok(true);
    }
    if grown > 0 {
        println!(
            "{grown} grew by more than {} %; if that is meant: --renew",
            arguments.tolerance
        );
    }
    Ok(grown == 0)
}

/// Prints every count beside its baseline: how many grew.
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
        println!("{name:32} is gone: renew the baselines");
    }
    grown
}

/// Has gungraun count, and reads the summaries that it leaves.
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
    // What cannot be removed is left to the system, as all temporary files are.
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

/// The name of a summary's count and how many instructions it took.
fn one_count(summary: &Value) -> Option<(String, u64)> {
    let function = summary["function_name"].as_str()?;
    let id = summary["id"].as_str().unwrap_or_default();
    Some((format!("{function}/{id}"), find(summary, "Ir")?))
}

/// The first number under a key, however deep: where it is depends on gungraun's version.
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

fn read() -> Result<Counts, String> {
    match fs::read_to_string(file()) {
        Ok(text) => {
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file().display()))
        }
        Err(_) => Ok(Counts::new()),
    }
}

fn write(counts: &Counts) -> Result<(), String> {
    let text = serde_json::to_string_pretty(counts).map_err(|error| error.to_string())? + "\n";
    fs::write(file(), text).map_err(|error| format!("{}: {error}", file().display()))
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines.json")
}
