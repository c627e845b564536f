//! `generate`: writes all documents or none, and shows differences.

use std::fs;
use std::process::Command;

use super::{BROKEN, GOOD, Ran, Shop};

const FILES: [&str; 6] = [
    "docs/metrics.json",
    "docs/metrics.md",
    "docs/metrics.schema.json",
    "docs/operations/dashboards/cart.json",
    "docs/operations/dashboards/overview.json",
    "metrics.toml",
];

/// Returns the expected line for each document, in the order of generation.
fn lines_of_all_documents(verb: &str) -> String {
    let names = [
        "metrics.md",
        "metrics.json",
        "metrics.schema.json",
        "operations/dashboards/cart.json",
        "operations/dashboards/overview.json",
    ];
    names.map(|name| format!("{verb} docs/{name}\n")).concat()
}

#[test]
fn documents_are_written_next_to_the_schema() {
    let shop = Shop::with(GOOD);
    let ran = shop.run("generate").code(0);
    assert_eq!(ran.stdout, lines_of_all_documents("wrote"));
    assert_eq!(shop.files(), FILES);
    assert!(
        shop.read("docs/metrics.md")
            .contains("shop_cart_added_total")
    );
    assert!(shop.read("docs/metrics.json").contains("\"version\": 1"));

    let ran = shop.run("generate").code(0);
    assert_eq!(ran.stdout, "5 documents are unchanged\n");
    fs::remove_file(shop.path().join("docs/metrics.md")).unwrap();
    let ran = shop.run("generate").code(0);
    assert_eq!(
        ran.stdout,
        "wrote docs/metrics.md\n4 documents are unchanged\n"
    );

    let shop = Shop::empty();
    shop.write("services/metrics.toml", GOOD);
    shop.run("generate services/metrics.toml").code(0);
    assert!(shop.has("services/docs/metrics.md"));
}

#[test]
fn documents_are_written_to_the_given_folder() {
    let shop = Shop::with(GOOD);
    shop.run("generate --out-dir site/a").code(0);
    assert_eq!(
        shop.files(),
        [
            "metrics.toml",
            "site/a/metrics.json",
            "site/a/metrics.md",
            "site/a/metrics.schema.json",
            "site/a/operations/dashboards/cart.json",
            "site/a/operations/dashboards/overview.json"
        ]
    );

    let shop = Shop::empty();
    shop.run_with_stdin("generate -", GOOD).code(0);
    assert_eq!(shop.files(), FILES[..5]);
}

#[test]
fn an_invalid_schema_writes_nothing() {
    let shop = Shop::with(GOOD);
    shop.run("generate").code(0);
    let before = shop.read("docs/metrics.md");
    shop.write("metrics.toml", BROKEN);
    shop.run("generate").code(2).reports("metrics.toml:8:8");
    assert_eq!(shop.read("docs/metrics.md"), before);
    assert_eq!(shop.files(), FILES);
}

#[test]
fn outdated_documents_fail_with_a_diff() {
    let shop = Shop::with(GOOD);
    shop.run("generate").code(0);
    let ran = shop.run("generate --check").code(0);
    assert_eq!(ran.stdout, "ok: 5 documents are up to date\n");

    let before = shop.read("docs/metrics.md");
    shop.write(
        "metrics.toml",
        GOOD.replace("Articles put into carts.", "Articles added."),
    );
    let ran = shop.run("generate --check").code(1);
    ran.prints_each([
        "--- docs/metrics.md",
        "+++ docs/metrics.md",
        "@@ ",
        "\n-Articles put into carts.",
        "\n+Articles added.",
    ]);
    ran.reports("run `shadowcat-metrics generate` to update them");
    assert_eq!(
        shop.read("docs/metrics.md"),
        before,
        "--check writes nothing"
    );

    shop.run("generate").code(0);
    shop.run("generate --check").code(0);
}

#[test]
fn missing_documents_fail() {
    let shop = Shop::with(GOOD);
    let ran = shop.run("generate --check").code(1);
    ran.reports("`docs/metrics.md` is missing");
    ran.prints("--- /dev/null");
    assert_eq!(shop.files(), ["metrics.toml"]);
}

#[test]
fn documents_that_are_not_utf8_fail() {
    let shop = Shop::with(GOOD);
    shop.run("generate").code(0);
    shop.write("docs/metrics.json", b"\xff\xfe");
    shop.run("generate --check").code(1);
    shop.run("generate").code(0);
    shop.run("generate --check").code(0);
}

#[test]
#[ignore = "needs git: run .ci/run revisions"]
fn git_applies_the_diff() {
    let shop = Shop::with(GOOD);
    shop.run("generate").code(0);
    shop.write(
        "metrics.toml",
        GOOD.replace("Articles put into carts.", "Articles added."),
    );
    let diff = shop.run("generate --check").code(1).stdout;
    shop.write("drift.diff", diff);
    shop.git(&["apply", "-p0", "drift.diff"]);
    shop.run("generate --check").code(0);
}

