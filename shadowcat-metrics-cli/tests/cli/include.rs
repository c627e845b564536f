//! Schemas of several files: every command follows `include`, and writes where something stands.

use std::fs;
use std::process::Command;

use super::Shop;

const ROOT: &str = "format = 1\nnamespace = \"shop\"\ninclude = [\"metrics.d/*.toml\"]\n";
const CART: &str = "[groups.cart]\nhelp = \"Shopping carts\"\n\n[metrics.cart.added]\nhelp = \"Articles put into carts.\"\ntype = \"counter\"\n";

fn shop() -> Shop {
    let shop = Shop::with(ROOT);
    fs::create_dir(shop.path().join("metrics.d")).expect("made");
    shop.write("metrics.d/cart.toml", CART);
    shop
}

fn cart(shop: &Shop) -> String {
    fs::read_to_string(shop.path().join("metrics.d/cart.toml")).expect("it is there")
}

#[test]
fn problems_are_told_and_mended_in_their_file() {
    let shop = shop();
    let ran = shop.run(&["check"]).code(1);
    assert!(ran.stderr.contains("metrics.d/cart.toml:2:8"), "{ran:?}");
    let json = shop.run(&["check", "--format", "json"]).code(1).json();
    assert_eq!(json["diagnostics"][0]["file"], "metrics.d/cart.toml");
    let ran = shop.run(&["check", "--fix"]).code(0);
    assert!(ran.stdout.contains("metrics.d/cart.toml:2:8"), "{ran:?}");
    assert_eq!(
        cart(&shop),
        CART.replace("Shopping carts", "Shopping carts.")
    );
    let root = fs::read_to_string(shop.path().join("metrics.toml")).expect("it is there");
    assert_eq!(root, ROOT);
}

#[test]
fn metrics_are_added_to_the_file_of_their_group_and_laid_out_there() {
    let shop = shop();
    shop.run(&["check", "--fix"]).code(0);
    shop.run(&["fmt", "--check"]).code(1);
    shop.run(&["fmt"]).code(0);
    shop.run(&["fmt", "--check"]).code(0);
    shop.run(&[
        "new",
        "cart.removed",
        "--type",
        "counter",
        "--help-text",
        "Articles taken out",
    ])
    .code(0);
    assert!(
        cart(&shop).ends_with(
            "[metrics.cart.removed]\ntype = \"counter\"\nhelp = \"Articles taken out.\"\n"
        )
    );
    let list = shop.run(&["list"]).code(0).stdout;
    assert!(list.contains("shop_cart_added_total") && list.contains("shop_cart_removed_total"));
}

#[test]
fn revisions_are_followed() {
    let shop = shop();
    shop.run(&["check", "--fix"]).code(0);
    let git = |arguments: &[&str]| {
        let name = ["-c", "user.name=shop", "-c", "user.email=shop@example.org"];
        let ran = Command::new("git")
            .args(name)
            .args(arguments)
            .current_dir(shop.path())
            .output()
            .expect("git is there");
        assert!(ran.status.success(), "{ran:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "All."]);
    shop.write(
        "metrics.d/more.toml",
        "[metrics.cart.lost]\ntype = \"counter\"\nhelp = \"Articles that nobody found.\"\n",
    );
    for old in ["HEAD:metrics.toml", "HEAD:./metrics.toml"] {
        let ran = shop.run(&["diff", old]).code(0);
        assert!(ran.stdout.contains("1 change, 0 breaking"), "{ran:?}");
        assert!(ran.stdout.contains("added shop_cart_lost_total"), "{ran:?}");
    }
    // From a folder of its own, over a path that leads out of it.
    let below = shop.path().join("below");
    fs::create_dir(&below).expect("made");
    shop.write(
        "below/metrics.toml",
        ROOT.replace("metrics.d", "../metrics.d"),
    );
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "More."]);
    for (old, new) in [
        ("HEAD:below/metrics.toml", "metrics.toml"),
        ("HEAD:./metrics.toml", "metrics.toml"),
        ("HEAD:../metrics.toml", "../metrics.toml"),
    ] {
        let ran = Command::new(env!("CARGO_BIN_EXE_shadowcat-metrics"))
            .args(["diff", old, new])
            .current_dir(&below)
            .output()
            .expect("it runs");
        assert!(ran.status.success() && ran.stderr.is_empty(), "{ran:?}");
        let told = String::from_utf8_lossy(&ran.stdout);
        assert!(told.contains("0 changes"), "{told}");
    }
}

#[test]
fn folders_are_not_files() {
    let shop = shop();
    shop.write("metrics.toml", ROOT.replace("/*.toml", ""));
    let ran = shop.run(&["check"]).code(1);
    assert!(
        ran.stderr
            .contains("that is a folder; its files are `metrics.d/*.toml`"),
        "{ran:?}"
    );
}

#[cfg(unix)]
#[test]
fn links_lead_to_one_file() {
    use std::os::unix::fs::symlink;

    let shop = shop();
    shop.run(&["check", "--fix"]).code(0);
    let link = shop.path().join("metrics.d/link.toml");
    for (target, told) in [
        (
            "cart.toml",
            "error[SM0015]: `metrics.d/link.toml` is included twice",
        ),
        (
            "../metrics.toml",
            "error[SM0015]: `metrics.d/link.toml` includes itself",
        ),
        (
            "nowhere.toml",
            "error[SM0014]: `metrics.d/link.toml` cannot be read",
        ),
    ] {
        symlink(target, &link).expect("made");
        let ran = shop.run(&["check"]).code(1);
        assert!(ran.stderr.contains(told), "{ran:?}");
        assert!(ran.stderr.contains("has 1 error\n"), "{ran:?}");
        fs::remove_file(&link).expect("removed");
    }
}

#[test]
fn standard_input_has_no_folder() {
    let shop = shop();
    let ran = shop
        .run_with_stdin(&["check", "-"], ROOT.as_bytes())
        .code(1);
    assert!(ran.stderr.contains("not read from a file"), "{ran:?}");
}

#[test]
fn editors_get_a_json_schema_of_included_files_where_there_are_any() {
    let shop = shop();
    shop.run(&["check", "--fix"]).code(0);
    let ran = shop.run(&["generate"]).code(0);
    assert!(
        ran.stdout
            .contains("wrote docs/metrics.included.schema.json\n"),
        "{ran:?}"
    );
    let included = shop.read("docs/metrics.included.schema.json").unwrap();
    let whole = shop.read("docs/metrics.schema.json").unwrap();
    for (schema, has) in [(&included, false), (&whole, true)] {
        assert_eq!(schema.contains("\"namespace\": {"), has, "{schema}");
        assert!(schema.contains("\"metrics\": {"), "{schema}");
    }
    shop.run(&["generate", "--check"]).code(0);
}
