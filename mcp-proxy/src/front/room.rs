//! Room for new connections: at the limit, the connection that has been idle for the longest time is closed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::front::half_close::Exchanges;

/// The open connections of a front. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Room(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Orders events: the next number of a connection, and of the time when one became idle.
    clock: AtomicU64,
    /// Whether a client waits although no connection was idle. The next connection that becomes idle is closed.
    is_wanted: AtomicBool,
    connections: Mutex<HashMap<u64, Exchanges>>,
}

/// The place of an open connection.
#[derive(Debug)]
pub(super) struct Place {
    number: u64,
    room: Room,
}

impl Room {
    /// Adds a connection until the returned value is dropped.
    pub(super) fn enter(&self, exchanges: &Exchanges) -> Place {
        self.0.is_wanted.store(false, Ordering::SeqCst);
        let number = self.now();
        self.0.connections.lock().insert(number, exchanges.clone());
        Place {
            number,
            room: self.clone(),
        }
    }

    /// Closes the connection that has been idle for the longest time. If there is none, the next one that becomes idle is closed.
    pub(super) fn make(&self) {
        // Set before the search, so that no connection that becomes idle meanwhile is missed.
        self.0.is_wanted.store(true, Ordering::SeqCst);
        let connections = self.0.connections.lock();
        let idle = connections.values().filter_map(|exchanges| {
            let since = exchanges.idle_since()?;
            Some((since, exchanges))
        });
        if let Some((_, oldest)) = idle.min_by_key(|(since, _)| *since)
            && self.take_wanted()
        {
            oldest.close_when_idle();
        }
    }

    /// Returns whether the connection that has just become idle must be closed. Of several connections, only one is.
    pub(super) fn take_wanted(&self) -> bool {
        self.0.is_wanted.swap(false, Ordering::SeqCst)
    }

    /// Returns the next number.
    pub(super) fn now(&self) -> u64 {
        self.0.clock.fetch_add(1, Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.0.connections.lock().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::timeout;

    use super::*;
    use crate::front::half_close::HalfOpen;

    #[tokio::test]
    async fn if_a_connection_is_used_before_it_closes_another_one_makes_room() {
        let room = Room::default();
        let [first, second] = [(); 2].map(|()| Exchanges::new(&room));
        let _places = [room.enter(&first), room.enter(&second)];
        let (mut client, stream) = duplex(1);
        let mut first = HalfOpen::new(stream, first);
        let (_client, stream) = duplex(1);
        let running = second.begin();
        let mut second = HalfOpen::new(stream, second);

        room.make();
        client.write_all(b"P").await.expect("open");
        assert_eq!(first.read_u8().await.expect("not closed"), b'P');
        drop(running);
        let closed = timeout(Duration::from_secs(60), second.read_u8()).await;
        assert!(closed.expect("closed").is_err());
    }
}