#[test]
fn a_file_instead_of_the_folder_is_reported() {
    for (file, more) in [
        ("docs", ""),
        ("docs/operations", ""),
        ("out", " --out-dir out/new"),
    ] {
        let shop = Shop::with(GOOD);
        shop.write(file, "in the way");
        let error = format!("error: `{file}` is a file, not a directory\n");
        for command in ["generate", "generate --check"] {
            let ran = shop.run(&format!("{command}{more}")).code(2);
            ran.reports(&error);
            ran.reports("help: move the file, or choose another folder with `--out-dir`\n");
        }
        let mut files = [file, "metrics.toml"];
        files.sort_unstable();
        assert_eq!(shop.files(), files);
    }
}

#[test]
fn a_folder_instead_of_a_file_is_reported() {
    let shop = Shop::with(GOOD);
    fs::create_dir_all(shop.path().join("docs/metrics.json")).expect("a folder");
    shop.assert_reports("generate", 2, ["`docs/metrics.json` is a directory"]);
    assert_eq!(
        shop.files(),
        ["metrics.toml"],
        "not even the document that could be written is"
    );
}

#[cfg(unix)]
#[test]
fn a_named_pipe_instead_of_a_file_is_reported() {
    let shop = Shop::with(GOOD);
    let pipe = shop.path().join("docs/metrics.json");
    fs::create_dir(shop.path().join("docs")).expect("a folder");
    let made = Command::new("mkfifo").arg(pipe).status();
    assert!(made.expect("mkfifo runs").success());
    for command in ["generate", "generate --check"] {
        let ran = shop.run(command).code(2);
        ran.reports("`docs/metrics.json` is not a regular file");
        ran.reports("remove it, or choose another folder with `--out-dir`");
    }
    assert!(!shop.has("docs/metrics.md"));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_schema_shares_its_documents() {
    let alert = "[alerts.full]\nsummary = \"Carts are full.\"\nexpr = \"sum({cart.open}) > 9\"\nseverity = \"critical\"\n";
    let shop = Shop::with(format!("{GOOD}\n{alert}"));
    shop.write("docs/operations/runbooks/notes/full.md", "Look.\n");
    fs::create_dir(shop.path().join("app")).expect("a folder");
    let link = shop.path().join("app/metrics.toml");
    std::os::unix::fs::symlink("../metrics.toml", link).expect("a link");
    let ran = shop.run("check app/metrics.toml").code(0);
    ran.does_not_report("the runbook of `full` has no notes");
    shop.run("generate app/metrics.toml").code(0);
    assert!(shop.has("docs/metrics.md") && !shop.has("app/docs"));
    shop.run("generate --check").code(0);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_among_the_notes_is_reported() {
    let shop = Shop::with(GOOD);
    let pipe = "docs/operations/runbooks/notes/pipe.md";
    fs::create_dir_all(shop.path().join(pipe).with_file_name("")).expect("a folder");
    let made = Command::new("mkfifo").arg(shop.path().join(pipe)).status();
    assert!(made.expect("mkfifo runs").success());
    for command in ["check", "generate"] {
        let ran = shop.run(command).code(2);
        ran.reports(&format!("cannot read `{pipe}`: this is not a regular file"));
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_not_changed() {
    use std::os::unix::fs::PermissionsExt as _;

    let shop = Shop::with(GOOD);
    shop.run("generate").code(0);
    shop.write("docs/metrics.md", "old");
    let docs = shop.path().join("docs");
    fs::set_permissions(&docs, fs::Permissions::from_mode(0o555)).expect("its owner may");
    let refused = fs::write(docs.join("probe"), "").is_err();
    let ran = shop.run("generate");
    fs::set_permissions(&docs, fs::Permissions::from_mode(0o755)).expect("its owner may");
    // Root can write to any folder, so the command succeeds for root.
    if refused {
        ran.code(2).reports("nothing was changed");
        assert_eq!(shop.read("docs/metrics.md"), "old");
    }
    assert_eq!(
        shop.files()
            .iter()
            .filter(|file| file.contains(".shadowcat"))
            .count(),
        0
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_failing_file_system_is_reported() {
    let ran = Shop::with(GOOD)
        .run("generate --out-dir /proc/shadowcat")
        .code(2);
    ran.reports("`/proc/shadowcat`");
    ran.reports("--out-dir");
}

#[cfg(unix)]
#[test]
fn a_failed_write_leaves_no_folders() {
    let shop = Shop::with(GOOD);
    // No file may have content, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" generate --out-dir a/b";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_shadowcat-metrics")]);
    let ran = Ran::of(command.current_dir(shop.path())).code(2);
    ran.reports("cannot write `a/b/");
    ran.reports("nothing was changed");
    ran.does_not_report(".shadowcat-metrics-");
    assert!(!shop.has("a"), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn documents_have_default_permissions_and_links_are_kept() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let shop = Shop::with(GOOD);
    shop.write("elsewhere/page.md", "old");
    fs::create_dir(shop.path().join("docs")).expect("a folder");
    symlink("../elsewhere/page.md", shop.path().join("docs/metrics.md")).expect("a link");
    shop.run("generate").code(0);
    assert!(
        shop.read("elsewhere/page.md")
            .contains("shop_cart_added_total")
    );
    assert!(
        fs::symlink_metadata(shop.path().join("docs/metrics.md"))
            .expect("it is there")
            .is_symlink()
    );

    shop.write("probe", "");
    let mode = |file: &str| {
        fs::metadata(shop.path().join(file))
            .expect("it is there")
            .permissions()
            .mode()
    };
    assert_eq!(mode("docs/metrics.json"), mode("probe"));
}

#[test]
fn the_help_repeats_the_command_line() {
    let shop = Shop::empty();
    shop.write("a.toml", GOOD);
    let ran: Ran = shop.run("generate --check --out-dir x a.toml").code(1);
    ran.reports("`shadowcat-metrics generate --out-dir x a.toml`");
}

#[test]
fn obsolete_documents_are_reported_and_removed() {
    let shop = Shop::with(GOOD);
    shop.run("generate").code(0);
    let before = "docs/operations/dashboards/till.json";
    let runbook = "docs/operations/runbooks/queue.md";
    let of_people = "docs/operations/dashboards/ours.json";
    let wanted = shop.read("docs/operations/dashboards/cart.json");
    let mark = "<!-- Generated from metrics.toml by `shadowcat-metrics generate`. Do not edit: change metrics.toml. -->";
    shop.write(before, wanted);
    shop.write(runbook, format!("# Runbook: queue\n\n{mark}\n"));
    shop.write(of_people, "{ \"title\": \"made by hand\" }");
    let notes = "docs/operations/runbooks/notes/queue.md";
    shop.write(notes, "Look at the queue.");

    let ran = shop.run("generate --check").code(1);
    for path in [before, runbook] {
        let output = format!("`{path}` is obsolete");
        ran.reports(&output);
        assert!(shop.has(path), "--check removes nothing");
    }
    ran.does_not_report("ours.json");
    ran.reports("generate` to remove them");

    let ran = shop.run("generate").code(0);
    for path in [before, runbook] {
        ran.prints(&format!("removed {path}\n"));
        assert!(!shop.has(path));
    }
    assert!(shop.has(of_people) && shop.has(notes));
    shop.run("generate --check").code(0);
}

/// A checkout by git on Windows: every file has CRLF.
#[test]
fn a_checkout_with_crlf_is_up_to_date() {
    let alert = "\
        [alerts.full]\nsummary = \"Carts are full.\"\nexpr = \"\"\"\nsum({cart.open})\n  > 9\"\"\"\nseverity = \"critical\"\n";
    let shop = Shop::with(format!("{GOOD}\n{alert}"));
    shop.write(
        "docs/operations/runbooks/notes/full.md",
        "Look at the carts.\n\n- One\n- Two\n",
    );
    shop.run("generate").code(0);
    shop.run("generate --check").code(0);
    assert!(shop.files().len() > FILES.len(), "{:?}", shop.files());
    for file in shop.files() {
        let text = shop.read(&file);
        shop.write(&file, text.replace('\n', "\r\n"));
    }
    let ran = shop.run("generate --check").code(0);
    ran.prints_first("ok: ");
    shop.run("generate").code(0).does_not_print("wrote");
    shop.run("fmt --check").code(0);
    // The diff does not show line ends.
    shop.write("metrics.toml", GOOD.replace("Shopping carts", "Carts"));
    shop.run("generate --check")
        .code(1)
        .does_not_print("\u{240d}");
}

#[test]
fn a_registry_for_weaver_is_written_and_compared() {
    let shop = Shop::with(GOOD);
    let url = "https://example.com/schemas/shop/1.0.0";
    let weaver = &format!("generate --format weaver --schema-url {url}");
    shop.assert_prints(weaver, 0, ["wrote docs/weaver/manifest.yaml"]);
    assert!(shop.read("docs/weaver/manifest.yaml").contains(url));
    shop.run(&format!("{weaver} --check")).code(0);
    let ran = shop.run("generate --format weaver --check").code(1);
    ran.reports("`docs/weaver/manifest.yaml` is out of date");
    ran.reports("run `shadowcat-metrics generate --format weaver`");
    // The other documents are not touched.
    assert!(!shop.has("docs/metrics.md"));
    shop.run("generate --schema-url shop").code(2);
}

#[test]
fn options_of_the_other_format_are_refused() {
    let shop = Shop::with(GOOD);
    let url = "https://example.com/schemas/shop/1.0.0";
    let ran = shop.run(&format!("generate --schema-url {url}")).code(2);
    ran.reports("`--schema-url` needs `--format weaver`");
    let scaled = "generate --format weaver --scale-windows 0.1";
    shop.assert_reports(scaled, 2, ["`--scale-windows` needs `--format documents`"]);
    assert!(!shop.has("docs/metrics.md") && !shop.has("docs/weaver/metrics.yaml"));
}
