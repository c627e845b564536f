//! What the measuring programs have in common: clocks, counted heap, statistics.

pub mod allocator;
pub mod clock;
pub mod memory;
pub mod statistics;
