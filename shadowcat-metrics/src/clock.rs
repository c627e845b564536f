//! The clock for timers, and the time of day for `_created`.
//!
//! A timer reads the processor's own counter if the feature `fast-clock` is on and the counter can be trusted (about 10 ns
//! a reading), and otherwise the operating system's monotonic clock (about 25 ns). The counter is trusted if `quanta` finds
//! that the processor declares it invariant and, on Linux, the kernel itself keeps time with it: the kernel watches the
//! counter and switches to another clock when it is not steady or differs between processors. The counter is calibrated
//! once in a process, for at most 0.2 seconds.
//!
//! `wasm32-unknown-unknown` has no clock: all times are zero there.

use std::time::Duration;

/// A point in time on the clock of timers. If one duration ends when another begins, an instant serves both, so the clock is read
/// only once. A struct that has a recorder can keep an instant instead of an [`OwnedTimer`](crate::OwnedTimer), which would keep
/// another reference to the registry.
///
/// Works like [`std::time::Instant`]. Where the processor's own counter is the clock, reading it takes less time.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// use shadowcat_metrics::Instant;
///
/// # let (read, parse) = (|| {}, || {});
/// # let metrics = Metrics::new();
/// # let plain = metrics.plain();
/// let begun = Instant::now();
/// read();
/// let arrived = Instant::now();
/// parse();
/// plain.latency().observe(arrived.since(begun));
/// plain.latency().observe(arrived.elapsed());
/// assert_eq!(metrics.snapshot().plain().latency().count(), 2);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(Reading);

impl Instant {
    /// Returns the current time.
    #[inline]
    #[must_use]
    pub fn now() -> Self {
        Self(read())
    }

    /// Returns the time since `earlier`, or zero if `earlier` is later.
    #[inline]
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(between(earlier.0, self.0))
    }

    /// Returns the time since this instant.
    #[inline]
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Duration::from_nanos(self.elapsed_nanoseconds())
    }

    /// Returns the nanoseconds since this instant, which overflow after 584 years, or zero if the clock went back or does not
    /// exist.
    #[inline]
    pub(crate) fn elapsed_nanoseconds(self) -> u64 {
        since(self.0)
    }
}

/// Calibrates the clock before it is needed.
pub(crate) fn prepare() {
    read();
}

/// Returns the seconds since 1970, or zero without a clock.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) fn unix_seconds() -> f64 {
    use std::time::{SystemTime, UNIX_EPOCH};

    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) use absent::unix_seconds;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
use absent::{Reading, between, read, since};
#[cfg(all(
    feature = "fast-clock",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
use fast::{Reading, between, read, since};
#[cfg(all(
    not(feature = "fast-clock"),
    not(all(target_family = "wasm", target_os = "unknown"))
))]
use standard::{Reading, between, read, since};

