//! Schemas of several files: merged declarations, and the file named in each message.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};

use shadowcat_metrics_authoring::{Style, compile_files, render};
use shadowcat_metrics_codegen::{Files, Outcome, Source};

/// Files in memory. A pattern that ends with `*` matches all names with that prefix.
struct Memory(BTreeMap<&'static str, &'static str>);

impl Files for Memory {
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>> {
        let path = shadowcat_metrics_codegen::files::join(folder, pattern);
        let matches = |name: &&str| match path.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => **name == path,
        };
        Ok(self
            .0
            .keys()
            .copied()
            .filter(matches)
            .map(str::to_owned)
            .collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let text = self.0.get(name);
        text.map(|text| text.as_bytes().to_vec())
            .ok_or_else(|| Error::new(ErrorKind::PermissionDenied, "not for you"))
    }
}

fn compiled(root: &str, files: &[(&'static str, &'static str)]) -> Outcome {
    let files = Memory(files.iter().copied().collect());
    let root = format!("format = 1\nnamespace = \"shop\"\n{root}");
    compile_files(Source::new("metrics.toml", root), Some(&files), None)
}

/// Returns `SM0014 a.toml:1:2` for each problem.
fn found(outcome: &Outcome) -> Vec<String> {
    let problems = outcome.report.diagnostics().iter().map(|problem| {
        let at = outcome.source.position(problem.primary.start);
        let (file, _) = outcome.source.file_at(problem.primary.start);
        format!("{} {file}:{}:{}", problem.code, at.line, at.column)
    });
    problems.collect()
}

fn messages(outcome: &Outcome) -> String {
    let problems = outcome.report.diagnostics().iter();
    let rendered = problems.map(|problem| render(problem, &outcome.source, Style::Plain));
    rendered.collect::<Vec<_>>().join("\n\n")
}

const CART: &str = "[groups.cart]\nhelp = \"Shopping carts.\"\nlabels = [\"shelf\"]\n";
const ADDED: &str =
    "[metrics.cart.added]\ntype = \"counter\"\nhelp = \"Articles put into carts.\"\n";
const SHELF: &str =
    "[labels.shelf]\nhelp = \"Place where the article was.\"\nvalues = [\"food\", \"tools\"]\n";

#[test]
fn declarations_of_all_files_see_each_other() {
    let outcome = compiled(
        "include = [\"d/*\", \"more/labels.toml\"]\n",
        &[
            ("d/a.toml", ADDED),
            ("d/b.toml", CART),
            ("more/labels.toml", "include = [\"deeper/shelf.toml\"]\n"),
            ("more/deeper/shelf.toml", SHELF),
        ],
    );
    assert_eq!(messages(&outcome), "");
    let registry = outcome.registry().expect("it is valid");
    assert_eq!(registry.metrics[0].exposed, "shop_cart_added_total");
    let names: Vec<_> = outcome.source.files().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "metrics.toml",
            "d/a.toml",
            "d/b.toml",
            "more/labels.toml",
            "more/deeper/shelf.toml"
        ]
    );
    let watched: Vec<_> = outcome.source.watched().skip(5).collect();
    assert_eq!(watched, ["d"], "the folder that a pattern looks into");
    let key = registry.metrics[0].spans.key;
    assert_eq!(outcome.source.slice(key), "added");
    assert_ne!(
        registry.fingerprint,
        compiled("include = [\"d/*\"]\n", &[("d/a.toml", ADDED)])
            .skeleton()
            .fingerprint
    );
}

#[test]
fn every_problem_names_its_file() {
    let outcome = compiled(
        "include = [\"a.toml\", \"b.toml\"]\n",
        &[
            (
                "a.toml",
                "namespace = \"other\"\n[groups.cart]\nhelp = \"Carts\"\nlabels = [\"shelv\"]\n",
            ),
            (
                "b.toml",
                "# é\n[labels.shelf]\nhelp = \"Place where the article was.\"\nvalues = [\"food\"]\n\n[groups.cart]\nhelp = \"Again.\"\n",
            ),
        ],
    );
    assert_eq!(
        found(&outcome),
        [
            "SM0017 a.toml:1:1",
            "SM0011 a.toml:3:8",
            "SM0103 a.toml:4:11",
            "SM0016 b.toml:6:9",
        ]
    );
    insta::assert_snapshot!(messages(&outcome));
}

