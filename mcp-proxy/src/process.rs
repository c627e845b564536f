//! Child processes: starting them, watching them, and ending them so that none is left behind.

pub mod child;
pub mod health;
pub mod manager;
pub mod pipes;
pub mod signals;
pub mod stderr;

pub use child::{ManagedChild, Shutdown, ShutdownPolicy};
pub use manager::{Command, ProcessManager};
