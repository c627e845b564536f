//! `new`: adds a metric to a schema and prints the line that records it.

use super::{BROKEN, GOOD, Shop, assert_contains, rows};

/// The arguments for a counter in a group.
const COUNTER: &str = "new cart.lost --type counter --help-text 'Articles lost'";

#[test]
fn the_table_goes_after_the_groups_last_metric() {
    let schema = format!(
        "{GOOD}\n# --- Orders\n\n[groups.order] # ours\nhelp = \"Orders.\"\n\n[metrics.order.placed]\ntype='counter'\nhelp = \"Orders that were placed.\"\n# the end\n"
    );
    let shop = Shop::with(&schema);
    let ran = shop
        .run(&format!("{COUNTER} --labels shelf --since 2.0.0"))
        .code(0);
    assert_eq!(
        ran.stdout,
        "\
wrote [metrics.cart.lost] into metrics.toml

exposed as  shop_cart_lost_total
recorded by metrics.cart().lost(labels::Shelf::Food).inc();
next        run `shadowcat-metrics generate`
"
    );
    let table = "\n[metrics.cart.lost]\ntype = \"counter\"\nhelp = \"Articles lost.\"\nlabels = [\"shelf\"]\nsince = \"2.0.0\"\n";
    assert_eq!(
        shop.read("metrics.toml"),
        schema.replacen("\n\n# --- Orders", &format!("\n{table}\n# --- Orders"), 1),
        "all else is as it was"
    );
    shop.run("check --deny-warnings").code(0);
}

#[test]
fn labels_can_be_optional() {
    let shop = Shop::with(GOOD);
    let ran = shop.run(&format!("{COUNTER} --labels shelf?")).code(0);
    ran.prints("recorded by metrics.cart().lost(Some(labels::Shelf::Food)).inc();\n");
    let table = "\n[metrics.cart.lost]\ntype = \"counter\"\nhelp = \"Articles lost.\"\nlabels = [{ name = \"shelf\", optional = true }]\n";
    assert_eq!(shop.read("metrics.toml"), format!("{GOOD}{table}"));
    shop.run("fmt --check").code(0);
}

#[test]
fn bad_counters() {
    let shop = Shop::with(GOOD);
    shop.run(&format!("{COUNTER} --bad")).code(0);
    let table =
        "\n[metrics.cart.lost]\ntype = \"counter\"\nhelp = \"Articles lost.\"\nbad = true\n";
    assert_eq!(shop.read("metrics.toml"), format!("{GOOD}{table}"));
    let ran = shop.run("new cart.size --type gauge --help-text Size --bad");
    assert!(ran.code(2).stderr.contains("SM0402"));
}

#[test]
fn notes_annotations_exemplars_and_quantiles() {
    let policy = "\n[policy.notes]\nhelp = \"Metrics are explained.\"\nstability = [\"stable\"]\nrequire = [\"note\"]\n";
    let shop = Shop::with(format!("{GOOD}{policy}"));
    let wait = "new cart.wait --type histogram --help-text 'Time waited' --buckets '[1, 2]' --stability stable \
                --since 1.0.0 --owner @shop --exemplars --quantiles";
    shop.run(wait).code(2).reports("SM0815");
    let explained = format!("{wait} --note 'Without pauses.' --annotations");
    let ran = shop.run(&format!("{explained} team")).code(2);
    ran.reports("`--annotations` is not a table: `team`");
    let table = "'{ team = \"payments\" }'";
    shop.run(&format!("{explained} {table}")).code(0);
    let schema = shop.read("metrics.toml");
    for line in [
        "note = \"Without pauses.\"\n",
        "annotations = { team = \"payments\" }\n",
        "exemplars = true\n",
        "quantiles = true\n",
    ] {
        assert_contains(&schema, line);
    }
    shop.run("fmt --check").code(0);
}

#[test]
fn the_rest_of_the_schema_is_unchanged() {
    let schema = GOOD.replace('\n', "\r\n");
    let shop = Shop::with(&schema);
    shop.run(COUNTER).code(0);
    let table = "\r\n[metrics.cart.lost]\r\ntype = \"counter\"\r\nhelp = \"Articles lost.\"\r\n";
    assert_eq!(shop.read("metrics.toml"), schema + table);

    let schema =
        format!("{GOOD}# unit\n\n# About orders.\n[groups.order]\nhelp = \"Orders.\"\n# labels");
    let shop = Shop::with(&schema);
    shop.run(COUNTER).code(0);
    shop.run("new order.wait --type histogram --help-text 'Time waited' --buckets [1,2]")
        .code(0);
    let (cart, order) = (
        "\n[metrics.cart.lost]\ntype = \"counter\"\nhelp = \"Articles lost.\"\n",
        "\n\n[metrics.order.wait]\ntype = \"histogram\"\nhelp = \"Time waited.\"\nbuckets = [1, 2]\n",
    );
    assert_eq!(
        shop.read("metrics.toml"),
        schema.replacen("# unit\n", &format!("# unit\n{cart}"), 1) + order
    );
    assert_eq!(shop.run("fmt --check").code(0).stdout, "");
}

#[test]
fn help_becomes_a_sentence_and_existing_problems_are_not_repeated() {
    let shop = Shop::with(format!(
        "{GOOD}\n[labels.idle]\nhelp = \"Nobody has it.\"\nvalues = [\"a\"]\n"
    ));
    let ran = shop.run("new order.late --type gauge --help-text 'Is any order late?' --group-help 'Orders of the shop'");
    assert_eq!(ran.code(0).stderr, "");
    let schema = shop.read("metrics.toml");
    for help in ["\"Is any order late?\"", "\"Orders of the shop.\""] {
        assert_contains(&schema, help);
    }
    let ran = shop.run("new order.size --type gauge --help-text Size.");
    let output = ran.code(0).stderr;
    assert!(
        output.contains("help-repeats-name") && !output.contains("unused-label"),
        "{output}"
    );
}

