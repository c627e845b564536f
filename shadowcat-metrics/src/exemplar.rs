//! Exemplars: the trace that an observation or increment belongs to.
//!
//! A metric with `exemplars = true` keeps one recent trace for each series, and for each bucket of a histogram. OpenMetrics and
//! protobuf pages show it next to the count, so that a dashboard can link to the trace.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use crate::place::Place;
use crate::store::Store;
use crate::sync::per_thread;

/// A trace and a span in it, as in the header `traceparent` of W3C Trace Context.
///
/// Only sampled traces become exemplars, because the others cannot be looked up.
///
/// ```
/// use shadowcat_metrics::TraceContext;
///
/// let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace = TraceContext::from_traceparent(header).expect("it is valid");
/// assert_eq!(trace, TraceContext::new(0x4bf92f3577b34da6a3ce929d0e0e4736, 0xf067aa0ba902b7, true));
/// assert!(trace.is_sampled());
/// ```
///
/// <https://www.w3.org/TR/trace-context/>
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace: u128,
    span: u64,
    sampled: bool,
}

/// The fields of a `traceparent`. A `-` is between two of them.
const VERSION: Range<usize> = 0..2;
const TRACE: Range<usize> = 3..35;
const SPAN: Range<usize> = 36..52;
const FLAGS: Range<usize> = 53..55;

/// Parses lowercase hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u128> {
    let mut value = 0;
    for digit in digits {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        value = value << 4 | u128::from(digit);
    }
    Some(value)
}

impl TraceContext {
    /// Creates a context. A context with an id of zero is invalid, and counts as not sampled.
    #[must_use]
    pub const fn new(trace_id: u128, span_id: u64, sampled: bool) -> Self {
        Self {
            trace: trace_id,
            span: span_id,
            sampled: sampled && trace_id != 0 && span_id != 0,
        }
    }

    /// Parses the value of a `traceparent`, of version 00 or a later one. Returns `None` if it is not valid.
    #[must_use]
    pub fn from_traceparent(text: &str) -> Option<Self> {
        let (known, more) = text.as_bytes().split_at_checked(FLAGS.end)?;
        let version = hex(&known[VERSION])?;
        let trace = hex(&known[TRACE])?;
        #[expect(clippy::cast_possible_truncation, reason = "it has 16 digits")]
        let span = hex(&known[SPAN])? as u64;
        let flags = hex(&known[FLAGS])?;
        let is_separated = [TRACE, SPAN, FLAGS]
            .iter()
            .all(|field| known[field.start - 1] == b'-');
        let is_version = match more {
            [] => version != 0xff,
            [next, ..] => version != 0xff && version != 0 && *next == b'-',
        };
        let is_valid = is_separated && is_version && trace != 0 && span != 0;
        is_valid.then(|| Self::new(trace, span, flags & 1 == 1))
    }

    /// Returns whether the trace is sampled, and so can become an exemplar.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// Assigns everything that this thread records to the trace, until the guard is dropped. Guards nest.
    ///
    /// Do not keep the guard across an `.await`; use [`scope`](Self::scope) there.
    pub fn enter(&self) -> TraceGuard {
        TraceGuard {
            before: replace_current(self.as_current()),
            not_send: PhantomData,
        }
    }

    /// Returns the trace to set on a thread.
    pub(crate) fn as_current(self) -> Current {
        if !self.sampled {
            return ABSENT;
        }
        Current {
            #[expect(clippy::cast_possible_truncation, reason = "both halves are kept")]
            trace: [(self.trace >> 64) as u64, self.trace as u64],
            span: self.span,
        }
    }

    /// Runs a future, and assigns everything that it records to this trace, on any thread that polls it.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(move |context| {
            let _entered = self.enter();
            future.as_mut().poll(context)
        })
        .await
    }
}

/// Shows the ids in hexadecimal, as in a `traceparent`.
impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace,
            span,
            sampled,
        } = self;
        write!(f, "00-{trace:032x}-{span:016x}-0{}", u8::from(*sampled))
    }
}

