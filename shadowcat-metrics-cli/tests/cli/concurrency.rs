//! Concurrent processes in one folder: each succeeds, no change is lost, and no temporary file remains.

use std::process::{Child, Stdio};
use std::{fs, thread, time};

use super::{GOOD, Ran, Shop};

/// Number of concurrent processes.
const MANY: usize = 8;

/// Runs a command in several processes at once, each with its own arguments.
fn at_once(shop: &Shop, arguments: impl Fn(usize) -> String) {
    let start = |number| -> Child {
        shop.command(&arguments(number))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
    };
    let children: Vec<_> = (0..MANY).map(start).collect();
    for child in children {
        Ran::from(child.wait_with_output().expect("it ends")).code(0);
    }
}

fn assert_no_leftovers(shop: &Shop) {
    let files = shop.files();
    assert!(
        !files.iter().any(|file| file.contains(".shadowcat")),
        "{files:?}"
    );
}

#[test]
fn concurrent_generation() {
    let slo = "\n[metrics.cart.lost]\ntype = \"counter\"\nhelp = \"Articles lost.\"\n";
    let shop = Shop::with(GOOD);
    for round in 0..4 {
        if round == 2 {
            // An outdated overview, and an obsolete dashboard.
            shop.write(
                "metrics.toml",
                format!("{GOOD}{slo}").replace("cart", "till"),
            );
        }
        at_once(&shop, |_| "generate".to_owned());
        shop.run("generate --check").code(0);
        assert_no_leftovers(&shop);
    }
}

#[test]
fn concurrent_new_loses_no_metric() {
    let shop = Shop::with(GOOD);
    at_once(&shop, |number| {
        format!("new till.m{number} --type counter --help-text Text{number}. --group-help Tills.")
    });
    let schema = shop.read("metrics.toml");
    for number in 0..MANY {
        let table = format!("[metrics.till.m{number}]\n");
        assert_eq!(schema.matches(&table).count(), 1, "{table}: {schema}");
    }
    shop.run("check --deny-warnings").code(0);
    assert_no_leftovers(&shop);
}

#[test]
fn a_new_included_file_is_created_once_and_extended() {
    let root = "format = 1\nnamespace = \"shop\"\ninclude = [\"parts/*.toml\"]\n";
    let shop = Shop::with(root);
    at_once(&shop, |number| {
        format!(
            "new till.m{number} --file parts/till.toml --type counter --help-text Text{number}. --group-help Tills."
        )
    });
    let list = shop.run("list").code(0).stdout;
    assert_eq!(list.matches("shop_till_m").count(), MANY, "{list}");
}

#[test]
fn formatting_and_fixing_during_edits() {
    let slips = GOOD.replace("counter", "countre").replace(" = ", "=");
    let shop = Shop::with(&slips);
    at_once(&shop, |number| match number % 4 {
        0 => "fmt".to_owned(),
        1 => "check --fix".to_owned(),
        // Before the fix, the schema is invalid, so `new` cannot add to it.
        2 => "fmt metrics.toml".to_owned(),
        _ => "check --fix metrics.toml".to_owned(),
    });
    shop.run("check --deny-warnings").code(0);
    at_once(&shop, |number| match number {
        0..2 => "fmt".to_owned(),
        2..4 => "check --fix".to_owned(),
        _ => format!("new cart.m{number} --type counter --help-text Text{number}."),
    });
    let list = shop.run("list").code(0).stdout;
    assert_eq!(list.matches("shop_cart_m").count(), MANY - 4, "{list}");
    assert_eq!(shop.files(), ["metrics.toml"]);
}

#[test]
fn concurrent_init() {
    let manifest = "[package]\nname = \"shop\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
    let shop = Shop::empty();
    shop.write("Cargo.toml", manifest);
    at_once(&shop, |_| "init".to_owned());
    let written = shop.read("Cargo.toml");
    assert_eq!(
        written.matches("shadowcat-metrics = ").count(),
        1,
        "{written}"
    );
    shop.run("check --deny-warnings").code(0);
    shop.run("generate --check").code(0);
    assert_no_leftovers(&shop);
}

/// The next write into a folder removes the temporary files of killed processes, but not those of running ones.
#[cfg(unix)]
#[test]
fn files_left_by_a_killed_process_are_removed() {
    let shop = Shop::with(GOOD);
    shop.run("generate").code(0);
    let left = "docs/operations/dashboards/.shadowcat-metrics-killed";
    let generated = shop.read("docs/operations/dashboards/cart.json");
    shop.write(left, generated);
    let ran = shop.run("generate --check").code(0);
    assert!(
        ran.stdout.starts_with("ok: "),
        "it is not a document: {ran:?}"
    );
    // Also if the command has nothing to write.
    for command in ["check --fix", "fmt"] {
        shop.write(".shadowcat-metrics-killed", "");
        shop.run(command).code(0);
    }
    shop.run("generate").code(0);
    assert_no_leftovers(&shop);

    let shop = Shop::with(GOOD);
    for pause in 0..12 {
        shop.write(
            "metrics.toml",
            GOOD.replace("carts.", &format!("carts, {pause}.")),
        );
        let mut child = shop
            .command("generate")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        thread::sleep(time::Duration::from_millis(5 + 4 * pause));
        let _ = child.kill();
        let _ = child.wait();
    }
    shop.write("metrics.toml", GOOD.replace("carts.", "carts at last."));
    shop.run("generate").code(0);
    shop.run("generate --check").code(0);
    assert_no_leftovers(&shop);
}

#[cfg(unix)]
#[test]
fn read_only_files_are_not_replaced() {
    use std::os::unix::fs::PermissionsExt as _;

    let messy = GOOD.replace(" = ", "=").replace("counter", "countre");
    let shop = Shop::with(&messy);
    let path = shop.path().join("metrics.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("its owner may");
    for command in ["fmt", "check --fix"] {
        shop.run(command).code(2).reports("read-only");
        assert_eq!(shop.read("metrics.toml"), messy);
    }
    assert_eq!(shop.files(), ["metrics.toml"]);
}
