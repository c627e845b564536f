//! The rows of the comparison: the work, and the number of threads.

use crate::harness::inputs::{BOUNDS_11, BOUNDS_20};
use crate::harness::population::{Format, Series};

/// The work of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Records, or reads a clock and records.
    Record(Record, Way),
    /// Renders the page of some series that several threads have recorded. One line is one operation.
    Scrape {
        /// Series on the page.
        series: Series,
        /// Number of threads that have recorded every series.
        threads: usize,
        /// Format of the page.
        format: Format,
    },
    /// Allocates series, in a separate process. One series is one operation.
    Heap {
        /// Series to allocate.
        series: Series,
        /// Number of threads that have recorded every series.
        threads: usize,
        /// Whether they are scraped before measuring.
        scraped: bool,
    },
}

/// A way to record. By default, there are two closed labels, known only at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// Increments a counter.
    Counter,
    /// Observes a duration in a histogram.
    Histogram(Bounds),
    /// Increments a counter through a stored handle.
    Kept,
    /// Increments a counter with one open label, passed as text.
    Open,
    /// Increments a counter with one open label, through a stored handle for each value.
    OpenKept,
    /// Increments a counter with two closed labels, which are in an array of 108 places. Only this project, for comparison with
    /// [`OpenKept`](Self::OpenKept), whose handles are in such an array.
    ClosedArray,
    /// Sets a gauge.
    Gauge,
    /// Changes an up-down counter.
    UpDown,
    /// Changes an up-down counter and then the same series again, in the other direction. Adds two and subtracts one, because
    /// the check could not see lost pairs that add up to zero. Only this project, for comparison with the prototype.
    UpDownPair,
    /// Observes a duration in a histogram with native buckets, each at most 1.1 times the one before.
    Native,
    /// Starts and stops a timer, and observes the time in a histogram with 11 bounds.
    Timer,
}

/// How the function that records is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In a loop, where the compiler may inline it.
    Loop,
    /// Through a call that the compiler cannot inline, as at a single call site.
    Call,
    /// Through a call, into two registries in turn.
    TwoRegistries,
}

impl Way {
    /// Every way.
    pub const ALL: &'static [Self] = &[Self::Loop, Self::Call, Self::TwoRegistries];
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
    /// Returns the upper bounds, in seconds.
    #[must_use]
    pub const fn seconds(self) -> &'static [f64] {
        match self {
            Self::Eleven => &BOUNDS_11,
            Self::Twenty => &BOUNDS_20,
        }
    }
}

/// A row of the comparison.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Name in `--rows`.
    pub name: &'static str,
    /// Title in the table.
    pub title: &'static str,
    /// The work.
    pub job: Job,
    /// Number of concurrent threads.
    pub threads: usize,
}

impl Row {
    /// Returns the unit of the figures.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self.job {
            Job::Record(..) => "ns",
            Job::Scrape { .. } => "ns a line",
            Job::Heap { .. } => "bytes",
        }
    }
}

const fn record(name: &'static str, title: &'static str, record: Record, threads: usize) -> Row {
    Row {
        name,
        title,
        job: Job::Record(record, Way::Loop),
        threads,
    }
}

const fn call(name: &'static str, title: &'static str, record: Record, way: Way) -> Row {
    Row {
        name,
        title,
        job: Job::Record(record, way),
        threads: 1,
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

/// Every row, in the order of measurement. The small page is scraped first, because some libraries have one registry per
/// process.
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
    record(
        "native",
        "native histogram, factor 1.1, 2 labels",
        Record::Native,
        1,
    ),
    record(
        "native-4",
        "native histogram, factor 1.1, 2 labels, 4 threads",
        Record::Native,
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
    record(
        "closed-array",
        "counter, 2 labels that are in an array (108 places)",
        Record::ClosedArray,
        1,
    ),
    record("gauge", "gauge set, 2 labels", Record::Gauge, 1),
    record("updown", "up-down counter, 2 labels", Record::UpDown, 1),
    record(
        "updown-pair",
        "up-down counter up and down again, 2 labels",
        Record::UpDownPair,
        1,
    ),
    record(
        "timer",
        "timer start and observe, 2 labels",
        Record::Timer,
        1,
    ),
    call(
        "counter-call",
        "counter, 2 labels, through a call",
        Record::Counter,
        Way::Call,
    ),
    call(
        "counter-registries",
        "counter, 2 labels, through a call, two registries in turn",
        Record::Counter,
        Way::TwoRegistries,
    ),
    call(
        "histogram-call",
        "histogram, 11 bounds, 2 labels, through a call",
        Record::Histogram(Bounds::Eleven),
        Way::Call,
    ),
    Row {
        threads: 2,
        ..call(
            "histogram-call-2",
            "histogram, 11 bounds, 2 labels, through a call, 2 threads",
            Record::Histogram(Bounds::Eleven),
            Way::Call,
        )
    },
    call(
        "updown-call",
        "up-down counter, 2 labels, through a call",
        Record::UpDown,
        Way::Call,
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
    scrape(
        "scrape-families",
        "scrape, 10,000 lines of 400 families, text",
        Series::FAMILIES,
        1,
        Format::Text,
    ),
    scrape(
        "scrape-families-om",
        "scrape, 10,000 lines of 400 families, OpenMetrics",
        Series::FAMILIES,
        1,
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
