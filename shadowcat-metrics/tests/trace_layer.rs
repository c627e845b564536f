//! Exemplars from the current span of `tracing`: with a custom layer, and with `tracing-opentelemetry`.
#![cfg(all(not(loom), feature = "tracing"))]

use std::fmt::Debug;

use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use shadowcat_metrics::{Format, TraceContext, TraceLayer};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Dispatch, Instrument, Subscriber, dispatcher, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

shadowcat_metrics::metrics!("tests/exemplars.toml");

/// Puts the context of a span with the field `number` into its extensions. Odd numbers are sampled.
struct Numbers;

#[derive(Default)]
struct Number(Option<u64>);

impl Visit for Number {
    fn record_u64(&mut self, _: &Field, number: u64) {
        self.0 = Some(number);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Numbers {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, spans: Context<'_, S>) {
        let mut number = Number::default();
        attributes.record(&mut number);
        if let (Some(span), Some(number)) = (spans.span(id), number.0) {
            let context = TraceContext::new(1, number, number % 2 == 1);
            span.extensions_mut().insert(context);
        }
    }
}

/// Runs a test under a subscriber with contexts by number.
fn with_numbers(test: impl FnOnce(&Metrics)) {
    let subscriber = tracing_subscriber::registry()
        .with(Numbers)
        .with(TraceLayer::new(|span| {
            span.extensions().get::<TraceContext>().copied()
        }));
    dispatcher::with_default(&Dispatch::new(subscriber), || test(&Metrics::new()));
}

/// Records a job. Returns the span of its exemplar, if it has a new one.
fn recorded(metrics: &Metrics) -> Option<u64> {
    metrics.work().jobs().inc();
    exemplar(metrics, "app_work_jobs_total").map(|(_, span)| span)
}

/// Returns the trace and the span of a sample's exemplar.
fn exemplar(metrics: &Metrics, sample: &str) -> Option<(u128, u64)> {
    let page = metrics.encode(Format::OpenMetrics);
    let line = page.lines().find(|line| line.starts_with(sample))?;
    let hex = |name: &str| Some(line.split_once(name)?.1.split_once('"')?.0.to_owned());
    let trace = u128::from_str_radix(&hex("trace_id=\"")?, 16).ok()?;
    let span = u64::from_str_radix(&hex("span_id=\"")?, 16).ok()?;
    Some((trace, span))
}

/// Returns the span of the exemplar that a record in a new registry gets here.
fn current() -> Option<u64> {
    recorded(&Metrics::new())
}

#[test]
fn the_current_span_is_the_exemplar() {
    with_numbers(|_| {
        assert_eq!(current(), None);
        let outer = info_span!("outer", number = 1_u64).entered();
        assert_eq!(current(), Some(1));
        let inner = info_span!("inner", number = 3_u64).entered();
        assert_eq!(current(), Some(3));
        drop(inner);
        assert_eq!(current(), Some(1));
        drop(outer);
        assert_eq!(current(), None);
    });
}

#[test]
fn only_sampled_spans_are_exemplars() {
    with_numbers(|metrics| {
        let _sampled = info_span!("sampled", number = 1_u64).entered();
        let unsampled = info_span!("unsampled", number = 2_u64).entered();
        assert_eq!(recorded(metrics), None);
        drop(unsampled);
        assert_eq!(recorded(metrics), Some(1));
    });
}

#[test]
fn a_span_without_a_context_has_that_of_its_parents() {
    with_numbers(|_| {
        let outer = info_span!("outer", number = 1_u64);
        let inner = info_span!(parent: &outer, "middle").in_scope(|| info_span!("inner"));
        let dispatch = dispatcher::get_default(Clone::clone);
        let spawned = std::thread::spawn(move || {
            dispatcher::with_default(&dispatch, || inner.in_scope(current))
        });
        assert_eq!(spawned.join().ok().flatten(), Some(1));
        let unrelated = info_span!("unrelated");
        assert_eq!(unrelated.in_scope(current), None);
        assert_eq!(outer.in_scope(|| unrelated.in_scope(current)), Some(1));
    });
}

#[test]
fn spans_may_be_exited_in_any_order() {
    with_numbers(|_| {
        let first = info_span!("first", number = 1_u64);
        let second = info_span!("second", number = 3_u64);
        let first = first.enter();
        let second = second.enter();
        drop(first);
        assert_eq!(current(), Some(3));
        drop(second);
        assert_eq!(current(), None);
    });
}

#[test]
fn a_span_inside_a_guard_restores_the_trace_of_the_guard() {
    with_numbers(|_| {
        let guard = TraceContext::new(1, 7, true).enter();
        let span = info_span!("span", number = 1_u64);
        assert_eq!(span.in_scope(current), Some(1));
        assert_eq!(info_span!("plain").in_scope(current), Some(7));
        assert_eq!(current(), Some(7));
        drop(guard);
        assert_eq!(current(), None);
    });
}

#[test]
fn instrumented_futures_keep_their_traces() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    with_numbers(|_| {
        let record = || async {
            tokio::task::yield_now().await;
            current()
        };
        let first = record().instrument(info_span!("first", number = 1_u64));
        let second = record().instrument(info_span!("second", number = 3_u64));
        let both = runtime.block_on(async { tokio::join!(first, second) });
        assert_eq!(both, (Some(1), Some(3)));
        assert_eq!(current(), None);
    });
}

fn of_opentelemetry<S>(_: &SpanRef<'_, S>) -> Option<TraceContext>
where
    S: for<'span> LookupSpan<'span>,
{
    let context = opentelemetry::Context::current();
    let span = context.span();
    let span = span.span_context();
    let (trace, id) = (span.trace_id().to_bytes(), span.span_id().to_bytes());
    span.is_valid().then(|| {
        TraceContext::new(
            u128::from_be_bytes(trace),
            u64::from_be_bytes(id),
            span.is_sampled(),
        )
    })
}

#[test]
fn spans_of_opentelemetry_are_exemplars() {
    for is_sampled in [true, false] {
        let sampler = if is_sampled {
            Sampler::AlwaysOn
        } else {
            Sampler::AlwaysOff
        };
        let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
        let subscriber = tracing_subscriber::registry()
            .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")))
            .with(TraceLayer::new(of_opentelemetry));
        let metrics = Metrics::new();
        dispatcher::with_default(&Dispatch::new(subscriber), || {
            let _outer = info_span!("outer").entered();
            let _inner = info_span!("inner").entered();
            metrics.work().jobs().inc();
            let context = opentelemetry::Context::current();
            let span = context.span().span_context().clone();
            assert!(span.is_valid());
            let expected = is_sampled.then(|| {
                let trace = u128::from_be_bytes(span.trace_id().to_bytes());
                (trace, u64::from_be_bytes(span.span_id().to_bytes()))
            });
            assert_eq!(exemplar(&metrics, "app_work_jobs_total"), expected);
        });
    }
}
