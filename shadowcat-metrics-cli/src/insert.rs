//! A new metric's table, put into a schema's text: behind the last metric of its group, with all else as it was.

use toml_edit::{DocumentMut, Item, Table, Value};

use crate::failure::Failure;
use crate::layout::{each_table, lay_out_metric, split_foot, split_last_foot, text_of};
use crate::newline;

/// A table to be put in: where, and what it holds.
#[derive(Debug)]
pub(crate) struct NewMetric<'a> {
    pub(crate) group: &'a str,
    pub(crate) key: &'a str,
    /// Keys of the language and what they are to hold.
    pub(crate) entries: Vec<(&'static str, Value)>,
    /// What the group measures, if it is to be made as well.
    pub(crate) group_help: Option<String>,
}

/// The schema's text with the metric in it.
pub(crate) fn insert(text: &str, metric: NewMetric<'_>) -> Result<String, Failure> {
    let failed = |error| Failure::new(format!("the schema is not TOML: {error}"));
    let mut document: DocumentMut = text.parse().map_err(failed)?;
    let NewMetric {
        group,
        key,
        entries,
        group_help,
    } = metric;
    let root = document.as_table_mut();
    let mut position = place_behind(root, group);
    if let Some(help) = group_help {
        position = place_behind_all(root);
        let mut table = Table::new();
        table.insert("help", Item::Value(help.into()));
        place(&mut document, &["groups"], group, table, position)?;
        position += 1;
    }
    let mut table = Table::new();
    for (key, value) in entries {
        table.insert(key, Item::Value(value));
    }
    lay_out_metric(&mut table);
    place(&mut document, &["metrics", group], key, table, position)?;
    let mut written = document.to_string();
    if text.trim().is_empty() {
        // What is alone in its file has nothing to keep its distance from.
        written = format!("{}\n", written.trim());
    }
    Ok(newline::as_in(text, written))
}

/// The position of the group's last metric or, if it has none, of the group; of the last table, if that has no header.
fn place_behind(root: &mut Table, group: &str) -> isize {
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
        .unwrap_or_else(|| place_behind_all(root))
}

fn place_behind_all(root: &mut Table) -> isize {
    let mut last = 0;
    each_table(root, &mut |_, table| {
        last = last.max(table.position().unwrap_or(0));
    });
    last
}

/// Puts a table behind that of a position, and moves the others on. What is at that one's foot stays there.
fn place(
    document: &mut DocumentMut,
    path: &[&str],
    key: &str,
    mut table: Table,
    behind: isize,
) -> Result<(), Failure> {
    let foot = take_foot(document, behind);
    let root = document.as_table_mut();
    each_table(root, &mut |_, table| {
        if let Some(position) = table.position().filter(|position| *position > behind) {
            table.set_position(Some(position + 1));
        }
    });
    table.set_position(Some(behind + 1));
    table.decor_mut().set_prefix(foot + "\n");
    let mut parent = root;
    for part in path {
        let item = parent.entry(part).or_insert_with(|| {
            let mut implicit = Table::new();
            implicit.set_implicit(true);
            Item::Table(implicit)
        });
        parent = item
            .as_table_mut()
            .ok_or_else(|| in_braces(part, key, table.clone()))?;
    }
    parent.insert(key, Item::Table(table));
    Ok(())
}

/// Takes away what is at the foot of the table of a position, for it would be read as the foot of what comes between.
fn take_foot(document: &mut DocumentMut, position: isize) -> String {
    let mut next: Option<isize> = None;
    each_table(document.as_table_mut(), &mut |_, table| {
        let below = table.position().filter(|place| *place > position);
        next = next.into_iter().chain(below).min();
    });
    let mut taken = None;
    each_table(document.as_table_mut(), &mut |_, table| {
        if table.position() == next && next.is_some() {
            let prefix = table.decor().prefix();
            let (foot, own) = split_foot(text_of(prefix));
            taken = Some(foot.to_owned());
            let own = own.to_owned();
            table.decor_mut().set_prefix(own);
        }
    });
    let foot = taken.unwrap_or_else(|| {
        let (foot, end) = split_last_foot(text_of(Some(document.trailing())));
        let (foot, end) = (foot.to_owned(), end.to_owned());
        document.set_trailing(end);
        foot
    });
    if foot.is_empty() || foot.ends_with('\n') {
        foot
    } else {
        foot + "\n"
    }
}

/// TOML has no place for a table outside of the braces that it belongs to.
fn in_braces(parent: &str, key: &str, table: Table) -> Failure {
    let mut table = table.into_inline_table();
    table.fmt();
    Failure::new(format!(
        "`{parent}` is written in braces, so its tables are all in there"
    ))
    .help(format!(
        "write into them: `{key} = {}`",
        table.to_string().trim()
    ))
}
