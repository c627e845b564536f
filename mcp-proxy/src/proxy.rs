//! The proxy proper: one session carries the messages of one client to one server and back.

pub mod deadlines;
pub mod forward;
pub mod handshake;
pub mod in_flight;
pub mod session;

pub use session::{Ended, Session, Settings};
