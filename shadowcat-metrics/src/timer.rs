//! Timers, which observe the time until they are stopped or dropped in a histogram.

use std::marker::PhantomData;
use std::mem;
use std::time::Duration;

use crate::buckets::Buckets;
use crate::clock::Instant;
use crate::exemplar::{Exemplars, NoExemplars};
use crate::histogram::Histogram;
use crate::native::Cells;
use crate::place::{OwnedPlace, Place};
use crate::registry::Registry;
use crate::store::cells::Spot;
use crate::units::Seconds;

/// A running timer of a histogram. Dropping it observes the elapsed time, even if a function returns early or panics;
/// [`discard`](Self::discard) does not.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// let plain = metrics.plain();
/// let timer = plain.latency().start_timer();
/// let elapsed = timer.stop();
/// assert_eq!(metrics.snapshot().plain().latency().sum(), elapsed);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a timer that is dropped immediately measures nothing"]
pub struct Timer<'a, X: Exemplars = NoExemplars, B: Cells = Buckets> {
    histogram: Histogram<'a, Seconds, X, B>,
    start: Instant,
}

impl<'a, X: Exemplars, B: Cells> Timer<'a, X, B> {
    #[inline]
    pub(crate) fn start(histogram: Histogram<'a, Seconds, X, B>) -> Self {
        Self {
            histogram,
            start: Instant::now(),
        }
    }

    /// Stops the timer, observes the elapsed time and returns it.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the timer to memory, and would not know its buckets"
    )]
    #[inline(always)]
    #[expect(clippy::must_use_candidate, reason = "it is called for its effect")]
    pub fn stop(self) -> Duration {
        let elapsed = self.start.elapsed_nanoseconds();
        self.histogram.observe_integer(elapsed);
        mem::forget(self);
        Duration::from_nanos(elapsed)
    }

    /// Stops the timer without observing anything.
    #[inline]
    pub fn discard(self) {
        mem::forget(self);
    }
}

impl<X: Exemplars, B: Cells> Drop for Timer<'_, X, B> {
    #[inline]
    fn drop(&mut self) {
        let Histogram { place, buckets, .. } = self.histogram;
        observe_dropped::<X, B>(place.parts(), buckets, self.start);
    }
}

/// Observes the time of a timer that is dropped. Takes the parts of the place separately, so that timers stay in registers until
/// they are stopped, although a panic may drop them.
#[inline(never)]
fn observe_dropped<X: Exemplars, B: Cells>(
    (registry, spot, series): (&Registry, Spot, u32),
    buckets: &'static B,
    start: Instant,
) {
    let place = Place::of(registry, spot, series);
    Histogram::<Seconds, X, B>::of(place, buckets).observe_integer(start.elapsed_nanoseconds());
}

/// A running timer that borrows nothing, otherwise like [`Timer`].
#[derive(Debug)]
#[must_use = "a timer that is dropped immediately measures nothing"]
pub struct OwnedTimer<X: Exemplars = NoExemplars, B: Cells = Buckets> {
    place: OwnedPlace,
    buckets: &'static B,
    exemplars: PhantomData<X>,
    start: Instant,
    /// Whether it was stopped or discarded.
    ended: bool,
}

impl<X: Exemplars, B: Cells> OwnedTimer<X, B> {
    pub(crate) fn start(place: Place<'_>, buckets: &'static B) -> Self {
        Self {
            place: place.to_owned(),
            buckets,
            exemplars: PhantomData,
            start: Instant::now(),
            ended: false,
        }
    }

    /// Stops the timer, observes the elapsed time and returns it.
    #[expect(clippy::must_use_candidate, reason = "it is called for its effect")]
    pub fn stop(mut self) -> Duration {
        self.ended = true;
        self.observe()
    }

    /// Stops the timer without observing anything.
    pub fn discard(mut self) {
        self.ended = true;
    }

    fn observe(&self) -> Duration {
        let elapsed = self.start.elapsed_nanoseconds();
        Histogram::<Seconds, X, B>::of(self.place.place(), self.buckets).observe_integer(elapsed);
        Duration::from_nanos(elapsed)
    }
}

impl<X: Exemplars, B: Cells> Drop for OwnedTimer<X, B> {
    fn drop(&mut self) {
        if !self.ended {
            self.observe();
        }
    }
}
