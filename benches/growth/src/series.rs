//! Measures the cost of a scrape by the number of series on the page, with one counter each.

use std::sync::Barrier;
use std::thread;

use shadowcat_metrics::{Format, Registry};
use shadowcat_metrics_measure::allocator;
use shadowcat_metrics_measure::clock::Clock;
use shadowcat_metrics_measure::statistics::Summary;

use crate::report::Report;

/// Number of timed scrapes.
const ROUNDS: usize = 21;

mod hundred {
    shadowcat_metrics::metrics!("schemas/hundred.toml");
}

mod thousand {
    shadowcat_metrics::metrics!("schemas/thousand.toml");
}

mod ten_thousand {
    shadowcat_metrics::metrics!("schemas/ten_thousand.toml");
}

mod hundred_thousand {
    shadowcat_metrics::metrics!("schemas/hundred_thousand.toml");
}

mod million {
    shadowcat_metrics::metrics!("schemas/million.toml");
}

/// Records once to every series of a schema with two labels.
macro_rules! touch {
    ($schema:ident) => {{
        let metrics = $schema::Metrics::new();
        let requests = metrics.requests();
        for shard in $schema::labels::Shard::ALL {
            for lane in $schema::labels::Lane::ALL {
                requests.ended(shard, lane).add(12_345);
            }
        }
        Registry::clone(&metrics)
    }};
}

/// Records to every series of a schema with three labels, from some threads that stay alive until then.
macro_rules! touch_three {
    ($schema:ident, $threads:expr) => {{
        let metrics = $schema::Metrics::new();
        let all = Barrier::new($threads);
        let record = || {
            let requests = metrics.requests();
            for shard in $schema::labels::Shard::ALL {
                for lane in $schema::labels::Lane::ALL {
                    for part in $schema::labels::Part::ALL {
                        requests.ended(shard, lane, part).add(12_345);
                    }
                }
            }
            all.wait();
        };
        thread::scope(|scope| {
            for _ in 0..$threads {
                scope.spawn(record);
            }
        });
        Registry::clone(&metrics)
    }};
}

/// Measures scrapes of pages with 100 to a million series.
#[must_use]
pub fn measure() -> Report {
    let rows = vec![
        row(1, &touch!(hundred)),
        row(1, &touch!(thousand)),
        row(1, &touch!(ten_thousand)),
        row(1, &touch_three!(hundred_thousand, 1)),
        row(1, &touch_three!(million, 1)),
        row(8, &touch_three!(million, 8)),
    ];
    Report {
        columns: vec![
            "threads",
            "series",
            "page KiB",
            "ns a line",
            "scrape ms",
            "first scrape peak KiB",
            "later peak KiB",
            "buffer KiB",
        ],
        rows,
    }
}

fn row(threads: u32, registry: &Registry) -> Vec<f64> {
    let mut page = Vec::new();
    let mut scrape = || registry.encode_into(Format::PrometheusText, &mut page);
    // The first scrape grows the buffer.
    let ((), first) = allocator::count(&mut scrape);
    scrape();
    let ((), later) = allocator::count(&mut scrape);
    let times = (0..ROUNDS).map(|_| Clock::Cpu.time(&mut scrape));
    let seconds = Summary::new(times.map(|time| time.as_secs_f64()).collect()).median;
    let lines = page
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty() && line[0] != b'#')
        .count() as f64;
    let kib = |bytes: i64| bytes as f64 / 1024.0;
    vec![
        f64::from(threads),
        lines,
        page.len() as f64 / 1024.0,
        seconds * 1e9 / lines,
        seconds * 1e3,
        kib(first.peak),
        kib(later.peak),
        page.capacity() as f64 / 1024.0,
    ]
}