/// Returns the nanoseconds since an instant, which overflow after 584 years. A call of its own, so that a reading of the
/// processor's counter needs no stack for it.
#[inline(never)]
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn nanoseconds(since: std::time::Instant) -> u64 {
    as_nanoseconds(since.elapsed())
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn as_nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// For targets where the standard library has no clock and panics if asked for the time.
#[cfg(any(test, all(target_family = "wasm", target_os = "unknown")))]
mod absent {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub(super) struct Reading;

    pub(super) const fn read() -> Reading {
        Reading
    }

    pub(super) const fn since(_: Reading) -> u64 {
        0
    }

    pub(super) const fn between(_: Reading, _: Reading) -> u64 {
        0
    }

    pub(crate) const fn unix_seconds() -> f64 {
        0.0
    }
}

#[cfg(all(
    feature = "fast-clock",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
mod fast {
    use std::sync::OnceLock;
    use std::time::Instant;

    use super::nanoseconds;

    /// Ticks of the processor's counter, or nanoseconds of the operating system's clock.
    pub(super) type Reading = u64;

    enum Clock {
        Processor(Counter),
        /// Counts from this instant.
        System(Instant),
    }

    struct Counter {
        clock: quanta::Clock,
        /// Nanoseconds in 2^[`SCALE_BITS`] ticks. `quanta` shifts by a number that it has to load, which takes longer.
        scale: u64,
    }

    /// Large enough that the error of the scale is below a millionth of a percent.
    const SCALE_BITS: u32 = 40;

    static CLOCK: OnceLock<Clock> = OnceLock::new();

    impl Clock {
        #[inline]
        fn read(&self) -> Reading {
            match self {
                Self::Processor(counter) => counter.clock.raw(),
                Self::System(start) => nanoseconds(*start),
            }
        }

        #[inline]
        fn between(&self, start: Reading, end: Reading) -> u64 {
            let passed = end.saturating_sub(start);
            match self {
                Self::Processor(Counter { scale, .. }) => {
                    let scaled = (u128::from(passed) * u128::from(*scale)) >> SCALE_BITS;
                    u64::try_from(scaled).unwrap_or(u64::MAX)
                }
                Self::System(_) => passed,
            }
        }
    }

    #[inline]
    fn clock() -> &'static Clock {
        CLOCK.get_or_init(|| {
            if kernel_trusts_counter() {
                let clock = quanta::Clock::new();
                let scale = clock.delta_as_nanos(0, 1 << SCALE_BITS);
                Clock::Processor(Counter { clock, scale })
            } else {
                Clock::System(Instant::now())
            }
        })
    }

    #[inline]
    pub(super) fn read() -> Reading {
        clock().read()
    }

    /// A separate function, so that recorders do not have to save many registers around it.
    #[inline(never)]
    pub(super) fn since(start: Reading) -> u64 {
        let clock = clock();
        clock.between(start, clock.read())
    }

    #[inline]
    pub(super) fn between(start: Reading, end: Reading) -> u64 {
        clock().between(start, end)
    }

    /// Returns whether the kernel keeps time with the processor's counter. Only Linux reports it.
    fn kernel_trusts_counter() -> bool {
        const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        !cfg!(target_os = "linux")
            || std::fs::read_to_string(SOURCE).is_ok_and(|source| is_counter(&source))
    }

    /// Returns whether a Linux clock source is the counter that `quanta` reads: the TSC, or the generic timer
    /// of ARM.
    fn is_counter(source: &str) -> bool {
        matches!(source.trim(), "tsc" | "arch_sys_counter")
    }

    #[cfg(test)]
    mod tests {
        use super::is_counter;

        #[test]
        fn only_the_counter_itself_is_trusted() {
            assert!(is_counter("tsc\n") && is_counter("arch_sys_counter\n"));
            for other in [
                "kvm-clock\n",
                "hpet",
                "acpi_pm",
                "xen",
                "hyperv_clocksource_tsc_page",
                "",
            ] {
                assert!(!is_counter(other), "{other:?}");
            }
        }
    }
}

#[cfg(all(
    not(feature = "fast-clock"),
    not(all(target_family = "wasm", target_os = "unknown"))
))]
mod standard {
    use std::time::Instant;

    use super::{as_nanoseconds, nanoseconds};

    pub(super) type Reading = Instant;

    #[inline]
    pub(super) fn read() -> Reading {
        Instant::now()
    }

    #[inline]
    pub(super) fn since(start: Reading) -> u64 {
        nanoseconds(start)
    }

    #[inline]
    pub(super) fn between(start: Reading, end: Reading) -> u64 {
        as_nanoseconds(end.saturating_duration_since(start))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn without_a_clock_times_are_zero() {
        assert_eq!(absent::since(absent::read()), 0);
        assert_eq!(absent::between(absent::read(), absent::read()), 0);
        assert_eq!(absent::unix_seconds().to_bits(), 0);
    }

    #[test]
    fn elapsed_times_are_correct() {
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(2));
        assert!(start.elapsed_nanoseconds() >= 1_000_000);
        assert!(unix_seconds() > 1e9);
    }

    #[test]
    fn the_clock_agrees_with_that_of_the_standard_library() {
        let (outer_start, start) = (std::time::Instant::now(), Instant::now());
        std::thread::sleep(Duration::from_millis(20));
        let (end, outer_end) = (Instant::now(), std::time::Instant::now());
        let (passed, outer) = (end.since(start), outer_end - outer_start);
        // On a busy machine, the processor's counter may be calibrated badly.
        assert!(passed >= Duration::from_millis(18), "{passed:?}");
        assert!(passed <= outer.mul_f64(1.1), "{passed:?} in {outer:?}");
        assert!(start < end && start.elapsed() >= passed);
        assert_eq!(start.since(end), Duration::ZERO);
    }
}
