//! Generates random valid schemas as text.
//!
//! The random choices are independent, so that shrinking works well. Any choices become a valid schema.

mod draft;
mod keys;
mod words;
mod write;

use std::fmt;

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

/// The lints that a schema may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taste {
    /// Nothing that `promtool check metrics` reports.
    Clean,
    /// Also findings of its lints, allowed by `allow`.
    Lax,
}

/// A schema that `compile` must accept.
#[derive(Clone, PartialEq, Eq)]
pub struct ValidSchema(pub String);

impl fmt::Debug for ValidSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValidSchema(\n{}\n)", self.0)
    }
}

/// Generates random valid schemas.
pub fn valid_schemas(taste: Taste) -> impl Strategy<Value = ValidSchema> {
    draft::schemas().prop_map(move |draft| ValidSchema(write::schema(&draft, taste)))
}

/// Returns `count` random valid schemas, always the same.
///
/// # Panics
///
/// Never panics: the strategy rejects nothing.
pub fn fixed(taste: Taste, count: usize) -> impl Iterator<Item = ValidSchema> {
    let strategy = valid_schemas(taste);
    let mut runner = TestRunner::deterministic();
    std::iter::repeat_with(move || {
        let tree = strategy.new_tree(&mut runner);
        tree.expect("the strategy rejects nothing").current()
    })
    .take(count)
}
