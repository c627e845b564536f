//! For any input, nothing panics and every position is inside the text.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use proptest::prelude::*;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::duration;
use shadowcat_metrics_operations::files::File;
use shadowcat_metrics_operations::promql::{Query, Vocabulary};

/// Generates random sequences of PromQL tokens.
fn query() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "sum",
        "by",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "5m",
        "\"",
        "'",
        "`",
        ",",
        "=~",
        "!=",
        "rate(",
        "le",
        " ",
        "1e9",
        "shadowcat_process_restarts_total",
        "shadowcat_request_duration_seconds_bucket",
        "server",
        "$__interval",
        "${x:csv}",
        "on",
        "group_left",
        "histogram_quantile(0.9,",
        "offset",
        "and",
        "or",
        "/",
        ">",
        "#",
        "\n",
        "é",
        "\\",
        "0x",
        "@",
        "-",
        "bool",
        "inf",
        "topk(",
        "label_values(",
        "__name__",
        "absent",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn assert_positions_inside(text: &str) {
    thread_local! {
        static VOCABULARY: Vocabulary = common::problems::vocabulary(common::SHADOWCAT, "");
    }
    VOCABULARY.with(|vocabulary| {
        let query = Query::parse(text);
        for finding in query.analyze(vocabulary).findings {
            assert!(
                text.get(finding.range.clone()).is_some(),
                "{finding:?} of {text:?}"
            );
        }
        let _ = query.structure();
        let _ = duration::Scale::new(0.01).map(|scale| scale.query(text));
    });
}

fn check_file(text: &str) {
    let vocabulary = common::problems::vocabulary(common::SHADOWCAT, text);
    let source = Source::new("x.yml", text);
    for problem in File::read(&source).check(&vocabulary).diagnostics() {
        assert!(
            source.text().get(problem.primary.range()).is_some(),
            "{problem:?} of {text:?}"
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_queries(text in any::<String>()) {
        assert_positions_inside(&text);
    }

    #[test]
    fn queries_of_random_tokens(text in query()) {
        assert_positions_inside(&text);
    }

    #[test]
    fn nearly_valid_queries(cut in 0_usize..200, more in query()) {
        let query = "histogram_quantile(0.9, sum by (le, server) (rate(shadowcat_request_duration_seconds_bucket{method=~\"ping|é\"}[5m] offset 1h))) / on (server) group_left () up";
        let cut = (0..=cut.min(query.len())).rev().find(|cut| query.is_char_boundary(*cut)).unwrap_or(0);
        assert_positions_inside(&format!("{}{more}{}", &query[..cut], &query[cut..]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_files(text in any::<String>()) {
        check_file(&text);
    }

    #[test]
    fn files_in_any_style(query in query(), style in prop::sample::select(vec!["", "|\n  ", ">-\n  ", "\"", "'"])) {
        let end = if style == "\"" || style == "'" { style } else { "" };
        check_file(&format!("- expr: {style}{query}{end}\n"));
        check_file(&format!("- {{\"record\": \"x\", \"expr\": {query:?}, \"x.yml\": \"- expr: {style}\"}}\n"));
        check_file(&format!("x.yml: |\n  - query: {style}label_values({query}, a){end}\n"));
    }
}
