//! Recorded values: a random sequence, prepared in advance, too long for a branch predictor to learn.

use std::time::Duration;

use super::counts::{Counts, key};

/// Length of the sequence. One pass over it is the smallest timed unit of work.
pub const LENGTH: usize = 1 << 14;

/// Number of values of the open label.
pub const OPEN_VALUES: usize = 100;

/// Bounds of the histogram with 11 bounds, in seconds: the defaults of the `prometheus` crate.
pub const BOUNDS_11: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Bounds of the histogram with 20 bounds, in seconds: doubling from 0.1 ms.
pub const BOUNDS_20: [f64; 20] = [
    0.000_1, 0.000_2, 0.000_4, 0.000_8, 0.001_6, 0.003_2, 0.006_4, 0.012_8, 0.025_6, 0.051_2,
    0.102_4, 0.204_8, 0.409_6, 0.819_2, 1.638_4, 3.276_8, 6.553_6, 13.107_2, 26.214_4, 52.428_8,
];

/// The first closed label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Pipes.
    Stdio,
    /// HTTP.
    Http,
    /// Server-sent events.
    Sse,
}

impl Transport {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::Stdio, Self::Http, Self::Sse];

    /// Returns the label's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
        }
    }
}

/// The second closed label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Success.
    Ok,
    /// Failure.
    Error,
    /// Refused.
    Rejected,
    /// Canceled.
    Cancelled,
}

impl Outcome {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Error, Self::Rejected, Self::Cancelled];

    /// Returns the label's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The values of one record.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// Value of the first closed label.
    pub transport: Transport,
    /// Value of the second closed label.
    pub outcome: Outcome,
    /// Index of the open label's value.
    pub open: u8,
    /// Change of an up-down counter, and value of a gauge.
    pub delta: i8,
    /// Observed duration, in nanoseconds.
    pub nanos: u64,
}

impl Input {
    /// Returns the observed duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_nanos(self.nanos)
    }

    /// Returns the observed duration, in seconds.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        self.duration().as_secs_f64()
    }

    fn series(self) -> String {
        key([self.transport.as_str(), self.outcome.as_str()])
    }
}

/// The sequence, and the expected counts after recording it.
#[derive(Debug)]
pub struct Inputs {
    all: Vec<Input>,
    open: Vec<String>,
}

impl Inputs {
    /// Generates the sequence, which is the same in every run.
    #[must_use]
    pub fn new() -> Self {
        let mut random = Random(0x5EED_CA75);
        let all = (0..LENGTH).map(|_| random.input()).collect();
        let open = (0..OPEN_VALUES).map(|i| format!("server-{i:02}")).collect();
        Self { all, open }
    }

    /// Converts the sequence to a contestant's own types, so that no conversion is timed.
    #[must_use]
    pub fn map<T>(&self, convert: impl FnMut(&Input) -> T) -> Vec<T> {
        self.all.iter().map(convert).collect()
    }

    /// Returns the values of the open label.
    #[must_use]
    pub fn open_values(&self) -> &[String] {
        &self.open
    }

    /// Returns an array with the closed labels of each series at several places, as many as there are open values or a few more,
    /// and for each input a place in this array.
    #[must_use]
    pub fn places(&self) -> (Vec<(Transport, Outcome)>, Vec<usize>) {
        let series = Transport::ALL.len() * Outcome::ALL.len();
        let copies = OPEN_VALUES.div_ceil(series);
        let every = || {
            Transport::ALL
                .into_iter()
                .flat_map(|transport| Outcome::ALL.map(|outcome| (transport, outcome)))
        };
        let places = (0..copies).flat_map(|_| every()).collect();
        let place = |input: &Input| {
            let first = input.transport as usize * Outcome::ALL.len() + input.outcome as usize;
            usize::from(input.open) % copies * series + first
        };
        (places, self.map(place))
    }

    /// Returns the expected values of a counter with two labels after one pass.
    #[must_use]
    pub fn counted(&self) -> Counts {
        self.expect(|counts, input| counts.add(input.series(), 1.0))
    }

    /// Returns the expected value of a counter without labels after one pass.
    #[must_use]
    pub fn counted_in_one(&self) -> Counts {
        self.expect(|counts, _| counts.add(String::new(), 1.0))
    }

    /// Returns the expected values of a counter with the open label after one pass.
    #[must_use]
    pub fn counted_by_open(&self) -> Counts {
        self.expect(|counts, input| counts.add(self.open[usize::from(input.open)].clone(), 1.0))
    }

    /// Returns the expected values of an up-down counter after one pass.
    #[must_use]
    pub fn moved(&self) -> Counts {
        self.expect(|counts, input| counts.add(input.series(), f64::from(input.delta)))
    }

    /// Returns the expected values of a gauge after any number of passes.
    #[must_use]
    pub fn last_set(&self) -> Counts {
        let mut counts =
            self.expect(|counts, input| counts.set(input.series(), f64::from(input.delta)));
        counts.constant = true;
        counts
    }

    /// Returns the expected values of a histogram after one pass.
    #[must_use]
    pub fn observed(&self, bounds: &[f64]) -> Counts {
        let mut counts = self.counted();
        let seconds = self.map(|input| input.seconds());
        counts.sum = Some(seconds.iter().sum());
        counts.buckets = bounds
            .iter()
            .map(|bound| {
                (
                    *bound,
                    seconds.iter().filter(|value| *value <= bound).count() as f64,
                )
            })
            .collect();
        counts
    }

    fn expect(&self, count: impl Fn(&mut Counts, &Input)) -> Counts {
        let mut counts = Counts::default();
        for input in &self.all {
            count(&mut counts, input);
        }
        counts
    }
}

impl Default for Inputs {
    fn default() -> Self {
        Self::new()
    }
}

/// `xorshift64*`: small, and random enough for a branch predictor.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 32) % end as u64) as usize
    }

    /// Returns a value from 1 ms to 30 s, equally distributed over the octaves.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of nanoseconds"
    )]
    fn nanos(&mut self) -> u64 {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (1e6 * 30_000_f64.powf(share)) as u64
    }

    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    fn input(&mut self) -> Input {
        Input {
            transport: Transport::ALL[self.below(3)],
            outcome: Outcome::ALL[self.below(4)],
            open: self.below(OPEN_VALUES) as u8,
            delta: self.below(8) as i8 - 3,
            nanos: self.nanos(),
        }
    }
}
