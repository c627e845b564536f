//! The thread that pushes, its retries, and the metrics about its pushes.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use ureq::Agent;
use ureq::http::{HeaderName, HeaderValue, StatusCode, Uri};

use super::encode::encode;
use super::settings::Push;
use crate::callback::{CallbackCounter, CallbackGauge};
use crate::exposition::wire;
use crate::ready::{Group, MissingGroup};
use crate::registry::Registry;
use crate::schema::Encoding;
use crate::units::{Dimensionless, Seconds};

/// Delay before the first retry. It doubles with each retry, and varies by up to a quarter.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// Delays that a receiver may ask for in `Retry-After`. Without a minimum, a receiver could make the thread push without a pause.
const RETRY_AFTER: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(300);

/// Maximum number of bytes of a response that are read.
const MAX_RESPONSE: u64 = 64 * 1024;

/// A push that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What happened.
    pub reason: String,
    /// Data points that the receiver will not get; 0 if the push is retried.
    pub lost_points: u64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "metrics were not pushed: {}", self.reason)
    }
}

impl std::error::Error for Failure {}

/// The reason why a push could not be started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The endpoint is not a URL that can be pushed to.
    Endpoint {
        /// The endpoint.
        endpoint: String,
        /// Why it cannot be used.
        reason: &'static str,
    },
    /// HTTP does not allow a header's name or value.
    Header {
        /// The header's name.
        name: String,
    },
    /// A certificate or a private key cannot be used.
    Certificate {
        /// Why it cannot be used.
        reason: String,
    },
    /// The thread cannot be started.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint { endpoint, reason } => {
                write!(f, "cannot push to `{endpoint}`: {reason}")
            }
            Self::Header { name } => {
                write!(f, "HTTP does not allow the header `{name}` or its value")
            }
            Self::Certificate { reason } => f.write_str(reason),
            Self::Thread(error) => write!(f, "cannot start the thread that pushes: {error}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Thread(error) => Some(error),
            Self::Endpoint { .. } | Self::Header { .. } | Self::Certificate { .. } => None,
        }
    }
}

impl Push {
    /// Starts the thread that pushes. The first push is after one interval.
    ///
    /// # Errors
    ///
    /// If the endpoint or a header cannot be used, or the thread cannot be started.
    pub fn start(self) -> Result<Pusher, StartError> {
        if self.is_disabled {
            return Ok(Pusher::disabled());
        }
        let counts = Arc::<Counts>::default();
        let work = Work::new(self, Arc::clone(&counts))?;
        let (stop, stopped) = channel();
        let thread = thread::Builder::new()
            .name("otlp-push".to_owned())
            .spawn(move || work.run(&stopped))
            .map_err(StartError::Thread)?;
        Ok(Pusher {
            running: Some(Running { stop, thread }),
            counts,
        })
    }
}

/// Selects one of the counts.
type Count = fn(&Counts) -> &AtomicU64;

/// The results of the pushes so far.
#[derive(Debug, Default)]
struct Counts {
    taken: AtomicU64,
    failed: AtomicU64,
    lost_points: AtomicU64,
    /// Time of the last push that the receiver accepted, in milliseconds since 1970; 0 before the first.
    last_taken: AtomicU64,
}

/// The thread, which ends when the sender is dropped.
#[derive(Debug)]
struct Running {
    stop: Sender<()>,
    thread: JoinHandle<Result<(), Failure>>,
}

/// A running push. Dropping it ends the thread after a last push, without waiting for it.
#[derive(Debug)]
pub struct Pusher {
    running: Option<Running>,
    counts: Arc<Counts>,
}

impl Pusher {
    /// Creates a pusher that never pushes, for programs whose users may disable it. Its metrics stay at zero.
    #[must_use]
    pub fn disabled() -> Self {
        Self {
            running: None,
            counts: Arc::default(),
        }
    }

