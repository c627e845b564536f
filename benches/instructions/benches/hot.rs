//! Counts the instructions of the hot operations and of the encoder, with gungraun under valgrind. The counts are the same in
//! every run of the same program, so each difference comes from a change.

#![allow(
    missing_docs,
    clippy::pedantic,
    reason = "gungraun's macros generate items that no one calls by name"
)]

use std::hint::black_box;
use std::time::Duration;

use gungraun::prelude::*;
use shadowcat_metrics::{Format, TraceContext, TraceGuard, private};

#[path = "../../src/peers/shadowcat/families.rs"]
mod families;

#[path = "../../src/peers/three_piece/encoder.rs"]
mod encoder;

#[expect(dead_code, reason = "only the benchmark of times reads values")]
#[path = "../../src/peers/limit/cells.rs"]
mod limit;

mod requests {
    shadowcat_metrics::metrics!("../metrics.toml");
}

mod with_exemplars {
    shadowcat_metrics::metrics!("exemplars.toml");
}

mod with_native {
    shadowcat_metrics::metrics!("../schemas/native.toml");
}

mod large {
    shadowcat_metrics::metrics!("../schemas/large.toml");
}

mod calls {
    shadowcat_metrics::metrics!("metrics.toml");
}

use calls::labels::{Call, Method, Tool};
use encoder::Encoder;
use families::Families;
use limit::Limit;
use requests::labels::{Outcome, Server, Transport};
use requests::{Metrics, RequestsRecorder};

/// Repetitions of each operation, so that the overhead around it is negligible.
const TIMES: u32 = 1_000;

/// Metrics, a recorder whose cells this thread has used before, and an open label value. Each benchmark returns them, so that
/// dropping them is not counted.
type Warm = (Metrics, RequestsRecorder, Server);

fn warm() -> Warm {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    let server = metrics.server("filesystem");
    requests.ended(Transport::Http, Outcome::Ok).inc();
    requests.waiting(Transport::Http, Outcome::Ok).inc();
    requests.busy(Transport::Http, Outcome::Ok).set(1);
    requests
        .duration(Transport::Http, Outcome::Ok)
        .observe(Duration::from_millis(3));
    requests.sent(&server).inc();
    (metrics, requests, server)
}

/// Returns metrics with every closed series recorded, after one scrape.
fn scraped() -> (Metrics, Vec<u8>) {
    let (metrics, requests, _) = warm();
    for transport in Transport::ALL {
        for outcome in Outcome::ALL {
            requests.ended(transport, outcome).add(12_345);
            requests
                .duration(transport, outcome)
                .observe(Duration::from_micros(1_234_567));
        }
    }
    let mut page = Vec::new();
    for _ in 0..2 {
        metrics.encode_into(Format::PrometheusText, &mut page);
        metrics.encode_into(Format::OpenMetrics, &mut page);
    }
    // Longer than any page, so that the buffer's growth is not counted.
    page.resize(2 * page.len(), 0);
    (metrics, page)
}

#[library_benchmark]
#[bench::closed(setup = warm)]
fn counter(warm: Warm) -> Warm {
    let (_, requests, _) = &warm;
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        requests.ended(transport, outcome).inc();
    }
    warm
}

#[library_benchmark]
#[bench::closed(setup = warm)]
fn updown(warm: Warm) -> Warm {
    let (_, requests, _) = &warm;
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        requests.waiting(transport, outcome).add(black_box(-2));
    }
    warm
}

#[library_benchmark]
#[bench::closed(setup = warm)]
fn gauge(warm: Warm) -> Warm {
    let (_, requests, _) = &warm;
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        requests.busy(transport, outcome).set(black_box(7));
    }
    warm
}

#[library_benchmark]
#[bench::eleven_bounds(setup = warm)]
fn histogram(warm: Warm) -> Warm {
    let (_, requests, _) = &warm;
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        requests
            .duration(transport, outcome)
            .observe(black_box(Duration::from_millis(37)));
    }
    warm
}

/// Records that are not inlined into a loop, as at a single call site in async code: every pointer is loaded again.
mod called {
    use super::{Duration, Outcome, RequestsRecorder, Server, Transport};

