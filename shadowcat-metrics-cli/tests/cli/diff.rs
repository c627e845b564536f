//! `diff`: reported changes, their impact, and the changes that pass.

use super::{BROKEN, GOOD, Ran, Shop, assert_contains};

const STABLE: &str = "type = \"counter\"\nstability = \"stable\"\nsince = \"1.0.0\"\n";

/// Returns a folder with `old.toml`, a schema with a stable counter, and a changed `metrics.toml`.
fn changed(from: &str, to: &str) -> Shop {
    let old = GOOD.replace("type = \"counter\"\n", STABLE).replace(
        "[labels.shelf]\n",
        "[labels.shelf]\nstability = \"stable\"\n",
    );
    assert!(old.contains(from), "{from}");
    let shop = Shop::with(old.replace(from, to));
    shop.write("old.toml", &old);
    shop
}

#[test]
fn changes_have_an_impact_on_dashboards_and_rust() {
    let shop = changed("\"food\", \"tools\"", "\"food\", \"books\"");
    let ran = shop.run("diff old.toml").code(0);
    assert_eq!(
        ran.stdout,
        "\
DASHBOARDS  RUST      CHANGE
breaking    breaking  label `shelf` (stable): values: no longer tools
additive    breaking  label `shelf` (stable): values: now books
old.toml -> metrics.toml: 2 changes, 2 breaking; next release: major
"
    );
    let ran = shop.run("diff metrics.toml metrics.toml").code(0);
    assert_eq!(
        ran.stdout,
        "metrics.toml -> metrics.toml: 0 changes, 0 breaking; next release: none\n"
    );
}

#[test]
fn json_and_markdown() {
    let shop = changed("Articles put into carts.", "Articles | <added>.");
    let json = shop.run("diff old.toml --format json").code(0).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["release"], "patch");
    assert_eq!(
        json["changes"][0],
        serde_json::json!({
            "subject": "metric",
            "name": "cart.added",
            "exposed": "shop_cart_added_total",
            "stability": "stable",
            "field": "help",
            "old": "Articles put into carts.",
            "new": "Articles | <added>.",
            "dashboards": "cosmetic",
            "rust": "cosmetic",
        })
    );
    let page = shop.run("diff old.toml --format markdown").code(0).stdout;
    assert_contains(&page, r"Articles \| &lt;added>. | cosmetic | cosmetic |");
}

#[test]
fn changes_above_the_limit_fail() {
    let cosmetic = changed("Articles put", "Things put");
    let additive = changed(
        "[metrics.cart.open]",
        "[metrics.cart.closed]\ntype = \"counter\"\nhelp = \"Carts closed.\"\n\n[metrics.cart.open]",
    );
    let breaking = changed("[metrics.cart.open]", "[metrics.cart.opened]");
    let major = changed("[metrics.cart.added]", "[metrics.cart.adds]");
    for (shop, codes) in [
        (cosmetic, [1, 0, 0, 0]),
        (additive, [1, 1, 0, 0]),
        (breaking, [1, 1, 1, 0]),
        (major, [1, 1, 1, 1]),
    ] {
        for (fail_on, code) in ["any", "additive", "breaking", "major"].iter().zip(codes) {
            shop.run(&format!("diff old.toml --fail-on {fail_on}"))
                .code(code);
        }
        shop.run("diff old.toml").code(0);
    }
}

#[test]
fn changes_in_the_changelog_pass() {
    let shop = changed("[metrics.cart.added]", "[metrics.cart.adds]");
    let guard = "diff old.toml --fail-on major --notes CHANGELOG.md";
    shop.assert_reports(guard, 2, ["cannot read `CHANGELOG.md`"]);
    shop.write("CHANGELOG.md", "# Unreleased\n\n- `cart.added` is gone.\n");
    shop.assert_reports(guard, 2, ["no heading `## Unreleased`"]);
    shop.write(
        "CHANGELOG.md",
        "## Unreleased\n\n- New.\n\n## 1.0\n\n- `cart.added` is new.\n",
    );
    let ran = shop.run(guard).code(1);
    ran.reports("error: major: metric `cart.added` (stable): removed shop_cart_added_total\n");
    ran.reports("`--fail-on major` does not allow this: undo the change, or announce it");
    ran.reports("in backticks");
    shop.assert_reports("diff old.toml --fail-on major", 1, ["with `--notes FILE`"]);
    for announced in [
        "## Unreleased\n\n- `cart.added` is gone.\n",
        "# Changes\n\n## [Unreleased]\n\n- `shop_cart_added_total` is gone.\n\n## 1.0\n",
        "## unreleased \n\n- `cart.added` is gone.\n",
    ] {
        shop.write("CHANGELOG.md", announced);
        shop.run(guard).code(0);
    }
}

#[test]
fn only_the_old_schema_may_have_errors() {
    let shop = Shop::with(GOOD);
    shop.write("broken.toml", BROKEN);
    shop.assert_reports("diff broken.toml", 0, ["broken.toml has errors"]);
    let ran = shop.run("diff metrics.toml broken.toml").code(2);
    assert!(
        ran.stderr.contains("broken.toml:8:8") && ran.stdout.is_empty(),
        "{ran:?}"
    );
}

#[test]
#[ignore = "needs git: run .ci/run revisions"]
fn git_revisions() {
    let shop = changed("Articles put", "Things put");
    shop.commit_to_new_repository();
    shop.write("metrics.toml", shop.read("old.toml"));
    let ran: Ran = shop.run("diff HEAD:metrics.toml").code(0);
    ran.prints("help: Things put into carts. -> Articles put into carts.");
    let ran = shop.run("diff HEAD:nothing.toml").code(2);
    ran.reports("cannot read `HEAD:nothing.toml` from git: the revision does not have it");
    shop.assert_reports("diff HEAD", 2, ["such as `HEAD:metrics.toml`"]);
    shop.assert_reports("diff HEADER", 2, ["there is no file `HEADER`"]);
}

#[test]
fn likely_renames_get_a_suggestion() {
    let shop = changed("[metrics.cart.added]", "[metrics.cart.filled]");
    let help = "help: if `cart.filled` is the new name of `shop_cart_added_total`, give it \
                `renamed_from = { name = \"shop_cart_added_total\", until = \"VERSION\" }` to expose both names until then\n";
    let ran = shop.run("diff old.toml --fail-on breaking").code(1);
    assert!(ran.stderr.ends_with(help), "{ran:?}");
    for format in ["json", "markdown"] {
        let ran = shop
            .run(&format!("diff old.toml --format {format}"))
            .code(0);
        assert_eq!(ran.stderr, "");
    }
    // The former name is declared, or the metrics differ too much.
    for (from, to) in [
        (
            "[metrics.cart.added]",
            "[metrics.cart.filled]\nrenamed_from = { name = \"shop_cart_added_total\", until = \"2.0.0\" }",
        ),
        (
            "[metrics.cart.added]\n",
            "[metrics.cart.filled]\nname = \"shop_cart_added_total\"\n",
        ),
        (
            "[metrics.cart.open]\ntype = \"updown_counter\"",
            "[metrics.cart.full]\ntype = \"gauge\"",
        ),
    ] {
        let ran = changed(from, to).run("diff old.toml").code(0);
        assert_eq!(ran.stderr, "");
    }
}