#[test]
fn braces_mark_text_to_fill_in() {
    let schema = "format = 1\nnamespace = \"shop\"\ngroups.cart = { help = \"Carts.\" }\n\
        metrics.cart = { open = { type = \"gauge\", help = \"Carts with articles.\" } }\n";
    let shop = Shop::with(schema);
    let ran = shop.run(COUNTER).code(2);
    let entry = "`lost = { type = \"counter\", help = \"Articles lost.\" }`";
    ran.reports(entry);
    assert_eq!(shop.read("metrics.toml"), schema);
}

#[test]
fn a_dry_run_only_prints() {
    let shop = Shop::with(GOOD);
    let ran = shop.run(&format!("{COUNTER} --dry-run")).code(0);
    ran.prints("+[metrics.cart.lost]");
    ran.prints(".lost().inc()");
    assert_eq!(shop.read("metrics.toml"), GOOD);
}

#[test]
fn a_group_is_created_on_request() {
    let shop = Shop::with(GOOD);
    let new = "new order.size --type histogram --unit bytes --buckets '[64, 512]' --help-text 'Bytes that an order takes up.'";
    shop.assert_reports(new, 2, ["no group `order`", "--group-help"]);
    let ran = shop.run(&format!("{new} --group-help Orders.")).code(0);
    ran.prints("metrics.order().size().observe(bytes);");
    let schema = shop.read("metrics.toml");
    assert!(
        schema.ends_with("\n[groups.order]\nhelp = \"Orders.\"\n\n[metrics.order.size]\ntype = \"histogram\"\nhelp = \"Bytes that an order takes up.\"\nunit = \"bytes\"\nbuckets = [64, 512]\n"),
        "{schema}"
    );
    shop.run("check --deny-warnings").code(0);
    assert_eq!(shop.run("fmt --check").code(0).stdout, "");
}

#[test]
fn every_kind_has_a_recording_line() {
    let shop = Shop::with(
        GOOD.to_owned()
            + "\n[labels.tenant]\nhelp = \"Tenant.\"\nopen = { max = 3 }\n\n[groups.x]\nhelp = \"X.\"\nlabels = [\"tenant\"]\n",
    );
    let cases = r#"
        x.wait --type counter --unit seconds => metrics.x(&metrics.tenant("...")).wait().add(elapsed);
        x.size --type gauge => metrics.x(&metrics.tenant("...")).size().set(1.0);
        x.read --type gauge --callback => let guard = metrics.x(&metrics.tenant("...")).read().register(read);
        cart.busy --type updown_counter => let guard = metrics.cart().busy().track_owned();
        cart.mode --type state --states shelf => metrics.cart().mode().set(labels::Shelf::Food);
        cart.build --type info --labels shelf => metrics.cart().build().set([shelf]);
        cart.twice --type ratio --numerator cart.open --denominator cart.open => computed at each scrape
    "#;
    for (args, line) in rows(cases) {
        shop.assert_prints(&format!("new --help-text Text. {args}"), 0, [line]);
    }
}

#[test]
fn an_invalid_metric_changes_nothing() {
    let shop = Shop::with(GOOD);
    let cases = "
        cart.added => the metric `cart.added` already exists
        cart => GROUP.METRIC
        cart.Lost => GROUP.METRIC
        cart.lost --group-help Carts. => the group `cart` already exists
        cart.lost --labels shelv => did you mean `shelf`?
        cart.lost --unit ms => did you mean `seconds`?
        cart.lost --buckets '[1, ' => is not a list of bounds
    ";
    for (args, message) in rows(cases) {
        let command = format!("new {args} --type counter --help-text Text.");
        shop.run(&command).code(2).reports(message);
        assert_eq!(shop.read("metrics.toml"), GOOD);
    }
    for (args, flags) in [
        ("new cart.lost", "`--type` and `--help-text`"),
        ("new cart.lost --help-text T. --type state", "`--states`"),
    ] {
        let message = format!("{flags} must be given");
        shop.run(args).code(2).reports(&message);
    }
    let broken = Shop::with(BROKEN);
    let ran = broken.run(COUNTER).code(2);
    ran.reports("metrics.toml:8:8");
    ran.reports("fix the schema before");
    assert_eq!(broken.read("metrics.toml"), BROKEN);
}

#[test]
fn missing_groups_and_labels_are_reported() {
    let shop = Shop::with("format = 1\nnamespace = \"shop\"\n");
    let ran = shop.run("list --group cart").code(2);
    assert!(
        ran.stderr.ends_with("help: it has no groups yet\n"),
        "{ran:?}"
    );
    shop.assert_reports(COUNTER, 2, ["help: it has no groups yet; `"]);
    // A metric that can reject values adds the library's own group, which is listed, but takes no new metrics.
    let shop = Shop::with(
        "format = 1\nnamespace = \"shop\"\n\n[groups.bin]\nhelp = \"Bins.\"\n\n[metrics.bin.level]\ntype = \
         \"gauge\"\nhelp = \"Level of the bin.\"\n",
    );
    let ran = shop.run("list --group cart").code(2);
    assert!(
        ran.stderr.ends_with("help: its groups are: bin, metrics\n"),
        "{ran:?}"
    );
    shop.assert_reports(COUNTER, 2, ["help: its groups are: bin; `"]);
    let shop = Shop::with("format = 1\nnamespace = \"shop\"\n");
    let state = "new cart.mode --type state --help-text Mode --group-help 'Shopping carts'";
    shop.assert_reports(state, 2, ["no label with a list of values"]);
}
