//! Shared code of the measuring programs: clocks, a counting allocator, statistics.

pub mod allocator;
pub mod clock;
pub mod memory;
pub mod statistics;
