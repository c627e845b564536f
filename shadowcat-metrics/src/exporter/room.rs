//! Room for new connections: at the limit, the connection that has waited longest for a request is closed.
//!
//! A connection waits from its beginning or the end of an answer until a request's head is complete. Parts of a head do not end the
//! wait; otherwise a client could keep its place by sending a head slowly.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// Minimum age of a connection that is closed to make room. Without it, many new connections would close each other before any of
/// them can send a request.
const MIN_AGE: Duration = Duration::from_millis(100);

/// How often a new connection looks for another one to close.
const RETRY: Duration = Duration::from_millis(20);

/// A listener's open connections.
#[derive(Debug)]
pub(super) struct Room {
    free: Arc<Semaphore>,
    /// Whether a new connection waits for a place.
    is_wanted: Arc<AtomicBool>,
    taken: Vec<Weak<Taken>>,
}

/// The place of an open connection. Clones share the place, and the last one to be dropped frees it.
#[derive(Debug, Clone)]
pub(super) struct Place(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    begin: Instant,
    activity: Mutex<Activity>,
    told_to_close: Notify,
    is_wanted: Arc<AtomicBool>,
    _permit: OwnedSemaphorePermit,
}

#[derive(Debug)]
struct Activity {
    is_answering: bool,
    /// Whether parts of an answer may still be in a buffer.
    is_unflushed: bool,
    /// The end of the last answer, or the beginning of the connection.
    idle_since: Instant,
}

impl Room {
    pub(super) fn new(max_connections: usize) -> Self {
        let permits = max_connections.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(permits)),
            is_wanted: Arc::default(),
            taken: Vec::new(),
        }
    }

    /// Waits for a place. Calls `full` if no place is free.
    pub(super) async fn enter(&mut self, full: impl FnOnce()) -> Place {
        let permit = if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            permit
        } else {
            full();
            self.is_wanted.store(true, Ordering::Relaxed);
            let permit = self.make().await;
            self.is_wanted.store(false, Ordering::Relaxed);
            permit
        };
        let now = Instant::now();
        let place = Place(Arc::new(Taken {
            begin: now,
            activity: Mutex::new(Activity {
                is_answering: false,
                is_unflushed: false,
                idle_since: now,
            }),
            told_to_close: Notify::new(),
            is_wanted: Arc::clone(&self.is_wanted),
            _permit: permit,
        }));
        self.taken.retain(|taken| taken.strong_count() > 0);
        self.taken.push(Arc::downgrade(&place.0));
        place
    }

    /// Waits until a place is free, and tells connections to close until then.
    async fn make(&self) -> OwnedSemaphorePermit {
        loop {
            self.tell_longest_waiting();
            let free = Arc::clone(&self.free).acquire_owned();
            // A connection that was told to close may get a request first, so the wait for it is limited.
            if let Ok(Ok(permit)) = timeout(RETRY, free).await {
                return permit;
            }
        }
    }

    fn tell_longest_waiting(&self) {
        let now = Instant::now();
        let taken = self.taken.iter().filter_map(Weak::upgrade);
        let old = taken.filter(|taken| now.duration_since(taken.begin) >= MIN_AGE);
        let waiting = old.filter_map(|taken| {
            let since = taken.activity().waiting_since()?;
            Some((since, taken))
        });
        if let Some((_, longest)) = waiting.min_by_key(|(since, _)| *since) {
            longest.told_to_close.notify_one();
        }
    }
}

impl Place {
    /// Marks the connection as answering until the returned value is dropped.
    pub(super) fn begin_answer(&self) -> Answering {
        self.0.activity().is_answering = true;
        Answering(self.clone())
    }

    pub(super) fn wrote(&self) {
        self.0.activity().is_unflushed = true;
    }

    pub(super) fn flushed(&self) {
        let mut activity = self.0.activity();
        if activity.is_unflushed {
            activity.is_unflushed = false;
            activity.idle_since = Instant::now();
        }
    }

    /// Waits until the connection must be closed to make room. The connection's task must poll this after the connection itself:
    /// then no answer is cut.
    pub(super) async fn evicted(&self) {
        loop {
            self.0.told_to_close.notified().await;
            // If the connection got a request first, it stays open, and the new connection asks again for room.
            if self.0.activity().waiting_since().is_some() {
                return;
            }
        }
    }
}

impl Taken {
    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Activity {
    fn waiting_since(&self) -> Option<Instant> {
        let is_waiting = !self.is_answering && !self.is_unflushed;
        is_waiting.then_some(self.idle_since)
    }
}

/// An answer under way.
#[derive(Debug)]
pub(super) struct Answering(Place);

impl Answering {
    /// Returns whether the connection must be closed after this answer, because a new connection waits.
    pub(super) fn is_last(&self) -> bool {
        self.0.0.is_wanted.load(Ordering::Relaxed)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut activity = self.0.0.activity();
        activity.is_answering = false;
        activity.idle_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::task::yield_now;
    use tokio::time::sleep;
    use tokio::{join, select};

    use super::*;

    /// Waits for a place, and closes the connection of `other` when it has to make room.
    async fn enter_instead(room: &mut Room, other: Place) -> Place {
        let close = async {
            other.evicted().await;
            drop(other);
        };
        let (place, ()) = join!(room.enter(|| {}), close);
        place
    }

    #[tokio::test]
    async fn new_connections_get_time_to_send_a_request() {
        let mut room = Room::new(1);
        let begin = Instant::now();
        let first = room.enter(|| {}).await;
        let second = enter_instead(&mut room, first).await;
        assert!(begin.elapsed() >= MIN_AGE);
        enter_instead(&mut room, second).await;
        assert!(begin.elapsed() >= 2 * MIN_AGE);
    }

    #[tokio::test]
    async fn the_connection_that_has_waited_longest_makes_room() {
        let mut room = Room::new(3);
        let answered = room.enter(|| {}).await;
        let waiting = room.enter(|| {}).await;
        let unflushed = room.enter(|| {}).await;
        drop(answered.begin_answer());
        unflushed.wrote();
        let _new = enter_instead(&mut room, waiting).await;
        let _new = enter_instead(&mut room, answered).await;
        unflushed.flushed();
        let _new = enter_instead(&mut room, unflushed).await;
    }

    #[tokio::test]
    async fn if_a_connection_is_used_before_it_closes_another_one_makes_room() {
        let mut room = Room::new(2);
        let first = room.enter(|| {}).await;
        let second = room.enter(|| {}).await;
        let second_answer = second.begin_answer();
        sleep(MIN_AGE).await;
        room.tell_longest_waiting();
        let first_answer = first.begin_answer();
        let mut first_evicted = pin!(first.evicted());
        select! {
            biased;
            () = &mut first_evicted => panic!("an answer was cut"),
            () = yield_now() => {}
        }
        drop(second_answer);
        let _third = enter_instead(&mut room, second).await;
        drop(first_answer);
        select! {
            biased;
            () = &mut first_evicted => panic!("two connections made room for one"),
            () = yield_now() => {}
        }
        room.tell_longest_waiting();
        first_evicted.await;
    }
}
