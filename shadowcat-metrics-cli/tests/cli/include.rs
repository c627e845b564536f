//! Schemas of several files: every command follows `include` and edits the file that contains the item.

use std::fs;
use std::process::Command;

use super::{GOOD, Shop, assert_contains, rows};

const ROOT: &str = "format = 1\nnamespace = \"shop\"\ninclude = [\"metrics.d/*.toml\"]\n";
const CART: &str = "[groups.cart]\nhelp = \"Shopping carts\"\n\n[metrics.cart.added]\nhelp = \"Articles put into carts.\"\ntype = \"counter\"\n";

fn shop() -> Shop {
    let shop = Shop::with(ROOT);
    shop.write("metrics.d/cart.toml", CART);
    shop
}

fn cart(shop: &Shop) -> String {
    shop.read("metrics.d/cart.toml")
}

#[test]
fn problems_are_reported_and_fixed_in_their_file() {
    let shop = shop();
    shop.run("check").code(1).reports("metrics.d/cart.toml:2:8");
    let json = shop.run("check --format json").code(1).json();
    assert_eq!(json["diagnostics"][0]["file"], "metrics.d/cart.toml");
    shop.assert_prints("check --fix", 0, ["metrics.d/cart.toml:2:8"]);
    assert_eq!(
        cart(&shop),
        CART.replace("Shopping carts", "Shopping carts.")
    );
    assert_eq!(shop.read("metrics.toml"), ROOT);
}

#[test]
fn new_metrics_go_to_the_file_of_their_group() {
    let shop = shop();
    shop.run("check --fix").code(0);
    shop.run("fmt --check").code(1);
    shop.run("fmt").code(0);
    shop.run("fmt --check").code(0);
    shop.run("new cart.removed --type counter --help-text 'Articles taken out'")
        .code(0);
    assert!(
        cart(&shop).ends_with(
            "[metrics.cart.removed]\ntype = \"counter\"\nhelp = \"Articles taken out.\"\n"
        )
    );
    let list = shop.run("list").code(0).stdout;
    assert!(list.contains("shop_cart_added_total") && list.contains("shop_cart_removed_total"));
}

#[test]
#[ignore = "needs git: run .ci/run revisions"]
fn includes_of_git_revisions_are_followed() {
    let shop = shop();
    shop.run("check --fix").code(0);
    shop.commit_to_new_repository();
    shop.write(
        "metrics.d/more.toml",
        "[metrics.cart.lost]\ntype = \"counter\"\nhelp = \"Articles that nobody found.\"\n",
    );
    for old in ["HEAD:metrics.toml", "HEAD:./metrics.toml"] {
        let ran = shop.run(&["diff", old]).code(0);
        ran.prints("1 change, 0 breaking");
        ran.prints("added shop_cart_lost_total");
    }
    // From a subfolder, with a path that leads out of it.
    shop.write(
        "below/metrics.toml",
        ROOT.replace("metrics.d", "../metrics.d"),
    );
    shop.commit();
    for (old, new) in [
        ("HEAD:below/metrics.toml", "metrics.toml"),
        ("HEAD:./metrics.toml", "metrics.toml"),
        ("HEAD:../metrics.toml", "../metrics.toml"),
    ] {
        let ran = shop.run_in("below", &["diff", old, new]).code(0);
        ran.prints("0 changes");
    }
}

#[test]
fn folders_are_not_files() {
    let shop = shop();
    shop.write("metrics.toml", ROOT.replace("/*.toml", ""));
    let ran = shop.run("check").code(1);
    ran.reports("this is a folder; to include its files, write `metrics.d/*.toml`");
}

