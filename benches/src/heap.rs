//! Counts the heap bytes of one contestant's series in a separate process, so that nothing allocated earlier can be shared.

use std::process::Command;

use shadowcat_metrics_measure::allocator;

use crate::harness::population::{Exposed, Format, Page, Population, Series, labels, one_label};
use crate::peers::Peer;

/// The hidden subcommand that runs a probe.
pub const ARGUMENT: &str = "heap-probe";

/// Returns the heap bytes per series; with `scraped`, after a scrape in the first format that the library supports.
#[must_use]
pub fn probe(peer: &Peer, series: Series, threads: usize, scraped: bool) -> Option<f64> {
    let count = series.counters + series.histograms;
    // Label values belong to the program, not to the library.
    for position in 0..count {
        let _ = (labels(position), one_label(position));
    }
    // The cost of idle threads.
    let (_, idle) = allocator::count(|| Population::new(Box::new(Nothing), threads));
    let (population, allocated) = allocator::count(|| {
        let population = Population::new((peer.expose)(series)?, threads);
        if scraped {
            let mut page = Page::default();
            let _ = [Format::Text, Format::OpenMetrics]
                .into_iter()
                .any(|format| population.exposed.render(format, &mut page));
        }
        Some(population)
    });
    population.map(|_| (allocated.live - idle.live) as f64 / count as f64)
}

struct Nothing;

impl Exposed for Nothing {
    fn touch(&self) {}

    fn render(&self, _: Format, _: &mut Page) -> bool {
        false
    }
}

/// Starts a probe and reads its output.
///
/// # Errors
/// If the probe ends without a figure.
pub fn measure(peer: &Peer, row: &str) -> Result<Option<f64>, String> {
    let program =
        std::env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
    let output = Command::new(program)
        .args([ARGUMENT, peer.name, row])
        .output()
        .map_err(|error| format!("the probe did not start: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}
