//! Requests that are forwarded and unanswered: their durations and outcomes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shadowcat_metrics::shadowcat::labels::Outcome;
use tokio::sync::Notify;

use crate::arrival::Arrival;
use crate::jsonrpc::{Id, Payload, Request};
use crate::trace::Span;
use crate::transport::stateless::LISTEN;

/// The unanswered requests of one direction.
#[derive(Debug, Default)]
pub struct InFlight {
    requests: Mutex<HashMap<Id, Pending>>,
    emptied: Notify,
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
        self.lock().insert(request.id.clone(), pending);
    }

    /// Marks a request as passed to its receiver, in this span.
    pub fn hand_on(&self, id: &Id, span: Option<Span>) {
        if let Some(pending) = self.lock().get_mut(id) {
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
        match self.lock().get_mut(id) {
            Some(pending) if !pending.repeated => {
                pending.repeated = true;
                pending.handed_on = false;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Returns the span of an unanswered request, for logs.
    #[must_use]
    pub fn span(&self, id: &Id) -> Option<Span> {
        self.lock().get(id)?.span.clone()
    }

    /// Returns whether a request with this id is unanswered.
    #[must_use]
    pub fn waits(&self, id: &Id) -> bool {
        self.lock().contains_key(id)
    }

    /// Removes and returns the request with this id, if it is a waiting subscription.
    #[must_use]
    pub fn take_subscription(&self, id: &Id) -> Option<Pending> {
        let listens = self.lock().get(id).is_some_and(|pending| pending.listens);
        if listens { self.take(id) } else { None }
    }

    /// Records the outcome of a request that the proxy itself answers. The answer removes it, like any other. Returns `false`
    /// if the request does not wait, or the proxy has already answered it.
    #[must_use]
    pub fn fail(&self, id: &Id, outcome: Outcome) -> bool {
        let requests = self.lock();
        let pending = requests.get(id);
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
        let mut requests = self.lock();
        let pending = requests.remove(id);
        if requests.values().all(|pending| pending.listens) {
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
        let requests = self.lock();
        let mut such = requests.iter().filter(|(_, pending)| is_such(pending));
        such.next().map(|(id, _)| id.clone())
    }

    /// Returns the ids of the requests that have waited longer than `limit`.
    #[must_use]
    pub fn older_than(&self, limit: Duration) -> Vec<Id> {
        let requests = self.lock();
        let old = requests
            .iter()
            .filter(|(_, pending)| !pending.listens && pending.is_older_than(limit));
        old.map(|(id, _)| id.clone()).collect()
    }

    /// Waits until only subscriptions are left, which do not end on their own.
    pub async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().values().all(|pending| pending.listens) {
                return;
            }
            emptied.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, Pending>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::shadowcat::Metrics;
    use shadowcat_metrics::shadowcat::labels::{Method, Transport};

    use super::*;
    use crate::arrival::ServerRecorders;

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
        let completed = |method, outcome| recorded.completed(Transport::Stdio, method, outcome);
        assert_eq!(completed(Method::Ping, Outcome::Ok), 1);
        assert_eq!(completed(Method::ToolsCall, Outcome::Cancelled), 1);
        assert_eq!(completed(Method::Other, Outcome::Cancelled), 1);
        assert_eq!(recorded.duration(Method::Ping).count(), 1);
        assert_eq!(recorded.duration(Method::ToolsCall).count(), 1);
        assert_eq!(recorded.in_flight(Transport::Stdio), 0);
    }
}
