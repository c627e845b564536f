//! The measurement: inputs, threads, rounds, and the check of every total. Rows and contestants are defined elsewhere.

pub mod counts;
pub mod inputs;
pub mod page;
pub mod population;
pub mod rounds;
pub mod team;
pub mod work;
