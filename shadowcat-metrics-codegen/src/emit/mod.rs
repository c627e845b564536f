//! The compiler's outputs. They depend only on the model, so the same schema gives the same bytes.

pub mod markdown;
pub mod recorders;
