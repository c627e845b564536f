//! Native histograms: the schema adds `native` to a histogram, and the code that records stays the same. Text pages have the three
//! bounds of `buckets`; protobuf pages have native buckets, too, each at most 10 percent wider than the one before.
//!
//! ```sh
//! cargo run -p example-native-histograms
//! ```

use std::time::Duration;

use metrics::Metrics;
use shadowcat_metrics::Format;

mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

fn main() {
    let metrics = Metrics::new();
    let orders = metrics.orders();
    // Most dishes take five minutes, and one in ten takes forty.
    for order in 0..1000 {
        let minutes = if order % 10 == 0 { 40 } else { 5 };
        orders.cooking().observe(Duration::from_secs(minutes * 60));
    }

    print!("{}", metrics.encode(Format::PrometheusText));
    let cooking = metrics.snapshot().orders().cooking();
    for share in [0.5, 0.95] {
        let quantile = cooking.quantile(share).expect("there are observations");
        println!(
            "{share} of the orders were ready within {:.0} to {:.0} seconds",
            quantile.low, quantile.high
        );
    }
}
