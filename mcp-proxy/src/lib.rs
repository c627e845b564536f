//! A small, working proxy for the Model Context Protocol, and a complete example of recording with `shadowcat-metrics`.
//!
//! It records every metric of the repository's `metrics.toml`, each in the component that it describes:
//!
//! | module | what it is |
//! |---|---|
//! | [`front`] | the clients that connect over HTTP |
//! | [`arrival`] | one request from its arrival to its end |
//! | [`notifications`] | deliveries, and streams to clients |
//! | [`context`] | tools as listed, and answers by tool and prompt |
//! | [`session`] | one client with one server |
//! | [`upstream`] | servers, however they are reached |
//! | [`transport`] | messages over pipes, HTTP and event streams |
//! | [`process`] | child processes |
//! | [`resources`] | processes and the runtime, read when scraped |
//! | [`pool`] | `BytesPool` |
//!
//! There is no global registry: the program makes one [`Metrics`](shadowcat_metrics::shadowcat::Metrics) and passes it down, and
//! each component asks it once for the recorder that it keeps.

pub mod arrival;
pub mod backoff;
pub mod context;
pub mod descriptors;
pub mod front;
pub mod jsonrpc;
pub mod notifications;
pub mod pool;
pub mod process;
pub mod resources;
pub mod session;
pub mod spans;
pub mod trace;
pub mod transport;
pub mod upstream;
