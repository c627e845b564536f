//! Random schemas that are valid, as texts.
//!
//! `draft` holds what is chosen at random, without regard to what fits together, so that it shrinks well; `write`
//! and `keys` make a valid text of any draft; `words` are the names and texts that it takes.

mod draft;
mod keys;
mod words;
mod write;

use std::fmt;

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;

/// What may be in a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taste {
    /// Nothing that `promtool check metrics` complains about.
    Clean,
    /// Also what its lints find, allowed by `allow`.
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

/// Random valid schemas.
pub fn valid_schemas(taste: Taste) -> impl Strategy<Value = ValidSchema> {
    draft::schemas().prop_map(move |draft| ValidSchema(write::schema(&draft, taste)))
}

/// The same random valid schemas each time.
///
/// # Panics
///
/// Never: the strategy rejects nothing.
pub fn fixed(taste: Taste, count: usize) -> impl Iterator<Item = ValidSchema> {
    let strategy = valid_schemas(taste);
    let mut runner = TestRunner::deterministic();
    std::iter::repeat_with(move || {
        let tree = strategy.new_tree(&mut runner);
        tree.expect("the strategy rejects nothing").current()
    })
    .take(count)
}
