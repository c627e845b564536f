//! `infer`: a schema from a page, wherever the page is.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::Shop;

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
fn the_proposal_goes_to_standard_output_and_checks_clean() {
    let shop = Shop::empty();
    shop.write("page.txt", PAGE);
    let ran = shop.run(&["infer", "page.txt"]).code(0);
    assert!(
        ran.stderr.contains("note: line 7: `nonsense` has no value"),
        "{ran:?}"
    );
    for part in [
        "[metrics.cart.added]\ntype = \"counter\"\nhelp = \"Articles put into carts.\"",
        "unit = \"seconds\"",
        "values = [\"food\", \"tools\"]",
    ] {
        assert!(
            ran.stdout.contains(part),
            "{part} is missing in\n{}",
            ran.stdout
        );
    }
    shop.run_with_stdin(&["check", "--deny-warnings", "-"], ran.stdout.as_bytes())
        .code(0);
    assert_eq!(
        shop.run_with_stdin(&["fmt", "--check", "-"], ran.stdout.as_bytes())
            .code(0)
            .stdout,
        "",
        "it is formatted"
    );
    let piped = shop
        .run_with_stdin(&["infer", "-", "--namespace", "cart"], PAGE.as_bytes())
        .code(0);
    assert!(piped.stdout.contains("namespace = \"cart\""), "{piped:?}");
    let ran = shop
        .run(&["infer", "page.txt", "--namespace", "my-shop"])
        .code(2);
    assert!(
        ran.stderr.contains("`my-shop` cannot be the namespace"),
        "{ran:?}"
    );
}

#[test]
fn a_file_that_is_there_is_never_replaced() {
    let shop = Shop::empty();
    shop.write("page.txt", PAGE);
    let ran = shop
        .run(&["infer", "page.txt", "--out", "metrics.toml"])
        .code(0);
    assert!(
        ran.stdout.starts_with("wrote metrics.toml with 2 metrics"),
        "{ran:?}"
    );
    shop.run(&["check"]).code(0);
    let ran = shop
        .run(&["infer", "page.txt", "--out", "metrics.toml"])
        .code(2);
    assert!(
        ran.stderr.contains("there is `metrics.toml` already"),
        "{ran:?}"
    );
}

#[test]
fn pages_are_fetched() {
    let server = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = server.local_addr().expect("an address");
    let request = std::thread::spawn(move || {
        let (mut client, _) = server.accept().expect("a client");
        let mut head = [0; 4096];
        let length = client.read(&mut head).expect("a request");
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
            PAGE.len()
        );
        client.write_all(answer.as_bytes()).expect("it listens");
        String::from_utf8_lossy(&head[..length]).to_lowercase()
    });
    let ran = Shop::empty()
        .run(&["infer", &format!("http://{address}/metrics")])
        .code(0);
    assert!(ran.stdout.contains("[metrics.cart.added]"), "{ran:?}");
    assert!(
        request
            .join()
            .expect("it request")
            .contains("accept: text/plain")
    );
}

#[test]
fn what_is_no_page_is_told() {
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