    #[inline(never)]
    pub fn count(requests: &RequestsRecorder, transport: Transport, outcome: Outcome) {
        requests.ended(transport, outcome).inc();
    }

    #[inline(never)]
    pub fn up(requests: &RequestsRecorder, transport: Transport, outcome: Outcome) {
        requests.waiting(transport, outcome).inc();
    }

    #[inline(never)]
    pub fn down(requests: &RequestsRecorder, transport: Transport, outcome: Outcome) {
        requests.waiting(transport, outcome).dec();
    }

    #[inline(never)]
    pub fn observe(
        requests: &RequestsRecorder,
        transport: Transport,
        outcome: Outcome,
        duration: Duration,
    ) {
        requests.duration(transport, outcome).observe(duration);
    }

    #[inline(never)]
    pub fn send(requests: &RequestsRecorder, server: &Server) {
        requests.sent(server).inc();
    }
}

#[library_benchmark]
#[bench::called(setup = warm)]
fn counter_called(warm: Warm) -> Warm {
    let (_, requests, _) = &warm;
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        called::count(black_box(requests), transport, outcome);
    }
    warm
}

#[library_benchmark]
#[bench::called(setup = warm)]
fn updown_pair_called(warm: Warm) -> Warm {
    let (_, requests, _) = &warm;
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        called::up(black_box(requests), transport, outcome);
        called::down(black_box(requests), transport, outcome);
    }
    warm
}

#[library_benchmark]
#[bench::called(setup = warm)]
fn histogram_called(warm: Warm) -> Warm {
    let (_, requests, _) = &warm;
    for _ in 0..TIMES {
        let duration = black_box(Duration::from_millis(37));
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        called::observe(black_box(requests), transport, outcome, duration);
    }
    warm
}

#[library_benchmark]
#[bench::called(setup = warm)]
fn open_called(warm: Warm) -> Warm {
    let (_, requests, server) = &warm;
    for _ in 0..TIMES {
        called::send(black_box(requests), black_box(server));
    }
    warm
}

/// A prototype of the simplest design, to compare with. The series of both labels are adjacent cells.
fn warm_limit() -> Limit {
    let limit = Limit::new(12 * LIMIT_WIDTH);
    limit.add(0, 1);
    limit
}

/// Cells of a histogram: a bucket for each bound, `+Inf` and the sum.
const LIMIT_WIDTH: usize = 13;

#[inline]
fn observe_in_limit(limit: &Limit, transport: Transport, outcome: Outcome, nanoseconds: u64) {
    let first = (transport as usize * 4 + outcome as usize) * LIMIT_WIDTH;
    let bucket = families::BUCKETS.of_integer(nanoseconds);
    limit.observe(first + 1 + bucket, first, nanoseconds);
}

#[inline(never)]
fn call_observe_in_limit(limit: &Limit, transport: Transport, outcome: Outcome, nanoseconds: u64) {
    observe_in_limit(limit, transport, outcome, nanoseconds);
}

#[inline(never)]
fn add_to_limit(limit: &Limit, transport: Transport, outcome: Outcome, amount: u64) {
    limit.add(transport as usize * 4 + outcome as usize, amount);
}

#[library_benchmark]
#[bench::closed(setup = warm_limit)]
fn limit_counter(limit: Limit) -> Limit {
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        limit.add(transport as usize * 4 + outcome as usize, 1);
    }
    limit
}

#[library_benchmark]
#[bench::called(setup = warm_limit)]
fn limit_counter_called(limit: Limit) -> Limit {
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        add_to_limit(black_box(&limit), transport, outcome, 1);
    }
    limit
}

#[library_benchmark]
#[bench::whole_nanoseconds(setup = warm_limit)]
fn limit_histogram(limit: Limit) -> Limit {
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        observe_in_limit(&limit, transport, outcome, black_box(37_000_000));
    }
    limit
}

#[library_benchmark]
#[bench::called(setup = warm_limit)]
fn limit_histogram_called(limit: Limit) -> Limit {
    for _ in 0..TIMES {
        let nanoseconds = black_box(37_000_000);
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        call_observe_in_limit(black_box(&limit), transport, outcome, nanoseconds);
    }
    limit
}

