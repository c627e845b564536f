//! `explain`: one code, or all of them.

use super::{Shop, assert_contains};

#[test]
fn a_code_is_explained_by_id_and_by_name() {
    let shop = Shop::empty();
    let by_id = shop.run("explain sm1004").code(0).stdout;
    let by_name = shop.run("explain type-in-name").code(0).stdout;
    assert_eq!(by_id, by_name);
    for part in [
        "SM1004",
        "Wrong:",
        "Right:",
        "allow = [\"type-in-name\"]",
        "--> metrics.toml:7:",
        "^",
    ] {
        assert!(by_id.contains(part), "{part} is missing in\n{by_id}");
    }
}

#[test]
fn every_code_has_a_page() {
    let shop = Shop::empty();
    let codes = shop.run("explain --format json").code(0).json();
    let codes = codes["codes"].as_array().expect("an array");
    assert!(codes.len() > 40, "{} codes", codes.len());
    let table = shop.run("explain").code(0).stdout;
    assert_eq!(table.lines().count(), codes.len());
    assert_contains(&table, "LC01");
    for code in codes {
        let id = code["code"].as_str().expect("a string");
        let page = shop.run(&["explain", id]).code(0).stdout;
        assert!(page.contains(id) && page.lines().count() > 3, "{page}");
        // Invalid bytes and schemas of several files have no example.
        for (title, key) in [("Wrong:\n\n    ", "wrong"), ("Right:\n\n    ", "right")] {
            assert_eq!(page.contains(title), code[key] != "", "{page}");
        }
        assert!(table.contains(id));
    }
}

#[test]
fn json_has_every_field() {
    let code = Shop::empty()
        .run("explain SM1104 --format json")
        .code(0)
        .json();
    assert_eq!(code["name"], "unused-label");
    assert_eq!(code["severity"], "warning");
    assert_eq!(code["allowable"], true);
    for field in ["title", "explanation", "wrong", "right"] {
        assert!(code[field].is_string(), "{field}");
    }
}

#[test]
fn an_unknown_code_has_help() {
    let shop = Shop::empty();
    for (wanted, near) in [
        ("unused-lable", "unused-label"),
        ("wrong-lables", "wrong-labels"),
        ("SM103", "SM0103"),
        ("lc7", "LC07"),
    ] {
        shop.run(&["explain", wanted])
            .code(2)
            .reports(&format!("did you mean `{near}`?"));
    }
    shop.assert_reports("explain SM9999", 2, ["lists all codes"]);
}

#[test]
fn a_part_of_a_name_is_answered_with_the_names_that_have_it() {
    let shop = Shop::empty();
    for (wanted, names) in [
        ("unused", "`unused-label` or `unused-buckets`?"),
        ("Identifier", "`identifier-label`?"),
        ("synonym", "`label-synonym` or `value-synonym`?"),
        ("exposed-name", "`duplicate-exposed-name`?"),
    ] {
        let ran = shop.run(&["explain", wanted]).code(2);
        ran.reports(&format!("did you mean {names}"));
    }
    // Names that begin with the text are first.
    let first = "did you mean `label-not-of-metric`, ";
    shop.assert_reports("explain label", 2, [first, "`unknown-label`"]);
    shop.assert_reports("explain labe", 2, [first]);
    shop.assert_reports("explain abel", 2, ["lists all codes"]);
    shop.assert_reports(&["explain", ""], 2, ["lists all codes"]);
}

#[test]
fn a_metric_name_gets_a_hint_to_list() {
    for metric in ["cart.added", "shop_cart_added_total"] {
        Shop::empty().assert_reports(&["explain", metric], 2, ["see `shadowcat-metrics list`"]);
    }
}
