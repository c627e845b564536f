//! Runs both proxies alternately, and compares them.

use std::time::{Duration, Instant};

use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::Transport;
use shadowcat_metrics_measure::statistics::{Interval, median_interval, quantile};

use crate::route::Route;

/// Confidence of the interval.
const CONFIDENCE: f64 = 0.95;

/// Results of one transport.
pub struct Compared {
    /// Ratio of the times with and without metrics, over all rounds; `None` with too few rounds.
    pub ratio: Option<Interval>,
    /// Results with metrics.
    pub on: Side,
    /// Results without metrics.
    pub off: Side,
}

/// Results of one proxy.
pub struct Side {
    /// Responses per second.
    pub throughput: f64,
    /// Median response time, in microseconds.
    pub p50: f64,
    /// 99th percentile of the response time, in microseconds.
    pub p99: f64,
}

#[derive(Default)]
struct Seen {
    latencies: Vec<f64>,
    time: Duration,
}

impl Seen {
    async fn ask(
        &mut self,
        route: &Route,
        times: usize,
        in_flight: usize,
    ) -> Result<Duration, String> {
        let began = Instant::now();
        let latencies = route.client.ask(times, in_flight).await?;
        let time = began.elapsed();
        self.time += time;
        self.latencies
            .extend(latencies.iter().map(|latency| latency.as_secs_f64() * 1e6));
        Ok(time)
    }

    fn side(mut self) -> Side {
        self.latencies.sort_by(f64::total_cmp);
        Side {
            throughput: self.latencies.len() as f64 / self.time.as_secs_f64(),
            p50: quantile(&self.latencies, 0.5),
            p99: quantile(&self.latencies, 0.99),
        }
    }
}

/// Requests that one proxy carries before the other one has its turn. A machine that is slow for some milliseconds is then slow
/// for both.
const TURN: usize = 20;

/// Opens a proxy with metrics and one without. Of two equal proxies, the one that is opened first takes 0.2 % more time.
async fn open(transport: Transport, is_on_first: bool) -> Result<(Route, Route), String> {
    let (on, off) = (Metrics::new(), Metrics::disabled());
    if is_on_first {
        let on = Route::open(transport, &on).await?;
        Ok((on, Route::open(transport, &off).await?))
    } else {
        let off = Route::open(transport, &off).await?;
        Ok((Route::open(transport, &on).await?, off))
    }
}

/// Runs rounds in which the proxies take turns: with, without, without, with metrics. Every other round is reversed, and every
/// other pair of rounds opens the proxies in the other order, so that the order favors neither proxy. Each round has its own
/// proxies, servers and connections: their speed depends on where the system places them, and this must not count as a
/// difference.
pub async fn run(
    transport: Transport,
    rounds: usize,
    exchanges: usize,
    in_flight: usize,
) -> Result<Compared, String> {
    let (mut seen_on, mut seen_off) = (Seen::default(), Seen::default());
    let mut ratios = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let (on, off) = open(transport, round % 4 < 2).await?;
        for route in [&on, &off] {
            route.client.ask(exchanges, in_flight).await?;
        }
        let order = if round % 2 == 0 {
            [true, false, false, true]
        } else {
            [false, true, true, false]
        };
        let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
        for is_on in order.repeat(exchanges.div_ceil(TURN)) {
            if is_on {
                with += seen_on.ask(&on, TURN, in_flight).await?;
            } else {
                without += seen_off.ask(&off, TURN, in_flight).await?;
            }
        }
        ratios.push(with.as_secs_f64() / without.as_secs_f64());
        // Proxies that are still open would slow the following rounds down.
        on.close().await?;
        off.close().await?;
    }
    Ok(Compared {
        ratio: median_interval(ratios, CONFIDENCE),
        on: seen_on.side(),
        off: seen_off.side(),
    })
}