#[library_benchmark]
#[bench::called(setup = warm_limit)]
fn limit_updown_pair_called(limit: Limit) -> Limit {
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        add_to_limit(black_box(&limit), transport, outcome, 1);
        add_to_limit(black_box(&limit), transport, outcome, u64::MAX);
    }
    limit
}

// Twice the records of the benchmark with one registry.
#[library_benchmark]
#[bench::in_turn(setup = two_warm)]
fn two_registries((one, other): (Warm, Warm)) -> (Warm, Warm) {
    for _ in 0..TIMES {
        called::count(black_box(&one.1), Transport::Http, Outcome::Ok);
        called::count(black_box(&other.1), Transport::Http, Outcome::Ok);
    }
    (one, other)
}

fn two_warm() -> (Warm, Warm) {
    (warm(), warm())
}

#[library_benchmark]
#[bench::kept(setup = warm)]
fn open(warm: Warm) -> Warm {
    let (_, requests, server) = &warm;
    for _ in 0..TIMES {
        requests.sent(black_box(server)).inc();
    }
    warm
}

/// Metrics, a recorder whose cells this thread has used before, and handles of 100 values.
type WarmServers = (Metrics, RequestsRecorder, Vec<Server>);

fn warm_servers() -> WarmServers {
    let (metrics, requests, _) = warm();
    let servers: Vec<_> = (0..100)
        .map(|number| metrics.server(format!("server-{number}")))
        .collect();
    for server in &servers {
        requests.sent(server).inc();
    }
    (metrics, requests, servers)
}

// With the instructions that find the handle in the program's array.
#[library_benchmark]
#[bench::of_an_array(setup = warm_servers)]
fn open_array(warm: WarmServers) -> WarmServers {
    let (_, requests, servers) = &warm;
    for _ in 0..TIMES {
        requests.sent(&servers[black_box(37)]).inc();
    }
    warm
}

/// Metrics, a recorder, and the value of an optional label.
type Calls = (calls::Metrics, calls::CallsRecorder, Option<Tool>);

fn warm_calls(tool: Option<&str>) -> Calls {
    let metrics = calls::Metrics::new();
    let calls = metrics.calls();
    let tool = tool.map(|tool| metrics.tool(tool));
    calls.ended(calls::labels::Outcome::Ok, tool.as_ref()).inc();
    calls.made(Call::Ping).inc();
    calls.by_method(Method::Ping).inc();
    if let Some(tool) = &tool {
        calls.made(Call::ToolsCall(tool)).inc();
    }
    (metrics, calls, tool)
}

#[library_benchmark]
#[bench::value(args = (Some("search")), setup = warm_calls)]
#[bench::none(args = (None), setup = warm_calls)]
fn optional(warm: Calls) -> Calls {
    let (_, calls, tool) = &warm;
    for _ in 0..TIMES {
        let (outcome, tool) = black_box((calls::labels::Outcome::Ok, tool.as_ref()));
        calls.ended(outcome, tool).inc();
    }
    warm
}

#[library_benchmark]
#[bench::without_labels(args = (None), setup = warm_calls)]
#[bench::with_a_label(args = (Some("search")), setup = warm_calls)]
fn sum(warm: Calls) -> Calls {
    let (_, calls, tool) = &warm;
    let call = tool.as_ref().map_or(Call::Ping, Call::ToolsCall);
    for _ in 0..TIMES {
        calls.made(black_box(call)).inc();
    }
    warm
}

// The same with the method as a plain label, to compare with.
#[library_benchmark]
#[bench::closed(args = (None), setup = warm_calls)]
fn sum_method(warm: Calls) -> Calls {
    let (_, calls, _) = &warm;
    for _ in 0..TIMES {
        calls.by_method(black_box(Method::Ping)).inc();
    }
    warm
}

#[library_benchmark]
#[bench::known_value(setup = warm)]
fn intern(warm: Warm) -> Warm {
    let (metrics, _, _) = &warm;
    for _ in 0..TIMES {
        black_box(metrics.server(black_box("filesystem")));
    }
    warm
}

