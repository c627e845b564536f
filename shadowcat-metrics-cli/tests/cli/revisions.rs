//! `diff` with schemas from git: symbolic links are followed, and an unreadable old schema is never treated as empty.

use super::{BROKEN, GOOD, Shop, rows};

/// A repository whose committed schema has a stable counter that the working copy lacks.
struct Repository(Shop);

impl Repository {
    /// Commits the prepared files, then writes a `metrics.toml` without the counter.
    fn with(prepare: impl FnOnce(&Shop)) -> Option<Self> {
        let shop = Shop::empty();
        prepare(&shop);
        if !shop.git(&["init", "-q", "-b", "main"]) {
            return None; // This test needs git.
        }
        assert!(shop.git(&["add", "-A"]) && shop.git(&["commit", "-q", "-m", "one"]));
        shop.write("new.toml", stable().replace("added", "gone"));
        Some(Self(shop))
    }

    /// Asserts that `diff` reports the breaking change.
    fn assert_found(&self, old: &str) {
        let guard = format!("diff '{old}' new.toml --fail-on major");
        self.0
            .run(&guard)
            .code(1)
            .reports("`cart.added` (stable): removed");
        let same = format!("diff '{old}' '{old}' --fail-on any");
        self.0.run(&same).code(0);
    }

    /// Asserts that `diff` refuses to compare, in both directions.
    fn assert_refused(&self, old: &str, why: &str) {
        for sides in [[old, "new.toml"], ["new.toml", old]] {
            for more in ["--fail-on major", ""] {
                let sides = sides.join("' '");
                let ran = self.0.run(&format!("diff '{sides}' {more}")).code(2);
                ran.reports(why);
                assert_eq!(ran.stdout, "");
            }
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

#[test]
fn an_invalid_schema_is_refused() {
    let repository = Repository::with(|shop| {
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
    });
    let Some(repository) = repository else { return };
    for (name, why) in [
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
    ] {
        repository.assert_refused(name, why);
        repository.assert_refused(&format!("HEAD:{name}"), why);
        repository.assert_refused(&format!("main:{name}"), why);
    }
    repository.assert_refused(
        "NOWHERE:metrics.toml",
        "cannot read `NOWHERE:metrics.toml` from git",
    );
    repository.assert_refused("HEAD:", "directory");
    repository.assert_found("HEAD:folder/metrics.toml");
    // An old schema with semantic errors can still be compared, because its metrics are known.
    repository
        .0
        .write("old.toml", stable().replace("\"shelf\"", "\"shelv\""));
    let ran = repository
        .0
        .run("diff old.toml new.toml --fail-on major")
        .code(1);
    ran.reports("old.toml has errors");
    repository.0.write("old.toml", BROKEN);
    repository.0.run("diff old.toml new.toml").code(0);
}

#[cfg(unix)]
#[test]
fn links_are_followed() {
    use std::os::unix::fs::symlink;

    let repository = Repository::with(|shop| {
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
    });
    let Some(repository) = repository else { return };
    // A revision may contain a `/`, and may be the index.
    assert!(repository.0.git(&["branch", "origin/main"]));
    for path in [
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
    ] {
        for revision in ["HEAD", "origin/main", "HEAD@{0}", ""] {
            repository.assert_found(&format!("{revision}:{path}"));
        }
        repository.assert_found(path);
    }
    let cases = "
        outside.toml => leads out of the repository
        crate/up.toml => leads out of the repository
        absolute.toml => leads out of the repository
        dangling.toml => leads to `nowhere.toml`, which the revision does not have
        circle.toml => lead in a circle
        to-folder.toml => is a directory
    ";
    for (path, why) in rows(cases) {
        repository.assert_refused(&format!("HEAD:{path}"), why);
    }
}
