//! Callbacks from a background task: the task registers a function that reads the state of its queue at each scrape. The
//! guard unregisters the function when the task ends, and the series leaves the page.
//!
//! ```sh
//! cargo run -p example-background-callbacks
//! ```

use std::time::Duration;

use metrics::Metrics;
use shadowcat_metrics::Format;
use tokio::sync::mpsc;
use tokio::time::sleep;

mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let metrics = Metrics::new();
    let (jobs, receiver) = mpsc::channel(16);
    let worker = tokio::spawn(work(metrics.clone(), jobs.downgrade(), receiver));

    for job in 0..5 {
        jobs.send(job).await?;
    }
    while metrics.snapshot().queue().jobs() < 5 {
        sleep(Duration::from_millis(1)).await;
    }
    println!(
        "While the worker runs:\n{}",
        metrics.encode(Format::PrometheusText)
    );

    drop(jobs); // ends the worker
    worker.await?;
    println!(
        "After it has ended:\n{}",
        metrics.encode(Format::PrometheusText)
    );
    Ok(())
}

async fn work(metrics: Metrics, jobs: mpsc::WeakSender<u32>, mut receiver: mpsc::Receiver<u32>) {
    let queue = metrics.queue();
    // Runs on the thread that scrapes, so it must be quick. It owns no `Metrics`, and its sender is a weak one: neither
    // the registry nor the queue is kept alive by it.
    let _registered = queue
        .free()
        .register_optional(move || jobs.upgrade().map(|jobs| count(jobs.capacity())));
    while let Some(_job) = receiver.recv().await {
        queue.jobs().inc();
    }
}

fn count(items: usize) -> f64 {
    u32::try_from(items).map_or(f64::INFINITY, f64::from)
}
