//! `fmt`: formats schemas, or compares them with their formatted text.

use super::{BROKEN, GOOD, Shop, assert_contains};

const MESSY: &str =
    "format=1\nnamespace = 'shop'\n[groups.cart] # ours\nhelp=\"Shopping carts.\"\n";
const TIDY: &str =
    "format = 1\nnamespace = 'shop'\n\n[groups.cart] # ours\nhelp = \"Shopping carts.\"\n";

#[test]
fn schemas_are_rewritten_in_place() {
    let shop = Shop::with(MESSY);
    shop.write("good.toml", GOOD);
    let ran = shop.run("fmt metrics.toml good.toml").code(0);
    assert_eq!(ran.stdout, "wrote metrics.toml\nunchanged good.toml\n");
    assert_eq!(shop.read("metrics.toml"), TIDY);
    assert_eq!(shop.run("fmt").code(0).stdout, "unchanged metrics.toml\n");
    assert_eq!(shop.files(), ["good.toml", "metrics.toml"]);
}

#[test]
fn suggested_commands_quote_paths() {
    let shop = Shop::with(GOOD);
    shop.write("my shop.toml", MESSY);
    let file = "my shop.toml";
    let ran = shop.run(&["fmt", "--check", file]).code(1);
    let command = "run `shadowcat-metrics fmt 'my shop.toml'` to format it";
    ran.reports(command);
    let arguments = ["generate", "--check", "--out-dir", "its docs", file];
    let ran = shop.run(&arguments).code(1);
    let command = "`shadowcat-metrics generate --out-dir 'its docs' 'my shop.toml'`";
    ran.reports(command);
}

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let shop = Shop::with(MESSY);
    let ran = shop.run("fmt metrics.toml none.toml").code(2);
    assert_eq!(ran.stdout, "wrote metrics.toml\n");
    ran.reports("there is no file `none.toml`");
}

#[test]
fn unformatted_schemas_fail_with_a_diff() {
    let shop = Shop::with(MESSY);
    let ran = shop.run("fmt --check").code(1);
    ran.prints_each([
        "--- metrics.toml",
        "+++ metrics.toml",
        "\n-format=1",
        "\n+format = 1",
    ]);
    ran.reports("run `shadowcat-metrics fmt` to format it");
    assert_eq!(shop.read("metrics.toml"), MESSY);
    shop.write("other.toml", MESSY);
    let ran = shop.run("fmt --check metrics.toml other.toml").code(1);
    ran.reports("run `shadowcat-metrics fmt metrics.toml other.toml` to format them");
    shop.run("fmt").code(0);
    let ran = shop.run("fmt --check").code(0);
    assert_eq!(ran.stdout + &ran.stderr, "");
}

#[test]
fn invisible_differences_are_shown() {
    let shop = Shop::with(
        TIDY.replacen('\n', "\r\n", 1)
            .replace("shop'\n", "shop' \n"),
    );
    let ran = shop.run("fmt --check").code(1);
    let output =
        "At the end of a line, `·` is a space, `␍` is a carriage return.\n--- metrics.toml\n";
    ran.prints_first(output);
    let lines = "\n-format = 1␍\n-namespace = 'shop'·\n+format = 1\n+namespace = 'shop'\n";
    ran.prints(lines);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let shop = Shop::empty();
    let ran = shop.run_with_stdin("fmt -", MESSY).code(0);
    assert_eq!(ran.stdout, TIDY);
    let ran = shop.run_with_stdin("fmt --check -", MESSY).code(1);
    ran.prints("--- <stdin>");
}

#[test]
fn the_schemas_of_the_reference_are_formatted() {
    let page = include_str!("../../../docs/schema.md");
    let blocks = page.split("```toml\n").skip(1);
    let schemas: Vec<_> = blocks
        .filter_map(|block| Some(block.split_once("```")?.0))
        .filter(|block| block.starts_with("format = 1"))
        .collect();
    assert!(schemas.len() > 10, "{schemas:#?}");
    for schema in schemas {
        let ran = Shop::empty().run_with_stdin("fmt -", schema).code(0);
        assert_eq!(ran.stdout, schema);
    }
}

#[test]
fn a_schema_with_errors_is_formatted() {
    let shop = Shop::with(BROKEN.replace(" = ", "="));
    shop.run("fmt").code(0);
    let formatted = shop.read("metrics.toml");
    assert_contains(&formatted, "hlep = \"Articles");
}

#[test]
fn invalid_toml_is_not_changed() {
    for text in [&b"format = \nnamespace='a'"[..], b"format=1 # \xff\n"] {
        let shop = Shop::with(text);
        shop.write("good.toml", MESSY);
        let ran = shop.run("fmt metrics.toml good.toml").code(2);
        ran.reports("metrics.toml:1:");
        assert_eq!(
            std::fs::read(shop.path().join("metrics.toml")).unwrap(),
            text
        );
        assert_eq!(ran.stdout, "wrote good.toml\n", "the others are done");
    }
    Shop::empty().assert_reports("fmt", 2, ["there is no file `metrics.toml`"]);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_are_kept() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let shop = Shop::empty();
    shop.write("real/metrics.toml", MESSY);
    let real = shop.path().join("real/metrics.toml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real/metrics.toml", shop.path().join("metrics.toml")).unwrap();
    shop.run("fmt").code(0);
    assert_eq!(shop.read("real/metrics.toml"), TIDY);
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(shop.path().join("metrics.toml").is_symlink());
}
