//! `init`: sets up a project that builds.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use super::{Shop, assert_contains, rows};

const MANIFEST: &str = "[package]\nname = \"my-shop\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace] # its own\n";

const FILES: [&str; 9] = [
    "Cargo.toml",
    "docs/metrics.json",
    "docs/metrics.md",
    "docs/metrics.schema.json",
    "docs/operations/dashboards/job.json",
    "docs/operations/dashboards/overview.json",
    "metrics.toml",
    "src/main.rs",
    "src/metrics.rs",
];

/// Returns an empty crate.
fn project() -> Shop {
    let shop = Shop::empty();
    shop.write("Cargo.toml", MANIFEST);
    shop.write("src/main.rs", "fn main() {}\n");
    shop
}

#[test]
fn files_are_written_and_listed() {
    let shop = project();
    let ran = shop.run("init").code(0);
    assert_eq!(shop.files(), FILES);
    for file in FILES.iter().filter(|file| **file != "src/main.rs") {
        ran.prints(&format!(" ./{file}\n"));
    }
    ran.prints("add `mod metrics;` to src/main.rs");
    let manifest = shop.read("Cargo.toml");
    assert!(
        manifest.starts_with(MANIFEST)
            && manifest.contains("\n[dependencies]\nshadowcat-metrics = { path = \"")
            && manifest.ends_with("\" }\n"),
        "{manifest}"
    );
    assert!(
        shop.read("metrics.toml")
            .contains("namespace = \"my_shop\"")
    );
    shop.run("check --deny-warnings").code(0);
    shop.run("generate --check").code(0);
    assert_eq!(shop.run("fmt --check").code(0).stdout, "");
}

#[test]
fn existing_files_are_kept() {
    let shop = project();
    shop.write("metrics.toml", "mine");
    shop.write(".github/workflows/ci.yml", "");
    let ran = shop.run("init --namespace shop").code(0);
    ran.prints("kept existing ./metrics.toml");
    assert_eq!(shop.read("metrics.toml"), "mine");
    assert!(
        shop.read(".github/workflows/metrics.yml")
            .contains("generate --check")
    );
    ran.prints_each([
        "1. add `mod metrics;` to src/main.rs\n",
        "2. see the metrics of the existing schema: `shadowcat-metrics list`\n",
        "read .github/workflows/metrics.yml: it runs `shadowcat-metrics check",
    ]);
    ran.does_not_print("metrics.job()");
    assert!(
        !shop.has("docs/metrics.md"),
        "they would be of another schema"
    );
    let before = shop.read("Cargo.toml");
    shop.write("src/main.rs", "mod metrics;\nfn main() {}\n");
    let ran = shop.run("init").code(0);
    ran.does_not_print("add `mod metrics;`");
    ran.prints("kept the existing dependency in ./Cargo.toml");
    assert_eq!(shop.read("Cargo.toml"), before);
}

#[test]
fn a_manifest_with_crlf_keeps_it() {
    let shop = project();
    let manifest = MANIFEST.replace('\n', "\r\n");
    shop.write("Cargo.toml", &manifest);
    shop.run("init").code(0);
    let written = shop.read("Cargo.toml");
    assert!(written.starts_with(&manifest), "{written:?}");
    assert_eq!(
        written.matches('\n').count(),
        written.matches("\r\n").count()
    );
}

#[test]
fn a_manifest_with_a_byte_order_mark_keeps_it() {
    let shop = project();
    let manifest = format!("\u{feff}{MANIFEST}");
    shop.write("Cargo.toml", &manifest);
    shop.run("init").code(0);
    let written = shop.read("Cargo.toml");
    assert!(written.starts_with(&manifest), "{written:?}");
    assert!(written.contains("shadowcat-metrics = "), "{written:?}");
}

#[test]
fn a_renamed_library_keeps_its_name() {
    let shop = project();
    keeps_the_name(&shop, "dependencies");
}

