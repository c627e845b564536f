//! HTTP, as far as both sides of the proxy share it, and as a client of servers.

pub(crate) mod answer;
pub mod body;
pub mod client;
pub mod connector;
pub(crate) mod driver;
mod events;
pub mod headers;
pub(crate) mod link;
mod listen;
pub mod message;
pub(crate) mod post;
pub(crate) mod session;
pub mod settings;

pub use client::{ExchangeError, HttpClient};
pub use settings::HttpSettings;