/// Keeps a thread's current trace until dropped.
#[derive(Debug)]
#[must_use = "dropping the guard restores the previous trace"]
pub struct TraceGuard {
    before: Current,
    /// A guard must be dropped on the thread whose trace it set.
    not_send: PhantomData<*const ()>,
}

impl Drop for TraceGuard {
    fn drop(&mut self) {
        replace_current(self.before);
    }
}

/// The sampled trace that a thread is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Current {
    /// The trace id, its higher half first.
    pub(crate) trace: [u64; 2],
    /// The span id, or 0 without a trace.
    pub(crate) span: u64,
}

const ABSENT: Current = Current {
    trace: [0; 2],
    span: 0,
};

per_thread! {
    static CURRENT: Cell<Current> = Cell::new(ABSENT);
}

per_thread! {
    /// Whether [`CURRENT`] has a trace. Separate, because each record reads it.
    static IS_TRACED: Cell<bool> = Cell::new(false);
}

/// Replaces the calling thread's trace.
pub(crate) fn replace_current(current: Current) -> Current {
    // Fails only under `loom`, after the end of the thread.
    let _ = IS_TRACED.try_with(|traced| traced.set(current.span != 0));
    CURRENT
        .try_with(|cell| cell.replace(current))
        .unwrap_or(ABSENT)
}

/// Returns the calling thread's trace.
pub(crate) fn current() -> Current {
    CURRENT.try_with(Cell::get).unwrap_or(ABSENT)
}

/// Whether a metric keeps exemplars: [`WithExemplars`] or [`NoExemplars`].
pub trait Exemplars: sealed::Sealed + Copy + fmt::Debug {
    #[doc(hidden)]
    const ARE_KEPT: bool;
}

/// Marks a metric without `exemplars = true`.
#[derive(Debug, Clone, Copy)]
pub enum NoExemplars {}

/// Marks a metric with `exemplars = true`.
#[derive(Debug, Clone, Copy)]
pub enum WithExemplars {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NoExemplars {}
    impl Sealed for super::WithExemplars {}
}

impl Exemplars for NoExemplars {
    const ARE_KEPT: bool = false;
}

impl Exemplars for WithExemplars {
    const ARE_KEPT: bool = true;
}

/// Offers the calling thread's trace as an exemplar of a record in the place's store, if the metric keeps exemplars.
#[expect(clippy::inline_always, reason = "for most metrics, this does nothing")]
#[inline(always)]
pub(crate) fn offer<X: Exemplars>(
    store: Option<&Arc<Store>>,
    place: Place<'_>,
    slot: impl FnOnce() -> usize,
    value: u64,
) {
    if X::ARE_KEPT
        && IS_TRACED.try_with(Cell::get).unwrap_or(false)
        && let Some(store) = store
    {
        store.exemplars.offer((place.slab(), slot()), value);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn traceparents() {
        let valid = [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        ];
        for text in valid {
            let trace = TraceContext::from_traceparent(text);
            assert_eq!(
                trace.map(|trace| format!("{trace:?}")).as_deref(),
                Some(text)
            );
        }
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03-more-to-come";
        assert!(TraceContext::from_traceparent(later).is_some_and(|trace| trace.is_sampled()));
        let invalid = [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
            "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ];
        for text in invalid {
            assert_eq!(TraceContext::from_traceparent(text), None, "{text:?}");
        }
    }

    #[test]
    fn guards_nest() {
        let span = || current().span;
        let one = TraceContext::new(1, 1, true).enter();
        let two = TraceContext::new(1, 2, true).enter();
        let unsampled = TraceContext::new(1, 3, false).enter();
        assert_eq!(span(), 0);
        drop(unsampled);
        assert_eq!(span(), 2);
        drop(two);
        assert_eq!(span(), 1);
        drop(one);
        assert_eq!(span(), 0);
    }
}
