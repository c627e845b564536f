//! Bytes of heap that series take.

pub mod probe;
