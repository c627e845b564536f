//! The program from the outside: real child processes, real pipes, real sockets on loopback.

mod demo;
mod session;
mod stdio;
mod support;
