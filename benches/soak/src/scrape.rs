//! Scrapes in all formats during the run, and checks the invariants of each page.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use shadowcat_metrics::Format;

use crate::soaked::Metrics;

/// Scrapes until `stop` is set. Returns the number of scrapes.
///
/// # Errors
/// If a page is inconsistent.
pub fn scrape_until_stopped(registry: &Metrics, stop: &AtomicBool) -> Result<u64, String> {
    let mut scrapes = 0;
    let mut page = Vec::new();
    let mut before = 0.0;
    while !stop.load(Relaxed) {
        for format in [Format::PrometheusText, Format::OpenMetrics] {
            registry.encode_into(format, &mut page);
            let text =
                str::from_utf8(&page).map_err(|error| format!("the page is not UTF-8: {error}"))?;
            let done = check(text)?;
            if done < before {
                return Err(format!("a counter went from {before} down to {done}"));
            }
            before = done;
            scrapes += 1;
        }
    }
    Ok(scrapes)
}

/// Checks every histogram of a page. Returns the sum of a counter.
fn check(page: &str) -> Result<f64, String> {
    let mut done = 0.0;
    let mut infinite = None;
    let mut last = 0.0;
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let value = value(line)?;
        if line.starts_with("soak_work_done_total{") {
            done += value;
        }
        if line.contains("_bucket{") {
            let first = line.contains("le=\"0.0001\"");
            if !first && value < last {
                return Err(format!("buckets go down: {line}"));
            }
            last = value;
            if line.contains("le=\"+Inf\"") {
                infinite = Some(value);
            }
        }
        if line.contains("_count{") && infinite != Some(value) {
            return Err(format!(
                "`_count` is not the bucket of +Inf, {infinite:?}: {line}"
            ));
        }
    }
    Ok(done)
}

fn value(line: &str) -> Result<f64, String> {
    let number = line.rsplit_once(' ').map_or("", |(_, number)| number);
    number.parse().map_err(|error| format!("{error}: {line}"))
}
