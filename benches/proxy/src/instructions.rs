//! Counts the instructions of fixed exchanges under valgrind, with and without metrics, and compares what metrics add with a
//! baseline.
//!
//! The client, the proxy and, over the network, the server run on one thread of a child process. Only the exchanges are
//! counted: connecting and calibrating the clock come first.

use std::collections::BTreeMap;
use std::env::{current_exe, temp_dir};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::Transport;

use crate::route::Route;

/// Exchanges that are counted, after as many that are not.
const EXCHANGES: usize = 200;

/// How much the share of metrics may grow, in percent of an exchange.
const TOLERANCE: f64 = 0.5;

/// How much the instructions of the library itself may grow, which vary little from run to run.
const LIBRARY_TOLERANCE: f64 = 1.05;

/// How often a transport is counted. A busy kernel wakes the exchanges up more often, which adds up to two percent to some runs,
/// so the run with the fewest instructions counts.
const RUNS: usize = 3;

/// How often a transport is counted at most, if its count has grown.
const MAX_RUNS: usize = 30;

/// The goal for the share of metrics, in percent of an exchange.
const GOAL: f64 = 1.0;

/// Exit code if the baseline belongs to another compiler.
const NOT_COMPARABLE: u8 = 77;

/// What instructions are spent on, by the source file that they come from. `Destructors` are those that the compiler generates,
/// for all types, because those of the library are inlined into those of the proxy; a destructor that is written in the library
/// belongs to the cause of its file. `Other` includes what the proxy itself does for its metrics, such as choosing labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cause {
    Records,
    Clocks,
    Interning,
    ReferenceCounts,
    Destructors,
    Other,
}

impl Cause {
    fn of(file: &str, function: &str) -> Self {
        let Some((_, own)) = file.rsplit_once("shadowcat-metrics/src/") else {
            return match file {
                _ if file.contains("quanta") => Self::Clocks,
                _ if file.ends_with("alloc/src/sync.rs") => Self::ReferenceCounts,
                _ if file.ends_with("core/src/ptr/mod.rs") => Self::Destructors,
                _ if function.starts_with("core::ptr::drop_in_place") => Self::Destructors,
                _ => Self::Other,
            };
        };
        match own {
            "clock.rs" | "timer.rs" => Self::Clocks,
            "open_value.rs"
            | "schema.rs"
            | "store/intern.rs"
            | "store/recent_values.rs"
            | "store/retire.rs" => Self::Interning,
            "registry.rs" | "store/cells/owner.rs" => Self::ReferenceCounts,
            _ => Self::Records,
        }
    }
}

/// Instructions per exchange.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Counts {
    without: u64,
    /// What metrics add, without the clocks of timers.
    added: i64,
    /// The clocks of timers, which are also read without metrics, because a timer returns its time.
    clocks: i64,
    added_by_cause: BTreeMap<Cause, i64>,
}

/// Instructions of all exchanges of a run.
type ByCause = BTreeMap<Cause, u64>;

impl Counts {
    fn of(without: &ByCause, with: &ByCause) -> Self {
        let exchanges = EXCHANGES as u64;
        let total = |run: &ByCause| run.values().sum::<u64>() / exchanges;
        let of = |run: &ByCause, cause| {
            run.get(&cause).copied().unwrap_or(0).cast_signed() / exchanges.cast_signed()
        };
        let added = |cause: &Cause| (*cause, of(with, *cause) - of(without, *cause));
        Self {
            without: total(without),
            added: total(with).cast_signed() - total(without).cast_signed(),
            clocks: of(with, Cause::Clocks),
            added_by_cause: with.keys().map(added).collect(),
        }
    }

    /// Returns what the library itself adds, with its clocks.
    fn in_library(&self) -> f64 {
        let causes = self.added_by_cause.iter();
        let library = causes.filter(|(cause, _)| **cause != Cause::Other);
        let added: i64 = library.map(|(_, added)| added).sum();
        (added + self.clocks) as f64
    }