    /// Pushes the last values, once, and ends the thread. Blocks for at most the timeout of a push, or two timeouts if a push is
    /// in progress.
    ///
    /// # Errors
    ///
    /// If the last push failed.
    ///
    /// # Panics
    ///
    /// If the function of [`Push::on_failure`] panicked.
    pub fn shutdown(mut self) -> Result<(), Failure> {
        let Some(Running { stop, thread }) = self.running.take() else {
            return Ok(());
        };
        drop(stop);
        match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Registers the pusher's own metrics in a schema that includes `schemas/otlp.toml`. A metric of this file that the schema
    /// lacks, or declares in another way, is skipped.
    ///
    /// ```
    /// mod metrics {
    ///     shadowcat_metrics::metrics!("tests/ready.toml"); // include = ["../schemas/otlp.toml"]
    /// }
    /// use metrics::Metrics;
    /// use shadowcat_metrics::{Format, otlp::Push};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let metrics = Metrics::new();
    /// let pusher = Push::new(&metrics).start()?;
    /// pusher.register(&metrics)?;
    /// assert!(metrics.encode(Format::PrometheusText).contains("app_otlp_pushes_total 0\n"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the schema declares none of these metrics.
    pub fn register(&self, registry: &Registry) -> Result<(), MissingGroup> {
        let mut group = Group::of(registry);
        let counters: [(_, Count); 3] = [
            ("otlp_pushes_total", |counts| &counts.taken),
            ("otlp_failed_pushes_total", |counts| &counts.failed),
            ("otlp_lost_points_total", |counts| &counts.lost_points),
        ];
        for (name, of) in counters {
            let name = group.in_namespace(name);
            let counts = Arc::clone(&self.counts);
            if let Some(place) = group.counter(&name, Encoding::Unsigned) {
                CallbackCounter::<Dimensionless>::new(place)
                    .register(move || of(&counts).load(Relaxed))
                    .detach();
            }
        }
        let name = group.in_namespace("otlp_last_push_seconds");
        if let Some(place) = group.gauge(&name, Encoding::Nanoseconds) {
            let counts = Arc::clone(&self.counts);
            CallbackGauge::<Seconds>::new(place)
                .register(move || Duration::from_millis(counts.last_taken.load(Relaxed)))
                .detach();
        }
        group.finish("otlp.toml")
    }
}

/// State of the thread that pushes.
struct Work {
    push: Push,
    agent: Agent,
    endpoint: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    counts: Arc<Counts>,
    body: Vec<u8>,
    compressed: Vec<u8>,
    /// Data points of the last attempt.
    points: u64,
}

/// When to try again.
enum Again {
    /// After the delay that grows with each attempt.
    Later,
    /// After the time that the receiver named.
    After(Duration),
    /// Never, because another attempt would fail, too.
    Never,
}

/// An attempt that failed.
struct Refusal {
    reason: String,
    again: Again,
}

impl Refusal {
    const fn passing(reason: String, after: Option<Duration>) -> Self {
        Self {
            reason,
            again: match after {
                Some(after) => Again::After(after),
                None => Again::Later,
            },
        }
    }

