//! A small, real proxy for the Model Context Protocol: the living guide to instrumentation with `shadowcat-metrics`.
//!
//! Every metric of the repository's `metrics.toml` is recorded by the code here, by the component that knows the fact:
//!
//! | module | what it is | recorders it keeps |
//! |---|---|---|
//! | [`pool`] | `BytesPool` | `buffer_pool` |
//! | [`transport`] | messages over pipes, HTTP and streams of events | `transport`, `http`, `sse` |
//! | [`process`] | child processes | `stdio`, `process` |
//! | [`upstream`] | servers, however they are reached | |
//! | [`proxy`] | sessions | `request`, `session` |
//! | [`resources`] | processes and the runtime, read when scraped | `proxy`, `child`, `tokio` |
//! | [`telemetry`] | the program | `build`, and the way out: `/metrics` |
//!
//! There is no global registry: [`Metrics`](shadowcat_metrics::Metrics) is made once in [`telemetry`] and passed down,
//! and each component asks it once for the recorder that it keeps.

pub mod cli;
pub mod demo;
pub mod exit;
pub mod jsonrpc;
pub mod pool;
pub mod process;
pub mod proxy;
pub mod resources;
pub mod run;
pub mod server;
pub mod telemetry;
pub mod transport;
pub mod upstream;