/// Metrics with exemplars, and the thread's trace, if it has one.
type Traced = (with_exemplars::Metrics, Option<TraceGuard>);

fn traced(sampled: bool) -> Traced {
    let metrics = with_exemplars::Metrics::new();
    let trace = TraceContext::new(1, 1, sampled);
    record_counter(&metrics, 1);
    record_histogram(&metrics, 1);
    let guard = sampled.then(|| trace.enter());
    record_counter(&metrics, 1);
    record_histogram(&metrics, 1);
    (metrics, guard)
}

fn record_counter(metrics: &with_exemplars::Metrics, times: u32) {
    use with_exemplars::labels::{Outcome, Transport};
    let requests = metrics.requests();
    for _ in 0..times {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        requests.ended(transport, outcome).inc();
    }
}

fn record_histogram(metrics: &with_exemplars::Metrics, times: u32) {
    use with_exemplars::labels::{Outcome, Transport};
    let requests = metrics.requests();
    for _ in 0..times {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        requests
            .duration(transport, outcome)
            .observe(black_box(Duration::from_millis(37)));
    }
}

#[library_benchmark]
#[bench::without_trace(args = (false), setup = traced)]
#[bench::in_trace(args = (true), setup = traced)]
fn exemplar_counter(traced: Traced) -> Traced {
    record_counter(&traced.0, TIMES);
    traced
}

#[library_benchmark]
#[bench::without_trace(args = (false), setup = traced)]
#[bench::in_trace(args = (true), setup = traced)]
fn exemplar_histogram(traced: Traced) -> Traced {
    record_histogram(&traced.0, TIMES);
    traced
}

/// Metrics with native buckets, and a recorder whose cells this thread has used before.
type Native = (with_native::Metrics, with_native::RequestsRecorder);

fn warm_native() -> Native {
    let metrics = with_native::Metrics::new();
    let requests = metrics.requests();
    observe_native(&requests, Duration::from_millis(3));
    (metrics, requests)
}

#[inline(never)]
fn observe_native(requests: &with_native::RequestsRecorder, duration: Duration) {
    use with_native::labels::{Outcome, Transport};
    requests
        .duration(Transport::Http, Outcome::Ok)
        .observe(duration);
}

#[library_benchmark]
#[bench::eleven_bounds(setup = warm_native)]
fn native_histogram(warm: Native) -> Native {
    use with_native::labels::{Outcome, Transport};
    let (_, requests) = &warm;
    for _ in 0..TIMES {
        let (transport, outcome) = black_box((Transport::Http, Outcome::Ok));
        requests
            .duration(transport, outcome)
            .observe(black_box(Duration::from_millis(37)));
    }
    warm
}

#[library_benchmark]
#[bench::called(setup = warm_native)]
fn native_histogram_called(warm: Native) -> Native {
    let (_, requests) = &warm;
    for _ in 0..TIMES {
        observe_native(black_box(requests), black_box(Duration::from_millis(37)));
    }
    warm
}

// A page of 400 families and about 10,000 lines, with `_created` lines in OpenMetrics.
#[library_benchmark]
#[bench::text(args = (Format::PrometheusText), setup = many_families)]
#[bench::open_metrics(args = (Format::OpenMetrics), setup = many_families)]
fn encode_families(
    (registry, mut page, format): (private::Registry, Vec<u8>, Format),
) -> (private::Registry, Vec<u8>) {
    registry.encode_into(black_box(format), &mut page);
    (registry, page)
}

/// Returns the records of the page of many families: family, series and amount.
fn counted() -> impl Iterator<Item = (u32, u32, u64)> {
    let all = (0..families::COUNTERS)
        .flat_map(|family| (0..families::SERIES).map(move |series| (family, series)));
    all.map(|(family, series)| {
        let amount = u64::from(family + series) * 7_919 % 100_000;
        (family, series, 1 + amount)
    })
}

/// Returns the observations of the page of many families: family, series and duration.
fn observed() -> impl Iterator<Item = (u32, u32, Duration)> {
    let all = (0..families::HISTOGRAMS)
        .flat_map(|family| (0..families::SERIES).map(move |series| (family, series)));
    all.flat_map(|(family, series)| {
        [1, 7, 80, 900, 4_000].map(|millis| (family, series, Duration::from_millis(millis)))
    })
}

