//! How a measurement is made: inputs, threads, rounds, and the check of every total.
//! Which rows and contestants there are is not decided here.

pub mod counts;
pub mod inputs;
pub mod page;
pub mod population;
pub mod rounds;
pub mod team;
pub mod work;
