//! Requests that were forwarded and are not answered yet: how long they take, and how they end.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shadowcat_metrics::OwnedTrackGuard;
use shadowcat_metrics::shadowcat::labels::{Method, Outcome, Transport};
use shadowcat_metrics::shadowcat::{Metrics, RequestRecorder};
use tokio::sync::Notify;

use crate::jsonrpc::{Id, Payload, Request};
use crate::transport::stateless::LISTEN;

/// The requests of one direction.
#[derive(Debug)]
pub struct InFlight {
    recorder: RequestRecorder,
    requests: Mutex<HashMap<Id, Pending>>,
    emptied: Notify,
}

/// One request that waits for its answer.
#[derive(Debug)]
pub struct Pending {
    method: Method,
    arrived: Instant,
    handed_on: bool,
    /// It waits for what happens, for as long as that takes.
    listens: bool,
    /// Counts the request as in flight until it ends.
    _in_flight: OwnedTrackGuard,
}

impl Pending {
    /// Whether the side that is to answer was given the request.
    #[must_use]
    pub const fn was_handed_on(&self) -> bool {
        self.handed_on
    }
}

impl InFlight {
    /// None, of requests that arrive over `transport`.
    #[must_use]
    pub fn new(metrics: &Metrics, transport: Transport) -> Self {
        Self {
            recorder: metrics.request(transport),
            requests: Mutex::default(),
            emptied: Notify::new(),
        }
    }

    /// A request has arrived.
    pub fn begin(&self, request: &Request) {
        let pending = Pending {
            method: method_label(&request.method),
            arrived: request.arrived,
            handed_on: false,
            listens: request.method == LISTEN,
            _in_flight: self.recorder.in_flight().track_owned(),
        };
        self.lock().insert(request.id.clone(), pending);
    }

    /// A request is handed on to the side that is to answer it.
    pub fn hand_on(&self, id: &Id) {
        if let Some(pending) = self.lock().get_mut(id) {
            pending.handed_on = true;
        }
    }

    /// True if a request with this id waits for its answer.
    #[must_use]
    pub fn waits(&self, id: &Id) -> bool {
        self.lock().contains_key(id)
    }

    /// A request was answered without being forwarded.
    pub fn reject(&self, request: &Request) {
        self.recorder
            .completed(method_label(&request.method), Outcome::Rejected)
            .inc();
    }

    /// Something was answered that is no message. What it was to be nobody knows, but whoever sent it waits for an answer.
    pub fn reject_unreadable(&self) {
        self.recorder
            .completed(Method::Other, Outcome::Rejected)
            .inc();
    }

    /// The request that an answer with `id` belongs to, if there is one that waits.
    #[must_use]
    pub fn take(&self, id: &Id) -> Option<Pending> {
        let mut requests = self.lock();
        let pending = requests.remove(id);
        if requests.is_empty() {
            self.emptied.notify_waiters();
        }
        pending
    }

    /// Records how a request ended, now. One that was withdrawn or not forwarded has no duration.
    pub fn complete(&self, pending: &Pending, outcome: Outcome) {
        match outcome {
            Outcome::Ok | Outcome::Error | Outcome::Lost | Outcome::TimedOut => {
                let duration = self.recorder.duration(pending.method);
                duration.observe(pending.arrived.elapsed());
            }
            Outcome::Rejected | Outcome::Cancelled => {}
        }
        self.recorder.completed(pending.method, outcome).inc();
    }

    /// A request was withdrawn by the side that asked.
    pub fn cancel(&self, id: &Id) {
        if let Some(pending) = self.take(id) {
            self.complete(&pending, Outcome::Cancelled);
        }
    }

    /// The side that asked is gone, and with it whoever waits.
    pub fn cancel_all(&self) {
        while let Some(id) = self.any(|_| true) {
            self.cancel(&id);
        }
    }

    /// The id of some request that waits and is such.
    #[must_use]
    pub fn any(&self, is_such: impl Fn(&Pending) -> bool) -> Option<Id> {
        let requests = self.lock();
        let mut such = requests.iter().filter(|(_, pending)| is_such(pending));
        such.next().map(|(id, _)| id.clone())
    }

    /// The ids of the requests that have waited for longer than `limit`.
    #[must_use]
    pub fn older_than(&self, limit: Duration) -> Vec<Id> {
        let requests = self.lock();
        let old = requests
            .iter()
            .filter(|(_, pending)| !pending.listens && pending.arrived.elapsed() > limit);
        old.map(|(id, _)| id.clone()).collect()
    }

    /// Waits until there are none.
    pub async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().is_empty() {
                return;
            }
            emptied.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, Pending>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The method as a label value: those that the schema does not list are one.
#[must_use]
pub fn method_label(method: &str) -> Method {
    Method::from_str(method).unwrap_or(Method::Other)
}

/// How a request ended that was answered with `payload` by the peer it was meant for.
#[must_use]
pub const fn outcome(payload: &Payload) -> Outcome {
    match payload {
        Payload::Result(_) => Outcome::Ok,
        Payload::Error(_) => Outcome::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_end_once_and_are_counted_by_outcome() {
        let metrics = Metrics::new();
        let in_flight = InFlight::new(&metrics, Transport::Stdio);
        for (id, method) in [(1, "ping"), (2, "tools/call"), (3, "no/such/method")] {
            in_flight.begin(&Request::new(id, method, &()));
        }
        assert!(in_flight.waits(&Id::from(1)));
        assert_eq!(metrics.snapshot().request(Transport::Stdio).in_flight(), 3);

        in_flight.hand_on(&Id::from(1));
        assert_eq!(in_flight.any(Pending::was_handed_on), Some(Id::from(1)));
        let pending = in_flight.take(&Id::from(1)).expect("it waits");
        in_flight.complete(&pending, Outcome::Ok);
        drop(pending);
        assert!(in_flight.take(&Id::from(1)).is_none());
        in_flight.cancel(&Id::from(2));
        in_flight.cancel_all();
        in_flight.empty().await;

        let snapshot = metrics.snapshot();
        let recorded = snapshot.request(Transport::Stdio);
        assert_eq!(recorded.completed(Method::Ping, Outcome::Ok), 1);
        assert_eq!(recorded.completed(Method::ToolsCall, Outcome::Cancelled), 1);
        assert_eq!(recorded.completed(Method::Other, Outcome::Cancelled), 1);
        assert_eq!(recorded.duration(Method::Ping).count(), 1);
        assert_eq!(recorded.duration(Method::ToolsCall).count(), 0, "cancelled");
        assert_eq!(recorded.in_flight(), 0);
    }
}
