//! Checks the documents' links: every link to a file or heading works, and every page is in the book.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The links of a page, and the anchors of its headings.
#[derive(Default)]
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

impl Page {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a page is readable");
        let mut page = Self::default();
        let mut heading: Option<String> = None;
        let mut used: HashMap<String, usize> = HashMap::new();
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::Text(text) | Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = anchor(&heading.take().unwrap_or_default());
                    let before = used.entry(anchor.clone()).or_default();
                    page.anchors.insert(match *before {
                        0 => anchor,
                        before => format!("{anchor}-{before}"),
                    });
                    *before += 1;
                }
                _ => {}
            }
        }
        page
    }
}

/// Returns the anchor of a heading, as GitHub and mdBook generate it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then_some(c),
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// Collects the pages below a folder, except the notes of runbooks, which are included in other pages.
fn pages_below(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder is readable") {
        let path = entry.expect("an entry is readable").path();
        if path.is_dir() && !path.ends_with("runbooks/notes") {
            pages_below(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}

/// Resolves `.` and `..` in a path.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                normal.push(component);
            }
        }
    }
    normal
}

fn root() -> PathBuf {
    normal(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
}

fn pages() -> HashMap<PathBuf, Page> {
    let root = root();
    let mut paths: Vec<_> = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
        .map(|name| root.join(name))
        .into();
    for folder in ["docs", "examples", "mcp-proxy"] {
        pages_below(&root.join(folder), &mut paths);
    }
    paths
        .into_iter()
        .map(|path| (path.clone(), Page::read(&path)))
        .collect()
}

#[test]
fn every_link_has_a_target() {
    let pages = pages();
    let (mut followed, mut broken) = (0, Vec::new());
    for (path, page) in &pages {
        for link in page.links.iter().filter(|link| !link.contains("://")) {
            followed += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => normal(&path.with_file_name(file)),
            };
            let leads = match pages.get(&target) {
                Some(page) => anchor.is_empty() || page.anchors.contains(anchor),
                None => anchor.is_empty() && target.exists(),
            };
            if !leads {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(followed > 300, "only {followed} links were found");
    broken.sort();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Questions of a newcomer, the page with the answer, and words of the answer.
const QUESTIONS: &str = "
How do I install the command? | docs/getting-started/install.md | cargo install --locked --path shadowcat-metrics-cli
How do I begin in my crate? | docs/getting-started/quick-start.md | shadowcat-metrics init
How do I serve `/metrics`? | docs/guide/operators.md | ## Serving a page
How do I test a metric? | docs/guide/transport-authors.md | ## Testing
What does SM0103 mean? | docs/errors.md | ## SM0103
How do I use my own registry? | examples/prometheus-registry/src/main.rs | metrics.collector()
How do I migrate? | docs/guide/migration.md | ## One transport at a time
How does it compare? | docs/about/comparison.md | ## Recording libraries
Where are the dashboards? | docs/guide/operators.md | ## Dashboards
How do I set up CI? | docs/guide/ci.md | shadowcat-metrics generate --check
";

#[test]
fn answers_are_within_two_clicks_of_the_readme() {
    let (root, pages) = (root(), pages());
    let mut reached = BTreeSet::from([root.join("README.md")]);
    for _click in 0..2 {
        let linked: Vec<_> = reached
            .iter()
            .filter_map(|path| Some((path, pages.get(path)?)))
            .flat_map(|(path, page)| page.links.iter().map(move |link| (path, link)))
            .filter(|(_, link)| !link.contains("://") && !link.starts_with('#'))
            .map(|(path, link)| {
                let file = link.split_once('#').map_or(&**link, |(file, _)| file);
                normal(&path.with_file_name(file))
            })
            .collect();
        reached.extend(linked);
    }
    for row in QUESTIONS.trim().lines() {
        let cells: Vec<_> = row.split(" | ").collect();
        let [question, answer, words] = cells[..] else {
            panic!("{row}");
        };
        let path = root.join(answer);
        let text = fs::read_to_string(&path).expect("the page is readable");
        assert!(text.contains(words), "{question} {answer} lacks {words:?}");
        assert!(
            reached.contains(&path),
            "{question} {answer} is more than two clicks from README.md"
        );
    }
}

#[test]
fn every_page_is_in_the_book() {
    let docs = root().join("docs");
    let summary = Page::read(&docs.join("SUMMARY.md"));
    let listed: BTreeSet<_> = summary.links.iter().map(|link| docs.join(link)).collect();
    let mut there = Vec::new();
    pages_below(&docs, &mut there);
    there.retain(|path| !path.ends_with("SUMMARY.md") && !listed.contains(path));
    assert!(there.is_empty(), "docs/SUMMARY.md does not list {there:#?}");
}