#[test]
fn the_library_may_be_a_dependency_of_a_target() {
    let shop = project();
    keeps_the_name(&shop, "target.'cfg(unix)'.dependencies");
}

fn keeps_the_name(shop: &Shop, table: &str) {
    let dependency = "shop-metrics = { package = \"shadowcat-metrics\", version = \"0.1\" }";
    let manifest = format!("{MANIFEST}\n[{table}]\n{dependency}\n");
    shop.write("Cargo.toml", &manifest);
    let ran = shop.run("init").code(0);
    ran.prints("kept the existing dependency");
    ran.prints("metrics.encode(shop_metrics::Format::PrometheusText)");
    assert_eq!(shop.read("Cargo.toml"), manifest);
    let module = shop.read("src/metrics.rs");
    assert!(module.ends_with("\nshop_metrics::metrics!(\"metrics.toml\");\n"));
}

#[test]
fn another_package_with_the_name_of_the_library_is_kept() {
    let shop = project();
    let dependency = "shadowcat-metrics = { package = \"other\", version = \"1\" }";
    let manifest = format!("{MANIFEST}\n[dependencies]\n{dependency}\n");
    shop.write("Cargo.toml", &manifest);
    let texts = ["is the package `other`", "rename that dependency"];
    shop.assert_reports("init", 2, texts);
    assert_eq!(shop.read("Cargo.toml"), manifest);
    let is_written = shop.path().join("metrics.toml").exists();
    assert!(!is_written, "nothing is half done");
}

#[test]
fn a_folder_without_a_crate_is_refused() {
    let shop = Shop::empty();
    shop.run("init").code(2).reports("cargo init");
    shop.write("Cargo.toml", "[workspace]\n");
    shop.run("init").code(2).reports("has no package");
    shop.write("Cargo.toml", MANIFEST);
    shop.assert_reports("init --namespace My", 2, ["`My` cannot be the namespace"]);
    assert_eq!(shop.read("Cargo.toml"), MANIFEST, "nothing is half done");
}

#[test]
fn the_path_of_the_library_works_in_cargo_toml() {
    let dependency = |shop: &Shop| {
        let manifest = shop.read("shop/Cargo.toml");
        let line = manifest
            .lines()
            .find(|line| line.starts_with("shadowcat-metrics = "));
        line.expect("the dependency").to_owned()
    };
    let library = "[package]\nname = \"shadowcat-metrics\"\n";
    let prepare = || {
        let shop = Shop::empty();
        shop.write("shop/Cargo.toml", MANIFEST);
        shop.write(
            "checkout/Cargo.toml",
            "[workspace]\nmembers = [\"other\", \"crates/*\"]\n",
        );
        shop.write("checkout/other/Cargo.toml", "[package]\nname = \"other\"\n");
        shop.write("checkout/crates/library/Cargo.toml", library);
        shop.write("checkout/crates/broken/Cargo.toml", "[package\n");
        shop
    };
    // From above the crate, from inside it, and in the form that Cargo.toml needs.
    let path = "path = \"../checkout/crates/library\"";
    for (folder, args) in [
        (".", "init shop --path checkout"),
        (".", "init shop --path checkout/crates/library"),
        (".", "init shop --path ../checkout"),
        ("shop", "init --path ../checkout/"),
        ("shop/..", "init ./shop --path ./checkout/../checkout"),
    ] {
        let shop = prepare();
        shop.run_in(folder, args).code(0);
        let found = dependency(&shop);
        assert!(found.contains(path), "{args:?}: {found}");
    }
    // cargo treats a crate under two paths as two crates, so the path is kept as given.
    #[cfg(unix)]
    {
        let shop = prepare();
        std::os::unix::fs::symlink("checkout", shop.path().join("link")).expect("a link");
        shop.run("init shop --path link").code(0);
        let found = dependency(&shop);
        assert_contains(&found, "path = \"../link/crates/library\"");
    }
    let shop = prepare();
    let cases = "
        checkout/other => `checkout/other` has no crate `shadowcat-metrics`
        nowhere => `nowhere` has no Cargo.toml
    ";
    for (path, why) in rows(cases) {
        shop.assert_reports(&["init", "shop", "--path", path], 2, [why]);
        assert_eq!(shop.read("shop/Cargo.toml"), MANIFEST);
    }
    shop.assert_reports("init checkout", 2, ["it is the root of a workspace"]);
    shop.write("shop/.github/workflows/ci.yml", "");
    let url = "https://git.example.com/metrics.git";
    shop.run(&["init", "shop", "--git", url]).code(0);
    assert!(dependency(&shop).contains(&format!("git = \"{url}\"")));
    let workflow = shop.read("shop/.github/workflows/metrics.yml");
    let install = format!("- run: cargo install --locked --git {url} shadowcat-metrics-cli\n");
    assert_contains(&workflow, &install);
}

