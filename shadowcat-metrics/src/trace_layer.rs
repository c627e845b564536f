//! `TraceLayer`: takes the trace of exemplars from the current span of `tracing`.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;

use tracing_core::Subscriber;
use tracing_core::span::Id;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::exemplar::{Current, TraceContext, replace_current};

/// A layer for `tracing_subscriber` that assigns what a thread records to the trace of the thread's current span.
///
/// A function returns the trace context of a span. It is called each time that a span is entered, after the layers that were
/// added before this one have seen the span as entered. If the function returns `None`, the layer calls it for the parents of
/// the span. If none of them has a context, the thread keeps its current trace. If the context is not sampled, the thread has
/// no trace inside the span. When the span is exited, the thread has its previous trace again. So a future that is
/// instrumented with a span has the right trace on each thread that polls it.
///
/// This library depends on no version of OpenTelemetry. With `tracing-opentelemetry`, add this layer after the one of that crate:
///
/// ```
/// use opentelemetry::trace::{TraceContextExt, TracerProvider};
/// use shadowcat_metrics::{TraceContext, TraceLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
/// let subscriber = tracing_subscriber::registry()
///     .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("shop")))
///     .with(TraceLayer::new(|_| {
///         let context = opentelemetry::Context::current();
///         let span = context.span();
///         let span = span.span_context();
///         span.is_valid().then(|| {
///             TraceContext::new(
///                 u128::from_be_bytes(span.trace_id().to_bytes()),
///                 u64::from_be_bytes(span.span_id().to_bytes()),
///                 span.is_sampled(),
///             )
///         })
///     }));
/// # drop(subscriber);
/// ```
///
/// If another layer of yours puts a [`TraceContext`] into the extensions of a span, the function is
/// `|span| span.extensions().get().copied()`.
pub struct TraceLayer<S, F> {
    context_of: F,
    subscriber: PhantomData<fn(S)>,
}

impl<S, F> TraceLayer<S, F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    F: Fn(&SpanRef<'_, S>) -> Option<TraceContext> + 'static,
{
    /// Creates the layer, with a function that returns the trace context of a span.
    #[must_use]
    pub fn new(context_of: F) -> Self {
        Self {
            context_of,
            subscriber: PhantomData,
        }
    }
}

impl<S, F> fmt::Debug for TraceLayer<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceLayer").finish_non_exhaustive()
    }
}

/// A span that set the thread's trace.
struct Entered {
    id: Id,
    /// The thread's trace before the span.
    before: Current,
}

thread_local! {
    /// The entered spans that set the thread's trace, in the order in which they were entered.
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

impl<S, F> Layer<S> for TraceLayer<S, F>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    F: Fn(&SpanRef<'_, S>) -> Option<TraceContext> + 'static,
{
    fn on_enter(&self, id: &Id, spans: Context<'_, S>) {
        let mut scope = spans.span_scope(id).into_iter().flatten();
        let context = scope.find_map(|span| (self.context_of)(&span));
        if let Some(context) = context {
            // Fails at the end of the thread, when there is nothing left to record.
            let _ = ENTERED.try_with(|entered| {
                let before = replace_current(context.as_current());
                let id = id.clone();
                entered.borrow_mut().push(Entered { id, before });
            });
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        let _ = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            let Some(index) = entered.iter().rposition(|entry| entry.id == *id) else {
                return;
            };
            let exited = entered.remove(index);
            // A guard can be dropped before that of a span which was entered later. Then the trace of the later span stays.
            match entered.get_mut(index) {
                Some(later) => later.before = exited.before,
                None => {
                    replace_current(exited.before);
                }
            }
        });
    }
}
