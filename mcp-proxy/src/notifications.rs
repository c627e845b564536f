//! Records whether each notification is delivered, and how the streams of notifications end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shadowcat_metrics::OwnedTrackGuard;
use shadowcat_metrics::shadowcat::labels::{NotificationStream, Side, StreamEnd};
use shadowcat_metrics::shadowcat::{NotificationRecorder, StreamRecorder};

/// A received notification that must be delivered. Clones are the same notification.
///
/// If the last clone is dropped before [`delivered`](Self::delivered) is called, the notification counts as dropped.
#[derive(Debug, Clone)]
pub struct Delivery(Arc<Pending>);

#[derive(Debug)]
struct Pending {
    recorder: NotificationRecorder,
    to: Side,
    delivered: AtomicBool,
}

impl Delivery {
    /// Expects the delivery of a notification to this side.
    #[must_use]
    pub fn expected(recorder: &NotificationRecorder, to: Side) -> Self {
        Self(Arc::new(Pending {
            recorder: recorder.clone(),
            to,
            delivered: AtomicBool::new(false),
        }))
    }

    /// Records that the notification was written to its receiver, or that the proxy itself has acted on it.
    pub fn delivered(&self) {
        self.0.delivered.store(true, Ordering::Relaxed);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !*self.delivered.get_mut() {
            self.recorder.dropped(self.to).inc();
        }
    }
}

/// An open stream of notifications to a client. Dropping it counts as closed by the client.
#[derive(Debug)]
pub struct OpenStream {
    recorder: StreamRecorder,
    kind: NotificationStream,
    end: StreamEnd,
    _active: OwnedTrackGuard,
}

impl OpenStream {
    /// Records that a stream was opened.
    #[must_use]
    pub fn open(recorder: &StreamRecorder, kind: NotificationStream) -> Self {
        recorder.opened(kind).inc();
        Self {
            recorder: recorder.clone(),
            kind,
            end: StreamEnd::Client,
            _active: recorder.active(kind).track_owned(),
        }
    }

    /// Records the end of the stream.
    pub fn end(mut self, end: StreamEnd) {
        self.end = end;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.recorder.ended(self.kind, self.end).inc();
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::shadowcat::Metrics;

    use super::*;

    #[test]
    fn a_notification_is_dropped_unless_it_was_delivered() {
        let metrics = Metrics::new();
        let recorder = metrics.notification(&metrics.server("files"));
        let dropped = || {
            metrics
                .snapshot()
                .notification("files")
                .dropped(Side::Client)
        };
        let one = Delivery::expected(&recorder, Side::Client);
        one.clone().delivered();
        drop(one);
        let two = Delivery::expected(&recorder, Side::Client);
        drop(two.clone());
        assert_eq!(dropped(), 0);
        drop(two);
        assert_eq!(dropped(), 1);
    }

    #[test]
    fn a_stream_ends_once() {
        let metrics = Metrics::new();
        let recorder = metrics.stream(&metrics.server("files"));
        let kind = NotificationStream::Standing;
        let one = OpenStream::open(&recorder, kind);
        let two = OpenStream::open(&recorder, kind);
        let streams = |snapshot: &shadowcat_metrics::shadowcat::Snapshot| {
            let streams = snapshot.stream("files");
            let ended = |end| streams.ended(kind, end);
            (
                (streams.opened(kind), streams.active(kind)),
                (ended(StreamEnd::Client), ended(StreamEnd::Server)),
            )
        };
        assert_eq!(streams(&metrics.snapshot()), ((2, 2), (0, 0)));
        drop(one);
        two.end(StreamEnd::Server);
        assert_eq!(streams(&metrics.snapshot()), ((2, 0), (1, 1)));
    }
}
