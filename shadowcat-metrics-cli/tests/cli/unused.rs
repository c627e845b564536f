//! `unused`: unused metrics and values in a workspace of two crates.

use std::path::Path;

use super::{Ran, Shop};

const SCHEMA: &str = "\
format = 1
namespace = \"shop\"
include = [\"lost.toml\"]

[labels.shelf]
help = \"Shelf of the article.\"
values = [\"food\", \"tools\", \"books\"]

[labels.till]
help = \"Till that the customer pays at.\"
values = [\"staffed\", \"automatic\"]

[labels.mode]
help = \"What the shop does.\"
values = [\"open\", \"closed\"]

[labels.door]
help = \"Door that the cart left by.\"
values = [\"front\", \"back\"]

[labels.build]
help = \"How the shop's program was compiled.\"
values = [\"debug\", \"release\"]

[groups.cart]
help = \"Shopping carts.\"

[metrics.cart.added]
type = \"counter\"
help = \"Articles put into carts.\"
labels = [\"shelf\"]

[metrics.cart.paid]
type = \"counter\"
help = \"Carts that were paid.\"
labels = [\"till\"]

[metrics.cart.paid_ratio]
type = \"ratio\"
help = \"Carts paid, of carts begun.\"
numerator = \"cart.begun\"
denominator = \"cart.begun\"

[metrics.cart.begun]
type = \"counter\"
help = \"Carts that were begun.\"
deprecated = { note = \"Nobody asks for it.\" }

[metrics.cart.left]
type = \"counter\"
help = \"Carts that left the shop.\"
labels = [\"door\"]

[groups.house]
help = \"The shop as a whole.\"

[metrics.house.mode]
type = \"state\"
help = \"What the shop does now.\"
states = \"mode\"

[metrics.house.info]
type = \"info\"
help = \"The program that runs it.\"
labels = [\"build\"]
";

/// The file that the schema includes.
const LOST: &str = "\
[metrics.cart.lost]
type = \"counter\"
help = \"Carts that were left.\"
";

/// A crate that declares the recorders and renames some of them in its imports.
const BOOKS: &str = "\
#![allow(deprecated)]
#![deny(warnings)]
mod metrics {
    shadowcat_metrics::metrics!(\"../metrics.toml\");
}
pub use metrics::*;
pub use metrics::labels::Shelf as Regal;
pub fn of(kind: u8) -> Regal {
    match kind {
        0 => Regal::Food,
        _ => Regal::Tools,
    }
}
pub fn is_book(shelf: Regal) -> bool {
    matches!(shelf, Regal::Books) || match shelf { Regal::Books => true, _ => false }
}
#[cfg(test)]
mod tests {
    fn lost(metrics: &super::Metrics) {
        metrics.cart().lost().inc();
    }
}
";

/// A second crate, which records through the first.
const TILLS: &str = "\
fn main() {
    let metrics = books::Metrics::new();
    let cart = metrics.cart();
    cart.added(books::of(1)).inc();
    cart.begun().inc();
    metrics.house().mode().set(books::labels::Mode::Open);
    metrics.house().info().set([\"debug\"]);
    if let Ok(door) = \"back\".parse() {
        cart.left(door).inc();
    }
    for till in books::labels::Till::ALL {
        cart.paid(till).inc();
    }
}
";

/// Creates a workspace that depends on this checkout of the library.
fn workspace() -> Shop {
    let shop = Shop::with(SCHEMA);
    shop.write("lost.toml", LOST);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let library = root.join("shadowcat-metrics");
    shop.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"books\", \"tills\"]\nresolver = \"3\"\n",
    );
    // The same lock file, so that nothing is downloaded.
    shop.write(
        "Cargo.lock",
        std::fs::read(root.join("Cargo.lock")).expect("it is there"),
    );
    let package = |name: &str, dependency: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n"
        )
    };
    let library = format!(
        "shadowcat-metrics = {{ path = '{}', default-features = false }}",
        library.display()
    );
    shop.write("books/Cargo.toml", package("books", &library));
    shop.write("books/src/lib.rs", BOOKS);
    shop.write(
        "tills/Cargo.toml",
        package("tills", "books = { path = \"../books\" }"),
    );
    shop.write("tills/src/main.rs", TILLS);
    shop
}

/// Runs `unused`. All runs of a test share a target folder, so that the library is compiled once. Workspaces cannot share one: cargo
/// does not distinguish members with the same path in their workspace.
fn unused(shop: &Shop, args: &str) -> Ran {
    unused_in("unused", shop, args)
}

fn unused_in(target: &str, shop: &Shop, args: &str) -> Ran {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(target);
    let mut command = shop.command(&format!("unused {args}"));
    command
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_NET_OFFLINE", "true");
    Ran::of(&mut command)
}

#[test]
fn uses_come_from_rustc() {
    let shop = workspace();
    let ran = unused(&shop, "").code(1);
    assert_eq!(
        ran.stdout,
        "\
WHERE               UNUSED       WHY
metrics.toml:7:28   shelf.books  no code passes this label value
metrics.toml:15:19  mode.closed  no code passes this label value
lost.toml:1:15      cart.lost    no code records this metric

3 unused: record them or remove them from the schema; add `--allow NAME` for one that code will use later
note: all values of `till` count as used, because tills/src/main.rs:11:38 takes them all
note: all values of `door` count as used, because tills/src/main.rs:8:30 takes them all
",
        "{ran:#?}"
    );
    assert_eq!(ran.stderr, "");

    // Works from any folder of the workspace.
    let here = unused(&shop, "books --schema metrics.toml").code(1);
    for name in ["shelf.books", "mode.closed", "cart.lost"] {
        assert!(here.stdout.contains(name), "{name}: {here:#?}");
    }

    let json = unused(&shop, "--format json").code(1).json();
    assert_eq!(json["metrics"], 7);
    assert_eq!(json["unused"][2]["what"], "metric");
    assert_eq!(json["unused"][2]["name"], "cart.lost");
    assert_eq!(json["all_passed"][0]["label"], "till");

    let allowed = "--allow shelf.books --allow mode.closed --allow cart.lost";
    let ran = unused(&shop, allowed).code(0);
    let ok =
        "ok: the code uses all of 7 metrics and 9 label values, except 3 that `--allow` names\n";
    ran.prints_first(ok);
    unused(&shop, "--allow cart.paid")
        .code(1)
        .reports("`--allow cart.paid` is unnecessary");
    let ran = unused(&shop, "--allow cart.los").code(2);
    ran.reports("no such metric or value");
    ran.reports("did you mean `cart.lost`?");

    // First without the second crate, then including tests.
    let ran = unused(&shop, "--except-in tills").code(1);
    ran.prints("cart.paid ");
    ran.does_not_print("till.staffed");
    unused(&shop, "-- --workspace --all-targets")
        .code(1)
        .does_not_print("cart.lost");

    // A schema that no crate uses, and a program that does not compile.
    shop.write("other.toml", "format = 1\nnamespace = \"other\"\n");
    let ran = unused(&shop, "--schema other.toml").code(2);
    ran.reports("no checked crate uses the schema `other.toml`");
    shop.write(
        "tills/src/main.rs",
        "fn main() { books::Metrics::new().carts(); }",
    );
    unused(&shop, "").code(2).reports("no method named `carts`");
}

#[test]
fn a_folder_without_a_crate_is_refused() {
    let shop = Shop::with("format = 1\nnamespace = \"shop\"\n");
    let texts = [
        "cargo cannot check the project",
        "could not find `Cargo.toml`",
        "help: fix the error that cargo reports above; the argument is the folder of a crate or workspace",
    ];
    shop.assert_reports("unused", 2, texts);
}

/// A sum label whose values record a metric, and one that nothing records.
const SUMS: &str = "
[labels.method]
help = \"Method of the call.\"
values = [\"ping\", \"list\", \"call\", \"get\"]

[labels.tool]
help = \"Tool that was called.\"
values = [\"hammer\", \"saw\"]

[labels.action]
help = \"The call, with its tool.\"
of = \"method\"
with = { call = [\"tool\"] }

[groups.calls]
help = \"Calls.\"

[metrics.calls.made]
type = \"counter\"
help = \"Calls made.\"
labels = [\"action\"]
";

#[test]
fn variants_of_a_sum_label_use_its_values() {
    let shop = workspace();
    shop.write("metrics.toml", format!("{SCHEMA}{SUMS}"));
    let records = "pub fn record(metrics: &Metrics) {\n    use labels::{Action, Tool};\n    \
                   metrics.calls().made(Action::Ping).inc();\n    metrics.calls().made(Action::Call(Tool::Saw)).inc();\n}\n";
    shop.write("books/src/lib.rs", format!("{BOOKS}{records}"));
    let ran = unused_in("unused-sums", &shop, "").code(1);
    ran.prints_each(["method.list", "method.get", "tool.hammer"]);
    for used in ["method.ping", "method.call", "tool.saw", "calls.made"] {
        ran.does_not_print(used);
    }
}
