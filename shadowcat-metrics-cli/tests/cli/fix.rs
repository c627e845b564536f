//! `check --fix`: fixed and remaining problems. Nothing else changes.

use expect_test::expect_file;

use super::{BROKEN, GOOD, Shop, assert_contains};

const SLIPS: &str = include_str!("fix/slips.toml");

#[test]
fn typos_are_fixed_and_nothing_else_changes() {
    let shop = Shop::with(SLIPS);
    let ran = shop.run("check --fix");
    let fixed = shop.read("metrics.toml");
    expect_file!["fix/fixed.toml"].assert_eq(&fixed);
    expect_file!["fix/output.txt"].assert_eq(&format!("{}---\n{}", ran.stdout, ran.stderr));
    assert_eq!(shop.files(), ["metrics.toml"]);

    let comments = |text: &str| text.matches('#').count();
    assert_eq!(comments(&fixed), comments(SLIPS));
    let again = shop.run("check --fix");
    again.does_not_print("fixed[");
    assert_eq!(shop.read("metrics.toml"), fixed);
}

#[test]
fn a_harmful_fix_is_not_applied() {
    let shop = Shop::with(BROKEN);
    let ran = shop.run("check --fix").code(1);
    // `hlep` is a typo of `help`, which the metric already has.
    ran.reports("unknown key `hlep`");
    ran.reports("1 error");
    let expected = BROKEN.replace("countre", "counter");
    assert_eq!(shop.read("metrics.toml"), expected);

    let twice = GOOD.replace(
        "help = \"Articles put into carts.\"",
        "hlep = \"One.\"\nhepl = \"Two.\"",
    );
    let shop = Shop::with(&twice);
    shop.run("check --fix").code(1);
    let expected = twice.replace("hlep", "help");
    assert_eq!(shop.read("metrics.toml"), expected, "the first of two");
}

#[test]
fn a_group_misspelled_twice_is_fixed_twice() {
    let schema = format!(
        "{GOOD}\n[metrics.crat.left]\ntype = \"counter\"\nhelp = \"Carts left behind.\"\n\n\
         [metrics.crat.paid]\ntype = \"counter\"\nhelp = \"Carts that were paid.\"\n"
    );
    let shop = Shop::with(&schema);
    shop.run("check --fix --deny-warnings").code(0);
    assert_eq!(shop.read("metrics.toml"), schema.replace("crat.", "cart."));
}

#[test]
fn keys_that_callers_rely_on_are_kept() {
    let metric = "\n[metrics.cart.age_seconds]\ntype = \"gauge\"\nunit = \"seconds\"\nowner = \"us\"\n\
                  since = \"1.0.0\"\nstability = \"stable\"\nhelp = \"Time since it was opened.\"\n";
    let stable = format!("{GOOD}{metric}");
    let shop = Shop::with(&stable);
    shop.run("check --fix").code(0).reports("contains the unit");
    assert_eq!(shop.read("metrics.toml"), stable);

    let other_name = stable
        .replace("\"stable\"", "\"experimental\"")
        .replace("age_seconds", "cart_age");
    let shop = Shop::with(&other_name);
    shop.run("check --fix").code(0);
    assert_eq!(
        shop.read("metrics.toml"),
        other_name,
        "the exposed name would change"
    );
}

#[test]
fn check_counts_fixable_problems() {
    let shop = Shop::with(GOOD.replace("\"counter\"", "\"countre\""));
    let ran = shop.run("check").code(1);
    assert!(
        ran.stderr
            .ends_with("help: `shadowcat-metrics check --fix` fixes 1 problem\n"),
        "{ran:?}"
    );
    let ran = shop.run("check ./metrics.toml").code(1);
    assert!(
        ran.stderr
            .ends_with("check --fix ./metrics.toml` fixes 1 problem\n"),
        "{ran:?}"
    );
    shop.run("check --fix").code(0).does_not_report("--fix");
    Shop::with(BROKEN).assert_reports("check", 1, ["fixes 1 problem\n"]);
}

#[test]
fn a_valid_schema_is_not_rewritten() {
    let shop = Shop::with(GOOD);
    let before = std::fs::metadata(shop.path().join("metrics.toml")).expect("it is there");
    let ran = shop.run("check --fix").code(0);
    ran.prints_first("ok:");
    let after = std::fs::metadata(shop.path().join("metrics.toml")).expect("it is there");
    assert_eq!(before.modified().ok(), after.modified().ok());
}

