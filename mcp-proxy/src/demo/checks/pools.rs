//! Checks of the group `buffer_pool`.

use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{Discard, Pool, Transport};

use crate::demo::checks::{Checks, whole};
use crate::demo::tally::Books;
use crate::demo::watch::Peaks;

impl Checks {
    pub(super) fn pools(&mut self, snapshot: &Snapshot, books: &Books, peaks: &Peaks) {
        let sent_over = |transport| books.get(&transport).map_or(0, |sent| sent.messages_sent);
        let sent = Transport::ALL.map(sent_over).iter().sum();
        for (pool, messages) in [
            (Pool::Stdio, sent_over(Transport::Stdio)),
            (Pool::Json, sent),
        ] {
            let recorded = snapshot.buffer_pool(pool);
            let labels = [("pool", pool.as_str())];
            self.at_least(
                "shadowcat_buffer_pool_hits_total",
                &labels,
                recorded.hits(),
                messages,
            );
            self.at_least(
                "shadowcat_buffer_pool_misses_total",
                &labels,
                recorded.misses(),
                1,
            );
            self.at_least(
                "shadowcat_buffer_pool_allocations_total",
                &labels,
                recorded.allocations(),
                recorded.misses(),
            );
            // All buffers are back, so what was made and not thrown away is idle: none, if the last was too large.
            let discarded = Discard::ALL.map(|discard| recorded.discards(discard));
            let kept = recorded.misses().saturating_sub(discarded.iter().sum());
            self.exactly(
                "shadowcat_buffer_pool_idle",
                &labels,
                whole(recorded.idle()),
                kept,
            );
            let labels = [("pool", pool.as_str()), ("discard", "too_large")];
            let discards = recorded.discards(Discard::TooLarge);
            self.at_least("shadowcat_buffer_pool_discards_total", &labels, discards, 1);
        }
        let in_use = snapshot.buffer_pool(Pool::Stdio).in_use();
        self.level(
            "shadowcat_buffer_pool_in_use",
            &[("pool", "stdio")],
            in_use,
            peaks.stdio_buffers,
        );
        let in_use = snapshot.buffer_pool(Pool::Json).in_use();
        self.exactly(
            "shadowcat_buffer_pool_in_use",
            &[("pool", "json")],
            in_use.unsigned_abs(),
            0,
        );
    }
}
