//! The program from the outside: real child processes, real pipes, real sockets on loopback.

mod demo;
mod stdio;
mod support;
