//! `diff` with schemas from files and from git: symbolic links are followed, and an unreadable old schema is never treated as
//! empty.

use super::{BROKEN, GOOD, Shop, rows};

/// Asserts that `diff` reports the stable counter that `new.toml` lacks.
#[track_caller]
fn assert_found(shop: &Shop, old: &str) {
    let guard = format!("diff '{old}' new.toml --fail-on major");
    shop.run(&guard)
        .code(1)
        .reports("`cart.added` (stable): removed");
    let same = format!("diff '{old}' '{old}' --fail-on any");
    shop.run(&same).code(0);
}

/// Asserts that `diff` refuses to compare, in both directions.
#[track_caller]
fn assert_refused(shop: &Shop, old: &str, why: &str) {
    for sides in [[old, "new.toml"], ["new.toml", old]] {
        for more in ["--fail-on major", ""] {
            let sides = sides.join("' '");
            let ran = shop.run(&format!("diff '{sides}' {more}")).code(2);
            ran.reports(why);
            assert_eq!(ran.stdout, "");
        }
    }
}

fn stable() -> String {
    GOOD.replace(
        "type = \"counter\"\n",
        "type = \"counter\"\nstability = \"stable\"\nsince = \"1.0.0\"\n",
    )
    .replace(
        "[labels.shelf]\n",
        "[labels.shelf]\nstability = \"stable\"\n",
    )
}

/// Returns a shop without the stable counter, and with invalid schemas.
fn invalid() -> Shop {
    let shop = Shop::empty();
    shop.write("new.toml", stable().replace("added", "gone"));
    shop.write("empty.toml", "");
    shop.write("broken.toml", stable().replace("[groups", "[[groups"));
    shop.write("bytes.toml", [stable().as_bytes(), b"# \xff\n"].concat());
    shop.write("nothing.toml", "# Nothing yet.\n");
    shop.write("page.toml", "<html>\n");
    shop.write("later.toml", stable().replace("format = 1", "format = 2"));
    shop.write(
        "list.toml",
        "format = 1\nnamespace = \"shop\"\nmetrics = []\n",
    );
    shop.write("folder/metrics.toml", stable());
    let includes = stable().replace("\n\n[labels", "\ninclude = [\"parts/*.toml\"]\n\n[labels");
    shop.write("without.toml", &includes);
    shop.write("whole/metrics.toml", includes);
    shop.write("whole/parts/till.toml", "[groups.till]\nhelp = \"Tills\n");
    shop
}

/// The invalid schemas, each with a part of the message about it.
const INVALID: [(&str, &str); 11] = [
    ("empty.toml", "SM0006"),
    ("broken.toml", "SM0001"),
    ("bytes.toml", "SM0002"),
    ("nothing.toml", "SM0006"),
    ("page.toml", "SM0001"),
    ("later.toml", "SM0003"),
    ("list.toml", "SM0007"),
    ("without.toml", "SM0014"),
    ("whole/metrics.toml", "SM0001"),
    ("missing.toml", "missing.toml"),
    ("folder", "directory"),
];

#[test]
fn an_invalid_schema_is_refused() {
    let shop = invalid();
    for (name, why) in INVALID {
        assert_refused(&shop, name, why);
    }
    // An old schema with semantic errors can still be compared, because its metrics are known.
    shop.write("old.toml", stable().replace("\"shelf\"", "\"shelv\""));
    let ran = shop.run("diff old.toml new.toml --fail-on major").code(1);
    ran.reports("old.toml has errors");
    shop.write("old.toml", BROKEN);
    shop.run("diff old.toml new.toml").code(0);
}

#[test]
#[ignore = "needs git: run .ci/run revisions"]
fn an_invalid_schema_from_git_is_refused() {
    let shop = invalid();
    shop.commit_to_new_repository();
    for (name, why) in INVALID {
        assert_refused(&shop, &format!("HEAD:{name}"), why);
        assert_refused(&shop, &format!("main:{name}"), why);
    }
    assert_refused(
        &shop,
        "NOWHERE:metrics.toml",
        "cannot read `NOWHERE:metrics.toml` from git",
    );
    assert_refused(&shop, "HEAD:", "directory");
    assert_found(&shop, "HEAD:folder/metrics.toml");
}

/// Returns a shop without the stable counter, and with symbolic links to schemas that have it.
#[cfg(unix)]
fn linked() -> Shop {
    use std::os::unix::fs::symlink;

    let shop = Shop::empty();
    shop.write("new.toml", stable().replace("added", "gone"));
    let link = |target: &str, name: &str| {
        shop.write(&format!("{name}.keep"), "");
        symlink(target, shop.path().join(name)).expect("made");
    };
    shop.write("metrics.toml", stable());
    link("../metrics.toml", "crate/metrics.toml");
    link("../crate/metrics.toml", "chain/metrics.toml");
    link("crate", "folder");
    link("./chain/../crate/./metrics.toml", "winding.toml");
    link("../outside.toml", "outside.toml");
    link("../../up.toml", "crate/up.toml");
    link("/etc/metrics.toml", "absolute.toml");
    link("nowhere.toml", "dangling.toml");
    link("circle.toml", "circle.toml");
    link("crate", "to-folder.toml");
    // Included files that are reached through links of all kinds.
    let split = "format = 1\nnamespace = \"shop\"\ninclude = [\"PATTERN\"]\n";
    let header = "format = 1\nnamespace = \"shop\"\n\n";
    shop.write("parts/cart.toml", stable().replace(header, ""));
    link("../parts/cart.toml", "linked/cart.toml");
    link("../parts", "split/parts");
    for (name, pattern) in [
        ("split/file.toml", "../linked/cart.toml"),
        ("split/pattern.toml", "../linked/*.toml"),
        ("split/folder.toml", "parts/*.toml"),
        ("split/named.toml", "parts/cart.toml"),
        ("top.toml", "parts/*.toml"),
    ] {
        shop.write(name, split.replace("PATTERN", pattern));
    }
    shop
}

#[cfg(unix)]
const LINKED: [&str; 11] = [
    "metrics.toml",
    "crate/metrics.toml",
    "chain/metrics.toml",
    "folder/metrics.toml",
    "winding.toml",
    "split/file.toml",
    "split/pattern.toml",
    "split/folder.toml",
    "split/named.toml",
    "top.toml",
    "./top.toml",
];

#[cfg(unix)]
#[test]
fn links_are_followed() {
    let shop = linked();
    for path in LINKED {
        assert_found(&shop, path);
    }
}

#[cfg(unix)]
#[test]
#[ignore = "needs git: run .ci/run revisions"]
fn links_in_git_are_followed() {
    let shop = linked();
    shop.commit_to_new_repository();
    // A revision may contain a `/`, and may be the index.
    shop.git(&["branch", "origin/main"]);
    for path in LINKED {
        for revision in ["HEAD", "origin/main", "HEAD@{0}", ""] {
            assert_found(&shop, &format!("{revision}:{path}"));
        }
    }
    let cases = "
        outside.toml => points outside the repository
        crate/up.toml => points outside the repository
        absolute.toml => points outside the repository
        dangling.toml => leads to `nowhere.toml`, which the revision does not have
        circle.toml => form a loop
        to-folder.toml => is a directory
    ";
    for (path, why) in rows(cases) {
        assert_refused(&shop, &format!("HEAD:{path}"), why);
    }
}
