//! Requests that are forwarded and unanswered: their durations and outcomes.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use shadowcat_metrics::shadowcat::labels::Outcome;
use tokio::sync::Notify;

use crate::arrival::Arrival;
use crate::jsonrpc::{Id, Payload, Request};
use crate::trace::Span;
use crate::transport::stateless::LISTEN;

/// Maximum number of unanswered requests.
const MAX_REQUESTS: usize = 65_536;

/// Size limit for the IDs of unanswered requests, in bytes. The last one may exceed it.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The unanswered requests of one direction.
#[derive(Debug, Default)]
pub struct InFlight {
    requests: Mutex<Requests>,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Requests {
    by_id: HashMap<Id, Pending>,
    /// The size of all IDs.
    bytes: usize,
    subscriptions: usize,
}

impl Requests {
    fn insert(&mut self, id: Id, pending: Pending) {
        self.remove(&id);
        self.bytes += id.size();
        self.subscriptions += usize::from(pending.listens);
        self.by_id.insert(id, pending);
    }

    fn remove(&mut self, id: &Id) -> Option<Pending> {
        let pending = self.by_id.remove(id)?;
        self.bytes -= id.size();
        self.subscriptions -= usize::from(pending.listens);
        Some(pending)
    }

    fn only_subscriptions(&self) -> bool {
        self.subscriptions == self.by_id.len()
    }
}

/// An unanswered request.
#[derive(Debug)]
pub struct Pending {
    arrival: Option<Arrival>,
    handed_on: bool,
    /// The proxy's own span, if the request belongs to a trace.
    span: Option<Span>,
    /// Whether it was forwarded a second time.
    repeated: bool,
    /// Whether it listens for events and may stay open indefinitely.
    listens: bool,
}

impl Pending {
    /// Returns whether the request was passed to its receiver.
    #[must_use]
    pub const fn was_handed_on(&self) -> bool {
        self.handed_on
    }

    /// Records the outcome of the request.
    pub fn end(&self, outcome: Outcome) {
        if let Some(arrival) = &self.arrival {
            arrival.end(outcome);
        }
    }

    /// Records the outcome from the peer's answer.
    pub fn answered(&self, payload: &Payload) {
        if let Some(arrival) = &self.arrival {
            arrival.answered(payload);
        }
    }

    fn is_older_than(&self, limit: Duration) -> bool {
        let arrival = self.arrival.as_ref();
        arrival.is_some_and(|arrival| !arrival.has_ended() && arrival.age() > limit)
    }
}

impl InFlight {
    /// Adds a request.
    pub fn begin(&self, request: &Request) {
        let pending = Pending {
            arrival: request.arrival.clone(),
            handed_on: false,
            span: None,
            repeated: false,
            listens: request.method == LISTEN,
        };
        self.requests.lock().insert(request.id.clone(), pending);
    }

    /// Returns whether there is no room for another request.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let requests = self.requests.lock();
        requests.by_id.len() >= MAX_REQUESTS || requests.bytes >= MAX_BYTES
    }

    /// Marks a request as passed to its receiver, in this span.
    pub fn hand_on(&self, id: &Id, span: Option<Span>) {
        if let Some(pending) = self.requests.lock().by_id.get_mut(id) {
            pending.handed_on = true;
            if let Some(arrival) = &pending.arrival {
                arrival.hand_on(span.as_ref());
            }
            pending.span = span;
        }
    }

