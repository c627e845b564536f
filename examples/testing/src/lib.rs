//! Testing: each test creates its own `Metrics`, records through the code under test, and reads typed values from a
//! snapshot. `assert_conforms` checks the whole page against the schema.
//!
//! ```sh
//! cargo test -p example-testing
//! ```

use std::collections::HashMap;

/// The recorders generated from `metrics.toml`.
pub mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

/// A cache of pages that counts its hits and misses.
#[derive(Debug)]
pub struct Cache {
    entries: HashMap<String, String>,
    recorder: metrics::CacheRecorder,
}

impl Cache {
    /// Creates an empty cache that records to `metrics`.
    #[must_use]
    pub fn new(metrics: &metrics::Metrics) -> Self {
        Self {
            entries: HashMap::new(),
            recorder: metrics.cache(),
        }
    }

    /// Returns the page with this name. Calls `load` if it is missing.
    pub fn get(&mut self, name: &str, load: impl FnOnce() -> String) -> &str {
        if self.entries.contains_key(name) {
            self.recorder.hits().inc();
        } else {
            self.recorder.misses().inc();
        }
        self.entries.entry(name.to_owned()).or_insert_with(load)
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics_conformance::assert_conforms;

    use super::Cache;
    use super::metrics::Metrics;

    #[test]
    fn a_second_lookup_is_a_hit() {
        let metrics = Metrics::new(); // shares nothing with other tests
        let mut cache = Cache::new(&metrics);

        cache.get("home", || "welcome".to_owned());
        let before = metrics.snapshot();
        cache.get("home", || "never called".to_owned());
        let after = metrics.snapshot();

        assert_eq!((before.cache().hits(), before.cache().misses()), (0, 1));
        assert_eq!((after.cache().hits(), after.cache().misses()), (1, 1));
        assert_eq!(after.cache().hit_ratio(), Some(0.5));
    }

    #[test]
    fn the_page_conforms_to_the_schema() {
        let metrics = Metrics::new();
        Cache::new(&metrics).get("home", String::new);
        assert_conforms(&metrics);
    }

    #[test]
    fn a_cache_without_metrics_works() {
        let mut cache = Cache::new(&Metrics::disabled()); // records nothing
        assert_eq!(cache.get("home", || "welcome".to_owned()), "welcome");
    }
}
