//! Checks of the group `http`.

use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{Direction, Side, Transport};

use crate::demo::checks::Checks;
use crate::demo::tally::{Books, Counts};

impl Checks {
    pub(super) fn http(&mut self, snapshot: &Snapshot, books: &Books) {
        let over_http = [Transport::Http, Transport::Sse];
        let sum = |of: fn(&Counts) -> u64| -> u64 {
            let sent = over_http
                .iter()
                .filter_map(|transport| books.get(transport));
            sent.map(of).sum()
        };
        let bytes = sum(|sent| sent.bytes_sent);
        // Each message is a body, and so is what was meant to be none.
        let bodies = sum(|sent| sent.messages_sent + sent.malformed_sent);
        let opened = sum(|sent| sent.malformed_sent + sent.too_large_sent);
        for side in Side::ALL {
            let recorded = snapshot.http(side);
            let labels = [("side", side.as_str())];
            let (least_opened, least) = match side {
                // What is no message comes over a connection of its own.
                Side::Client => (opened, bodies),
                Side::Server => (1, 1),
            };
            self.at_least(
                "shadowcat_http_connections_opened_total",
                &labels,
                recorded.connections_opened(),
                least_opened,
            );
            self.at_least(
                "shadowcat_http_connections_reused_total",
                &labels,
                recorded.connections_reused(),
                1,
            );
            self.at_least(
                "shadowcat_http_header_duration_seconds_count",
                &labels,
                recorded.header_duration().count(),
                least,
            );
            for direction in Direction::ALL {
                let labels = [("side", side.as_str()), ("direction", direction.as_str())];
                let (least, least_bytes) = match (side, direction) {
                    (Side::Client, Direction::Received) => (bodies, bytes),
                    (Side::Client, Direction::Sent) | (Side::Server, _) => (1, 1),
                };
                self.at_least(
                    "shadowcat_http_body_bytes_total",
                    &labels,
                    recorded.body(direction),
                    least_bytes,
                );
                self.at_least(
                    "shadowcat_http_body_chunks_total",
                    &labels,
                    recorded.body_chunks(direction),
                    least,
                );
                self.at_least(
                    "shadowcat_http_body_duration_seconds_count",
                    &labels,
                    recorded.body_duration(direction).count(),
                    least,
                );
            }
        }
    }
}
