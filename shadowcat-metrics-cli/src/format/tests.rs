//! Property: formatting changes neither a schema's meaning nor its comments.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::compile;

use super::format_schema;

/// Tables of possible schemas, with one statement per line. The test splits lists over several lines, and `\n` is a line end.
const TABLES: &str = r#"[defaults]
allow = ["unused-label"]
owner = "@shop"

[groups.cart]
labels = ["shelf"]
help = "Carts # and carts."

[metrics.cart.added]
labels = ["tenant", "kind"]
help = "Added."
type = "counter"

[metrics.cart.wait]
buckets = { linear = { count = 3, start = 1, width = 2.5 } }
unit = "seconds"
help = "Wait."
type = "histogram"

[metrics.cart.weight]
deprecated.note = """Why\nnot."""
help = "Weight."
buckets = "fine"
type = "histogram"

[labels.kind]
values.zinc = "a"
values.type = "b"
values.help = "c"
help = "Kind."

[labels.shelf]
values = ["food", "tools", "books"]
help = "Shelf."

[labels.tenant]
open = { overflow = "more", max = 3 }
help = "Tenant."

[alerts.rush]
severity = "info"
test = { silent = {}, at = "1h", fires = { "{cart.added}" = "0+9x60" } }
expr = "rate({cart.added}[5m]) > 1"
summary = "Rush."

[slos.speed]
good = { under = 2, where = { shelf = ["food"] }, metric = "cart.wait" }
window = "28d"
objective = 0.9
help = "Speed."

[operations]
runbook_url = "x"
external = ["up", "node_*"]

[labels.size]
help = "Size."

[labels.size.values]
xl = "large"
s = "small"

[buckets]
fine = [1, 2, 3]
coarse = { exponential = { factor = 2, count = 2, start = 0.5 } }

[metrics.order.placed]
allow = []
unit = "seconds"
type = "gauge"
help = "Placed."

[groups.order]
help = "Orders.""#;

const ROOT: [&str; 2] = ["namespace = \"shop\"", "format = 1"];

fn tables() -> Vec<Vec<String>> {
    let statements = |table: &str| {
        table
            .lines()
            .map(|line| line.replace("\\n", "\n"))
            .collect()
    };
    TABLES.split("\n\n").map(statements).collect()
}

/// Formatting without meaning.
#[derive(Debug, Clone)]
struct Noise {
    blank_lines: usize,
    comment_above: bool,
    trailing_comment: bool,
    indent: &'static str,
    newline: &'static str,
    broken: bool,
}

prop_compose! {
    fn noise()(
        blank_lines in prop_oneof![3 => Just(0_usize), 1 => 1..4_usize],
        comment_above: bool,
        trailing_comment: bool,
        indent in select(&["", "  ", "\t"][..]),
        newline in select(&["\n", "\r\n"][..]),
        broken: bool,
    ) -> Noise {
        Noise { blank_lines, comment_above, trailing_comment, indent, newline, broken }
    }
}

/// Returns a schema with some tables and keys, in some order, with noise.
#[expect(clippy::format_push_string, reason = "it reads like what it writes")]
fn schema(tables: &[Vec<String>], keys: usize, noise: &[Noise]) -> String {
    let mut text = String::new();
    let mut comments = 0;
    let mut statements: Vec<_> = ROOT.map(str::to_owned).into();
    for table in tables {
        let (header, entries) = table.split_first().expect("a header");
        let (last, first) = entries.split_at(keys % entries.len());
        statements.push(header.clone());
        statements.extend([first, last].concat());
    }
    for (statement, noise) in statements.iter().zip(noise.iter().cycle()) {
        let mut comment = || {
            comments += 1;
            format!("# c{comments}.")
        };
        text.push_str(&noise.newline.repeat(noise.blank_lines));
        if noise.comment_above {
            text += &format!("{}{}{}", noise.indent, comment(), noise.newline);
        }
        let mut written = String::new();
        for part in statement.split_inclusive(['[', ',', ']']) {
            match part.chars().last() {
                Some('[') => written += &format!("{part} {}\n", comment()),
                Some(',') => written += &format!("{part} {}\n\n{}\n", comment(), comment()),
                Some(']') => {
                    let (item, end) = part.split_at(part.len() - 1);
                    written += &format!("{item}\n{}\n{end}", comment());
                }
                _ => written += part,
            }
        }
        // Only lists can be split over lines, together with their keys.
        let broken = noise.broken && statement.contains("= [");
        let statement = if broken { &written } else { statement };
        text += noise.indent;
        text += statement;
        if noise.trailing_comment {
            text += &format!("   {}", comment());
        }
        text += noise.newline;
    }
    if noise[0].comment_above {
        comments += 1;
        text += &format!("\n# c{comments}.");
    }
    text
}

