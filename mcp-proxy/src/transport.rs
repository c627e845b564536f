//! Transports: how messages reach the proxy and leave it. One module per transport; what they have in common is here.

pub mod edge;
pub mod first_byte;
pub mod front;
pub mod http;
pub mod inbox;
pub mod lines;
pub mod sse;
pub mod stdio;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::jsonrpc::{Id, Malformed, Message};

pub use edge::{Edge, FirstReply};
pub use inbox::Inbox;

/// Messages that wait between a transport and a session, in each direction. A full queue stops the reading side, and
/// through the pipe's own buffer the peer; so what a peer can make the proxy hold is this many messages of the size limit.
pub const QUEUE: usize = 16;

/// Default size limit of one message, in bytes.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// What a peer is to get. It fails when the peer takes no more.
pub type Outgoing = mpsc::Sender<Message>;

/// One peer, as a session sees it: two bounded queues, with the tasks that move bytes behind them.
#[derive(Debug)]
pub struct Link {
    /// What the peer sends. It ends when the peer has no more to say.
    pub incoming: Inbox,
    /// What the peer is to get.
    pub outgoing: Outgoing,
    /// Ends when all that was put into `outgoing` is written, and `outgoing` is gone.
    pub writer: JoinHandle<()>,
}

/// What a peer sent.
#[derive(Debug)]
pub enum Incoming {
    /// A message.
    Message(Message),
    /// Something that is not a message.
    Malformed(Malformed),
    /// Something longer than a message may be; it was skipped.
    TooLarge {
        /// The id of the message, if its beginning told.
        id: Option<Id>,
        /// How long a message may be, in bytes.
        limit: usize,
    },
    /// No answer to a request will come: the transport knows that, for it is one that carries each exchange by itself.
    Unanswered {
        /// The id of the request.
        id: Id,
        /// What went wrong, for whoever asked.
        reason: String,
    },
}
