//! What a peer sends, the next of it held until it is handed on.

use tokio::sync::mpsc;

use crate::transport::Incoming;

/// The receiving end of a link's queue. Whoever looks at what comes next may stop at any time: nothing is lost.
#[derive(Debug)]
pub struct Inbox {
    incoming: mpsc::Receiver<Incoming>,
    held: Option<Incoming>,
}

impl Inbox {
    /// Of what `incoming` brings.
    #[must_use]
    pub fn new(incoming: mpsc::Receiver<Incoming>) -> Self {
        Self {
            incoming,
            held: None,
        }
    }

    /// What comes next, which stays here; none at the end.
    pub async fn peek(&mut self) -> Option<&Incoming> {
        if self.held.is_none() {
            self.held = self.incoming.recv().await;
        }
        self.held.as_ref()
    }

    /// What comes next; none at the end.
    pub async fn next(&mut self) -> Option<Incoming> {
        self.peek().await?;
        self.held.take()
    }

    /// What comes next, if it has come.
    pub fn take(&mut self) -> Option<Incoming> {
        self.held.take().or_else(|| self.incoming.try_recv().ok())
    }

    /// Waits until the peer has no more to say. Never comes to an end if there is something to say first.
    pub async fn ended(&mut self) {
        if self.peek().await.is_some() {
            std::future::pending::<()>().await;
        }
    }
}