/// Returns a registry with a value in every series, and the page of an earlier scrape.
fn many_families(format: Format) -> (private::Registry, Vec<u8>, Format) {
    let families = Families::new(private::Options::default().created_lines(true));
    for (family, series, amount) in counted() {
        families.add(family, series, amount);
    }
    for (family, series, duration) in observed() {
        families.observe(family, series, duration);
    }
    let mut page = Vec::new();
    families.registry.encode_into(format, &mut page);
    let lines = page.iter().filter(|byte| **byte == b'\n').count();
    assert!((9_000..15_000).contains(&lines), "{lines} lines");
    (families.registry, page, format)
}

// The same page, written by the prototype that keeps its pieces of text.
#[library_benchmark]
#[bench::text(setup = three_piece)]
fn encode_families_three_piece((encoder, mut page): (Encoder, Vec<u8>)) -> (Encoder, Vec<u8>) {
    encoder.encode(black_box(false), &mut page);
    (encoder, page)
}

fn three_piece() -> (Encoder, Vec<u8>) {
    let (registry, own, _) = many_families(Format::PrometheusText);
    let encoder = Encoder::new(registry.schema());
    for (family, series, amount) in counted() {
        encoder.add(family as usize, series as usize, amount);
    }
    for (family, series, duration) in observed() {
        let family = families::COUNTERS + family;
        encoder.observe(family as usize, series as usize, duration);
    }
    let mut page = Vec::new();
    encoder.encode(false, &mut page);
    assert!(page == own, "the pages differ");
    (encoder, page)
}

// A page of two families with 3,500 series and 10,000 lines, whose labels no other family has.
#[library_benchmark]
#[bench::text(args = (Format::PrometheusText), setup = many_series)]
#[bench::open_metrics(args = (Format::OpenMetrics), setup = many_series)]
fn encode_series(
    (metrics, mut page, format): (large::Metrics, Vec<u8>, Format),
) -> (large::Metrics, Vec<u8>) {
    metrics.encode_into(black_box(format), &mut page);
    (metrics, page)
}

/// Returns metrics with a value in every series, and the page of an earlier scrape.
fn many_series(format: Format) -> (large::Metrics, Vec<u8>, Format) {
    use large::labels::{CounterShard, HistogramShard, Lane};
    let metrics = large::Metrics::new();
    let requests = metrics.requests();
    for (position, lane) in Lane::ALL.into_iter().enumerate() {
        for shard in CounterShard::ALL {
            requests.ended(shard, lane).add(1 + 7_919 * position as u64);
        }
        for shard in HistogramShard::ALL {
            for millis in [1, 7, 80, 900, 4_000] {
                let duration = Duration::from_millis(millis);
                requests.duration(shard, lane).observe(duration);
            }
        }
    }
    let mut page = Vec::new();
    metrics.encode_into(format, &mut page);
    (metrics, page, format)
}

#[library_benchmark]
#[bench::text(args = (Format::PrometheusText), setup = with_format)]
#[bench::open_metrics(args = (Format::OpenMetrics), setup = with_format)]
fn encode((metrics, mut page, format): (Metrics, Vec<u8>, Format)) -> (Metrics, Vec<u8>) {
    metrics.encode_into(black_box(format), &mut page);
    (metrics, page)
}

fn with_format(format: Format) -> (Metrics, Vec<u8>, Format) {
    let (metrics, page) = scraped();
    (metrics, page, format)
}

library_benchmark_group!(
    name = hot,
    benchmarks = [
        counter,
        counter_called,
        updown,
        updown_pair_called,
        gauge,
        limit_counter,
        limit_counter_called,
        limit_histogram,
        limit_histogram_called,
        limit_updown_pair_called,
        histogram,
        histogram_called,
        open,
        open_array,
        open_called,
        optional,
        sum,
        sum_method,
        two_registries,
        intern,
        exemplar_counter,
        exemplar_histogram,
        native_histogram,
        native_histogram_called,
        encode,
        encode_families,
        encode_families_three_piece,
        encode_series
    ]
);

main!(library_benchmark_groups = hot);
