//! The three-piece encoder: a prototype to compare scrapes with. It keeps all pieces of text between scrapes: for each family, the
//! metadata and the names; for each series, its labels; for each bucket, the label `le`. A line is three copies and a number. The
//! values are in the cells of one thread's block.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use shadowcat_metrics::private::{Buckets, Family, Kind, Label, Schema, Values};

/// The families of a schema of counters, and of histograms of durations, with closed labels.
pub struct Encoder {
    families: Vec<Pieces>,
    /// The cells of each family, series by series.
    block: Vec<Box<[AtomicU64]>>,
}

/// The text of a family.
struct Pieces {
    text_metadata: &'static str,
    open_metrics_metadata: &'static str,
    /// The name of each sample, with the brace after it.
    names: Vec<String>,
    /// The labels of each series.
    labels: Vec<String>,
    buckets: Option<BucketPieces>,
}

struct BucketPieces {
    buckets: &'static Buckets,
    /// The label `le` of each bucket, with the brace and the space after it.
    ends: Vec<String>,
}

/// The text after the labels of a line without `le`.
const END: &str = "} ";

impl Encoder {
    pub fn new(schema: &'static Schema) -> Self {
        let block = schema.families.iter().map(|family| {
            let cells = buckets(family).map_or(1, |buckets| buckets.bounds().len() + 2);
            (0..family.series * cells)
                .map(|_| AtomicU64::new(0))
                .collect()
        });
        Self {
            families: schema.families.iter().map(Pieces::new).collect(),
            block: block.collect(),
        }
    }

    /// Adds to a counter, given by the index of its family and its position in it. Only one thread may record.
    pub fn add(&self, family: usize, series: usize, amount: u64) {
        increase(&self.block[family][series], amount);
    }

    /// Observes in a histogram, given by the index of its family and its position in it. Only one thread may record.
    pub fn observe(&self, family: usize, series: usize, duration: Duration) {
        let Some(BucketPieces { buckets, ends }) = &self.families[family].buckets else {
            return;
        };
        let value = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let first = series * (ends.len() + 1);
        let cells = &self.block[family];
        increase(&cells[first + buckets.of_integer(value)], 1);
        increase(&cells[first + ends.len()], value);
    }

    /// Replaces the contents of `out` by the page.
    pub fn encode(&self, is_open_metrics: bool, out: &mut Vec<u8>) {
        out.clear();
        for (pieces, cells) in self.families.iter().zip(&self.block) {
            let metadata = if is_open_metrics {
                pieces.open_metrics_metadata
            } else {
                pieces.text_metadata
            };
            out.extend_from_slice(metadata.as_bytes());
            match &pieces.buckets {
                None => pieces.push_counters(out, cells),
                Some(buckets) => pieces.push_histograms(out, &buckets.ends, cells),
            }
        }
        if is_open_metrics {
            out.extend_from_slice(b"# EOF\n");
        }
    }
}

impl Pieces {
    fn new(family: &Family) -> Self {
        let buckets = buckets(family).map(BucketPieces::new);
        let suffixes: &[&str] = match buckets {
            Some(_) => &["_bucket", "_sum", "_count"],
            None => &[""],
        };
        let names = suffixes
            .iter()
            .map(|suffix| format!("{}{suffix}{{", family.name));
        Self {
            text_metadata: family.text_metadata,
            open_metrics_metadata: family.open_metrics_metadata,
            names: names.collect(),
            labels: (0..family.series)
                .map(|series| labels(family, series))
                .collect(),
            buckets,
        }
    }

    fn push_counters(&self, out: &mut Vec<u8>, cells: &[AtomicU64]) {
        for (labels, cell) in self.labels.iter().zip(cells) {
            push_front(out, &self.names[0], labels, END);
            push_count(out, cell.load(Relaxed));
        }
    }

    fn push_histograms(&self, out: &mut Vec<u8>, ends: &[String], cells: &[AtomicU64]) {
        let series = cells.chunks_exact(ends.len() + 1);
        for (labels, cells) in self.labels.iter().zip(series) {
            let mut count = 0;
            for (end, cell) in ends.iter().zip(cells) {
                count += cell.load(Relaxed);
                push_front(out, &self.names[0], labels, end);
                push_count(out, count);
            }
            push_front(out, &self.names[1], labels, END);
            push_seconds(out, cells[ends.len()].load(Relaxed));
            push_front(out, &self.names[2], labels, END);
            push_count(out, count);
        }
    }
}

impl BucketPieces {
    fn new(buckets: &'static Buckets) -> Self {
        let bounds = buckets.bounds().iter().map(|bound| format!("{bound:?}"));
        let le = bounds.chain(["+Inf".to_owned()]);
        Self {
            buckets,
            ends: le.map(|le| format!(",le=\"{le}\"{END}")).collect(),
        }
    }
}

/// Returns the buckets of a histogram.
fn buckets(family: &Family) -> Option<&'static Buckets> {
    if let Kind::Histogram(buckets) = family.kind {
        Some(buckets)
    } else {
        None
    }
}

/// Returns the labels of a series.
fn labels(family: &Family, series: usize) -> String {
    let mut rest = family.series;
    let pairs = family.labels.iter().map(|label| {
        let values = values(label);
        rest /= values.len();
        format!(
            "{}=\"{}\"",
            label.name,
            values[series / rest % values.len()]
        )
    });
    pairs.collect::<Vec<_>>().join(",")
}

fn values(label: &Label) -> &'static [&'static str] {
    match label.values {
        Values::Closed(values) => values,
        Values::Open { .. } => &[],
    }
}

fn increase(cell: &AtomicU64, amount: u64) {
    cell.store(cell.load(Relaxed) + amount, Relaxed);
}

#[inline]
fn push_front(out: &mut Vec<u8>, name: &str, labels: &str, end: &str) {
    for piece in [name, labels, end] {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Appends an integer and the end of the line.
#[inline]
fn push_count(out: &mut Vec<u8>, count: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
    out.push(b'\n');
}

/// Appends nanoseconds as seconds, without trailing zeros, and the end of the line.
fn push_seconds(out: &mut Vec<u8>, nanoseconds: u64) {
    const PER_SECOND: u64 = 1_000_000_000;
    out.extend_from_slice(
        itoa::Buffer::new()
            .format(nanoseconds / PER_SECOND)
            .as_bytes(),
    );
    let mut fraction = *b".000000000";
    let mut rest = nanoseconds % PER_SECOND;
    let mut len = 0;
    for position in (1..fraction.len()).rev() {
        let digit = rest % 10;
        if digit > 0 && len == 0 {
            len = position + 1;
        }
        fraction[position] += digit.to_le_bytes()[0];
        rest /= 10;
    }
    out.extend_from_slice(&fraction[..len]);
    out.push(b'\n');
}
