//! Server-sent events, as a client reads them: from bytes to events, and from one stream to the next that continues it.

pub mod cursor;
pub mod dedup;
pub mod frames;
pub(crate) mod link;
pub mod reader;
pub mod reconnect;
pub(crate) mod reopen;

pub use cursor::Cursor;
pub use frames::{Event, Frames};
pub use reader::{EventReader, Reading, Step};
pub use reconnect::{ReconnectPolicy, Reconnects};
