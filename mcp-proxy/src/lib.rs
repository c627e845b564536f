//! A small, working proxy for the Model Context Protocol, and a complete example of recording with `shadowcat-metrics`.
//!
//! It records every metric of the repository's `metrics.toml`, each in the component that it describes:
//!
//! | module | what it is | recorders it keeps |
//! |---|---|---|
//! | [`front`] | the clients that connect over HTTP | `transport`, `http` |
//! | [`arrival`] | one request from its arrival to its end | `request` |
//! | [`notifications`] | deliveries, and streams to clients | `notification`, `stream` |
//! | [`context`] | tools as listed, and answers by tool and prompt | `context`, `request` |
//! | [`session`] | one client with one server | `session` |
//! | [`upstream`] | servers, however they are reached | |
//! | [`transport`] | messages over pipes, HTTP and event streams | `transport`, `http`, `sse` |
//! | [`process`] | child processes | `stdio`, `process` |
//! | [`resources`] | processes and the runtime, read when scraped | `proxy`, `child`, `tokio` |
//! | [`pool`] | `BytesPool` | `buffer_pool` |
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
