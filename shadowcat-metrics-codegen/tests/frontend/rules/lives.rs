//! Rules of what is promised, and of names from before.

use shadowcat_metrics_codegen::{Source, Version, compile_for};

use super::super::found;
use super::Case;

/// They stand behind [`BASE`](super::BASE), so the first line of each is line 8.
pub(super) const CASES: &[Case] = &[
    (
        "versions that are none",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nrenamed_from = { name = \"old\", until = \"2\" }\n\
         deprecated = { since = \"\", note = \"No.\", remove_in = \"soon\" }\nsince = \"v2\"",
        &[
            "SM0701 11:40",
            "SM0701 12:24",
            "SM0701 12:54",
            "SM0701 13:9",
        ],
    ),
    (
        "stable since nobody knows",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nstability = \"stable\"\nsince = \"soon\"",
        &["SM0701 12:9"],
    ),
    (
        "a rename that says too little",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nrenamed_from = {}",
        &["SM0006 11:16", "SM0006 11:16"],
    ),
    (
        "a rename of a wrong type",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nrenamed_from = \"old\"",
        &["SM0007 11:16"],
    ),
    (
        "renamed from what cannot be exposed",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nrenamed_from = { name = \"a-b\", until = \"2.0.0\" }",
        &["SM0202 11:25"],
    ),
    (
        "renamed from a key, until nobody knows when",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nrenamed_from = { name = \"app.old\", until = \"soon\" }",
        &["SM0202 11:25", "SM0701 11:44"],
    ),
    (
        "renamed from itself",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nrenamed_from = { name = \"t_app_x_total\", until = \"2.0.0\" }",
        &["SM0704 11:1"],
    ),
    (
        "renamed from another metric",
        "[metrics.app.x]\ntype = \"gauge\"\nhelp = \"X.\"\n\
         [metrics.app.y]\ntype = \"gauge\"\nhelp = \"Y.\"\nrenamed_from = { name = \"t_app_x\", until = \"2.0.0\" }",
        &["SM0203 14:1"],
    ),
    (
        "two values from one, and one from another that is there",
        "[labels.end]\nhelp = \"End.\"\n[labels.end.values]\na = { renamed_from = { name = \"z\", until = \"2.0.0\" } }\n\
         b = { renamed_from = { name = \"z\", until = \"2.0.0\" } }\nc = { renamed_from = { name = \"a\", until = \"2.0.0\" } }",
        &["SM0704 12:7", "SM0704 13:7"],
    ),
    (
        "stable, since nobody says when",
        "[metrics.app.x]\ntype = \"counter\"\nhelp = \"X.\"\nstability = \"stable\"",
        &["SM0705 11:13"],
    ),
    (
        "stable with labels that are not",
        "[metrics.web.x]\ntype = \"counter\"\nhelp = \"X.\"\nlabels = [\"host\"]\nstability = \"stable\"\nsince = \"1.0.0\"",
        &["SM0706 3:8", "SM0706 4:8"],
    ),
    (
        "a label that is deprecated",
        "[labels.end]\nhelp = \"End.\"\nvalues = [\"a\"]\nstability = \"deprecated\"",
        &["SM0107 11:13"],
    ),
];

const LIVES: &str = "\
format = 1
namespace = \"t\"
groups.app = { help = \"The app.\" }
[labels.end]
help = \"How it went.\"
values.a = { renamed_from = { name = \"z\", until = \"1.2.0\" } }
[metrics.app.x]
type = \"counter\"
help = \"Orders that came to an end.\"
labels = [\"end\"]
renamed_from = { name = \"old\", until = \"1.3.0-rc.1\" }
[metrics.app.y]
type = \"gauge\"
help = \"Orders that wait.\"
deprecated = { note = \"No.\", remove_in = \"2.0.0\" }
";

#[test]
fn what_is_to_go_goes_with_its_release() {
    let at = |release: Option<&str>| {
        let release = release.map(|release| Version::parse(release).expect("a version"));
        found(&compile_for(
            Source::new("metrics.toml", LIVES),
            release.as_ref(),
        ))
    };
    let none: [&str; 0] = [];
    assert_eq!(at(None), none);
    assert_eq!(at(Some("1.2.0-alpha")), none, "before 1.2.0");
    assert_eq!(at(Some("1.2.0")), ["SM0702 6:14"]);
    assert_eq!(at(Some("1.3.0-beta")), ["SM0702 6:14"]);
    assert_eq!(at(Some("1.3.0-rc.1")), ["SM0702 6:14", "SM0702 11:1"]);
    assert_eq!(
        at(Some("3.0.0")),
        ["SM0702 6:14", "SM0702 11:1", "SM0703 12:14"]
    );
}