#[cfg(unix)]
#[test]
fn links_lead_to_one_file() {
    use std::os::unix::fs::symlink;

    let shop = shop();
    shop.run("check --fix").code(0);
    let link = shop.path().join("metrics.d/link.toml");
    let cases = "
        cart.toml => error[SM0015]: `metrics.d/link.toml` is included twice
        ../metrics.toml => error[SM0015]: `metrics.d/link.toml` includes itself
        nowhere.toml => error[SM0014]: `metrics.d/link.toml` cannot be read
    ";
    for (target, output) in rows(cases) {
        symlink(target, &link).expect("made");
        shop.assert_reports("check", 1, [output, "has 1 error\n"]);
        fs::remove_file(&link).expect("removed");
    }
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_not_read() {
    let shop = shop();
    let pipe = shop.path().join("metrics.d/pipe.toml");
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let ran = shop.run("check").code(1);
    ran.reports("error[SM0014]: `metrics.d/pipe.toml` cannot be read");
    ran.reports("this is not a regular file");
}

#[test]
fn standard_input_has_no_folder() {
    let shop = shop();
    shop.run_with_stdin("check -", ROOT)
        .code(1)
        .reports("not read from a file");
}

#[test]
fn included_files_have_a_json_schema() {
    let shop = shop();
    shop.run("check --fix").code(0);
    shop.assert_prints("generate", 0, ["wrote docs/metrics.included.schema.json\n"]);
    let included = shop.read("docs/metrics.included.schema.json");
    let complete = shop.read("docs/metrics.schema.json");
    for (schema, has) in [(&included, false), (&complete, true)] {
        assert_eq!(schema.contains("\"namespace\": {"), has, "{schema}");
        assert_contains(schema, "\"metrics\": {");
    }
    shop.run("generate --check").code(0);
}

/// Returns the schema of a shop whose cart uses a label that the root file declares.
fn split() -> Shop {
    let shop = shop();
    let label = "\n[labels.shelf]\nhelp = \"Where it is from.\"\nvalues = [\"food\", \"tools\"]\n";
    shop.write("metrics.toml", format!("{ROOT}{label}"));
    let cart = CART.replace("carts\"", "carts.\"");
    shop.write(
        "metrics.d/cart.toml",
        format!("{cart}labels = [\"shelf\"]\n"),
    );
    shop
}

#[test]
fn an_included_file_selects_the_including_schema() {
    let shop = split();
    let note = "note: `metrics.d/cart.toml` is included by `metrics.toml`; using that schema\n";
    let ran = shop.run("check metrics.d/cart.toml").code(0);
    assert_eq!(ran.stderr, note);
    ran.prints_first("ok: metrics.toml has");
    for command in ["list", "budget"] {
        let ran = shop.run(&format!("{command} metrics.d/cart.toml")).code(0);
        assert_eq!(ran.stderr, note);
        assert_eq!(ran.stdout, shop.run(command).code(0).stdout);
    }
    shop.run("generate metrics.d/cart.toml").code(0);
    shop.run("generate --check").code(0);
    // JSON output has the name of the including schema.
    let ran = shop.run("check --format json metrics.d/cart.toml").code(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(ran.json()["file"], "metrics.toml");
    // With an absolute path, as editors pass it, and with a TOML syntax error.
    shop.write("metrics.d/cart.toml", format!("{CART}labels = [\n"));
    let path = shop.path().join("metrics.d/cart.toml");
    let ran = shop
        .run(&["check", path.to_str().expect("it is UTF-8")])
        .code(1);
    assert!(ran.stderr.starts_with("note: "), "{ran:?}");
    ran.reports("metrics.d/cart.toml:");
}

#[test]
fn the_schema_is_found_from_the_folder_of_included_files() {
    let shop = split();
    let run = |file: &str| shop.run_in("metrics.d", &["check", file]).stderr;
    let note =
        "note: `../metrics.d/cart.toml` is included by `../metrics.toml`; using that schema\n";
    for file in ["cart.toml", "./cart.toml", "../metrics.d/cart.toml"] {
        assert_eq!(run(file), note);
    }
    // The highest schema is used, because this one is included itself.
    shop.write("metrics.toml", ROOT);
    shop.write("metrics.d/metrics.toml", "include = [\"more/cart.toml\"]\n");
    shop.write(
        "metrics.d/more/cart.toml",
        CART.replace("carts\"", "carts.\""),
    );
    fs::remove_file(shop.path().join("metrics.d/cart.toml")).expect("removed");
    assert_eq!(
        run("more/cart.toml"),
        note.replace("metrics.d/", "metrics.d/more/")
    );
}

#[test]
fn a_file_that_no_schema_includes_has_help() {
    let shop = split();
    shop.write("elsewhere/cart.toml", cart(&shop));
    let ran = shop.run("check elsewhere/cart.toml").code(1);
    assert!(ran.stderr.starts_with("error[SM0006]"), "{ran:?}");
    ran.reports("if another schema includes this file, pass that schema");
}

#[test]
fn a_new_group_goes_to_the_named_file() {
    let shop = split();
    let schema_line = "#:schema ../docs/metrics.included.schema.json\n";
    for before in [None, Some(""), Some("\n"), Some(schema_line)] {
        let path = shop.path().join("metrics.d/jobs.toml");
        match before {
            Some(text) => shop.write("metrics.d/jobs.toml", text),
            // The path matches the pattern, so `new` can create the file.
            None => assert!(!path.exists()),
        }
        let before = before.unwrap_or_default();
        let ran = shop
            .run("new jobs.done --file metrics.d/jobs.toml --type counter --labels shelf --help-text 'Jobs that were finished' --group-help 'Work in the background'")
            .code(0);
        ran.prints_first("wrote [metrics.jobs.done] into metrics.d/jobs.toml\n");
        let written = shop.read("metrics.d/jobs.toml");
        let above = if before.trim().is_empty() {
            String::new()
        } else {
            format!("{before}\n")
        };
        assert_eq!(
            written,
            format!(
                "{above}[groups.jobs]\nhelp = \"Work in the background.\"\n\n[metrics.jobs.done]\ntype = \"counter\"\nhelp = \"Jobs that were finished.\"\nlabels = [\"shelf\"]\n"
            )
        );
    }
}

#[test]
fn a_new_file_may_have_an_absolute_path() {
    let shop = split();
    let path = shop.path().join("metrics.d/jobs.toml");
    let file = path.to_str().expect("UTF-8");
    let new = format!("new jobs.done --type counter --file '{file}'");
    shop.run(&format!("{new} --help-text 'Jobs done' --group-help Jobs"))
        .code(0);
    let written = shop.read("metrics.d/jobs.toml");
    assert_contains(&written, "[metrics.jobs.done]");
    shop.run("check").code(0);
}

#[test]
fn a_new_file_begins_with_the_schema_comment() {
    let shop = split();
    let root = shop.read("metrics.toml");
    let new = "new jobs.done --file metrics.d/jobs.toml --type counter --help-text 'Jobs that were finished' \
               --group-help 'Work in the background'";
    let cases = "
        #:schema docs/metrics.schema.json => #:schema ../docs/metrics.included.schema.json
        #:schema ./metrics.schema.json => #:schema .././metrics.included.schema.json
        #:schema https://example.org/metrics.schema.json => [groups.jobs]
        # Ours. => [groups.jobs]
    ";
    for (line, first) in rows(cases) {
        shop.write("metrics.toml", format!("{line}\n{root}"));
        shop.run(new).code(0);
        let made = shop.read("metrics.d/jobs.toml");
        assert_eq!(made.lines().next(), Some(first));
        fs::remove_file(shop.path().join("metrics.d/jobs.toml")).expect("removed");
    }
    // The first included file, in a folder that does not exist yet.
    shop.write("metrics.toml", root.replace("metrics.d/", "parts/"));
    shop.run(&new.replace("metrics.d/", "parts/")).code(0);
    assert!(shop.read("parts/jobs.toml").starts_with("[groups.jobs]"));
    shop.run("check").code(0);
}

#[test]
fn a_file_that_no_pattern_matches_is_not_created() {
    let shop = split();
    let new = |file: &str| {
        let metric = "new jobs.done --type counter --help-text Done --group-help Work";
        shop.run(&format!("{metric} --file {file}"))
    };
    let ran = new("other/jobs.toml").code(2);
    ran.reports("there is no file `other/jobs.toml`");
    ran.reports("if you mean `metrics.toml`");
    // Only `new` creates files.
    shop.assert_reports("check metrics.d/jobs.toml", 2, ["there is no file"]);
    assert!(!shop.path().join("metrics.d/jobs.toml").exists());
}

#[test]
fn policies_are_shared_formatted_and_checked() {
    let root = GOOD.replacen("\n\n", "\ninclude = [\"house/policy.toml\"]\n\n", 1);
    let shop = Shop::with(&root);
    let policy =
        "[policy.owners]\nrequire=['owner']\nhelp = \"Somebody must answer.\"\ngroups = [\"c*\"]\n";
    shop.write("house/policy.toml", policy);
    let ran = shop.run("check").code(1);
    assert_eq!(
        ran.stderr.matches("error[SM0815]").count(),
        2,
        "{}",
        ran.stderr
    );
    ran.reports("Somebody must answer.");
    assert_eq!(shop.run("generate").code(2).stdout, "");
    shop.run("fmt").code(0);
    assert_eq!(
        shop.read("house/policy.toml"),
        "[policy.owners]\nhelp = \"Somebody must answer.\"\ngroups = [\"c*\"]\nrequire = ['owner']\n"
    );
    let new = "new cart.lost --type counter --help-text 'Articles lost on the way'";
    assert!(shop.run(new).code(2).stderr.contains("SM0815"));
    // A policy does not change what is exposed.
    shop.write(
        "metrics.toml",
        root.replace("[groups", "[defaults]\nowner = \"@shop\"\n\n[groups"),
    );
    shop.run("check").code(0);
    shop.write(
        "before.toml",
        shop.read("metrics.toml")
            .replace("include = [\"house/policy.toml\"]\n", ""),
    );
    shop.assert_prints("diff before.toml metrics.toml", 0, ["0 changes"]);
}