    const fn lasting(reason: String) -> Self {
        Self {
            reason,
            again: Again::Never,
        }
    }
}

impl Work {
    fn new(push: Push, counts: Arc<Counts>) -> Result<Self, StartError> {
        let headers = push.headers.iter().map(|(name, value)| {
            let header = (name.parse().ok(), value.parse::<HeaderValue>().ok());
            let (Some(name), Some(mut value)) = header else {
                return Err(StartError::Header { name: name.clone() });
            };
            value.set_sensitive(true);
            Ok((name, value))
        });
        let agent = Agent::config_builder();
        #[cfg(feature = "otlp-tls")]
        let agent = agent.tls_config(push.tls.config()?);
        let agent = agent
            .timeout_global(Some(push.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!(
                env!("CARGO_PKG_NAME"),
                "/",
                env!("CARGO_PKG_VERSION")
            ))
            .build()
            .into();
        Ok(Self {
            endpoint: endpoint(&push.endpoint)?,
            headers: headers.collect::<Result<_, _>>()?,
            push,
            agent,
            counts,
            body: Vec::new(),
            compressed: Vec::new(),
            points: 0,
        })
    }

    /// Pushes at each interval until the other end of `stop` is dropped, and then once more.
    fn run(mut self, stop: &Receiver<()>) -> Result<(), Failure> {
        let mut due = Instant::now() + self.push.interval;
        // The end of the pause that the receiver asked for.
        let mut blocked_until = Instant::now();
        loop {
            if is_stopped(stop, due.saturating_duration_since(Instant::now())) {
                return self.push_last();
            }
            due = Instant::now() + self.push.interval;
            if Instant::now() < blocked_until {
                self.give_up("the receiver asked for a longer pause".to_owned());
                continue;
            }
            let mut delay = FIRST_DELAY;
            while let Err(refusal) = self.attempt() {
                let wait = match refusal.again {
                    Again::Later => Some(varied(delay)),
                    Again::After(wait) => {
                        blocked_until = Instant::now() + wait;
                        Some(wait)
                    }
                    Again::Never => None,
                };
                let Some(wait) = wait.filter(|wait| Instant::now() + *wait < due) else {
                    self.give_up(refusal.reason);
                    break;
                };
                self.report(refusal.reason, 0);
                if is_stopped(stop, wait) {
                    return self.push_last();
                }
                delay *= 2;
            }
        }
    }

    fn push_last(&mut self) -> Result<(), Failure> {
        self.attempt()
            .map_err(|refusal| self.give_up(refusal.reason))
    }

    /// Counts the points of the last attempt as lost.
    fn give_up(&self, reason: String) -> Failure {
        self.report(reason, self.points)
    }

    fn report(&self, reason: String, lost_points: u64) -> Failure {
        self.counts.lost_points.fetch_add(lost_points, Relaxed);
        let failure = Failure {
            reason,
            lost_points,
        };
        (self.push.on_failure)(&failure);
        failure
    }

    /// Pushes the current values once.
    fn attempt(&mut self) -> Result<(), Refusal> {
        let result = self.send();
        match &result {
            Ok(()) => {
                self.counts.taken.fetch_add(1, Relaxed);
                let now = since_1970().as_millis();
                let now = u64::try_from(now).unwrap_or(u64::MAX);
                self.counts.last_taken.store(now, Relaxed);
            }
            Err(_) => {
                self.counts.failed.fetch_add(1, Relaxed);
            }
        }
        result
    }

    fn send(&mut self) -> Result<(), Refusal> {
        let now = u64::try_from(since_1970().as_nanos()).unwrap_or(u64::MAX);
        self.points = encode(&self.push, now, &mut self.body);
        let mut request = self
            .agent
            .post(&self.endpoint)
            .header("content-type", "application/x-protobuf");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let sent = if self.push.gzip {
            compress(&self.body, &mut self.compressed)
                .map_err(|error| Refusal::lasting(error.to_string()))?;
            let request = request.header("content-encoding", "gzip");
            request.send(&self.compressed[..])
        } else {
            request.send(&self.body[..])
        };
        // A failure without a response is one of the network.
        let mut response = sent.map_err(|error| Refusal::passing(error.to_string(), None))?;
        let status = response.status();
        let retry_after = response.headers().get("retry-after");
        let retry_after = retry_after.and_then(|value| delay(value, SystemTime::now()));
        let body = response.body_mut().with_config().limit(MAX_RESPONSE);
        let body = body.read_to_vec();
        if !status.is_success() {
            let reason = format!("the receiver answered {status}");
            return Err(match status {
                StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => Refusal::passing(reason, retry_after),
                _ => Refusal::lasting(reason),
            });
        }
        let body = body.map_err(|error| Refusal::passing(error.to_string(), None))?;
        let rejected = rejected_points(&body).ok_or_else(|| {
            Refusal::lasting("the response is not OTLP: is this the receiver's URL?".to_owned())
        })?;
        // A receiver cannot reject more than it got.
        let rejected = rejected.min(self.points);
        if rejected > 0 {
            let reason = format!("the receiver rejected {rejected} data points");
            self.report(reason, rejected);
        }
        Ok(())
    }
}

/// Waits for a time, or until the pusher is dropped. Returns whether it was dropped.
fn is_stopped(stop: &Receiver<()>, time: Duration) -> bool {
    match stop.recv_timeout(time) {
        Err(RecvTimeoutError::Timeout) => false,
        Ok(()) | Err(RecvTimeoutError::Disconnected) => true,
    }
}

fn endpoint(endpoint: &str) -> Result<Uri, StartError> {
    let fault = |reason| StartError::Endpoint {
        endpoint: endpoint.to_owned(),
        reason,
    };
    let uri: Uri = endpoint.parse().map_err(|_| fault("it is not a URL"))?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http"), Some(_)) => Ok(uri),
        (Some("https"), Some(_)) if cfg!(feature = "otlp-tls") => Ok(uri),
        (Some("https"), Some(_)) => Err(fault("`https` needs the feature `otlp-tls`")),
        _ => Err(fault(
            "it does not begin with `http://` or `https://` and a host",
        )),
    }
}

/// Changes a delay at random by up to a quarter, so that programs that failed at the same time do not retry at the same time.
fn varied(delay: Duration) -> Duration {
    // Each `RandomState` has random keys, so the hash of no data is a random number.
    let random = RandomState::new().build_hasher().finish();
    let share = (random % 1024) as f64 / 1024.0;
    delay.mul_f64(0.75 + share / 2.0)
}

/// Returns the delay of a `Retry-After` header, which is a number of seconds or a date.
fn delay(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let delay = if is_number {
        // Only a number that is too large cannot be parsed.
        text.parse().map_or(Duration::MAX, Duration::from_secs)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(now).unwrap_or_default()
    };
    Some(delay.clamp(*RETRY_AFTER.start(), *RETRY_AFTER.end()))
}

fn compress(body: &[u8], to: &mut Vec<u8>) -> io::Result<()> {
    to.clear();
    let mut encoder = GzEncoder::new(to, Compression::fast());
    encoder.write_all(body)?;
    encoder.finish().map(drop)
}

fn since_1970() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default()
}

