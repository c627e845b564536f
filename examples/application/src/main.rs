//! A library crate and its application, with a schema each, on one page: both collectors are in one
//! `prometheus::Registry`. Their namespaces differ, so their names do too.
//!
//! ```sh
//! cargo run -p example-application
//! ```

use example_library::Pool;
use metrics::Metrics;
use prometheus::{Registry, TextEncoder};

mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

fn main() -> Result<(), prometheus::Error> {
    let metrics = Metrics::new();
    let pool_metrics = example_library::metrics::Metrics::new();

    let registry = Registry::new();
    registry.register(Box::new(metrics.collector()))?;
    registry.register(Box::new(pool_metrics.collector()))?;

    let mut pool = Pool::new(&pool_metrics);
    let orders = metrics.orders();
    for _ in 0..3 {
        let connection = pool.take();
        orders.placed().inc();
        pool.put_back(connection);
    }

    print!(
        "{}",
        TextEncoder::new().encode_to_string(&registry.gather())?
    );
    Ok(())
}
