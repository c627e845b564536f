//! The open sessions: limited in number, found by an unguessable id, each with an end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use shadowcat_metrics::shadowcat::labels::Limit;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info};
use uuid::Uuid;

use crate::descriptors;
use crate::front::client::{Client, Kind};
use crate::front::request::Refusal;
use crate::front::{NewSession, Route, Shared};

/// Number of idle checks per idle limit.
const IDLE_CHECKS: u32 = 8;

/// All sessions of a front.
#[derive(Debug)]
pub(super) struct Registry {
    most: usize,
    /// `None` once the front is shutting down.
    clients: Mutex<Option<HashMap<String, Arc<Client>>>>,
    running: TaskTracker,
    cut_off: CancellationToken,
    /// Sessions for requests that belong to none, between two uses.
    idle: Mutex<Vec<Arc<Client>>>,
}

impl Registry {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            clients: Mutex::new(Some(HashMap::new())),
            running: TaskTracker::new(),
            cut_off: CancellationToken::new(),
            idle: Mutex::default(),
        }
    }

    /// Returns the open session with this id.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.lock().as_ref()?.get(id).cloned()
    }

    /// Opens a session.
    pub(super) fn open(
        shared: &Arc<Shared>,
        kind: Kind,
        route: &Arc<Route>,
    ) -> Result<Arc<Client>, Refusal> {
        let registry = &shared.registry;
        let (client, link) = {
            let mut clients = registry.clients.lock();
            let Some(clients) = clients.as_mut() else {
                return Err(Refusal::busy("the proxy is shutting down"));
            };
            if clients.len() >= registry.most && !registry.end_idle(clients) {
                shared.limits.reached(Limit::Sessions);
                return Err(Refusal::busy("too many open sessions"));
            }
            let connections = descriptors::connections(shared.settings.max_connections);
            if !descriptors::has_room_for_session(connections) {
                // A later session can have its descriptors, once its server has ended.
                registry.end_idle(clients);
                shared.limits.reached(Limit::Descriptors);
                return Err(Refusal::busy(
                    "the proxy has too few file descriptors for another session",
                ));
            }
            // Version 4 has 122 bits from the operating system's random source.
            let id = Uuid::new_v4().simple().to_string();
            let (client, link) = Client::open(id.clone(), kind, route, shared);
            clients.insert(id, Arc::clone(&client));
            (client, link)
        };
        let new_session = NewSession {
            link,
            transport: client.transport(),
            route: Arc::clone(&route.name),
            span: client.edge().session.clone(),
        };
        let session = (shared.accept)(new_session);
        let entry = Entry {
            shared: Arc::clone(shared),
            client: Arc::clone(&client),
        };
        registry.running.spawn(run(session, entry));
        Ok(client)
    }

    /// Ends the session that has been between two uses for the longest time, to make room for a new one. Returns `false` if all
    /// sessions are in use.
    fn end_idle(&self, clients: &mut HashMap<String, Arc<Client>>) -> bool {
        let mut idle = self.idle.lock();
        // The places of closed sessions are free already, or about to be.
        idle.retain(|client| !client.is_closed());
        let oldest = idle
            .iter()
            .enumerate()
            .min_by_key(|(_, client)| client.last_used())
            .map(|(place, _)| place);
        let Some(oldest) = oldest else {
            return false;
        };
        let client = idle.swap_remove(oldest);
        client.end();
        clients.remove(client.id());
        true
    }

    /// Borrows a session for one request that belongs to none: an idle one, or a new one. A request thus has
    /// its child process to itself, and a later request reuses it.
    pub(super) fn borrow(shared: &Arc<Shared>, route: &Arc<Route>) -> Result<Borrowed, Refusal> {
        let free = {
            let mut idle = shared.registry.idle.lock();
            idle.retain(|client| !client.is_closed());
            let place = idle.iter().position(|client| client.is_for(route));
            place.map(|place| idle.swap_remove(place))
        };
        let client = match free {
            Some(client) => client,
            None => Self::open(shared, Kind::Stateless, route)?,
        };
        Ok(Borrowed {
            shared: Arc::clone(shared),
            client,
            answered: false,
        })
    }

    /// Tells all sessions that their clients are finished, waits for them to end, and aborts the rest at
    /// `deadline`.
    pub(super) async fn drain(&self, deadline: Instant) {
        let clients = self.clients.lock().take().unwrap_or_default();
        for client in clients.values() {
            client.hang_up();
        }
        drop(clients);
        self.idle.lock().clear();
        self.running.close();
        if timeout_at(deadline, self.running.wait()).await.is_err() {
            info!("aborting sessions that did not end in time");
            self.cut_off.cancel();
            self.running.wait().await;
        }
    }
}

/// A session that one request has to itself. Unless the answer has arrived, the session ends with the
/// request: late messages from the server must not reach the next request.
pub(super) struct Borrowed {
    shared: Arc<Shared>,
    client: Arc<Client>,
    answered: bool,
}

impl Borrowed {
    pub(super) const fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Returns the session for reuse, once the request was answered.
    pub(super) fn give_back(mut self) {
        self.answered = true;
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if self.answered {
            self.client.touch();
            let client = Arc::clone(&self.client);
            self.shared.registry.idle.lock().push(client);
        } else {
            self.client.end();
        }
    }
}

/// A session's entry in the registry, together with everything that waits for the session. Dropping it
/// removes both.
struct Entry {
    shared: Arc<Shared>,
    client: Arc<Client>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(clients) = self.shared.registry.clients.lock().as_mut() {
            clients.remove(self.client.id());
        }
        self.client.end();
        let idle = &mut self.shared.registry.idle.lock();
        idle.retain(|client| !Arc::ptr_eq(client, &self.client));
    }
}

/// Runs a session until it ends, and ends it if it stays idle.
async fn run(session: impl Future<Output = ()>, entry: Entry) {
    let Entry { shared, client } = &entry;
    let mut session = std::pin::pin!(session);
    let idle = idle(client, shared.settings.idle);
    tokio::select! {
        () = &mut session => return,
        () = idle => debug!("ending an idle session"),
        () = client.closed() => {}
        () = shared.registry.cut_off.cancelled() => return,
    }
    client.end();
    // A client cannot return to a session that is ending.
    if let Some(clients) = shared.registry.clients.lock().as_mut() {
        clients.remove(client.id());
    }
    tokio::select! {
        () = session => {}
        () = shared.registry.cut_off.cancelled() => {}
    }
}

/// Returns when the client has not used its session for `limit`.
async fn idle(client: &Client, limit: Duration) {
    let mut used = client.last_used();
    loop {
        sleep((limit / IDLE_CHECKS).max(Duration::from_millis(1))).await;
        used = if client.is_busy() {
            Instant::now()
        } else {
            used.max(client.last_used())
        };
        if used.elapsed() >= limit {
            return;
        }
    }
}
