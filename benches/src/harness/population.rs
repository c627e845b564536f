//! Many series that some threads have recorded in: what there is to scrape, and what takes heap.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;

use super::page;
use super::work::Work;

/// How many series there are. Each has two labels, `shard` and `lane`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// Counters.
    pub counters: usize,
    /// Histograms with 11 bounds, which is 14 lines.
    pub histograms: usize,
}

/// Values of the label `lane`.
pub const LANES: usize = 10;

/// How many values each histogram observes from each thread.
const OBSERVATIONS: usize = 5;

impl Series {
    /// 1,000 lines.
    pub const SMALL: Self = Self {
        counters: 300,
        histograms: 50,
    };
    /// 10,000 lines.
    pub const LARGE: Self = Self {
        counters: 3_000,
        histograms: 500,
    };
    /// Counters alone, for their heap.
    pub const COUNTERS: Self = Self {
        counters: 1_000,
        histograms: 0,
    };
    /// Histograms alone, for their heap.
    pub const HISTOGRAMS: Self = Self {
        counters: 0,
        histograms: 1_000,
    };

    /// What the counters and the counts of the histograms add up to when so many threads have recorded.
    fn total(self, threads: usize) -> f64 {
        let counters: u64 = (0..self.counters).map(amount).sum();
        (counters as f64 + (self.histograms * OBSERVATIONS) as f64) * threads as f64
    }
}

/// What each thread adds to the counter at a position: some have few digits, and some have many.
#[must_use]
pub const fn amount(position: usize) -> u64 {
    1 + (position as u64 * 7_919) % 100_000
}

/// What each thread observes in the histogram at a position.
pub fn observations(position: usize) -> impl Iterator<Item = Duration> {
    (0..OBSERVATIONS).map(move |i| {
        Duration::from_micros(1_500 + ((position + i * i) as u64 * 104_729) % 9_000_000)
    })
}

/// Label values of the series at a position: `shard` and `lane`.
#[must_use]
pub fn labels(position: usize) -> (&'static str, &'static str) {
    (name("s", position / LANES), name("l", position % LANES))
}

/// The label value of the series at a position, for libraries with one label: found in a list that is made once.
#[must_use]
pub fn one_label(position: usize) -> &'static str {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        (0..Series::LARGE.counters)
            .map(|i| format!("s{}-l{}", i / LANES, i % LANES))
            .collect()
    });
    NAMES.get(position).map_or("", String::as_str)
}

/// A text that lives as long as the program, as a program's own label values do.
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

/// A page, in the buffer that the library writes into; it is kept from one scrape to the next.
#[derive(Debug, Default)]
pub struct Page {
    /// For libraries that write text.
    pub text: String,
    /// For libraries that write bytes.
    pub bytes: Vec<u8>,
    /// For libraries that hand out their own buffer.
    pub shared: Bytes,
    /// For libraries that replace what a buffer holds, and so need no clear one.
    pub replaced: Vec<u8>,
}

impl Page {
    fn clear(&mut self) {
        self.text.clear();
        self.bytes.clear();
        self.shared.clear();
    }

    fn as_str(&self) -> &str {
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
    /// Records in every series: [`amount`] in counters, [`observations`] in histograms.
    fn touch(&self);

    /// Writes the page into the empty buffer; false if the library does not have the format.
    fn render(&self, format: Format, page: &mut Page) -> bool;
}

/// Series, and the threads that have recorded in them, which live as long as this does.
pub struct Population {
    /// The series.
    pub exposed: Box<dyn Exposed>,
    threads: Vec<(Sender<()>, JoinHandle<()>)>,
}

impl Population {
    /// Has so many threads record in every series, one after the other.
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
            // Lives on until the population is dropped, which drops the sender.
            let _ = stays.recv();
        });
        // An error is what it waits for: the thread has dropped its sender.
        let _: Result<(), _> = is_ready.recv();
        (stay, thread)
    }
}

impl Drop for Population {
    fn drop(&mut self) {
        for (stay, thread) in self.threads.drain(..) {
            drop(stay);
            // A panic of a contestant was reported when it happened.
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

/// Renders the page of some series that so many threads have recorded in, or nothing if the library has no such format.
#[must_use]
pub fn scraping(
    exposed: Box<dyn Exposed>,
    series: Series,
    threads: usize,
    format: Format,
) -> Option<Box<dyn Work>> {
    let mut page = Page::default();
    // Libraries with one registry for the whole process may have something on their page already.
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