    /// Prepares a request to be forwarded a second time. Returns `false` if it no longer waits, or was already repeated.
    #[must_use]
    pub fn repeat(&self, id: &Id) -> bool {
        match self.requests.lock().by_id.get_mut(id) {
            Some(pending) if !pending.repeated => {
                pending.repeated = true;
                pending.handed_on = false;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Returns the arrival of an unanswered request.
    #[must_use]
    pub fn arrival(&self, id: &Id) -> Option<Arrival> {
        self.requests.lock().by_id.get(id)?.arrival.clone()
    }

    /// Returns the span of an unanswered request, for logs.
    #[must_use]
    pub fn span(&self, id: &Id) -> Option<Span> {
        self.requests.lock().by_id.get(id)?.span.clone()
    }

    /// Returns whether a request with this id is unanswered.
    #[must_use]
    pub fn waits(&self, id: &Id) -> bool {
        self.requests.lock().by_id.contains_key(id)
    }

    /// Removes and returns the request with this id, if it is a waiting subscription.
    #[must_use]
    pub fn take_subscription(&self, id: &Id) -> Option<Pending> {
        let listens = self
            .requests
            .lock()
            .by_id
            .get(id)
            .is_some_and(|pending| pending.listens);
        if listens { self.take(id) } else { None }
    }

    /// Records the outcome of a request that the proxy itself answers. The answer removes it, like any other. Returns `false`
    /// if the request does not wait, or the proxy has already answered it.
    #[must_use]
    pub fn fail(&self, id: &Id, outcome: Outcome) -> bool {
        let requests = self.requests.lock();
        let pending = requests.by_id.get(id);
        let arrival = pending.and_then(|pending| pending.arrival.as_ref());
        arrival.is_some_and(|arrival| {
            let is_first = !arrival.has_ended();
            arrival.end(outcome);
            is_first
        })
    }

    /// Removes and returns the request that an answer with `id` belongs to.
    #[must_use]
    pub fn take(&self, id: &Id) -> Option<Pending> {
        let mut requests = self.requests.lock();
        let pending = requests.remove(id);
        if requests.only_subscriptions() {
            self.emptied.notify_waiters();
        }
        pending
    }

    /// Ends a request that its sender has cancelled.
    pub fn cancel(&self, id: &Id) {
        if let Some(pending) = self.take(id) {
            pending.end(Outcome::Cancelled);
        }
    }

    /// Ends all requests, because their sender is gone.
    pub fn cancel_all(&self) {
        while let Some(id) = self.any(|_| true) {
            self.cancel(&id);
        }
    }

    /// Ends all subscriptions, because their sender has sent its last message.
    pub fn cancel_subscriptions(&self) {
        while let Some(id) = self.any(|pending| pending.listens) {
            self.cancel(&id);
        }
    }

    /// Returns the id of some request that matches.
    #[must_use]
    pub fn any(&self, is_such: impl Fn(&Pending) -> bool) -> Option<Id> {
        let requests = self.requests.lock();
        let mut such = requests
            .by_id
            .iter()
            .filter(|(_, pending)| is_such(pending));
        such.next().map(|(id, _)| id.clone())
    }

    /// Returns the ids of the requests that have waited longer than `limit`.
    #[must_use]
    pub fn older_than(&self, limit: Duration) -> Vec<Id> {
        let requests = self.requests.lock();
        let old = requests
            .by_id
            .iter()
            .filter(|(_, pending)| !pending.listens && pending.is_older_than(limit));
        old.map(|(id, _)| id.clone()).collect()
    }

    /// Waits until only subscriptions are left, which do not end on their own.
    pub async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.requests.lock().only_subscriptions() {
                return;
            }
            emptied.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::shadowcat::Metrics;
    use shadowcat_metrics::shadowcat::labels::{Method, Transport};

    use super::*;
    use crate::arrival::ServerRecorders;

    #[test]
    fn the_number_and_the_ids_of_requests_are_bounded() {
        let in_flight = InFlight::default();
        for id in 0..MAX_REQUESTS as u64 {
            assert!(!in_flight.is_full());
            in_flight.begin(&Request::new(id, "ping", &()));
        }
        assert!(in_flight.is_full());
        assert!(in_flight.take(&Id::from(7)).is_some());
        assert!(!in_flight.is_full());

        let in_flight = InFlight::default();
        let mut request = Request::new(1, "ping", &());
        request.id = Id::String("x".repeat(MAX_BYTES));
        in_flight.begin(&request);
        assert!(in_flight.is_full());
        in_flight.cancel(&request.id);
        assert!(!in_flight.is_full());
    }

    #[tokio::test]
    async fn requests_end_once_and_are_counted_by_outcome() {
        let metrics = Metrics::new();
        let server = ServerRecorders::new(&metrics, &metrics.server("files"));
        let in_flight = InFlight::default();
        for (id, method) in [(1, "ping"), (2, "tools/call"), (3, "no/such/method")] {
            let mut request = Request::new(id, method, &());
            request.arrival = Some(Arrival::now(&server, Transport::Stdio, &request));
            in_flight.begin(&request);
        }
        assert!(in_flight.waits(&Id::from(1)));
        let waiting = || {
            metrics
                .snapshot()
                .request("files")
                .in_flight(Transport::Stdio)
        };
        assert_eq!(waiting(), 3);

        in_flight.hand_on(&Id::from(1), None);
        assert_eq!(in_flight.any(Pending::was_handed_on), Some(Id::from(1)));
        let pending = in_flight.take(&Id::from(1)).expect("it waits");
        pending.end(Outcome::Ok);
        drop(pending);
        assert!(in_flight.take(&Id::from(1)).is_none());
        in_flight.cancel(&Id::from(2));
        in_flight.cancel_all();
        in_flight.empty().await;

        let snapshot = metrics.snapshot();
        let recorded = snapshot.request("files");
        let completed = |method, outcome| recorded.completed(method, outcome);
        assert_eq!(completed(Method::Ping, Outcome::Ok), 1);
        assert_eq!(completed(Method::ToolsCall, Outcome::Cancelled), 1);
        assert_eq!(completed(Method::Other, Outcome::Cancelled), 1);
        assert_eq!(recorded.duration(Method::Ping).count(), 1);
        assert_eq!(recorded.duration(Method::ToolsCall).count(), 1);
        assert_eq!(recorded.in_flight(Transport::Stdio), 0);
    }
}
