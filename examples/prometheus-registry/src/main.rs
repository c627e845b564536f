//! An existing `prometheus::Registry`: metrics from `metrics.toml` and metrics of the `prometheus` crate on one page, so
//! that a program can move from one to the other step by step.
//!
//! ```sh
//! cargo run -p example-prometheus-registry
//! ```

use metrics::Metrics;
use metrics::labels::Folder;
use prometheus::{IntCounter, Registry, TextEncoder};

mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

fn main() -> Result<(), prometheus::Error> {
    // The registry that the program already has.
    let registry = Registry::new();
    let logins = IntCounter::new("mail_logins_total", "Logins.")?;
    registry.register(Box::new(logins.clone()))?;

    // The collector reads the same storage as the recorders; nothing is copied until a scrape.
    let metrics = Metrics::new();
    registry.register(Box::new(metrics.collector()))?;

    logins.inc();
    metrics.delivery().messages(Folder::Spam).add(2);

    print!(
        "{}",
        TextEncoder::new().encode_to_string(&registry.gather())?
    );
    Ok(())
}
