//! Compares two builds of this program: alternating runs, and a verdict with its confidence.
//!
//! `--save` keeps a copy of the program. `--compare` runs the copy and this program alternately, many times. Each run is a
//! separate process, because the memory layout of code and data changes figures by some percent and stays the same within a
//! process.

use std::env::current_exe;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use shadowcat_metrics_measure::statistics::{Interval, median_interval};

use crate::report::json::Figures;
use crate::report::table::figure;

/// Required confidence of a verdict.
const CONFIDENCE: f64 = 0.99;

/// Smaller differences are ignored, even if they are certain.
const SMALLEST: f64 = 0.01;

/// Comparison of this program with the saved one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Better,
    Worse,
    NoDifferenceSeen,
}

impl Verdict {
    fn of(ratio: &Interval) -> Self {
        if ratio.high < 1.0 - SMALLEST {
            Self::Better
        } else if ratio.low > 1.0 + SMALLEST {
            Self::Worse
        } else {
            Self::NoDifferenceSeen
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "WORSE",
            Self::NoDifferenceSeen => "no difference seen",
        }
    }
}

/// Saves a copy of this program under a name.
///
/// # Errors
/// If it cannot be copied.
pub fn save(name: &str) -> Result<String, String> {
    let copy = saved(name)?;
    let folder = copy.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(current_exe()?, &copy))
        .map_err(|error| format!("{}: {error}", copy.display()))?;
    Ok(format!(
        "saved as `{name}`; compare with `--compare {name}`\n"
    ))
}

/// Runs the copy and this program alternately with the same arguments.
///
/// # Errors
/// If a run fails.
pub fn compare(name: &str, arguments: &[String], pairs: usize) -> Result<String, String> {
    let copy = saved(name)?;
    if !copy.exists() {
        return Err(format!(
            "nothing is saved as `{name}`; save a build with `--save {name}`"
        ));
    }
    let this = current_exe().map_err(|error| error.to_string())?;
    let mut before = Vec::new();
    let mut after = Vec::new();
    for pair in 0..pairs {
        // The first program alternates, so that a machine that slows down favors neither.
        if pair % 2 == 0 {
            before.push(figures(&copy, arguments)?);
            after.push(figures(&this, arguments)?);
        } else {
            after.push(figures(&this, arguments)?);
            before.push(figures(&copy, arguments)?);
        }
    }
    Ok(table(name, &before, &after))
}

fn table(name: &str, before: &[Figures], after: &[Figures]) -> String {
    let mut text = format!(
        "{:18} {:>9} {:>9} {:>7}  {:15}  verdict\n",
        "row", name, "now", "ratio", "interval",
    );
    let rows = after.first().map_or(&[][..], |figures| &figures.rows);
    for row in rows {
        let pairs = before.iter().zip(after).filter_map(|(before, after)| {
            Some((before.median(&row.name)?, after.median(&row.name)?))
        });
        let (old, new): (Vec<f64>, Vec<f64>) = pairs.unzip();
        let ratios = old.iter().zip(&new).map(|(old, new)| new / old).collect();
        let Some(ratio) = median_interval(ratios, CONFIDENCE) else {
            let _ = writeln!(text, "{:18} void, or too few pairs for a verdict", row.name);
            continue;
        };
        let median =
            |values| median_interval(values, 0.0).map_or(f64::NAN, |interval| interval.median);
        let _ = writeln!(
            text,
            "{:18} {:>9} {:>9} {:>7.3}  {:.3} to {:.3}   {} ({:.1} % sure)",
            row.name,
            figure(median(old)),
            figure(median(new)),
            ratio.median,
            ratio.low,
            ratio.high,
            Verdict::of(&ratio).text(),
            ratio.confidence * 100.0,
        );
    }
    text
}

fn figures(program: &Path, arguments: &[String]) -> Result<Figures, String> {
    let output = Command::new(program)
        .args(arguments)
        .args(["--format", "json"])
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{}: {error}", program.display()))
}

/// Returns the path of a copy: next to this program, so that cleaning the build folder removes it.
fn saved(name: &str) -> Result<PathBuf, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!(
            "`{name}` is not a name: use letters, digits, `-`, `_` and `.`"
        ));
    }
    let program = current_exe().map_err(|error| error.to_string())?;
    Ok(program.with_file_name("saved").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(low: f64, high: f64) -> Interval {
        Interval {
            median: f64::midpoint(low, high),
            low,
            high,
            confidence: CONFIDENCE,
        }
    }

    #[test]
    fn a_verdict_needs_the_whole_interval() {
        assert_eq!(Verdict::of(&interval(0.80, 0.90)), Verdict::Better);
        assert_eq!(Verdict::of(&interval(1.05, 1.20)), Verdict::Worse);
        assert_eq!(
            Verdict::of(&interval(0.80, 1.10)),
            Verdict::NoDifferenceSeen
        );
        assert_eq!(
            Verdict::of(&interval(0.992, 0.999)),
            Verdict::NoDifferenceSeen
        );
    }

    #[test]
    fn a_name_stays_in_its_folder() {
        assert!(saved("../other").is_err());
        assert!(saved("v0.1").is_ok());
    }
}
