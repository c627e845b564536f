//! The program from the outside: real child processes, real pipes, real sockets on loopback.

mod demo;
#[cfg(target_os = "linux")]
mod processes;
mod resources;
mod session;
mod stdio;
mod support;
