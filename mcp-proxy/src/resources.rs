//! What the program uses: the proxy's own process, its children, its runtime. All of it is read when it is scraped.

pub mod children;
pub mod own;
pub mod process;
pub mod runtime;

pub use children::{Children, ServerChildren};
pub use runtime::Runtime;
