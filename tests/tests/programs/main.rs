//! Programs with their own schemas, built by cargo: random schemas generate code that compiles and runs, and editing a schema
//! triggers a rebuild.

mod calls;
mod copies;
mod names;
mod project;
mod readme;

use std::fmt::Write as _;

use project::Project;
use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_oracle::{self as oracle, Grammar};
use shadowcat_metrics_tests::schemas::{Taste, fixed};

/// Number of random schemas, all compiled in one program.
const SCHEMAS: usize = 8;

/// Separates the pages that the program prints. No help or label value contains it.
const BREAK: &str = "\u{1f}\n";

#[test]
fn random_schemas_make_programs_that_run() {
    let project = Project::new("random-schemas");
    let mut modules = String::from("#![deny(warnings)]\n#![allow(deprecated)]\n\n");
    let mut drives = String::new();
    let mut metrics = 0;
    // The first schemas are small, so take every fifth of a larger sample.
    for (number, schema) in fixed(Taste::Lax, SCHEMAS * 5).step_by(5).enumerate() {
        let outcome = compile(Source::new("metrics.toml", schema.0.as_str()));
        let model = outcome.registry().expect("the schema is valid");
        let former = model
            .metrics
            .iter()
            .filter(|metric| metric.former.is_some());
        metrics += model.metrics.len() + former.count();
        let file = format!("schema_{number}.toml");
        project.write(&file, &schema.0);
        let drive = calls::drive(model);
        let macro_call = format!("shadowcat_metrics::metrics!(\"{file}\");");
        let _ = writeln!(modules, "mod schema_{number} {{\n{macro_call}\n{drive}}}\n");
        let _ = writeln!(
            drives,
            "for page in schema_{number}::drive() {{ print!(\"{{page}}{{}}\", {BREAK:?}); }}"
        );
    }
    project.write(
        "src/main.rs",
        &format!("{modules}fn main() {{\n{drives}}}\n"),
    );

    let output = project.cargo("run").succeeds();
    let pages: Vec<_> = output.split_terminator(BREAK).collect();
    assert_eq!(pages.len(), 2 * SCHEMAS, "{output}");
    let mut families = 0;
    for pages in pages.chunks(2) {
        for (page, grammar) in pages
            .iter()
            .zip([Grammar::PrometheusText, Grammar::OpenMetrics])
        {
            let page =
                oracle::parse(grammar, page).unwrap_or_else(|fault| panic!("{fault}\n{page}"));
            families += page.families.len();
        }
    }
    assert_eq!(
        families,
        2 * metrics,
        "every metric was recorded, and none is left out"
    );
}

/// Returns a program that increments a counter in the group `cart`.
fn program(metric: &str) -> String {
    format!(
        "shadowcat_metrics::metrics!(\"metrics.toml\");\n\nfn main() {{\n    Metrics::new().cart().{metric}().inc();\n}}\n"
    )
}

#[test]
fn editing_the_schema_rebuilds() {
    const SCHEMA: &str = "format = 1\nnamespace = \"app\"\n\n[groups.cart]\nhelp = \"Carts.\"\n\n\
                          [metrics.cart.added]\ntype = \"counter\"\nhelp = \"Articles added.\"\n";
    let project = Project::new("edited-schema");
    project.write("metrics.toml", SCHEMA);
    project.write("src/main.rs", &program("added"));
    project.cargo("check").succeeds();

    project.write(
        "metrics.toml",
        &SCHEMA.replace("cart.added", "cart.removed"),
    );
    let renamed = project.cargo("check");
    assert!(!renamed.success);
    renamed.reports("no method named `added`");

    project.write("metrics.toml", &SCHEMA.replace("counter", "conter"));
    let broken = project.cargo("check");
    broken.reports("metrics.toml:8:8");
    broken.reports("did you mean `counter`?");

    project.write("metrics.toml", SCHEMA);
    project.cargo("check").succeeds();
}

