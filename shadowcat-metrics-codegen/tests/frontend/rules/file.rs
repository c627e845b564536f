//! Rules of the file and its tables, but for `[metrics]`.

use super::Case;

/// The first line of each is line 3.
pub(super) const CASES: &[Case] = &[
    ("unknown key at the top", "namspace = 1", &["SM0004 3:1"]),
    (
        "unknown table",
        "[label.x]\nhelp = \"X.\"\nvalues = [\"a\"]",
        &["SM0005 3:2"],
    ),
    (
        "unknown table, no near miss",
        "[dashboards.x]\na = 1",
        &["SM0005 3:2"],
    ),
    ("a section of a wrong type", "metrics = 3", &["SM0007 3:11"]),
    (
        "a section as an array of tables",
        "[[labels]]\nhelp = \"X.\"",
        &["SM0007 3:1"],
    ),
    ("a label of a wrong type", "labels.x = 3", &["SM0007 3:12"]),
    ("a group of a wrong type", "groups.x = []", &["SM0007 3:12"]),
    (
        "a bucket set of a wrong type",
        "buckets.x = \"a\"",
        &["SM0007 3:13"],
    ),
    (
        "a number over 64 bits",
        "defaults.series_budget = 99999999999999999999",
        &["SM0008 3:26"],
    ),
    (
        "a hexadecimal number over 64 bits",
        "defaults.series_budget = 0xFFFF_FFFF_FFFF_FFFF",
        &["SM0008 3:26"],
    ),
    (
        "a float over its range",
        "buckets.x = [1, 1e999]",
        &["SM0008 3:17"],
    ),
    (
        "a negative budget",
        "defaults.series_budget = -1",
        &["SM0008 3:26"],
    ),
    (
        "a budget past what can be numbered",
        "defaults.series_budget = 10_000_001",
        &["SM0008 3:26"],
    ),
    (
        "a budget in words",
        "defaults.series_budget = \"many\"",
        &["SM0007 3:26"],
    ),
    ("an empty owner", "defaults.owner = \" \"", &["SM0012 3:18"]),
    (
        "deprecated by default",
        "defaults.stability = \"deprecated\"",
        &["SM0412 3:22"],
    ),
    (
        "allow as one string",
        "defaults.allow = \"unused-label\"",
        &["SM0007 3:18"],
    ),
    (
        "a label without help",
        "labels.x = { values = [\"a\"] }",
        &["SM0010 3:8"],
    ),
    (
        "a label without values",
        "labels.x = { help = \"X.\" }",
        &["SM0006 3:8"],
    ),
    (
        "both values and open",
        "labels.x = { help = \"X.\", values = [\"a\"], open = { max = 1 } }",
        &["SM0009 3:43"],
    ),
    (
        "no values",
        "labels.x = { help = \"X.\", values = [] }",
        &["SM0303 3:36"],
    ),
    (
        "an empty value",
        "labels.x = { help = \"X.\", values = [\"\", \"a\"] }",
        &["SM0304 3:37"],
    ),
    (
        "an empty overflow value",
        "labels.x = { help = \"X.\", open = { max = 1, overflow = \"\" } }",
        &["SM0304 3:56"],
    ),
    (
        "a value twice",
        "labels.x = { help = \"X.\", values = [\"a\", \"a\"] }",
        &["SM0305 3:42"],
    ),
    (
        "values of one variant",
        "labels.x = { help = \"X.\", values = { a-b = \"\", a_b = \"\" } }",
        &["SM0306 3:48"],
    ),
    (
        "values that differ in case",
        "labels.x = { help = \"X.\", values = [\"get\", \"GET\"] }",
        &["SM0306 3:44"],
    ),
    (
        "a value without a name",
        "labels.x = { help = \"X.\", values = [\"日\"] }",
        &["SM0307 3:37"],
    ),
    (
        "a value of a wrong type",
        "labels.x = { help = \"X.\", values = [1, \"a\"] }",
        &["SM0007 3:37"],
    ),
    (
        "an unbounded label",
        "labels.x = { help = \"X.\", open = {} }",
        &["SM0308 3:34"],
    ),
    (
        "a label with no room",
        "labels.x = { help = \"X.\", open = { max = 0 } }",
        &["SM0308 3:42"],
    ),
    (
        "a negative bound",
        "labels.x = { help = \"X.\", open = { max = -1 } }",
        &["SM0008 3:42"],
    ),
    (
        "a bound over 32 bits",
        "labels.x = { help = \"X.\", open = { max = 4294967295 } }",
        &["SM0309 3:42"],
    ),
    (
        "the highest bound of 32 bits but one",
        "labels.x = { help = \"X.\", open = { max = 4294967294 } }",
        &["SM0309 3:42"],
    ),
    (
        "a bound just over the highest",
        "labels.x = { help = \"X.\", open = { max = 1_000_001 } }",
        &["SM0309 3:42"],
    ),
    (
        "a bound over the budget on a label that nothing uses",
        "labels.x = { help = \"X.\", open = { max = 1_000_000 } }",
        &["SM0607 3:8"],
    ),
    (
        "open as a number",
        "labels.x = { help = \"X.\", open = 64 }",
        &["SM0007 3:34"],
    ),
    (
        "the label le",
        "labels.le = { help = \"X.\", values = [\"a\"] }",
        &["SM0301 3:8"],
    ),
    (
        "the label quantile",
        "labels.quantile = { help = \"X.\", values = [\"a\"] }",
        &["SM0301 3:8"],
    ),
    (
        "a label with two underscores",
        "labels.__x = { help = \"X.\", values = [\"a\"] }",
        &["SM0301 3:8"],
    ),
    (
        "a label that is no name",
        "labels.a-b = { help = \"X.\", values = [\"a\"] }",
        &["SM0201 3:8"],
    ),
    (
        "a label in capitals",
        "labels.Host = { help = \"X.\", values = [\"a\"] }",
        &["SM0201 3:8"],
    ),
    (
        "a label that is a keyword",
        "labels.type = { help = \"X.\", values = [\"a\"] }",
        &["SM0205 3:8"],
    ),
    (
        "an open label named like a method",
        "labels.new = { help = \"X.\", open = { max = 1 } }",
        &["SM0206 3:8"],
    ),
    (
        "labels of one type",
        "labels.a1 = { help = \"X.\", values = [\"a\"] }\nlabels.a_1 = { help = \"X.\", values = [\"a\"] }",
        &["SM0207 4:8"],
    ),
    ("a group without help", "groups.x = {}", &["SM0010 3:8"]),
    (
        "help without a full stop",
        "groups.x = { help = \"X\" }",
        &["SM0011 3:21"],
    ),
    (
        "a group that is a keyword",
        "groups.match = { help = \"X.\" }",
        &["SM0205 3:8"],
    ),
    (
        "a group named like a method",
        "groups.encode = { help = \"X.\" }",
        &["SM0206 3:8"],
    ),
    (
        "the library's own group",
        "groups.metrics = { help = \"X.\" }",
        &["SM0206 3:8"],
    ),
    (
        "groups of one type",
        "groups.a1 = { help = \"X.\" }\ngroups.a_1 = { help = \"X.\" }",
        &["SM0207 4:8"],
    ),
    (
        "a group and an open label",
        "labels.x = { help = \"X.\", open = { max = 1 } }\ngroups.x = { help = \"X.\" }",
        &["SM0208 4:8"],
    ),
    (
        "a group with an unknown label",
        "groups.x = { help = \"X.\", labels = [\"y\"] }",
        &["SM0103 3:37"],
    ),
    ("no bounds", "buckets.x = []", &["SM0501 3:13"]),
    (
        "bounds that do not increase",
        "buckets.x = [1, 3, 2]",
        &["SM0502 3:20"],
    ),
    ("a bound twice", "buckets.x = [1, 1]", &["SM0502 3:17"]),
    (
        "infinite and undefined bounds",
        "buckets.x = [nan, 1, inf]",
        &["SM0503 3:14", "SM0503 3:22"],
    ),
    (
        "negative bounds",
        "buckets.x = [-2, -1.5, 0]",
        &["SM0504 3:14", "SM0504 3:18"],
    ),
    (
        "a bound of a wrong type",
        "buckets.x = [1, \"2\"]",
        &["SM0007 3:17"],
    ),
    ("no terms", "buckets.x = {}", &["SM0006 3:13"]),
    (
        "an unknown progression",
        "buckets.x = { exponental = { start = 1, factor = 2, count = 3 } }",
        &["SM0005 3:15"],
    ),
    (
        "a term missing",
        "buckets.x = { exponential = { start = 1, count = 3 } }",
        &["SM0006 3:13"],
    ),
    (
        "two progressions",
        "buckets.x = { exponential = { start = 1, factor = 2, count = 3 }, linear = { start = 1, width = 2, count = 3 } }",
        &["SM0009 3:67"],
    ),
    (
        "a start of zero",
        "buckets.x = { exponential = { start = 0, factor = 2, count = 3 } }",
        &["SM0508 3:39"],
    ),
    (
        "a factor of one",
        "buckets.x = { exponential = { start = 1, factor = 1, count = 3 } }",
        &["SM0508 3:51"],
    ),
    (
        "a width of zero",
        "buckets.x = { linear = { start = 0, width = 0, count = 3 } }",
        &["SM0508 3:45"],
    ),
    (
        "a count of zero",
        "buckets.x = { linear = { start = 0, width = 1, count = 0 } }",
        &["SM0501 3:56"],
    ),
    (
        "a negative count",
        "buckets.x = { linear = { start = 0, width = 1, count = -3 } }",
        &["SM0501 3:56"],
    ),
    (
        "a count of 251",
        "buckets.x = { linear = { start = 0, width = 1, count = 251 } }",
        &["SM0507 3:56"],
    ),
    (
        "a progression that overflows",
        "buckets.x = { exponential = { start = 1e300, factor = 1e10, count = 3 } }",
        &["SM0503 3:13"],
    ),
    (
        "a factor too near to one to tell",
        "buckets.x = { exponential = { start = 1, factor = 1.000_000_000_1, count = 3 } }",
        &["SM0502 3:13"],
    ),
    (
        "sections that nobody claims",
        "alerts.a = { expr = 1, unknown = {} }\nslos = 5\n[operations]\nexternl = []",
        &[],
    ),
    (
        "a misspelt section that nobody claims",
        "[alert.a]\nsummary = 1",
        &["SM0005 3:2"],
    ),
];
