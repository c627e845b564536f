//! No library: a loop over the inputs, and a page that is copied line by line. The lower bound for every contestant.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::{Kind, Lack, Peer};
use crate::harness::counts::Counts;
use crate::harness::inputs::{BOUNDS_11, Inputs};
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::harness::work::{Work, recording};
use crate::rows::{Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Bare,
    name: "bare",
    usage: "a loop over the inputs; a page copied line by line",
    dependencies: &[],
    record,
    expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
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
        for (at, family, series) in self.series.each_counter() {
            let name = self.series.counter_name(family);
            let (shard, lane) = labels(series);
            let value = amount(at) * threads;
            lines.push(format!(
                "{name}_total{{shard=\"{shard}\",lane=\"{lane}\"}} {value}\n"
            ));
        }
        for (at, family, series) in self.series.each_histogram() {
            let name = self.series.histogram_name(family);
            let (shard, lane) = labels(series);
            let count = observations(at).count() as u64 * threads;
            for bound in BOUNDS_11 {
                lines.push(format!(
                    "{name}_bucket{{shard=\"{shard}\",lane=\"{lane}\",le=\"{bound:?}\"}} {count}\n"
                ));
            }
            lines.push(format!(
                "{name}_bucket{{shard=\"{shard}\",lane=\"{lane}\",le=\"+Inf\"}} {count}\n"
            ));
            lines.push(format!(
                "{name}_sum{{shard=\"{shard}\",lane=\"{lane}\"}} 0.123456789\n"
            ));
            lines.push(format!(
                "{name}_count{{shard=\"{shard}\",lane=\"{lane}\"}} {count}\n"
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