#[test]
fn invalid_toml_is_not_changed() {
    for schema in [
        b"format = \nnamespace = \"shop\"\n" as &[u8],
        b"format = 1\nnamespce = \"sh\xffop\"\n",
    ] {
        let shop = Shop::with(schema);
        shop.run("check --fix").code(1);
        let after = std::fs::read(shop.path().join("metrics.toml")).expect("it is there");
        assert_eq!(after, schema);
    }
}

#[test]
fn fixed_standard_input_goes_to_standard_output() {
    let shop = Shop::empty();
    let slip = GOOD.replace("counter", "countre");
    let ran = shop.run_with_stdin("check --fix -", &slip).code(0);
    assert_eq!(ran.stdout, GOOD);
    ran.reports("<stdin>:12:8");
    let both = "check --fix --format json -";
    let ran = shop.run_with_stdin(both, &slip).code(2);
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("standard output"),
        "{ran:?}"
    );
    assert!(shop.files().is_empty());
}

#[test]
fn json_shows_fixes_and_fixed_problems() {
    let shop = Shop::with(BROKEN);
    let report = shop.run("check --format json").code(1).json();
    assert_eq!(report.get("fixed"), None);
    let fix = &report["diagnostics"][0]["fix"];
    assert_eq!(fix["replacement"], "\"counter\"");
    assert_eq!((&fix["line"], &fix["column"]), (&8.into(), &8.into()));
    assert_eq!(fix["end"], serde_json::json!({ "line": 8, "column": 17 }));

    let report = shop.run("check --fix --format json").code(1).json();
    assert_eq!(report["errors"], 1);
    let fixed = report["fixed"].as_array().expect("an array");
    assert_eq!(fixed.len(), 1);
    assert_eq!(fixed[0]["was"], "\"countre\"");
    assert_eq!(fixed[0]["now"], "\"counter\"");
}

/// An alert whose query contains the placeholder `WHAT`.
const ALERT: &str = "\n[alerts.full]\nsummary = \"Carts are full.\"\nexpr = \"WHAT > 9\"\nseverity = \"info\"\n\
                     runbook = \"https://shop.example/full\"\n";

#[test]
fn remaining_problems_are_reported_as_by_check() {
    let slip = GOOD.replace("carts.\"", "carts\"") + &ALERT.replace("WHAT", "sum(rate(carts[5m])");
    let shop = Shop::with(&slip);
    let output = shop.run("check").code(1).stderr;
    assert!(
        output.contains("SM0011") && output.contains("SM0901"),
        "both at once: {output}"
    );
    let ran = shop.run("check --fix").code(1);
    ran.prints_first("fixed[SM0011]");
    ran.does_not_print("ok:");
    ran.reports("SM0901");
    let json = shop.run("check --fix --format json").code(1);
    assert_eq!(json.json()["errors"], 1);
}

#[test]
fn a_metric_is_fixed_inside_a_query() {
    let schema = GOOD.to_owned() + &ALERT.replace("WHAT", "{cart.open}");
    let shop = Shop::with(schema.replace("{cart.open}", "{cart.opne}"));
    shop.run("check --fix").code(0);
    assert_eq!(shop.read("metrics.toml"), schema);
}

#[test]
fn a_byte_order_mark_is_kept() {
    let slip = format!("\u{feff}{}", GOOD.replace("counter", "countre"));
    let shop = Shop::with(&slip);
    shop.run("check --fix").code(0);
    let after = std::fs::read(shop.path().join("metrics.toml")).expect("it is there");
    assert_eq!(after, format!("\u{feff}{GOOD}").into_bytes());
}

#[test]
fn label_values_get_quotes() {
    let slip = GOOD.replace("[\"food\", \"tools\"]", "[200, \"tools\", true]");
    let shop = Shop::with(&slip);
    shop.run("check --fix").code(0);
    assert_eq!(
        shop.read("metrics.toml"),
        slip.replace("200", "\"200\"").replace("true", "\"true\"")
    );
}

#[test]
fn versions_get_three_parts() {
    let shop = Shop::with(
        GOOD.replace(
            "type = \"counter\"\n",
            "type = \"counter\"\nsince = \"v0.4\"\ndeprecated = { note = \"No.\", remove_in = \"2\" }\n",
        ),
    );
    shop.run("check").code(1).reports("did you mean `0.4.0`?");
    shop.run("check --fix").code(0);
    let fixed = shop.read("metrics.toml");
    assert_contains(&fixed, "since = \"0.4.0\"");
    assert_contains(&fixed, "remove_in = \"2.0.0\"");
}
