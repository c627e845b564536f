//! Checks of the group `sse`.

use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{Reconnection, Resumption, Transport};

use crate::demo::checks::Checks;
use crate::demo::traffic::Persona;

impl Checks {
    pub(super) fn sse(&mut self, snapshot: &Snapshot, persona: &Persona) {
        let recorded = snapshot.sse(persona.server);
        let labels = [("server", persona.server)];
        let (resumed, duplicates) = match persona.transport {
            Transport::Stdio => return,
            // The stream of a call was cut in its middle, and two events were repeated: nobody reads on after an answer.
            Transport::Http => (1, 1),
            // The older transport's events have no ids to go on from.
            Transport::Sse => (0, 0),
        };
        self.at_least("shadowcat_sse_events_total", &labels, recorded.events(), 1);
        self.at_least(
            "shadowcat_sse_duplicates_total",
            &labels,
            recorded.duplicates(),
            duplicates,
        );
        let rests = recorded.idle_duration().count();
        self.at_least(
            "shadowcat_sse_idle_duration_seconds_count",
            &labels,
            rests,
            1,
        );
        self.exactly(
            "shadowcat_sse_buffer_bytes",
            &labels,
            recorded.buffer().unsigned_abs(),
            0,
        );
        let labels = |name, value| [("server", persona.server), (name, value)];
        self.at_least(
            "shadowcat_sse_resumptions_total",
            &labels("resumption", Resumption::Resumed.as_str()),
            recorded.resumptions(Resumption::Resumed),
            resumed,
        );
        for (outcome, least) in [(Reconnection::Ok, 1), (Reconnection::Failed, 1)] {
            self.at_least(
                "shadowcat_sse_reconnections_total",
                &labels("reconnection", outcome.as_str()),
                recorded.reconnections(outcome),
                least,
            );
        }
    }
}
