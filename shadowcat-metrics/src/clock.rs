//! The clock for timers, and the time of day for `_created`.
//!
//! A timer reads the processor's own counter if the feature `fast-clock` is on and the counter can be trusted (about 10 ns
//! a reading), and otherwise the operating system's monotonic clock (about 25 ns). The counter is trusted if `quanta` finds
//! that the processor declares it invariant and, on Linux, the kernel itself keeps time with it: the kernel watches the
//! counter and switches to another clock when it is not steady or differs between processors. The counter is calibrated
//! once in a process, for at most 0.2 seconds.
//!
//! `wasm32-unknown-unknown` has no clock: all times are zero there.

/// The start time of a timer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(Reading);

impl Moment {
    #[inline]
    pub(crate) fn now() -> Self {
        Self(read())
    }

    /// Returns the nanoseconds since then, which overflow after 584 years, or zero if the clock went back or does not exist.
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
use absent::{Reading, read, since};
#[cfg(all(
    feature = "fast-clock",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
use fast::{Reading, read, since};
#[cfg(all(
    not(feature = "fast-clock"),
    not(all(target_family = "wasm", target_os = "unknown"))
))]
use standard::{Reading, read, since};

/// Returns the nanoseconds since an instant, which overflow after 584 years. A call of its own, so that a reading of the
/// processor's counter needs no stack for it.
#[inline(never)]
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn nanoseconds(since: std::time::Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// For targets where the standard library has no clock and panics if asked for the time.
#[cfg(any(test, all(target_family = "wasm", target_os = "unknown")))]
mod absent {
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Reading;

    pub(super) const fn read() -> Reading {
        Reading
    }

    pub(super) const fn since(_: Reading) -> u64 {
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
        Processor(quanta::Clock),
        /// Counts from this instant.
        System(Instant),
    }

    static CLOCK: OnceLock<Clock> = OnceLock::new();

    #[inline]
    fn clock() -> &'static Clock {
        CLOCK.get_or_init(|| {
            if kernel_trusts_counter() {
                Clock::Processor(quanta::Clock::new())
            } else {
                Clock::System(Instant::now())
            }
        })
    }

    #[inline]
    pub(super) fn read() -> Reading {
        match clock() {
            Clock::Processor(clock) => clock.raw(),
            Clock::System(start) => nanoseconds(*start),
        }
    }

    /// A call of its own, so that recorders need not save many registers around it.
    #[inline(never)]
    pub(super) fn since(start: Reading) -> u64 {
        match clock() {
            Clock::Processor(clock) => clock.delta_as_nanos(start, clock.raw()),
            Clock::System(first) => nanoseconds(*first).saturating_sub(start),
        }
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

    use super::nanoseconds;

    pub(super) type Reading = Instant;

    #[inline]
    pub(super) fn read() -> Reading {
        Instant::now()
    }

    #[inline]
    pub(super) fn since(start: Reading) -> u64 {
        nanoseconds(start)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn without_a_clock_times_are_zero() {
        assert_eq!(absent::since(absent::read()), 0);
        assert_eq!(absent::unix_seconds().to_bits(), 0);
    }

    #[test]
    fn elapsed_times_are_correct() {
        let moment = Moment::now();
        std::thread::sleep(Duration::from_millis(2));
        assert!(moment.elapsed_nanoseconds() >= 1_000_000);
        assert!(unix_seconds() > 1e9);
    }
}
