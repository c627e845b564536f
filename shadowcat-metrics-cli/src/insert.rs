//! A new metric's table, put into a schema's text: behind the last metric of its group, with all else as it was.

use shadowcat_metrics_codegen::language::METRIC;
use toml_edit::{DocumentMut, Item, Table, Value};

use crate::failure::Failure;
use crate::layout::each_table;

/// A table to be put in: where, and what it holds.
#[derive(Debug)]
pub(crate) struct NewMetric<'a> {
    pub(crate) group: &'a str,
    pub(crate) key: &'a str,
    /// Keys of the language and what they are to hold.
    pub(crate) entries: Vec<(&'static str, Value)>,
    /// What the group measures, if it is to be made as well.
    pub(crate) group_help: Option<&'a str>,
}

/// The schema's text with the metric in it.
pub(crate) fn insert(text: &str, metric: NewMetric<'_>) -> Result<String, Failure> {
    let failed = |error| Failure::new(format!("the schema is not TOML: {error}"));
    let mut document: DocumentMut = text.parse().map_err(failed)?;
    let root = document.as_table_mut();
    let NewMetric {
        group,
        key,
        mut entries,
        group_help,
    } = metric;
    let mut position = place_behind(root, group).unwrap_or(0);
    if let Some(help) = group_help {
        position = place_behind_all(root);
        let mut table = Table::new();
        table.insert("help", Item::Value(help.into()));
        place(root, &["groups"], group, table, position)?;
        position += 1;
    }
    entries.sort_by_key(|(key, _)| METRIC.names().position(|name| name == *key));
    let mut table = Table::new();
    for (key, value) in entries {
        table.insert(key, Item::Value(value));
    }
    place(root, &["metrics", group], key, table, position)?;
    Ok(document.to_string())
}

/// The position of the group's last metric or, if it has none, of the group; of the last table, if that has no header.
fn place_behind(root: &mut Table, group: &str) -> Option<isize> {
    let last = |root: &mut Table, section: &str| {
        let tables = root
            .get_mut(section)?
            .as_table_mut()?
            .get_mut(group)?
            .as_table_mut()?;
        let own = tables.position().filter(|_| !tables.is_implicit());
        let mut last = own;
        each_table(tables, &mut |_, table| last = last.max(table.position()));
        last
    };
    last(root, "metrics")
        .or_else(|| last(root, "groups"))
        .or_else(|| Some(place_behind_all(root)))
}

fn place_behind_all(root: &mut Table) -> isize {
    let mut last = 0;
    each_table(root, &mut |_, table| {
        last = last.max(table.position().unwrap_or(0));
    });
    last
}

/// Puts a table behind that of a position, and moves the others on.
fn place(
    root: &mut Table,
    path: &[&str],
    key: &str,
    mut table: Table,
    behind: isize,
) -> Result<(), Failure> {
    each_table(root, &mut |_, table| {
        if let Some(position) = table.position().filter(|position| *position > behind) {
            table.set_position(Some(position + 1));
        }
    });
    table.set_position(Some(behind + 1));
    table.decor_mut().set_prefix("\n");
    let mut parent = root;
    for part in path {
        let item = parent.entry(part).or_insert_with(|| {
            let mut implicit = Table::new();
            implicit.set_implicit(true);
            Item::Table(implicit)
        });
        parent = item.as_table_mut().ok_or_else(|| {
            Failure::new(format!(
                "`{part}` is written in braces, so there is no place for a table in it"
            ))
            .help(format!("write `[{}.{key}]` by hand", path.join(".")))
        })?;
    }
    parent.insert(key, Item::Table(table));
    Ok(())
}