/// Where git cannot create links, it writes the target's path into a file.
#[test]
fn a_file_that_replaces_a_link_is_followed() {
    const HEAD: &str =
        "format = 1\nnamespace = \"app\"\n\n[groups.cart]\nhelp = \"Shopping carts.\"\n\n";
    let schema = |metric: &str| {
        format!(
            "{HEAD}[metrics.cart.{metric}]\ntype = \"counter\"\nhelp = \"Articles that were {metric}.\"\n"
        )
    };
    let project = Project::new("link-as-text");
    project.write("schemas/one.toml", &schema("added"));
    project.write("schemas/other.toml", &schema("removed"));
    project.write("metrics.toml", "schemas/one.toml");
    project.write("src/main.rs", &program("added"));
    project.cargo("check").succeeds();

    // First the target changes, and then the path of the target.
    project.write("schemas/one.toml", &schema("counted"));
    let changed = project.cargo("check");
    changed.reports("no method named `added`");
    project.write("metrics.toml", "schemas/other.toml\n");
    project.write("src/main.rs", &program("removed"));
    project.cargo("check").succeeds();
}

/// Adding, changing and removing an included file triggers a rebuild, like changing lines of the schema.
#[test]
fn included_files_rebuild() {
    const HEAD: &str = "format = 1\nnamespace = \"app\"\ninclude = [\"metrics.d/*.toml\"]\n";
    const ADDED: &str = "[groups.cart]\nhelp = \"Shopping carts.\"\n\n[metrics.cart.added]\ntype = \"counter\"\n\
                         help = \"Articles put into carts.\"\n";
    const REMOVED: &str =
        "[metrics.cart.removed]\ntype = \"counter\"\nhelp = \"Articles taken out of carts.\"\n";
    let project = Project::new("included-files");
    project.write("metrics.toml", HEAD);
    project.write("metrics.d/a.toml", ADDED);
    project.write("src/main.rs", &program("added"));
    let without_script = project.cargo("check");
    without_script.reports("a file that is added to `metrics.d` would go unseen");
    let script = |path: &str| {
        format!("fn main() {{\n    println!(\"cargo::rerun-if-changed={path}\");\n}}\n")
    };
    project.write("build.rs", &script("build.rs"));
    let looks_elsewhere = project.cargo("check");
    looks_elsewhere.reports("add this to `main` of your build script:");
    project.write("build.rs", &script("metrics.d"));
    project.cargo("check").succeeds();

    // The modification time of a folder may have a resolution of one second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    project.write("metrics.d/b.toml", &REMOVED.replace("counter", "conter"));
    let broken = project.cargo("check");
    broken.reports("metrics.d/b.toml:2:8");
    project.write("metrics.d/b.toml", REMOVED);
    project.write("src/main.rs", &program("removed"));
    project.cargo("check").succeeds();

    project.remove("metrics.d/b.toml");
    let gone = project.cargo("check");
    gone.reports("no method named `removed`");
}

/// `cargo package` builds the crate without the folders around it. `Cargo.toml.orig` marks such a build.
#[test]
fn a_schema_outside_a_packaged_crate_has_help() {
    const ADVICE: &str = "put links to the schema and to what it includes next to Cargo.toml";
    let project = Project::new("schema-outside");
    project.write(
        "src/main.rs",
        "shadowcat_metrics::metrics!(\"../no-schemas/app.toml\");\n\nfn main() {}\n",
    );
    let missing = project.cargo("check").stderr;
    assert!(
        missing.contains("there is no file `../no-schemas/app.toml`"),
        "{missing}"
    );
    assert!(!missing.contains(ADVICE), "{missing}");
    assert!(!missing.contains("a first schema"), "{missing}");

    project.write("Cargo.toml.orig", "");
    // Changed, because cargo does not know that the macro looks for this file.
    project.write(
        "src/main.rs",
        "shadowcat_metrics::metrics!(\"../no-schemas/app.toml\"); fn main() {}\n",
    );
    let packaged = project.cargo("check").stderr;
    assert!(
        packaged.contains("there is no file `../no-schemas/app.toml` in the packaged crate"),
        "{packaged}"
    );
    assert!(packaged.contains(ADVICE), "{packaged}");
    assert!(packaged.contains("`metrics!(\"app.toml\")`"), "{packaged}");

    project.write(
        "metrics.toml",
        "format = 1\nnamespace = \"app\"\ninclude = [\"../no-schemas/cart.toml\"]\n",
    );
    project.write(
        "src/main.rs",
        "shadowcat_metrics::metrics!(\"metrics.toml\"); fn main() {}\n",
    );
    let included = project.cargo("check").stderr;
    assert!(
        included.contains("SM0014") && included.contains(ADVICE),
        "{included}"
    );
}
