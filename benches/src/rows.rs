//! The rows of the comparison: what is done, by how many threads.

use crate::harness::inputs::{BOUNDS_11, BOUNDS_20};
use crate::harness::population::{Format, Series};

/// What a row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Records, or reads a clock and records.
    Record(Record),
    /// Renders the page of some series that so many threads have recorded in. One line is one operation.
    Scrape {
        /// What is on the page.
        series: Series,
        /// How many threads have recorded in all of it.
        threads: usize,
        /// How the page is written.
        format: Format,
    },
    /// Takes bytes of heap, in a process of its own. One series is one operation.
    Heap {
        /// What takes heap.
        series: Series,
        /// How many threads have recorded in all of it.
        threads: usize,
        /// Whether it has been scraped since.
        scraped: bool,
    },
}

/// One way to record. Unless it is said otherwise, there are two closed labels, known only at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Adds one to a counter.
    Counter,
    /// Observes a duration in a histogram.
    Histogram(Bounds),
    /// Adds one to a counter by a handle that was kept.
    Kept,
    /// Adds one to a counter with one open label, which is given as text.
    Open,
    /// Adds one to a counter with one open label, by the handle that is kept for each of its values.
    OpenKept,
    /// Sets a gauge.
    Gauge,
    /// Moves a gauge up or down.
    UpDown,
    /// Starts a timer, stops it and observes the time in a histogram with 11 bounds.
    Timer,
}

/// Bounds of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounds {
    /// [`BOUNDS_11`].
    Eleven,
    /// [`BOUNDS_20`].
    Twenty,
}

impl Bounds {
    /// The upper bounds, in seconds.
    #[must_use]
    pub const fn seconds(self) -> &'static [f64] {
        match self {
            Self::Eleven => &BOUNDS_11,
            Self::Twenty => &BOUNDS_20,
        }
    }
}

/// A row.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What `--rows` calls it.
    pub name: &'static str,
    /// What the table calls it.
    pub title: &'static str,
    /// What it does.
    pub job: Job,
    /// How many threads do it at the same time.
    pub threads: usize,
}

impl Row {
    /// What its figures are.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self.job {
            Job::Record(_) => "ns",
            Job::Scrape { .. } => "ns a line",
            Job::Heap { .. } => "bytes",
        }
    }
}

const fn record(name: &'static str, title: &'static str, record: Record, threads: usize) -> Row {
    Row {
        name,
        title,
        job: Job::Record(record),
        threads,
    }
}

const fn scrape(
    name: &'static str,
    title: &'static str,
    series: Series,
    threads: usize,
    format: Format,
) -> Row {
    Row {
        name,
        title,
        job: Job::Scrape {
            series,
            threads,
            format,
        },
        threads: 1,
    }
}

const fn heap(
    name: &'static str,
    title: &'static str,
    series: Series,
    threads: usize,
    scraped: bool,
) -> Row {
    Row {
        name,
        title,
        job: Job::Heap {
            series,
            threads,
            scraped,
        },
        threads: 1,
    }
}

/// Every row, in the order in which they are measured. Libraries with one registry for the process scrape the small page
/// before the large one is made.
pub const ROWS: &[Row] = &[
    record("counter", "counter, 2 labels", Record::Counter, 1),
    record(
        "counter-2",
        "counter, 2 labels, 2 threads",
        Record::Counter,
        2,
    ),
    record(
        "counter-4",
        "counter, 2 labels, 4 threads",
        Record::Counter,
        4,
    ),
    record(
        "histogram",
        "histogram, 11 bounds, 2 labels",
        Record::Histogram(Bounds::Eleven),
        1,
    ),
    record(
        "histogram-2",
        "histogram, 11 bounds, 2 labels, 2 threads",
        Record::Histogram(Bounds::Eleven),
        2,
    ),
    record(
        "histogram-4",
        "histogram, 11 bounds, 2 labels, 4 threads",
        Record::Histogram(Bounds::Eleven),
        4,
    ),
    record(
        "histogram20",
        "histogram, 20 bounds, 2 labels",
        Record::Histogram(Bounds::Twenty),
        1,
    ),
    record(
        "histogram20-2",
        "histogram, 20 bounds, 2 labels, 2 threads",
        Record::Histogram(Bounds::Twenty),
        2,
    ),
    record(
        "histogram20-4",
        "histogram, 20 bounds, 2 labels, 4 threads",
        Record::Histogram(Bounds::Twenty),
        4,
    ),
    record("kept", "counter, kept handle", Record::Kept, 1),
    record("kept-2", "counter, kept handle, 2 threads", Record::Kept, 2),
    record("kept-4", "counter, kept handle, 4 threads", Record::Kept, 4),
    record(
        "open",
        "counter, open label given as text (100 values)",
        Record::Open,
        1,
    ),
    record(
        "open-kept",
        "counter, open label, kept handles (100 values)",
        Record::OpenKept,
        1,
    ),
    record("gauge", "gauge set, 2 labels", Record::Gauge, 1),
    record("updown", "up-down counter, 2 labels", Record::UpDown, 1),
    record(
        "timer",
        "timer start and observe, 2 labels",
        Record::Timer,
        1,
    ),
    scrape(
        "scrape-1k",
        "scrape, 1,000 lines, text",
        Series::SMALL,
        1,
        Format::Text,
    ),
    scrape(
        "scrape-1k-8",
        "scrape, 1,000 lines, text, 8 threads' records",
        Series::SMALL,
        8,
        Format::Text,
    ),
    scrape(
        "scrape-1k-om",
        "scrape, 1,000 lines, OpenMetrics",
        Series::SMALL,
        1,
        Format::OpenMetrics,
    ),
    scrape(
        "scrape-1k-om-8",
        "scrape, 1,000 lines, OpenMetrics, 8 threads' records",
        Series::SMALL,
        8,
        Format::OpenMetrics,
    ),
    scrape(
        "scrape",
        "scrape, 10,000 lines, text",
        Series::LARGE,
        1,
        Format::Text,
    ),
    scrape(
        "scrape-8",
        "scrape, 10,000 lines, text, 8 threads' records",
        Series::LARGE,
        8,
        Format::Text,
    ),
    scrape(
        "scrape-om",
        "scrape, 10,000 lines, OpenMetrics",
        Series::LARGE,
        1,
        Format::OpenMetrics,
    ),
    scrape(
        "scrape-om-8",
        "scrape, 10,000 lines, OpenMetrics, 8 threads' records",
        Series::LARGE,
        8,
        Format::OpenMetrics,
    ),
    heap(
        "heap-counter",
        "heap of a counter, 1 thread",
        Series::COUNTERS,
        1,
        false,
    ),
    heap(
        "heap-counter-8",
        "heap of a counter, 8 threads",
        Series::COUNTERS,
        8,
        false,
    ),
    heap(
        "heap-counter-scraped",
        "heap of a counter, 1 thread, after a scrape",
        Series::COUNTERS,
        1,
        true,
    ),
    heap(
        "heap-histogram",
        "heap of a histogram, 11 bounds, 1 thread",
        Series::HISTOGRAMS,
        1,
        false,
    ),
    heap(
        "heap-histogram-8",
        "heap of a histogram, 11 bounds, 8 threads",
        Series::HISTOGRAMS,
        8,
        false,
    ),
    heap(
        "heap-histogram-scraped",
        "heap of a histogram, 11 bounds, 1 thread, after a scrape",
        Series::HISTOGRAMS,
        1,
        true,
    ),
];
