//! `live-check`: pages from servers that support several formats, support none, refuse, or disconnect.

use super::super::Shop;
use super::super::server::{self, Answer};
use super::{PAGE, SCHEMA};

const TEXT: &str = "text/plain; version=0.0.4";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns the page in OpenMetrics, without its `# EOF`.
fn as_open_metrics(page: &str) -> String {
    page.replace("HELP shop_cart_added_total", "HELP shop_cart_added")
        .replace("TYPE shop_cart_added_total", "TYPE shop_cart_added")
}

/// Starts a server that answers in the requested format; `counts` is the text after the counter's name in each answer.
fn serve(counts: &'static [&str]) -> String {
    let address = server::serve(counts.len(), |number, head| {
        let page = PAGE.replace("total 1", &format!("total{}", counts[number]));
        let (content_type, page) = if head.contains("openmetrics") {
            (OPEN_METRICS, as_open_metrics(&page) + "# EOF\n")
        } else {
            (TEXT, page)
        };
        Some(("200 OK", content_type, page.into()))
    });
    format!("http://{address}/metrics")
}

/// Starts a server that gives these answers, one per request.
fn serve_these(answers: Vec<Answer>) -> String {
    let address = server::serve(answers.len(), move |number, _| answers[number].clone());
    format!("http://{address}/metrics")
}

/// Starts a server that answers the first request with text and the second with a page declared as OpenMetrics. Requests for
/// protobuf get text.
fn serve_both(open_metrics: String) -> String {
    serve_these(vec![
        Some(("200 OK", TEXT, PAGE.into())),
        Some(("200 OK", OPEN_METRICS, open_metrics.into())),
        Some(("200 OK", TEXT, PAGE.into())),
    ])
}

#[test]
fn a_server_is_checked_in_all_its_formats_and_watched() {
    let shop = Shop::with(SCHEMA);
    let url = serve(&[" 1", " 1", " 1", " 2"]);
    let ran = shop.run(&["live-check", &url, "--for", "0.1s"]).code(0);
    ran.prints("(2 families in text and openmetrics)");
    ran.reports("`shop_cart_open` did not change");
    ran.does_not_report("shop_cart_added_total");
}

#[test]
fn every_scrape_of_a_watch_counts() {
    let shop = Shop::with(SCHEMA);
    let watch = "--for 0.4s --every 0.2s";
    let url = serve(&[" 1", " 1", " 1", " 2", " 1"]);
    let ran = shop.run(&format!("live-check {url} {watch}"));
    assert!(
        !ran.code(0).stderr.contains("shop_cart_added_total"),
        "it moved and came back"
    );
    let url = serve(&[" 1", " 1", " 1", "{odd=\"x\"} 1", "{odd=\"y\"} 1"]);
    let ran = shop.run(&format!("live-check {url} {watch}")).code(1);
    ran.reports("`odd`");
    ran.reports(" s (text:3)");
    shop.assert_reports("live-check page.txt --every 1s", 2, ["--for <TIME>"]);
}

#[test]
fn an_answer_is_checked_in_its_declared_format() {
    let shop = Shop::with(SCHEMA);
    let good = as_open_metrics(PAGE);
    let url = serve_both(format!("{good}# EOF\n"));
    shop.assert_prints(&["live-check", &url], 0, ["in text and openmetrics"]);
    // The truncated page is still read as OpenMetrics, because its header says so.
    let url = serve_both(good.clone());
    let ran = shop.run(&["live-check", &url]).code(1);
    ran.reports("does not end with `# EOF`");
    ran.reports("(openmetrics:7)");
    ran.prints("1 error and 0 warnings");
    let url = serve_both(format!("{good}# EOF\nshop_cart_more 1\n"));
    shop.assert_reports(&["live-check", &url], 1, ["after `# EOF`"]);
    // A file has no declared format, and units only exist in OpenMetrics.
    let unit = "# TYPE shop_x_seconds gauge\n# UNIT shop_x_seconds seconds\n";
    shop.write("page.txt", format!("{good}{unit}"));
    shop.assert_reports("live-check page.txt", 1, ["does not end with `# EOF`"]);
}

#[test]
fn formats_are_optional() {
    let shop = Shop::with(SCHEMA);
    let refuses = || Some(("406 Not Acceptable", "text/plain", b"no".to_vec()));
    let text = || Some(("200 OK", TEXT, PAGE.into()));
    let url = serve_these(vec![text(), refuses(), refuses()]);
    let ran = shop.run(&["live-check", &url]).code(0);
    assert!(ran.stdout.ends_with("in text)\n"), "{ran:?}");
    let open_metrics = as_open_metrics(PAGE) + "# EOF\n";
    let open_metrics = || Some(("200 OK", OPEN_METRICS, open_metrics.clone().into()));
    let url = serve_these(vec![refuses(), open_metrics(), refuses(), open_metrics()]);
    let ran = shop.run(&["live-check", &url, "--for", "0.1s"]).code(0);
    assert!(ran.stdout.ends_with("in openmetrics)\n"), "{ran:?}");
    let url = serve_these(vec![refuses(), refuses(), refuses()]);
    shop.assert_reports(&["live-check", &url], 2, ["none of the formats"]);
}

