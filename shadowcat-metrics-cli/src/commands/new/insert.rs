//! Inserts a new metric's table into a schema's text, after the last metric of its group. The rest of the text does not change.

use toml_edit::{DocumentMut, Item, Table, Value};

use crate::failure::Failure;
use crate::format::{each_table, format_metric, split_foot, split_last_foot, text_of};
use crate::newline;

#[derive(Debug)]
pub(super) struct NewMetric<'a> {
    pub(super) group: &'a str,
    pub(super) key: &'a str,
    /// The keys and their values.
    pub(super) entries: Vec<(&'static str, Value)>,
    /// The help of the group if the group is new, too.
    pub(super) group_help: Option<String>,
}

/// Returns the schema's text with the metric.
pub(super) fn insert(text: &str, metric: NewMetric<'_>) -> Result<String, Failure> {
    let failed = |error| Failure::new(format!("the schema is not TOML: {error}"));
    let mut document: DocumentMut = text.parse().map_err(failed)?;
    let NewMetric {
        group,
        key,
        entries,
        group_help,
    } = metric;
    let root = document.as_table_mut();
    let mut position = position_to_follow(root, group);
    if let Some(help) = group_help {
        position = position_of_last(root);
        let mut table = Table::new();
        table.insert("help", Item::Value(help.into()));
        place(&mut document, &["groups"], group, table, position)?;
        position += 1;
    }
    let mut table = Table::new();
    for (key, value) in entries {
        table.insert(key, Item::Value(value));
    }
    format_metric(&mut table);
    place(&mut document, &["metrics", group], key, table, position)?;
    let mut written = document.to_string();
    if text.trim().is_empty() {
        // In an empty file, no blank lines are needed around it.
        written = format!("{}\n", written.trim());
    }
    Ok(newline::as_in(text, written))
}

/// Returns the position of the group's last metric; without metrics, of the group; without a header, of the last table.
fn position_to_follow(root: &mut Table, group: &str) -> isize {
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
        .unwrap_or_else(|| position_of_last(root))
}

fn position_of_last(root: &mut Table) -> isize {
    let mut last = 0;
    each_table(root, &mut |_, table| {
        last = last.max(table.position().unwrap_or(0));
    });
    last
}

/// Inserts a table after the one at a position. Comments directly below that table stay with it.
fn place(
    document: &mut DocumentMut,
    path: &[&str],
    key: &str,
    mut table: Table,
    after: isize,
) -> Result<(), Failure> {
    let foot = take_foot(document, after);
    let root = document.as_table_mut();
    each_table(root, &mut |_, table| {
        if let Some(position) = table.position().filter(|position| *position > after) {
            table.set_position(Some(position + 1));
        }
    });
    table.set_position(Some(after + 1));
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
            .ok_or_else(|| inline_table(part, key, table.clone()))?;
    }
    parent.insert(key, Item::Table(table));
    Ok(())
}

/// Removes the comments directly below the table at a position, so that they do not move below the inserted table.
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

/// Creates the failure for an inline table, which a table with a header cannot extend.
fn inline_table(parent: &str, key: &str, table: Table) -> Failure {
    let mut table = table.into_inline_table();
    table.fmt();
    Failure::new(format!(
        "`{parent}` is an inline table, which `new` cannot extend"
    ))
    .help(format!(
        "add this to it by hand: `{key} = {}`",
        table.to_string().trim()
    ))
}