#[test]
fn syntax_errors_name_their_file() {
    let outcome = compiled(
        "include = [\"a.toml\", \"b.toml\"]\n",
        &[("a.toml", "[groups.cart\n"), ("b.toml", "x = \"\n")],
    );
    assert_eq!(found(&outcome), ["SM0001 a.toml:1:13", "SM0001 b.toml:1:6"]);
}

#[test]
fn files_that_cannot_be_included_are_reported() {
    let outcome = compiled(
        "include = [\"none.toml\", \"/etc/passwd\", \"\", \"none/*\", \"a\\\\b\"]\n",
        &[],
    );
    assert_eq!(
        found(&outcome),
        [
            "SM0014 metrics.toml:3:12",
            "SM0014 metrics.toml:3:25",
            "SM0014 metrics.toml:3:40",
            "SM0014 metrics.toml:3:44",
            "SM0014 metrics.toml:3:54",
        ]
    );
    let nowhere = "format = 1\nnamespace = \"shop\"\ninclude = [\"a.toml\"]\n";
    let outcome = compile_files(Source::new("<stdin>", nowhere), None, None);
    assert_eq!(found(&outcome), ["SM0014 <stdin>:3:12"]);
}

#[test]
fn names_that_a_missing_file_may_declare_are_not_reported() {
    let outcome = compiled(
        "include = [\"labels.toml\", \"d/*\"]\n\n[groups.bag]\nhelp = \"Bags\"\nlabels = [\"colour\"]\n",
        &[("d/a.toml", ADDED)],
    );
    assert_eq!(
        found(&outcome),
        ["SM0014 metrics.toml:3:12", "SM0011 metrics.toml:6:8"]
    );
}

#[test]
fn a_pattern_that_repeats_files_is_reported_once() {
    let files = [("d/a.toml", ""), ("d/b.toml", ""), ("d/c.toml", "")];
    let outcome = compiled("include = [\"d/*\", \"d/*\"]\n", &files);
    assert_eq!(found(&outcome), ["SM0015 metrics.toml:3:19"]);
    assert!(messages(&outcome).contains("`d/a.toml` and 2 more files are included twice"));
}

#[test]
fn cycles_and_repeats_end() {
    let itself = compiled("include = [\"*\"]\n", &[("metrics.toml", "")]);
    assert_eq!(found(&itself), ["SM0015 metrics.toml:3:12"]);
    assert!(messages(&itself).contains("`metrics.toml` includes itself"));
    let round = compiled(
        "include = [\"d/a.toml\"]\n",
        &[
            ("d/a.toml", "include = [\"b.toml\"]\n"),
            ("d/b.toml", "include = [\"../d/a.toml\"]\n"),
            ("d/../d/a.toml", ""),
        ],
    );
    assert_eq!(found(&round), ["SM0015 d/b.toml:1:12"]);
    assert!(
        messages(&round).contains("includes itself through `d/b.toml`"),
        "{}",
        messages(&round)
    );
    let twice = compiled(
        "include = [\"a.toml\", \"b.toml\"]\n",
        &[("a.toml", "include = [\"b.toml\"]\n"), ("b.toml", "")],
    );
    assert_eq!(found(&twice), ["SM0015 a.toml:1:12"]);
    assert!(messages(&twice).contains("`b.toml` is included twice"));
}

#[test]
fn a_long_chain_of_files_is_followed_and_a_long_cycle_is_cut_short() {
    const FILES: usize = 3000;
    let leak = |text: String| &*text.leak();
    let chain: Vec<_> = (0..FILES)
        .map(|number| {
            let next = (number + 1) % FILES;
            (
                leak(format!("f{number}.toml")),
                leak(format!("include = [\"f{next}.toml\"]\n")),
            )
        })
        .collect();
    let outcome = compiled("include = [\"f0.toml\"]\n", &chain);
    assert_eq!(found(&outcome), ["SM0015 f2999.toml:1:12"]);
    let problem = messages(&outcome);
    let chain_text = "through `f1.toml` and `f2.toml` and `f3.toml` and `f4.toml` and 2995 more";
    assert!(problem.contains(chain_text), "{problem}");
}
