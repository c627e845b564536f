//! Measures the cost of compiling a schema.

use std::time::Duration;

use shadowcat_metrics_codegen::emit::recorders::emit_recorders;
use shadowcat_metrics_codegen::{Source, compile};
use shadowcat_metrics_measure::clock::Clock;
use shadowcat_metrics_measure::statistics::Summary;

use crate::cargo::Crate;
use crate::generate;
use crate::report::Report;

/// Number of repetitions of operations that take milliseconds.
const ROUNDS: usize = 7;

/// Compiles generated schemas of the given sizes.
///
/// # Errors
/// If a schema or a build fails.
pub fn measure(sizes: &[usize]) -> Result<Report, String> {
    let mut rows = Vec::new();
    for metrics in sizes {
        rows.push(row(*metrics)?);
    }
    Ok(Report {
        columns: vec![
            "metrics",
            "check ms",
            "expand ms",
            "cargo check cpu s",
            "cargo check wall s",
            "release cpu s",
            "release wall s",
            "program KiB",
        ],
        rows,
    })
}

fn row(metrics: usize) -> Result<Vec<f64>, String> {
    let text = generate::schema(metrics);
    let source = || Source::new("metrics.toml", text.clone());
    let outcome = compile(source());
    let Some(registry) = outcome.registry() else {
        return Err(format!(
            "the generated schema of {metrics} metrics has problems"
        ));
    };
    let check = median(|| drop(compile(source())));
    let expand = median(|| drop(emit_recorders(registry, "::shadowcat_metrics", None)));
    let grown = Crate::new(metrics)?;
    let checked = grown.again(&["check", "--offline"])?;
    let released = grown.again(&["build", "--release", "--offline"])?;
    Ok(vec![
        metrics as f64,
        check,
        expand,
        checked.cpu.as_secs_f64(),
        checked.wall.as_secs_f64(),
        released.cpu.as_secs_f64(),
        released.wall.as_secs_f64(),
        grown.program_size()? as f64 / 1024.0,
    ])
}

/// Returns the median, in milliseconds of processor time.
fn median(what: impl Fn()) -> f64 {
    let times = (0..ROUNDS).map(|_| Clock::Cpu.time(&what));
    let millis = times.map(|time: Duration| time.as_secs_f64() * 1e3);
    Summary::new(millis.collect()).median
}
