//! The order of tables in a file, and of keys in a table.

use std::collections::HashMap;

use shadowcat_metrics_authoring::language::{self, FILE};
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

use super::comments::{split_foot, split_last_foot};
use super::shape::Shape;
use super::text_of;

/// Calls `act` with the section and the table, for every table that has a header.
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

/// Sorts tables by section. Within a section, they keep their order. Comments directly below a table move with it.
pub(super) fn order_tables(document: &mut DocumentMut) {
    let mut places = Vec::new();
    each_table(document.as_table_mut(), &mut |top, table| {
        places.extend(table.position().map(|position| (rank(top), position)));
    });
    places.sort_unstable_by_key(|(_, position)| *position);
    let old = Order::of(&places);
    places.sort_by_key(|(rank, _)| *rank);
    let new = Order::of(&places);
    let mut feet = take_feet(document, &old);
    let end = with_foot(feet.remove(&new.last), text_of(Some(document.trailing())));
    document.set_trailing(end);
    each_table(document.as_table_mut(), &mut |_, table| {
        let Some((number, above)) = new.place(table) else {
            return;
        };
        let prefix = with_foot(feet.remove(&above), text_of(table.decor().prefix()));
        table.decor_mut().set_prefix(prefix);
        table.set_position(Some(number));
    });
}

/// The new order of tables, each identified by its original position.
struct Order {
    /// The new position of each table, and the original position of the table above it, if any.
    places: HashMap<isize, (isize, Option<isize>)>,
    last: Option<isize>,
}

impl Order {
    fn of(places: &[(usize, isize)]) -> Self {
        let mut last = None;
        let mut found = HashMap::new();
        for (number, (_, position)) in (1_isize..).zip(places) {
            found.insert(*position, (number, last.replace(*position)));
        }
        Self {
            places: found,
            last,
        }
    }

    fn place(&self, table: &Table) -> Option<(isize, Option<isize>)> {
        self.places.get(&table.position()?).copied()
    }
}

/// Removes the comments directly below each table: they are stored above the next table, or at the end of the file.
fn take_feet(document: &mut DocumentMut, order: &Order) -> HashMap<Option<isize>, String> {
    let mut feet = HashMap::new();
    each_table(document.as_table_mut(), &mut |_, table| {
        if let Some((_, above)) = order.place(table) {
            let (foot, own) = split_foot(text_of(table.decor().prefix()));
            feet.insert(above, foot.to_owned());
            let own = own.to_owned();
            table.decor_mut().set_prefix(own);
        }
    });
    let (foot, end) = split_last_foot(text_of(Some(document.trailing())));
    feet.insert(order.last, foot.to_owned());
    let end = end.to_owned();
    document.set_trailing(end);
    feet
}

/// Joins the comments below the upper table and the text above the next item.
fn with_foot(foot: Option<String>, own: &str) -> String {
    match foot.filter(|foot| !foot.is_empty()) {
        Some(foot) => format!("{}\n\n{own}", foot.trim_end()),
        None => own.to_owned(),
    }
}

/// Returns the position of a section among the others.
fn rank(name: &str) -> usize {
    // Groups and metrics share a position, so that a group stays above its metrics.
    let name = if name == "metrics" { "groups" } else { name };
    FILE.names()
        .position(|key| key == name)
        .unwrap_or(usize::MAX)
}

/// Sorts a table's keys in the language's order. Author-chosen keys keep their order. A table with dotted keys also does,
/// because their parts may be either.
pub(super) fn sort_keys(table: &mut Table, shape: Shape) {
    let is_dotted = |item: &Item| item.as_table().is_some_and(Table::is_dotted);
    let dotted = table.iter().any(|(_, item)| is_dotted(item));
    if let Some(fixed) = shape.fixed().filter(|_| !dotted) {
        table.sort_values_by(|a, _, b, _| place(fixed, a).cmp(&place(fixed, b)));
    }
}

/// Sorts an inline table's keys in the same way.
pub(super) fn sort_inline_keys(table: &mut InlineTable, shape: Shape) {
    let is_dotted = |value: &Value| value.as_inline_table().is_some_and(InlineTable::is_dotted);
    let dotted = table.iter().any(|(_, value)| is_dotted(value));
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