#[test]
fn an_unpublished_library_is_reported() {
    let shop = project();
    shop.write(".github/workflows/ci.yml", "");
    let ran = shop.run("init").code(0);
    ran.prints_each([
        "crates.io does not have `shadowcat-metrics` yet, so the dependency is the checkout `",
        "`--path DIR` or `--git URL`",
        "replace URL in .github/workflows/metrics.yml",
    ]);
    let workflow = shop.read(".github/workflows/metrics.yml");
    assert!(workflow.contains("cargo install --locked --git URL shadowcat-metrics-cli\n"));
}

#[test]
fn the_project_builds_and_records() {
    let shop = project();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // The workspace's root, which has the library as a member.
    let library = workspace.display().to_string();
    // The same lock file, so that nothing is downloaded.
    fs::copy(workspace.join("Cargo.lock"), shop.path().join("Cargo.lock")).expect("a lock file");
    let output = shop.run(&["init", "--path", &library]).code(0).stdout;
    let step = |name: &str| {
        let lines = &mut output.lines();
        let output = lines.find_map(|line| line.split_once(name));
        output
            .expect("it is shown")
            .1
            .trim_end_matches('`')
            .to_owned()
    };
    let (record, see) = (step("record: `"), step("see the page: `"));
    let new = |metric: &str| {
        let command = format!("new --help-text 'What it is.' {metric}");
        let output = shop.run(&command).code(0).stdout;
        let call = output
            .lines()
            .find_map(|line| line.strip_prefix("recorded by "));
        call.expect("a call").to_owned()
    };
    let calls = [
        "job.size --type histogram --unit bytes --buckets '[64, 1024]' --labels outcome",
        "job.waiting --type updown_counter",
        "job.memory --type updown_counter --unit bytes",
        "job.queue --type gauge --callback",
        "job.mode --type state --states outcome",
    ];
    let calls = calls.map(new);
    let calls = calls.concat().replace("let guard", "let _guard");
    shop.write(
        "src/main.rs",
        format!(
            "mod metrics;\nuse metrics::labels;\nfn main() {{\n{record}\nlet bytes = 100_u64;\nlet read = || 7;\n{calls}\n\
             {see}\n}}\n",
        ),
    );
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ran = Command::new(cargo)
        .args(["run", "--offline", "--quiet", "--color=never"])
        .current_dir(shop.path())
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("init"),
        )
        .output()
        .expect("cargo runs this test, so it can be run");
    let page = String::from_utf8_lossy(&ran.stdout);
    for line in [
        "my_shop_job_completed_total{outcome=\"ok\"} 1\n",
        "my_shop_job_size_bytes_bucket{outcome=\"ok\",le=\"64.0\"} 0\n",
        "my_shop_job_size_bytes_sum{outcome=\"ok\"} 100",
        "my_shop_job_waiting 1\n",
        "my_shop_job_memory_bytes 100\n",
        "my_shop_job_queue 7\n",
    ] {
        assert!(
            page.contains(line),
            "{line} is missing in\n{page}\n{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}