/// `shop_cart_open 2` and `shop_cart_added_total 1` in Prometheus' protobuf format.
const MESSAGES: &[u8] = b"\x40\x0a\x15shop_cart_added_total\x12\x18Articles put into carts.\x18\x00\x22\x0b\x1a\x09\x09\0\0\0\0\0\0\xf0\x3f\
    \x35\x0a\x0eshop_cart_open\x12\x14Carts that are open.\x18\x01\x22\x0b\x12\x09\x09\0\0\0\0\0\0\0\x40";

#[test]
fn protobuf_is_checked_if_available() {
    const PROTOBUF: &str = "application/vnd.google.protobuf; \
        proto=io.prometheus.client.MetricFamily; encoding=delimited";
    let shop = Shop::with(SCHEMA);
    let serve = |messages: &[u8]| {
        serve_these(vec![
            Some(("200 OK", TEXT, PAGE.into())),
            Some(("406 Not Acceptable", "text/plain", b"no".to_vec())),
            Some(("200 OK", PROTOBUF, messages.to_vec())),
        ])
    };
    let ran = shop.run(&["live-check", &serve(MESSAGES)]).code(0);
    assert!(ran.stdout.ends_with("in text and protobuf)\n"), "{ran:?}");
    let cut = &MESSAGES[..MESSAGES.len() - 1];
    let ran = shop.run(&["live-check", &serve(cut)]).code(1);
    ran.reports_each([
        "message 2: this is not a `MetricFamily`: it has 52 of 53 bytes",
        "(protobuf)",
        "`shop_cart_open` has no series",
    ]);
}

#[test]
fn a_page_without_metrics_gives_one_finding() {
    let shop = Shop::with(SCHEMA);
    let html = || Some(("200 OK", "text/html", b"<html>\n1\n</html>".to_vec()));
    let url = serve_these(vec![html(), html(), html()]);
    let ran = shop.run(&["live-check", &url]).code(1);
    ran.reports("error[LC19]");
    ran.prints("1 error and 0 warnings (0 families in text)");
    // A page with metrics is checked.
    let page = || {
        Some((
            "200 OK",
            "text/html",
            PAGE.replace("gauge", "counter").into(),
        ))
    };
    let url = serve_these(vec![page(), page(), page()]);
    shop.assert_prints(&["live-check", &url], 1, ["2 errors and 0 warnings"]);
    let latin = [PAGE.as_bytes(), b"# caf\xe9\n"].concat();
    let latin = || Some(("200 OK", TEXT, latin.clone()));
    let url = serve_these(vec![latin(), latin(), latin()]);
    shop.assert_reports(&["live-check", &url], 1, ["not UTF-8 (text:7)"]);
}

#[test]
fn error_responses_are_quoted() {
    let shop = Shop::with(SCHEMA);
    for (status, body, shown) in [
        (
            "500 Oh",
            "\nthe \u{1b}[31mregistry broke\nat line 3\n",
            "the [31mregistry broke\n",
        ),
        ("404 Not Found", "", "404 Not Found\n"),
        ("401 Unauthorized", "who?", "curl -s -u NAME http://"),
    ] {
        let url = serve_these(vec![Some((status, "text/plain", body.into()))]);
        shop.run(&["live-check", &url]).code(2).reports(shown);
    }
    let url = serve_these(vec![None]);
    shop.assert_reports(&["live-check", &url], 2, ["whether the program is running"]);
    let ran = shop
        .run(&["live-check", "HTTP://127.0.0.1:1/metrics"])
        .code(2);
    ran.reports("cannot fetch");
    shop.assert_reports(&["live-check", "Https://127.0.0.1:1/"], 2, ["TLS"]);
    shop.run("live-check localhost:9464/metrics")
        .code(2)
        .reports("begin a URL with `http://`");
}

/// A program may restart during a watch. Earlier observations still count.
#[test]
fn a_failed_scrape_does_not_end_a_watch() {
    let shop = Shop::with(SCHEMA);
    let page = || Some(("200 OK", TEXT, PAGE.replace("put into", "in").into()));
    let url = serve_these(vec![page(), page(), page(), None]);
    let ran = shop.run(&["live-check", &url, "--for", "0.1s"]).code(1);
    ran.reports_each([
        "warning[LC06]",
        "error[LC20]",
        "cannot fetch",
        " s (text)",
        "`shop_cart_open` did not change",
    ]);
    ran.does_not_report("LC03");
}
