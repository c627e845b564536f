//! `check`: reports, exit codes, and schemas that cannot be read.

use super::{BROKEN, GOOD, Shop, WARNED};

#[test]
fn a_valid_schema_is_summarized() {
    let ran = Shop::with(GOOD).run("check").code(0);
    assert_eq!(
        ran.stdout,
        "ok: metrics.toml has 2 metrics and exposes at most 3 series (budget 10000)\n"
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn every_problem_is_shown_with_its_place() {
    let ran = Shop::with(BROKEN).run("check").code(1);
    assert_eq!(ran.stdout, "");
    ran.reports_each([
        "metrics.toml:8:8",
        "metrics.toml:9:1",
        "countre",
        "^",
        "2 errors",
        "explain SM",
    ]);
}

#[test]
fn denied_warnings_fail() {
    let shop = Shop::with(WARNED);
    let ran = shop.run("check").code(0);
    ran.reports("metrics.toml:4:9");
    ran.reports("1 warning");
    ran.prints_first("ok:");
    shop.run("check --deny-warnings").code(1);
    Shop::with(GOOD).run("check --deny-warnings").code(0);
}

#[test]
fn json_has_every_field() {
    let ran = Shop::with(BROKEN).run("check --format json").code(1);
    assert_eq!(ran.stderr, "", "programs read one stream");
    let report = ran.json();
    assert_eq!(
        (&report["version"], &report["errors"], &report["warnings"]),
        (&1.into(), &2.into(), &0.into())
    );
    let problem = &report["diagnostics"][0];
    assert_eq!(problem["severity"], "error");
    assert_eq!(
        (&problem["file"], &problem["line"], &problem["column"]),
        (&"metrics.toml".into(), &8.into(), &8.into())
    );
    assert_eq!(
        problem["end"],
        serde_json::json!({ "line": 8, "column": 17 })
    );
    for field in ["code", "name", "message", "label", "help", "related"] {
        assert!(
            problem.get(field).is_some(),
            "{field} is missing in {problem}"
        );
    }
    let good = Shop::with(GOOD).run("check --format json").code(0).json();
    assert_eq!(good["diagnostics"], serde_json::json!([]));
}

#[test]
fn standard_input_is_checked() {
    let shop = Shop::empty();
    shop.run_with_stdin("check -", GOOD)
        .code(0)
        .prints("<stdin>");
    shop.run_with_stdin("check -", BROKEN)
        .code(1)
        .reports("<stdin>:8:8");
}

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let shop = Shop::with(GOOD);
    shop.write("broken.toml", BROKEN);
    let ran = shop
        .run("check none.toml broken.toml ./metrics.toml metrics.toml")
        .code(2);
    assert_eq!(ran.stdout.matches("ok: ").count(), 1, "{}", ran.stdout);
    ran.reports_each(["there is no file `none.toml`", "broken.toml has "]);
    let json = shop.run("check --format json metrics.toml none.toml");
    assert_eq!(json.code(2).stdout, "");
    let same = "check --format json metrics.toml ./metrics.toml";
    assert!(
        shop.run(same)
            .code(0)
            .stdout
            .contains("\"file\": \"metrics.toml\"")
    );
}

#[test]
fn a_missing_file_has_help() {
    Shop::empty().assert_reports("check", 2, ["there is no file `metrics.toml`", "help:"]);

    let shop = Shop::empty();
    shop.write("shop-metrics.toml", GOOD);
    shop.run("check")
        .code(2)
        .reports("if you mean `shop-metrics.toml`, name that file");

    let shop = Shop::with(GOOD);
    shop.write("src/inner/main.rs", "");
    let ran = shop.run_in("src/inner", "check");
    let nearest = "ok: ../../metrics.toml has";
    ran.prints_first(nearest);
}

#[test]
fn a_directory_is_refused() {
    let shop = Shop::with(GOOD);
    shop.assert_reports("check .", 2, ["`.` is a directory", "./metrics.toml"]);
    // The same for a folder of included files.
    shop.write("metrics.d/cart.toml", "");
    let ran = shop.run("check metrics.d").code(2);
    ran.reports("`metrics.d` is a directory");
    ran.reports("if you mean `metrics.toml`");
}

#[test]
fn invalid_utf8_has_a_position() {
    let ran = Shop::with(b"format = 1\nnamespace = \"sh\xffop\"\n")
        .run("check")
        .code(1);
    ran.reports("metrics.toml:2:16");
    ran.reports("UTF-8");
}

#[test]
fn an_empty_file_is_reported() {
    Shop::with("").assert_reports("check", 1, ["metrics.toml:1:1"]);
}
