//! The order of tables in a file, and of keys in a table.

use std::collections::HashMap;

use shadowcat_metrics_codegen::language::{self, FILE};
use toml_edit::{InlineTable, Item, Table, Value};

use super::shape::Shape;

/// Hands on every table that has a header, with the name of the table at the top that it belongs to.
pub(crate) fn each_table(root: &mut Table, act: &mut dyn FnMut(&str, &mut Table)) {
    fn walk(top: Option<&str>, table: &mut Table, act: &mut dyn FnMut(&str, &mut Table)) {
        for (key, item) in table.iter_mut() {
            let top = top.unwrap_or(key.get());
            match item {
                Item::Table(inner) => meet(top, inner, act),
                Item::ArrayOfTables(tables) => {
                    for inner in tables.iter_mut() {
                        meet(top, inner, act);
                    }
                }
                Item::None | Item::Value(_) => {}
            }
        }
    }
    fn meet(top: &str, table: &mut Table, act: &mut dyn FnMut(&str, &mut Table)) {
        if !table.is_implicit() && !table.is_dotted() {
            act(top, table);
        }
        walk(Some(top), table, act);
    }
    walk(None, root, act);
}

/// Puts the tables in their order; those of one place keep the one they have.
pub(super) fn order_tables(root: &mut Table) {
    let mut places = Vec::new();
    each_table(root, &mut |top, table| {
        places.extend(table.position().map(|position| (rank(top), position)));
    });
    places.sort_unstable();
    let order: HashMap<_, _> = places
        .into_iter()
        .zip(1_isize..)
        .map(|((_, old), new)| (old, new))
        .collect();
    each_table(root, &mut |_, table| {
        let new = table.position().and_then(|old| order.get(&old).copied());
        table.set_position(new);
    });
}

/// Where a table at the top stands among the others.
fn rank(name: &str) -> usize {
    // Groups and metrics mix, so that a group stands above its metrics.
    let name = if name == "metrics" { "groups" } else { name };
    FILE.names()
        .position(|key| key == name)
        .unwrap_or(usize::MAX)
}

/// Puts the keys of a table in the order of the language. Keys that the author chooses keep theirs, and so does a table
/// with dotted keys, whose parts may be either.
pub(super) fn sort_keys(table: &mut Table, shape: Shape) {
    let dotted = table.iter().any(|(_, item)| match item {
        Item::Table(inner) => inner.is_dotted(),
        Item::None | Item::Value(_) | Item::ArrayOfTables(_) => false,
    });
    if let Some(fixed) = shape.fixed().filter(|_| !dotted) {
        table.sort_values_by(|a, _, b, _| place(fixed, a).cmp(&place(fixed, b)));
    }
}

/// The same for a table in braces.
pub(super) fn sort_inline_keys(table: &mut InlineTable, shape: Shape) {
    let dotted = table.iter().any(|(_, value)| match value {
        Value::InlineTable(inner) => inner.is_dotted(),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_) => false,
    });
    if let Some(fixed) = shape.fixed().filter(|_| !dotted) {
        table.sort_values_by(|a, _, b, _| place(fixed, a).cmp(&place(fixed, b)));
    }
}

fn place(table: &language::Table, key: &str) -> usize {
    table
        .names()
        .position(|name| name == key)
        .unwrap_or(usize::MAX)
}