/// Returns the number of rejected data points in an `ExportMetricsServiceResponse`, which is field 1 of its field 1. Returns
/// `None` if the bytes are not such a message.
fn rejected_points(response: &[u8]) -> Option<u64> {
    let mut rejected = 0;
    for field in wire::fields(response) {
        if let (1, wire::Value::Delimited(partial)) = field? {
            for field in wire::fields(partial) {
                if let (1, wire::Value::Varint(points)) = field? {
                    rejected = points;
                }
            }
        }
    }
    Some(rejected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses() {
        assert_eq!(rejected_points(b""), Some(0));
        // partial_success { rejected_data_points: 300, error_message: "no" }
        let partial = [10, 7, 8, 0xac, 2, 18, 2, b'n', b'o'];
        assert_eq!(rejected_points(&partial), Some(300));
        assert_eq!(rejected_points(b"<html>hello</html>"), None);
        assert_eq!(rejected_points(b"{}"), None);
        assert_eq!(rejected_points(&partial[..4]), None);
    }

    #[test]
    fn delays_vary_by_a_quarter() {
        let delay = Duration::from_secs(8);
        let bounds = Duration::from_secs(6)..=Duration::from_secs(10);
        assert!((0..1000).all(|_| bounds.contains(&varied(delay))));
    }

    #[test]
    fn retry_after_is_bounded() {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let of = |text: &'static str| delay(&HeaderValue::from_static(text), now);
        let (shortest, longest) = (*RETRY_AFTER.start(), *RETRY_AFTER.end());
        for (text, expected) in [
            ("2", Some(Duration::from_secs(2))),
            (" 2 ", Some(Duration::from_secs(2))),
            ("0", Some(shortest)),
            ("1000000", Some(longest)),
            ("99999999999999999999999", Some(longest)),
            (
                "Tue, 14 Nov 2023 22:13:50 GMT",
                Some(Duration::from_secs(30)),
            ),
            (
                "Tuesday, 14-Nov-23 22:13:50 GMT",
                Some(Duration::from_secs(30)),
            ),
            ("Tue Nov 14 22:13:50 2023", Some(Duration::from_secs(30))),
            ("Tue, 14 Nov 2023 22:13:10 GMT", Some(shortest)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(longest)),
            ("Tue, 14 Nov 2023 22:13:50 CET", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
