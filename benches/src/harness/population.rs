//! Many series that several threads have recorded, to measure scrapes and heap.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;

use super::page;
use super::work::Work;

/// Number of series. Each has two labels, `shard` and `lane`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// Number of counters.
    pub counters: usize,
    /// Number of histograms with 11 bounds, which have 14 lines each.
    pub histograms: usize,
    /// Number of families that the counters are distributed over.
    pub counter_families: usize,
    /// Number of families that the histograms are distributed over.
    pub histogram_families: usize,
}

/// Values of the label `lane`.
pub const LANES: usize = 10;

/// Number of observations of each histogram by each thread.
const OBSERVATIONS: usize = 5;

impl Series {
    /// 1,000 lines.
    pub const SMALL: Self = Self::in_two_families(300, 50);
    /// 10,000 lines.
    pub const LARGE: Self = Self::in_two_families(3_000, 500);
    /// 10,000 lines of 400 families, with the lines of metadata.
    pub const FAMILIES: Self = Self {
        counters: 360 * LANES,
        histograms: 40 * LANES,
        counter_families: 360,
        histogram_families: 40,
    };
    /// Only counters, to measure their heap.
    pub const COUNTERS: Self = Self::in_two_families(1_000, 0);
    /// Only histograms, to measure their heap.
    pub const HISTOGRAMS: Self = Self::in_two_families(0, 1_000);

    const fn in_two_families(counters: usize, histograms: usize) -> Self {
        Self {
            counters,
            histograms,
            counter_families: 1,
            histogram_families: 1,
        }
    }

    /// Returns whether there is only one family of each kind.
    #[must_use]
    pub const fn is_in_two_families(self) -> bool {
        self.counter_families == 1 && self.histogram_families == 1
    }

    /// Returns the name of the counter family at an index.
    #[must_use]
    pub fn counter_name(self, family: usize) -> String {
        numbered("requests", self.counter_families, family)
    }

    /// Returns the name of the histogram family at an index.
    #[must_use]
    pub fn histogram_name(self, family: usize) -> String {
        numbered("duration_seconds", self.histogram_families, family)
    }

    /// Returns every counter: its index, that of its family, and its index in the family.
    pub fn each_counter(self) -> impl Iterator<Item = (usize, usize, usize)> {
        let per_family = self.counters / self.counter_families;
        (0..self.counters).map(move |at| (at, at / per_family, at % per_family))
    }

    /// Returns every histogram: its index, that of its family, and its index in the family.
    pub fn each_histogram(self) -> impl Iterator<Item = (usize, usize, usize)> {
        let per_family = self.histograms / self.histogram_families;
        (0..self.histograms).map(move |at| (at, at / per_family, at % per_family))
    }

    /// Returns the sum of the counters and of the histograms' counts after all threads have recorded.
    fn total(self, threads: usize) -> f64 {
        let counters: u64 = (0..self.counters).map(amount).sum();
        (counters as f64 + (self.histograms * OBSERVATIONS) as f64) * threads as f64
    }
}

/// Returns a family's name, with a number if there are several families.
fn numbered(name: &str, families: usize, family: usize) -> String {
    if families == 1 {
        name.to_owned()
    } else {
        format!("subsystem_{family:03}_{name}")
    }
}

/// Returns the amount that each thread adds to the counter at an index. Some have few digits, some have many.
#[must_use]
pub const fn amount(position: usize) -> u64 {
    1 + (position as u64 * 7_919) % 100_000
}

/// Returns the observations of each thread in the histogram at an index.
pub fn observations(position: usize) -> impl Iterator<Item = Duration> {
    (0..OBSERVATIONS).map(move |i| {
        Duration::from_micros(1_500 + ((position + i * i) as u64 * 104_729) % 9_000_000)
    })
}

/// Returns the label values of the series at an index: `shard` and `lane`.
#[must_use]
pub fn labels(position: usize) -> (&'static str, &'static str) {
    (name("s", position / LANES), name("l", position % LANES))
}

/// Returns the label value of the series at an index, for libraries with one label, from a list that is created once.
#[must_use]
pub fn one_label(position: usize) -> &'static str {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        (0..Series::LARGE.counters)
            .map(|i| format!("s{}-l{}", i / LANES, i % LANES))
            .collect()
    });
    NAMES.get(position).map_or("", String::as_str)
}

/// Returns a text with a static lifetime, like a program's own label values.
fn name(prefix: &str, number: usize) -> &'static str {
    static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let text = format!("{prefix}{number}");
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.iter().find(|known| **known == text) {
        return known;
    }
    let new = &*text.leak();
    names.push(new);
    new
}