/// Returns the model without spans.
fn meaning(text: &str) -> String {
    let outcome = compile(Source::new("metrics.toml", text));
    let mut model = outcome.skeleton().clone();
    model.registry.fingerprint = 0;
    let mut problems: Vec<_> = outcome
        .report
        .errors()
        .map(|error| error.code.id())
        .collect();
    // Diagnostics are in text order, which formatting changes.
    problems.sort_unstable();
    let text = format!("{problems:?} {model:?}");
    let mut parts = text.split("Span {");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept += part.split_once('}').map_or(part, |(_, rest)| rest);
    }
    kept
}

/// Returns every comment of the text, sorted.
fn comments(text: &str) -> Vec<&str> {
    let mut found: Vec<_> = text
        .match_indices("# c")
        .filter_map(|(at, _)| Some(&text[at..=at + text[at..].find('.')?]))
        .collect();
    found.sort_unstable();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_keeps_meaning_and_comments(
        tables in Just(tables()).prop_shuffle(),
        keys in 0..4_usize,
        noise in vec(noise(), 1..20),
    ) {
        let text = schema(&tables, keys, &noise);
        let once = format_schema(&text).expect("it is TOML");
        prop_assert_eq!(comments(&once), comments(&text), "{}\n---\n{}", text, once);
        prop_assert_eq!(meaning(&once), meaning(&text), "{}\n---\n{}", text, once);
        let twice = format_schema(&once).expect("it is TOML");
        prop_assert_eq!(&twice, &once, "{}", text);
        prop_assert!(!once.contains("\n\n\n") && !once.contains(" \n") && !once.starts_with('\n'), "{once}");
        prop_assert!(once.ends_with('\n') && !once.ends_with("\n\n"), "{once}");
    }
}

#[test]
fn formatting_keeps_the_meaning_of_every_schema_in_the_repository() {
    for text in [
        include_str!("../../../metrics.toml"),
        include_str!("../../../tests/golden/everything.toml"),
        include_str!("../../../shadowcat-metrics-codegen/tests/fixtures/many_problems.toml"),
    ] {
        let once = format_schema(text).expect("it is TOML");
        assert_eq!(meaning(&once), meaning(text));
        assert_eq!(format_schema(&once).expect("it is TOML"), once);
    }
}

#[test]
fn format_of_a_schema() {
    let before = "#:schema s.json\n# About the file.\n\n\n# About the format.\nnamespace='shop' # short\nformat = 1\n\
        [metrics.cart.added] # new\nhelp = \"Added.\"\n\n\n\n  # Which.\n  labels=[ 'a', # first\n 'b'\n # end\n ]\ntype = \"counter\"\n\
        # About labels.\n[labels.a]\nopen={overflow=\"x\",max=1_0}\n\nhelp=\"A.\"\n\n# The end.";
    let after = "\
#:schema s.json
# About the file.

format = 1
# About the format.
namespace = 'shop' # short

# About labels.
[labels.a]
help = \"A.\"
open = { max = 1_0, overflow = \"x\" }

[metrics.cart.added] # new
type = \"counter\"
help = \"Added.\"

# Which.
labels = [
    'a', # first
    'b',
    # end
]

# The end.
";
    assert_eq!(format_schema(before).expect("it is TOML"), after);
}

#[test]
fn comments_at_the_end_of_a_table_move_with_it() {
    let before = "format = 1\n# stability\n\n[metrics.cart.added]\ntype = \"counter\"\n# unit\n# states\n\n\n# About the group.\n\
        [groups.cart]\n# labels\n\n# About labels.\n\n[labels.a]\nhelp = \"A.\"\n# About buckets.\n[buckets]\nb = [1]\n# c";
    let after = "\
format = 1
# stability

# About labels.

[labels.a]
help = \"A.\"

# About buckets.
[buckets]
b = [1]
# c

[metrics.cart.added]
type = \"counter\"
# unit
# states

# About the group.
[groups.cart]
# labels
";
    assert_eq!(format_schema(before).expect("it is TOML"), after);
    assert_eq!(format_schema(after).expect("it is TOML"), after);
}

#[test]
fn a_file_with_crlf_keeps_it() {
    let before = "format=1\r\n[groups.a]\r\nhelp = \"\"\"A\r\nb.\"\"\" # why\r\n# end";
    let after = "format = 1\r\n\r\n[groups.a]\r\nhelp = \"\"\"A\r\nb.\"\"\" # why\r\n# end\r\n";
    assert_eq!(format_schema(before).expect("it is TOML"), after);
    assert_eq!(format_schema(after).expect("it is TOML"), after);
    assert_eq!(meaning(after), meaning(before));
}

#[test]
fn long_lists_are_split_and_short_ones_joined() {
    let long: Vec<_> = (0..40).map(|n| format!("\"value{n}\"")).collect();
    let text = format!("values = [{}]\n", long.join(","));
    let once = format_schema(&text).expect("it is TOML");
    assert_eq!(once.lines().count(), 42, "{once}");
    assert_eq!(
        format_schema("values = [\n 1,\n\n 2,\n]").expect("it is TOML"),
        "values = [1, 2]\n"
    );
    assert_eq!(format_schema("").expect("it is TOML"), "");
    assert_eq!(format_schema("\n# a\n\n").expect("it is TOML"), "# a\n");
    assert!(format_schema("a =").is_err());
}
