//! Writes a page with native histograms, and the observed values: `native-pages OUTDIR` writes `page.pb` and `expected.json`.
//! With a URL as its second argument, it also pushes the histograms to a receiver of OTLP.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use shadowcat_metrics::otlp::Push;

mod metrics {
    #![allow(missing_docs, reason = "the schema has the documentation")]
    shadowcat_metrics::metrics!("src/bin/native-pages/metrics.toml");
}

use metrics::Metrics;
use metrics::labels::Data;

/// Observations of each distribution.
const COUNT: u32 = 5_000;

/// The shares for which quantiles are compared.
const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.9, 0.99];

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let Some(out) = args.next() else {
        eprintln!("usage: native-pages OUTDIR [URL]");
        return ExitCode::from(2);
    };
    match write(Path::new(&out), args.next()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("native-pages {out}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write(out: &Path, endpoint: Option<String>) -> Result<(), Box<dyn std::error::Error>> {
    let metrics = Metrics::new();
    let mut expected = Vec::new();
    for data in Data::ALL {
        let values = values(data);
        let recorder = metrics.values(data);
        for micros in &values {
            recorder.latency().observe(Duration::from_micros(*micros));
            recorder.size().observe(micros * 100);
        }
        let factor = if data == Data::Outside { 0.0 } else { 1.0 };
        expected.push(described(
            "judged_values_latency_seconds",
            data,
            &values,
            1e-6,
            1.1 * factor,
        ));
        expected.push(described(
            "judged_values_size_bytes",
            data,
            &values,
            1e2,
            1.2 * factor,
        ));
    }
    fs::create_dir_all(out)?;
    fs::write(out.join("page.pb"), metrics.encode_protobuf())?;
    fs::write(
        out.join("expected.json"),
        format!("[{}]\n", expected.join(",\n")),
    )?;
    if let Some(endpoint) = endpoint {
        let pusher = Push::new(&metrics).endpoint(endpoint).start()?;
        pusher.shutdown()?;
    }
    Ok(())
}

/// Returns microseconds in increasing order.
fn values(data: Data) -> Vec<u64> {
    let shares = (0..COUNT).map(|index| (f64::from(index) + 0.5) / f64::from(COUNT));
    let micros = |seconds: f64| Duration::from_secs_f64(seconds).as_micros();
    let values = shares.map(|share| {
        let seconds = match data {
            Data::LogNormal => 0.05 * normal(share).exp(),
            Data::TwoModes if share < 0.7 => 0.002 * (1.0 + 0.1 * share),
            Data::TwoModes => 3.0 * (1.0 + 0.1 * share),
            Data::Constant => 0.037,
            // Nothing between a millisecond and a minute.
            Data::Outside if share < 0.5 => 0.000_01,
            Data::Outside => 1_000.0,
            Data::None => return None,
        };
        u64::try_from(micros(seconds)).ok()
    });
    let mut values: Vec<_> = values.flatten().collect();
    values.sort_unstable();
    values
}

/// Returns a value of the standard normal distribution for each of evenly spread shares, in no order.
fn normal(share: f64) -> f64 {
    // The angles are spread evenly, too, and independent of the shares.
    let golden = (5_f64.sqrt() - 1.0) / 2.0;
    let angle = (share * f64::from(COUNT) * golden).fract() * std::f64::consts::TAU;
    (-2.0 * share.ln()).sqrt() * angle.cos()
}

/// Describes a series as JSON. A factor of zero means that its quantiles are not compared.
fn described(name: &str, data: Data, values: &[u64], unit: f64, factor: f64) -> String {
    let mut text = format!(
        "{{\"name\": \"{name}\", \"data\": \"{data}\", \"count\": {}, \"sum\": {}, \"factor\": {factor}, \"quantiles\": {{",
        values.len(),
        values.iter().sum::<u64>() as f64 * unit
    );
    let exact = SHARES.iter().filter_map(|share| {
        let below =
            (0..values.len()).find(|below| (below + 1) as f64 >= share * values.len() as f64);
        Some((share, values[below?] as f64 * unit))
    });
    for (index, (share, value)) in exact.enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}\"{share}\": {value}");
    }
    text + "}}"
}