    fn share(&self) -> f64 {
        100.0 * (self.added + self.clocks) as f64 / self.without as f64
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Baseline {
    rustc: String,
    transports: BTreeMap<String, Counts>,
}

/// Counts all transports and compares them with the baseline, or renews it. Returns the exit code.
pub fn compare(renew: bool) -> Result<u8, String> {
    let rustc = rustc()?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json");
    let known = fs::read_to_string(&file).ok();
    let known: Option<Baseline> = known.and_then(|text| serde_json::from_str(&text).ok());
    let known = known.filter(|known| known.rustc == rustc);
    if known.is_none() && !renew {
        println!("there is no baseline for {rustc}; --renew makes one");
        return Ok(NOT_COMPARABLE);
    }
    let mut transports = BTreeMap::new();
    let mut failed = false;
    println!("instructions per exchange");
    for transport in Transport::ALL {
        let name = name(transport);
        let before = known.as_ref().and_then(|known| known.transports.get(&name));
        let grew = |counts: &Counts| {
            before.is_some_and(|before| {
                counts.share() > before.share() + TOLERANCE
                    || counts.in_library() > before.in_library() * LIBRARY_TOLERANCE
            })
        };
        let counts = count(transport, grew)?;
        println!(
            "{name:6} without {:>8}, metrics add {:>6} and clocks {:>5} ({:.2} %): {:?}",
            counts.without,
            counts.added,
            counts.clocks,
            counts.share(),
            counts.added_by_cause
        );
        if let Some(before) = before
            && grew(&counts)
        {
            println!(
                "{name:6} GREW from {:.2} % and {} in the library, now {}; if that is intended: --renew",
                before.share(),
                before.in_library(),
                counts.in_library()
            );
            failed = true;
        }
        if counts.share() > GOAL {
            println!("{name:6} misses the goal of {GOAL} %");
        }
        transports.insert(name, counts);
    }
    if renew {
        let baseline = Baseline { rustc, transports };
        let text = serde_json::to_string_pretty(&baseline).map_err(|error| error.to_string())?;
        fs::write(&file, text + "\n").map_err(|error| error.to_string())?;
        return Ok(0);
    }
    Ok(failed.into())
}

/// Carries exchanges on this thread, for valgrind to count.
pub fn carry(transport: Transport, has_metrics: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let metrics = if has_metrics {
        Metrics::new()
    } else {
        Metrics::disabled()
    };
    let route = runtime.block_on(Route::open(transport, &metrics))?;
    runtime.block_on(route.client.ask(EXCHANGES, 1))?;
    counted_exchanges(&runtime, &route)
}

/// valgrind counts while this function runs. It finds the function by its name.
#[inline(never)]
fn counted_exchanges(runtime: &tokio::runtime::Runtime, route: &Route) -> Result<(), String> {
    runtime.block_on(route.client.ask(EXCHANGES, 1)).map(drop)
}

/// Counts a transport several times, and more often if its share seems to have grown.
fn count(transport: Transport, grew: impl Fn(&Counts) -> bool) -> Result<Counts, String> {
    let (mut without, mut with) = (run(transport, false)?, run(transport, true)?);
    for runs in 1..MAX_RUNS {
        if runs >= RUNS && !grew(&Counts::of(&without, &with)) {
            break;
        }
        without = fewer(without, run(transport, false)?);
        with = fewer(with, run(transport, true)?);
    }
    Ok(Counts::of(&without, &with))
}

fn fewer(one: ByCause, other: ByCause) -> ByCause {
    std::cmp::min_by_key(one, other, |run| run.values().sum::<u64>())
}

/// Runs the exchanges under valgrind, and returns the instructions of all of them by cause.
fn run(transport: Transport, has_metrics: bool) -> Result<ByCause, String> {
    let program = current_exe().map_err(|error| error.to_string())?;
    let profile = temp_dir().join(format!("proxy-instructions-{}", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .args([
            "--tool=callgrind",
            "--quiet",
            "--toggle-collect=*counted_exchanges*",
        ])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args(["--carry", &name(transport)]);
    if has_metrics {
        command.arg("--with-metrics");
    }
    let output = command
        .output()
        .map_err(|error| format!("valgrind did not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = read(&profile)?;
    Ok(by_cause(&text))
}

fn read(profile: &PathBuf) -> Result<String, String> {
    let text = fs::read_to_string(profile).map_err(|error| error.to_string())?;
    fs::remove_file(profile).map_err(|error| error.to_string())?;
    Ok(text)
}

/// Sums the self costs of a callgrind profile.
fn by_cause(profile: &str) -> ByCause {
    let (mut files, mut functions) = (Names::default(), Names::default());
    let mut causes = ByCause::new();
    let (mut file, mut function, mut is_call) = ("", "", false);
    for line in profile.lines() {
        match line.split_once('=') {
            Some(("fl" | "fi" | "fe", name)) => file = files.resolve(name),
            Some(("fn", name)) => function = functions.resolve(name),
            // A name is given where it is first mentioned, which may be as that of a called function.
            Some(("cfl" | "cfi", name)) => {
                files.resolve(name);
            }
            Some(("cfn", name)) => {
                functions.resolve(name);
            }
            Some(("calls", _)) => is_call = true,
            _ => {}
        }
        if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line
                .split_once(' ')
                .and_then(|(_, cost)| cost.parse::<u64>().ok());
            // The line after a call has the cost of the called function, which is also counted there.
            if !std::mem::take(&mut is_call) {
                *causes.entry(Cause::of(file, function)).or_insert(0) += cost.unwrap_or(0);
            }
        }
    }
    causes
}

/// Names of files or of functions in a callgrind profile. Each is given once, with a number that stands for it afterwards.
#[derive(Default)]
struct Names<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Names<'a> {
    /// Returns the name for `(number) name` or `(number)`.
    fn resolve(&mut self, mention: &'a str) -> &'a str {
        let (number, name) = mention.split_once(' ').unwrap_or((mention, ""));
        self.0.entry(number).or_insert(name.trim())
    }
}

fn name(transport: Transport) -> String {
    transport.as_ref().to_owned()
}

/// Returns the version of the compiler, which counts depend on.
fn rustc() -> Result<String, String> {
    let output = Command::new("rustc")
        .arg("--version")
        .output()
        .map_err(|error| format!("rustc did not start: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A transport on the command line.
pub fn transport(name: &str) -> Result<Transport, String> {
    name.parse()
        .map_err(|_| format!("there is no transport {name:?}"))
}
