//! Open labels for tenants: the values are known only at run time, and their number is limited. Additional tenants share the
//! series `other`. When the last handle to a tenant is dropped, its series leave the page and its slot is free.
//!
//! ```sh
//! cargo run -p example-tenants
//! ```

use std::collections::HashMap;

use metrics::{Metrics, TenantUsageRecorder};
use shadowcat_metrics::Format;

mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

/// The recorders of the tenants with an open session.
struct Sessions {
    metrics: Metrics,
    recorders: HashMap<String, TenantUsageRecorder>,
}

impl Sessions {
    /// Looks up the tenant's recorder, or creates it. The recorder keeps the tenant's series on the page.
    fn of(&mut self, tenant: &str) -> &TenantUsageRecorder {
        let metrics = &self.metrics;
        self.recorders
            .entry(tenant.to_owned())
            .or_insert_with(|| metrics.tenant_usage(&metrics.tenant(tenant)))
    }

    fn answer(&mut self, tenant: &str, body: &[u8]) {
        let usage = self.of(tenant);
        usage.requests().inc();
        usage.sent().add(body.len());
    }

    fn close(&mut self, tenant: &str) {
        self.recorders.remove(tenant);
    }
}

fn main() {
    let metrics = Metrics::new();
    let mut sessions = Sessions {
        metrics: metrics.clone(),
        recorders: HashMap::new(),
    };

    for tenant in ["acme", "globex", "initech", "umbrella", "hooli"] {
        sessions.answer(tenant, b"hello");
    }
    println!(
        "Five tenants, three places:\n{}",
        metrics.encode(Format::PrometheusText)
    );

    sessions.close("acme");
    sessions.answer("stark", b"hello");
    println!(
        "`acme` has left, `stark` has its place:\n{}",
        metrics.encode(Format::PrometheusText)
    );
}
