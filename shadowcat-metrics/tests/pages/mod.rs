//! A registry with every kind and unit of metric, filled with values that are hard to format.

use std::time::Duration;

use shadowcat_metrics::{CallbackGuard, Format, Options};
use shadowcat_metrics_oracle::{self as oracle, Grammar, Page};

shadowcat_metrics::metrics!("tests/pages/metrics.toml");

use labels::{Odd, Phase, Side, Tenant};

/// Open label values that are hard to format: as many as fit, and one more.
const TENANTS: [&str; 5] = [
    "plain",
    "a \"quoted\"\nback\\slash",
    "",
    "tab\t, { and }=",
    "one too many",
];

/// Metrics, and the recorders that keep their series alive.
pub(crate) struct Filled {
    pub(crate) metrics: Metrics,
    pub(crate) tenants: Vec<Tenant>,
    _read: [CallbackGuard; 2],
}

/// Parses a page. Panics if it is invalid.
pub(crate) fn read(page: &str, format: Format) -> Page {
    let grammar = match format {
        Format::OpenMetrics => Grammar::OpenMetrics,
        _ => Grammar::PrometheusText,
    };
    let read = oracle::parse(grammar, page).unwrap_or_else(|fault| panic!("{fault}\n{page}"));
    for family in &read.families {
        assert!(family.help.ends_with('.'), "help lost its end: {family:?}");
    }
    read
}

impl Filled {
    pub(crate) fn new() -> Self {
        Self::of(Metrics::new())
    }

    /// Like `new`, but OpenMetrics pages have `_created` lines.
    pub(crate) fn with_created_lines() -> Self {
        Self::of(Metrics::with_options(
            Options::default().created_lines(true),
        ))
    }

    fn of(metrics: Metrics) -> Self {
        fill_plain(&metrics);
        fill_closed(&metrics);
        let tenants: Vec<_> = TENANTS.iter().map(|name| metrics.tenant(name)).collect();
        for tenant in &tenants {
            fill_open(&metrics, tenant);
        }
        let read = [
            metrics.plain().asked().register(|| 4096_u64),
            metrics
                .plain()
                .used()
                .register(|| Duration::from_millis(2500)),
        ];
        Self {
            metrics,
            tenants,
            _read: read,
        }
    }
}

fn fill_plain(metrics: &Metrics) {
    let plain = metrics.plain();
    plain.events().add(u64::MAX);
    plain.busy().add(Duration::from_nanos(1_500_000_001));
    plain.energy().add(0.1);
    plain.energy().add(0.2);
    plain.legacy().inc();
    plain.level().set(-0.25);
    plain.age().set(Duration::from_secs(86_400));
    plain.memory().set(1_u64 << 40);
    plain.share().set(1.0);
    plain.temperature().set(-273.15);
    plain.distance().set(f64::MAX);
    plain.voltage().set(f64::MIN);
    plain.current().set(-0.0);
    plain.power().set(1e-7);
    plain.mass().set(1e300);
    plain.clock().set(2.4e9);
    plain.clock().set(f64::NAN);
    plain.old_memory().set(7_u64);
    plain.build_info().set(["1.0 \"beta\"\\", "release"]);
    plain.facts().set(["debug"]);
}

fn fill_closed(metrics: &Metrics) {
    let closed = metrics.closed(Side::Left);
    for (count, odd) in (1..).zip(Odd::ALL) {
        closed.messages(odd).add(count);
    }
    closed.waiting().sub(3);
    for score in [0.0, 0.001, 0.2, 0.3, 0.5, 1.0, 7.5] {
        closed.score().observe(score);
    }
}

fn fill_open(metrics: &Metrics, tenant: &Tenant) {
    let open = metrics.open(tenant);
    open.hits(Side::Right).add(3);
    open.misses(Side::Right).inc();
    open.backlog().add(100_u64);
    open.latency().observe(Duration::ZERO);
    open.latency().observe(Duration::from_nanos(1));
    open.latency().observe(Duration::from_millis(5));
    open.size().observe(65_u64);
    open.size().observe(u64::from(u32::MAX));
    open.health().set(Phase::Running);
}
