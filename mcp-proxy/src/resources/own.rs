//! The proxy's own process: the group `proxy`.

use std::sync::Arc;

use shadowcat_metrics::Metrics;

use crate::resources::process::{Reading, Sampler};

/// Has the proxy's own process read at every scrape, for as long as there are metrics.
pub fn register(metrics: &Metrics) {
    let sampler = Arc::new(Sampler::new(std::process::id()));
    let proxy = metrics.proxy();
    let guards = [
        proxy
            .cpu()
            .register_optional(value(&sampler, |reading| Some(reading.cpu))),
        proxy
            .resident_memory()
            .register_optional(value(&sampler, |reading| Some(reading.resident))),
        proxy
            .virtual_memory()
            .register_optional(value(&sampler, |reading| Some(reading.virtual_))),
        proxy
            .open_fds()
            .register_optional(value(&sampler, |reading| reading.open_fds)),
        proxy
            .max_fds()
            .register_optional(value(&sampler, |reading| reading.max_fds)),
        proxy
            .threads()
            .register_optional(value(&sampler, |reading| Some(reading.threads))),
        proxy
            .start_time()
            .register_optional(value(&sampler, |reading| reading.started)),
    ];
    for guard in guards {
        guard.detach();
    }
}

/// A function that reads one value of the process.
fn value<T>(
    sampler: &Arc<Sampler>,
    of: fn(Reading) -> Option<T>,
) -> impl Fn() -> Option<T> + Send + Sync + 'static
where
    T: 'static,
{
    let sampler = Arc::clone(sampler);
    move || sampler.read().and_then(of)
}
