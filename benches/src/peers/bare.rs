//! No library: a loop over the inputs, and a page that is copied line by line. The lower bound for every contestant.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::{Kind, Peer};
use crate::harness::counts::Counts;
use crate::harness::inputs::{BOUNDS_11, Inputs};
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::harness::work::{Work, recording};
use crate::rows::Record;

pub(super) const PEER: Peer = Peer {
    kind: Kind::Bare,
    name: "bare",
    usage: "a loop over the inputs; a page copied line by line",
    dependencies: &[],
    record,
    expose,
    histograms_lack: None,
};

fn record(_: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    Some(recording(
        inputs.map(|input| *input),
        Counts::default(),
        |inputs| {
            for input in inputs {
                black_box(input.transport);
                black_box(input.outcome);
            }
        },
        Counts::default,
    ))
}

struct CopiedPage {
    series: Series,
    threads: AtomicU64,
    lines: Mutex<Vec<String>>,
}

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    Some(Box::new(CopiedPage {
        series,
        threads: AtomicU64::new(0),
        lines: Mutex::new(Vec::new()),
    }))
}

impl Exposed for CopiedPage {
    fn touch(&self) {
        let threads = 1 + self.threads.fetch_add(1, Relaxed);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.clear();
        for position in 0..self.series.counters {
            let (shard, lane) = labels(position);
            let value = amount(position) * threads;
            lines.push(format!(
                "requests_total{{shard=\"{shard}\",lane=\"{lane}\"}} {value}\n"
            ));
        }
        for position in 0..self.series.histograms {
            let (shard, lane) = labels(position);
            let count = observations(position).count() as u64 * threads;
            for bound in BOUNDS_11 {
                lines.push(format!(
                    "duration_seconds_bucket{{shard=\"{shard}\",lane=\"{lane}\",le=\"{bound:?}\"}} {count}\n"
                ));
            }
            lines.push(format!(
                "duration_seconds_bucket{{shard=\"{shard}\",lane=\"{lane}\",le=\"+Inf\"}} {count}\n"
            ));
            lines.push(format!(
                "duration_seconds_sum{{shard=\"{shard}\",lane=\"{lane}\"}} 0.123456789\n"
            ));
            lines.push(format!(
                "duration_seconds_count{{shard=\"{shard}\",lane=\"{lane}\"}} {count}\n"
            ));
        }
    }

    fn render(&self, _: Format, page: &mut Page) -> bool {
        for line in &*self.lines.lock().unwrap_or_else(PoisonError::into_inner) {
            page.text.push_str(line);
        }
        true
    }
}