/// A text format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Prometheus text 0.0.4.
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
}

/// A page in the buffer that the library writes into. It is reused for the next scrape.
#[derive(Debug, Default)]
pub struct Page {
    /// For libraries that write text.
    pub text: String,
    /// For libraries that write bytes.
    pub bytes: Vec<u8>,
    /// For libraries that hand out their own buffer.
    pub shared: Bytes,
    /// For libraries that overwrite a buffer without clearing it first.
    pub replaced: Vec<u8>,
}

impl Page {
    fn clear(&mut self) {
        self.text.clear();
        self.bytes.clear();
        self.shared.clear();
    }

    /// Returns the written page.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = [
            self.text.as_bytes(),
            &self.bytes,
            &self.shared,
            &self.replaced,
        ];
        let written = bytes.into_iter().find(|bytes| !bytes.is_empty());
        str::from_utf8(written.unwrap_or_default()).unwrap_or_default()
    }
}

/// A contestant's series.
pub trait Exposed: Send + Sync {
    /// Records to every series: [`amount`] to counters, [`observations`] to histograms.
    fn touch(&self);

    /// Writes the page into the empty buffer. Returns false if the library does not support the format.
    fn render(&self, format: Format, page: &mut Page) -> bool;
}

/// Series, and the threads that have recorded them and live as long as this value.
pub struct Population {
    /// The recorded series.
    pub exposed: Box<dyn Exposed>,
    threads: Vec<(Sender<()>, JoinHandle<()>)>,
}

impl Population {
    /// Records to every series from `threads` threads, one after the other.
    #[must_use]
    pub fn new(exposed: Box<dyn Exposed>, threads: usize) -> Arc<Self> {
        let exposed: Arc<dyn Exposed> = Arc::from(exposed);
        let threads = (0..threads)
            .map(|_| Self::start(Arc::clone(&exposed)))
            .collect();
        Arc::new(Self {
            exposed: Box::new(exposed),
            threads,
        })
    }

    fn start(exposed: Arc<dyn Exposed>) -> (Sender<()>, JoinHandle<()>) {
        let (ready, is_ready) = channel();
        let (stay, stays) = channel::<()>();
        let thread = std::thread::spawn(move || {
            exposed.touch();
            drop(exposed);
            drop(ready);
            // Waits until the population is dropped, which drops the sender.
            let _ = stays.recv();
        });
        // An error means that the thread has dropped its sender.
        let _: Result<(), _> = is_ready.recv();
        (stay, thread)
    }
}

impl Drop for Population {
    fn drop(&mut self) {
        for (stay, thread) in self.threads.drain(..) {
            drop(stay);
            // A contestant's panic was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Exposed for Arc<dyn Exposed> {
    fn touch(&self) {
        (**self).touch();
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        (**self).render(format, page)
    }
}

/// The work of a row that scrapes.
struct Scraping {
    population: Arc<Population>,
    format: Format,
    page: Mutex<Page>,
    lines: usize,
    total: f64,
}

/// Returns the work of rendering a page that `threads` threads have recorded, or `None` if the library does not support the
/// format.
#[must_use]
pub fn scraping(
    exposed: Box<dyn Exposed>,
    series: Series,
    threads: usize,
    format: Format,
) -> Option<Box<dyn Work>> {
    let mut page = Page::default();
    // Libraries with one registry per process may already have something on their page.
    let before = exposed
        .render(format, &mut page)
        .then(|| page::total(page.as_str()))?;
    let population = Population::new(exposed, threads);
    page.clear();
    population.exposed.render(format, &mut page);
    Some(Box::new(Scraping {
        lines: page::lines(page.as_str()),
        total: before + series.total(threads),
        population,
        format,
        page: Mutex::new(page),
    }))
}

impl Work for Scraping {
    fn run(&self, passes: u64) {
        let mut page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..passes {
            page.clear();
            self.population.exposed.render(self.format, &mut page);
        }
    }

    fn call(&self, _: usize) {
        self.run(1);
    }

    fn operations(&self) -> usize {
        self.lines
    }

    fn check(&self, _: u64) -> Result<(), String> {
        let page = self.page.lock().unwrap_or_else(PoisonError::into_inner);
        let found = page::total(page.as_str());
        if (found - self.total).abs() < 0.5 {
            Ok(())
        } else {
            Err(format!("{} recorded, {found} on the page", self.total))
        }
    }
}
