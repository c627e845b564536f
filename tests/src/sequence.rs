//! A fixed sequence of records into the golden schema: at least one of each kind, unit and form of label, and rejected values.
//! Other metrics stay unrecorded, so that the page shows them, too.

use std::time::Duration;

use shadowcat_metrics::CallbackGuard;

use crate::everything::{Metrics, labels};

/// The recorded registry, and everything that keeps its series alive.
#[derive(Debug)]
pub struct Recorded {
    /// The recorders.
    pub metrics: Metrics,
    /// Handles that keep series of open labels alive.
    pub servers: Vec<labels::Server>,
    /// Handles that keep series of open labels alive.
    pub tenants: Vec<labels::Tenant>,
    /// Guards that keep callbacks registered.
    pub callbacks: Vec<CallbackGuard>,
}

/// Records the sequence.
#[must_use]
pub fn record() -> Recorded {
    let metrics = Metrics::new();
    let servers: Vec<_> = ["files", "say \"hi\"\\\n", "größe", "one too many"]
        .map(|server| metrics.server(server))
        .into();
    let tenants: Vec<_> = ["acme", "umbrella"]
        .map(|tenant| metrics.tenant(tenant))
        .into();
    let mut callbacks = Vec::new();
    plain(&metrics, &mut callbacks);
    units(&metrics, &mut callbacks);
    closed(&metrics);
    for server in &servers {
        open(&metrics, server, &tenants, &mut callbacks);
    }
    kept(&metrics);
    bound(&metrics, &servers[0]);
    Recorded {
        metrics,
        servers,
        tenants,
        callbacks,
    }
}

fn plain(metrics: &Metrics, callbacks: &mut Vec<CallbackGuard>) {
    let plain = metrics.plain();
    plain.events().inc();
    plain.events().add(2);
    plain.depth().set(-1.5);
    plain.active().add(5);
    plain.active().sub(2);
    plain.active().inc();
    plain.active().dec();
    drop(plain.active().track());
    for score in [0.0, 0.000_05, 0.000_051, 2.5, 11.0, f64::NAN, -1.0] {
        plain.score().observe(score);
    }
    plain.outcome().set(labels::Result::None);
    plain.outcome().set(labels::Result::Self_);
    plain.build().set(["1.2.3", "\"quoted\"\n"]);
    callbacks.push(plain.threads().register(|| 4_u8));
    plain.failures().inc();
}

fn units(metrics: &Metrics, callbacks: &mut Vec<CallbackGuard>) {
    let units = metrics.units();
    units.busy().add(Duration::from_nanos(1_500_000_001));
    units.age().set(Duration::from_secs(90));
    units.skew().sub(0.25);
    for micros in [0, 50, 51, 5_000, 1_000_000, 20_000_000] {
        units.wait().observe(Duration::from_micros(micros));
    }
    callbacks.push(units.uptime().register(|| Duration::from_millis(12_345)));
    units.sent().add(u64::MAX / 2);
    units.used().set(512_usize);
    units.held().add(1_024_u32);
    drop(units.held().track(77_u8));
    for size in [0, 64, 65, 4_096, 4_097_u64] {
        units.size().observe(size);
    }
    callbacks.push(units.free().register(|| 1_u64 << 40));
    units.filled().set(0.75);
    units.filled().set(1.5);
    for load in [0.0, 0.25, 0.26, 1.0, 1.01] {
        units.load().observe(load);
    }
    units.room().set(-40.0);
    units.way().add(0.5);
    units.way().add(-0.5);
    units.supply().set(-230.5);
    units.supply().set(f64::INFINITY);
    units.draw().sub(1e-7);
    units.work().add(1e21);
    units.power().observe(1.0);
    units.parcel().observe(499.5);
    units.clock_hertz().set(2.4e9);
}

fn closed(metrics: &Metrics) {
    let list = metrics.closed(labels::Method::ToolsList);
    list.answers(labels::Status::_2xx).add(7);
    list.pending().inc();
    let call = metrics.closed(labels::Method::ToolsCall);
    for option in labels::Option::ALL {
        call.duration(labels::Result::None, option)
            .observe(Duration::from_millis(100));
    }
    call.pending().dec();
}

fn open(
    metrics: &Metrics,
    server: &labels::Server,
    tenants: &[labels::Tenant],
    callbacks: &mut Vec<CallbackGuard>,
) {
    let open = metrics.open(server);
    open.calls().add(3);
    open.lost().inc();
    for tenant in tenants {
        open.errors(tenant, labels::Status::_5xx).inc();
    }
    if server.as_str() == "files" {
        open.health().set(labels::Status::_4xx);
        open.software().set(["9"]);
        callbacks.push(open.queue(labels::Method::Other).register(|| 8_u8));
    }
}

fn bound(metrics: &Metrics, server: &labels::Server) {
    let ok = metrics.bound(labels::End::Ok, labels::Status::_2xx);
    ok.steps().add(2);
    let failed = metrics.bound(labels::End::Failed(server), labels::Status::_5xx);
    failed.steps().inc();
    failed.spent().observe(Duration::from_millis(500));
}

fn kept(metrics: &Metrics) {
    let kept = metrics.kept();
    kept.exact().add(11);
    kept.bare().set(12_u64);
    kept.kept_alive().set(13);
}
