//! Quick start: `metrics.toml` declares a counter and a histogram; this program records both and prints the page that
//! Prometheus would scrape.
//!
//! ```sh
//! cargo run -p example-quickstart
//! ```

use std::thread::sleep;
use std::time::Duration;

use metrics::Metrics;
use metrics::labels::Method;
use shadowcat_metrics::Format;

mod metrics {
    shadowcat_metrics::metrics!("metrics.toml"); // relative to Cargo.toml
}

fn main() {
    let metrics = Metrics::new();

    // A recorder has the labels of its group. Create it once and keep it.
    let checkout = metrics.checkout(Method::Card);
    for _ in 0..3 {
        let timer = checkout.duration().start_timer();
        sleep(Duration::from_millis(2)); // the work
        timer.stop();
        checkout.orders().inc();
    }

    print!("{}", metrics.encode(Format::PrometheusText));
}
