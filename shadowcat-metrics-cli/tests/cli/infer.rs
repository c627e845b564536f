//! `infer`: a schema from a page, in a file or on a server.

use super::server::serve;
use super::{Shop, assert_contains, rows};

const PAGE: &str = "\
# HELP shop_cart_added_total Articles put into carts
# TYPE shop_cart_added_total counter
shop_cart_added_total{shelf=\"food\"} 1
shop_cart_added_total{shelf=\"tools\"} 2
# TYPE shop_cart_wait_seconds gauge
shop_cart_wait_seconds 1.5
nonsense
";

#[test]
fn the_inferred_schema_has_no_findings() {
    let shop = Shop::empty();
    shop.write("page.txt", PAGE);
    let ran = shop.run("infer page.txt").code(0);
    ran.reports("note: line 7: `nonsense` has no value");
    ran.prints_each([
        "[metrics.cart.added]\ntype = \"counter\"\nhelp = \"Articles put into carts.\"",
        "unit = \"seconds\"",
        "values = [\"food\", \"tools\"]",
    ]);
    shop.run_with_stdin("check --deny-warnings -", &ran.stdout)
        .code(0);
    assert_eq!(
        shop.run_with_stdin("fmt --check -", &ran.stdout)
            .code(0)
            .stdout,
        "",
        "it is formatted"
    );
    let piped = shop
        .run_with_stdin("infer - --namespace cart", PAGE)
        .code(0);
    piped.prints("namespace = \"cart\"");
    let ran = shop.run("infer page.txt --namespace my-shop").code(2);
    ran.reports("`my-shop` cannot be the namespace");
}

#[test]
fn existing_files_are_never_replaced() {
    let shop = Shop::empty();
    shop.write("page.txt", PAGE);
    let ran = shop.run("infer page.txt --out metrics.toml").code(0);
    ran.prints_first("wrote metrics.toml with 2 metrics");
    shop.run("check").code(0);
    let ran = shop.run("infer page.txt --out metrics.toml").code(2);
    ran.reports("`metrics.toml` already exists");
    // A folder that does not exist yet is created.
    let ran = shop.run("infer page.txt --out shop/metrics.toml").code(0);
    ran.prints("`shadowcat-metrics check shop/metrics.toml`");
}

#[test]
fn pages_are_fetched() {
    let address = serve(1, |_, head| {
        let wants_text = head.contains("accept: text/plain");
        wants_text.then(|| ("200 OK", "text/plain", PAGE.into()))
    });
    let ran = Shop::empty()
        .run(&["infer", &format!("http://{address}/metrics")])
        .code(0);
    ran.prints("[metrics.cart.added]");
}

#[test]
fn credentials_are_never_written() {
    // `infer` requests text, and then protobuf.
    let statuses = ["200 OK", "406 Not Acceptable", "404 Not Found", "200 OK"];
    let address = serve(statuses.len(), move |number, head| {
        let status = statuses[number];
        // Some servers repeat the request's target.
        let target = head.split(' ').nth(1).unwrap_or_default();
        let body = if status == "200 OK" {
            PAGE.to_owned()
        } else {
            format!("no {target}\n")
        };
        Some((status, "text/plain", body.into()))
    });
    let url = format!("http://user:s3cret@{address}/metrics?token=t0ken");
    let shop = Shop::empty();
    let ran = shop.run(&["infer", &url, "--out", "metrics.toml"]).code(0);
    let schema = shop.read("metrics.toml");
    assert_contains(&schema, &format!("from http://{address}/metrics?...."));
    let refused = shop.run(&["infer", &url]).code(2);
    refused.reports("404 Not Found: no /metrics...");
    let checked = shop.run(&["live-check", &url, "--format", "json"]);
    let closed = shop
        .run(&["infer", &url.replace(&address.to_string(), "127.0.0.1:1")])
        .code(2);
    let bare = shop
        .run("infer user:s3cret@host:1/metrics?token=t0ken")
        .code(2);
    let outputs = [ran, refused, checked, closed, bare].map(|ran| ran.stdout + &ran.stderr);
    for text in outputs.iter().chain([&schema]) {
        assert!(
            !text.contains("s3cret") && !text.contains("t0ken"),
            "{text}"
        );
    }
}

#[test]
fn the_namespace_must_be_usable() {
    let shop = Shop::empty();
    shop.write("page.txt", PAGE);
    let cases = "
        fn => it is a keyword of Rust; use another name, such as `fn_name`
        Shop => use words of `a` to `z` and `0` to `9` joined by underscores
    ";
    for (namespace, help) in rows(cases) {
        for command in ["infer", "import"] {
            let ran = shop.run(&[command, "page.txt", "--namespace", namespace]);
            let ran = ran.code(2);
            let error = format!("error: `{namespace}` cannot be the namespace\nhelp: {help}");
            assert!(ran.stderr.starts_with(&error), "{ran:?}");
        }
    }
}

#[test]
fn notes_come_before_the_error() {
    let shop = Shop::empty();
    shop.write(
        "page.txt",
        "# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\na_gcount 1\na_gsum 1\n# EOF\n",
    );
    let ran = shop.run("infer page.txt").code(2);
    let note = ran
        .stderr
        .find("note: `a` is left out: a schema has no histograms that go down");
    let error = ran
        .stderr
        .find("error: cannot infer a schema from `page.txt`: there is no metric on the page");
    assert!(note.is_some() && note < error, "{ran:?}");
}

#[test]
fn an_invalid_page_is_reported() {
    let shop = Shop::empty();
    shop.write("empty.txt", "\n# nothing\n");
    shop.write("web.html", "<html>\n<p>Not here\n");
    for (page, message) in [
        ("empty.txt", "there is no metric on the page"),
        ("web.html", "there is no metric on the page"),
        ("missing.txt", "cannot read `missing.txt`"),
        ("http://127.0.0.1:1/metrics", "cannot fetch"),
        ("https://127.0.0.1:1/metrics", "does not speak TLS"),
    ] {
        let ran = shop.run(&["infer", page]).code(2);
        assert!(
            ran.stderr.contains(message) && ran.stdout.is_empty(),
            "{ran:?}"
        );
    }
}

/// Returns a field of a protobuf message with bytes, of which there are fewer than 128.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("few bytes");
    [&[number << 3 | 2, length], bytes].concat()
}

/// Returns a page in protobuf with a histogram of three observations in `(0.5, 1]`, in native buckets from 0.125 on.
fn native_page() -> Vec<u8> {
    let double = |number: u8, value: f64| [&[number << 3 | 1][..], &value.to_le_bytes()].concat();
    let bucket = field(3, &[&[8, 3], &double(2, 1.0)[..]].concat());
    let span = field(12, &[8, 0, 16, 1]);
    let histogram = [
        vec![8, 3],
        double(2, 2.5),
        bucket,
        vec![5 << 3, 0],
        double(6, 0.125),
        span,
        field(13, &[6]),
    ];
    let metric = field(4, &field(7, &histogram.concat()));
    let family = [
        field(1, b"shop_cart_wait_seconds"),
        field(2, b"Waiting."),
        vec![3 << 3, 4],
        metric,
    ];
    let family = family.concat();
    [
        &[u8::try_from(family.len()).expect("few bytes")],
        &family[..],
    ]
    .concat()
}

#[test]
fn a_broken_page_in_protobuf_is_not_read_as_text() {
    let shop = Shop::empty();
    let whole = native_page();
    shop.write("page.pb", &whole);
    let schema = shop.run("infer page.pb").code(0).stdout;
    shop.write("metrics.toml", schema);
    let last = whole.len() - 1;
    let mut negative = whole.clone();
    negative[last] = 5;
    let negative_count = "message 1, metric 1: the histogram `shop_cart_wait_seconds` is broken: \
                          a native bucket has -3 observations (protobuf)";
    for (page, message) in [
        (&whole[..last], "message 1: this is not a `MetricFamily`"),
        (&negative, negative_count),
    ] {
        shop.write("page.pb", page);
        let ran = shop.run("live-check page.pb").code(1);
        let expected = format!("error[LC01]: {message}");
        ran.reports(&expected);
    }
}

const NATIVE: &str = "native = { factor = 2, from = 0.2, to = 1 }";

#[test]
fn native_buckets_are_read_from_a_file() {
    let shop = Shop::empty();
    shop.write("page.pb", native_page());
    let ran = shop.run("infer page.pb").code(0);
    ran.prints(NATIVE);
    ran.reports("this is a guess");
    shop.run_with_stdin("check --deny-warnings -", &ran.stdout)
        .code(0);
}

#[test]
fn native_buckets_are_read_from_a_second_page() {
    let text = "# HELP shop_cart_wait_seconds Waiting.\n# TYPE shop_cart_wait_seconds histogram\n\
                shop_cart_wait_seconds_bucket{le=\"1.0\"} 3\nshop_cart_wait_seconds_bucket{le=\"+Inf\"} 3\n\
                shop_cart_wait_seconds_sum 2.5\nshop_cart_wait_seconds_count 3\n";
    let protobuf = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
    let pages = [
        ("text/plain; version=0.0.4", text.as_bytes().to_vec()),
        (protobuf, native_page()),
    ];
    let address = serve(pages.len(), move |number, _| {
        let (content_type, page) = &pages[number];
        Some(("200 OK", content_type, page.clone()))
    });
    let ran = Shop::empty()
        .run(&["infer", &format!("http://{address}/metrics")])
        .code(0);
    ran.prints(NATIVE);
}
