//! The program from the outside: real child processes, pipes and loopback sockets.

mod bad_servers;
mod costs;
mod demo;
#[path = "../../demo/server.rs"]
mod demo_server;
#[cfg(target_os = "linux")]
mod descriptors;
mod forgotten;
mod front;
#[cfg(all(feature = "heap-profile", target_os = "linux"))]
mod heap_profile;
mod hostile;
#[cfg(target_os = "linux")]
mod left_behind;
mod linked;
#[cfg(target_os = "linux")]
mod processes;
mod proxied;
mod refusing_servers;
mod resources;
mod scripted;
mod serve;
mod session;
#[cfg(target_os = "linux")]
mod signals;
#[cfg(feature = "otlp-traces")]
mod spans;
mod stdio;
mod support;
mod trace;
mod upstream_http;
mod upstream_sse;
