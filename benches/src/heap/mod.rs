//! Measures the heap bytes of series.

pub mod probe;
