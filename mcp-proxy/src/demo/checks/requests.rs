//! Checks of the groups `request` and `session`.

use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{Method, Outcome, Transport};

use crate::demo::checks::Checks;
use crate::demo::tally::Counts;
use crate::demo::watch::Peaks;

impl Checks {
    pub(super) fn requests(
        &mut self,
        snapshot: &Snapshot,
        transport: Transport,
        sent: &Counts,
        peaks: &Peaks,
    ) {
        let requests = snapshot.request(transport);
        let over = ("transport", transport.as_str());
        for method in Method::ALL {
            let (recorded, expected) = (requests.duration(method).count(), sent.answered(method));
            if recorded > 0 || expected > 0 {
                let labels = [over, ("method", method.as_str())];
                self.exactly(
                    "shadowcat_request_duration_seconds_count",
                    &labels,
                    recorded,
                    expected,
                );
            }
            for outcome in Outcome::ALL {
                let (recorded, expected) = (
                    requests.completed(method, outcome),
                    sent.requests(method, outcome),
                );
                if recorded > 0 || expected > 0 {
                    let labels = [
                        over,
                        ("method", method.as_str()),
                        ("outcome", outcome.as_str()),
                    ];
                    self.exactly(
                        "shadowcat_request_completed_total",
                        &labels,
                        recorded,
                        expected,
                    );
                }
            }
        }
        // Every outcome that the traffic is there to show must have come up, or equal zeros would pass for success.
        for outcome in [
            Outcome::Ok,
            Outcome::Error,
            Outcome::Lost,
            Outcome::Cancelled,
        ] {
            let recorded = Method::ALL
                .iter()
                .map(|&method| requests.completed(method, outcome))
                .sum();
            self.at_least(
                "shadowcat_request_completed_total",
                &[over, ("outcome", outcome.as_str())],
                recorded,
                1,
            );
        }
        self.level(
            "shadowcat_request_in_flight",
            &[over],
            requests.in_flight(),
            peaks.of(transport).in_flight,
        );
        let sessions = snapshot.session(transport).active();
        self.level(
            "shadowcat_active_sessions",
            &[over],
            sessions,
            peaks.of(transport).sessions,
        );
    }
}
