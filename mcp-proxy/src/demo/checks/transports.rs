//! Checks of the group `transport`.

use shadowcat_metrics::Snapshot;
use shadowcat_metrics::labels::{Operation, Outcome, Phase, Side, Status, Transport};

use crate::demo::checks::{Checks, Expected};
use crate::demo::tally::Counts;

/// What the objective `forwarding` allows a message to take, in seconds.
const IN_TIME: f64 = 0.1024;

impl Checks {
    pub(super) fn transport(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        self.operations(snapshot, transport, sent);
        self.messages(snapshot, transport, sent);
        self.phases(snapshot, transport, sent);
    }

    fn operations(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        use Expected::{AtLeast, Exactly};
        let replies = sent
            .requests
            .iter()
            .filter(|((_, outcome), _)| *outcome == Outcome::Ok)
            .map(|(_, n)| n)
            .sum();
        let starts = sent.all_starts();
        let (connects, failed_connects, garbage) = match transport {
            Transport::Stdio => (Exactly(starts), Exactly(0), AtLeast(1)),
            // How many connections there are is for the proxy to know; that some were refused the clients made sure of.
            Transport::Http | Transport::Sse => (AtLeast(1), AtLeast(1), Exactly(0)),
        };
        for (side, operation, status, expected) in [
            (
                Side::Client,
                Operation::Receive,
                Status::Ok,
                Exactly(sent.messages_sent),
            ),
            (
                Side::Client,
                Operation::Receive,
                Status::Malformed,
                Exactly(sent.malformed_sent),
            ),
            (
                Side::Client,
                Operation::Receive,
                Status::TooLarge,
                Exactly(sent.too_large_sent),
            ),
            (
                Side::Client,
                Operation::Send,
                Status::Ok,
                Exactly(sent.messages_received),
            ),
            (Side::Server, Operation::Connect, Status::Ok, connects),
            (
                Side::Server,
                Operation::Connect,
                Status::Failed,
                failed_connects,
            ),
            (Side::Server, Operation::Send, Status::Ok, AtLeast(replies)),
            (
                Side::Server,
                Operation::Receive,
                Status::Ok,
                AtLeast(replies),
            ),
            (Side::Server, Operation::Receive, Status::Malformed, garbage),
        ] {
            let recorded = snapshot
                .transport(transport)
                .operations(side, operation, status);
            let labels = [
                ("transport", transport.as_str()),
                ("side", side.as_str()),
                ("operation", operation.as_str()),
                ("status", status.as_str()),
            ];
            self.push(
                "shadowcat_transport_operations_total",
                &labels,
                recorded,
                expected,
            );
        }
    }

    fn messages(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        let recorded = snapshot.transport(transport);
        let labels = [("transport", transport.as_str()), ("side", "client")];
        let size = recorded.message_size(Side::Client);
        self.exactly(
            "shadowcat_transport_message_size_bytes_count",
            &labels,
            size.count(),
            sent.messages_sent,
        );
        self.exactly(
            "shadowcat_transport_message_size_bytes_sum",
            &labels,
            size.sum(),
            sent.bytes_sent,
        );
        let received = recorded.operations(Side::Server, Operation::Receive, Status::Ok);
        let count = recorded.message_size(Side::Server).count();
        self.exactly(
            "shadowcat_transport_message_size_bytes_count",
            &[("transport", transport.as_str()), ("side", "server")],
            count,
            received,
        );
    }

    fn phases(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        use Expected::{AtLeast, Exactly};
        let recorded = snapshot.transport(transport);
        let of_both = |operation, status| -> u64 {
            Side::ALL
                .iter()
                .map(|&side| recorded.operations(side, operation, status))
                .sum()
        };
        let read = of_both(Operation::Receive, Status::Ok)
            + of_both(Operation::Receive, Status::Malformed);
        let written =
            of_both(Operation::Send, Status::Ok) + of_both(Operation::Send, Status::Failed);
        let starts = sent.all_starts();
        let connects = recorded.operations(Side::Server, Operation::Connect, Status::Ok);
        let (connect, transfer, serialize) = match transport {
            Transport::Stdio => (Exactly(starts), Exactly(read), Exactly(written)),
            // An answer that the proxy gives by itself is written too; a message that is refused is not.
            Transport::Http | Transport::Sse => (Exactly(connects), AtLeast(1), AtLeast(1)),
        };
        for (phase, expected) in [
            (Phase::Connect, connect),
            (Phase::FirstByte, AtLeast(starts)),
            (Phase::Transfer, transfer),
            (Phase::Serialize, serialize),
            (Phase::Deserialize, Exactly(read)),
        ] {
            let count = recorded.phase_duration(phase).count();
            self.push(
                "shadowcat_transport_phase_duration_seconds_count",
                &[("transport", transport.as_str()), ("phase", phase.as_str())],
                count,
                expected,
            );
        }
        self.slow_transfers(snapshot, transport, sent);
    }

    /// What a slow network was made to bring must be seen to be slow.
    fn slow_transfers(&mut self, snapshot: &Snapshot, transport: Transport, sent: &Counts) {
        let least = match transport {
            // Nothing is made slow between the proxy and its children.
            Transport::Stdio => return,
            Transport::Http | Transport::Sse => sent.slow_answers.max(1),
        };
        let transfers = snapshot
            .transport(transport)
            .phase_duration(Phase::Transfer);
        let in_time = transfers.buckets().find(|(bound, _)| *bound >= IN_TIME);
        let slow = transfers.count() - in_time.map_or(0, |(_, count)| count);
        self.at_least(
            "shadowcat_transport_phase_duration_seconds_count",
            &[
                ("transport", transport.as_str()),
                ("phase", Phase::Transfer.as_str()),
                ("seen", "over 102.4 ms"),
            ],
            slow,
            least,
        );
    }
}
