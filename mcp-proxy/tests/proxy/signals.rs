//! How the program ends: on every terminating signal, immediately on the second one, without orphaned
//! processes, and even if nobody reads its log.

use std::io::Write;
use std::net::TcpListener;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::processes::{Process, children_of, still_alive_after};
use crate::support::{
    PROGRAM, Page, Running, SERVE, STDIO, exchange, lines, posting, program, quote, send,
    send_signal, words,
};

const TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the child of a process that has exactly one.
fn child_of(id: u32) -> Vec<Process> {
    let begun = Instant::now();
    loop {
        let children = children_of(id);
        if !children.is_empty() {
            return children;
        }
        assert!(begun.elapsed() < TIMEOUT, "no child");
        sleep(Duration::from_millis(10));
    }
}

/// Starts a proxy whose server neither reads nor exits.
fn with_hung_server() -> Running {
    Running::start(&format!(
        "{STDIO} --end-grace 100ms --term-grace 1s -- sleep 600"
    ))
}

#[test]
fn every_signal_that_ends_a_program_ends_the_server_too() {
    for signal in ["INT", "TERM", "HUP", "QUIT"] {
        let mut proxy = with_hung_server();
        let server = child_of(proxy.id());
        proxy.signal(signal);
        assert!(proxy.wait().success(), "{signal}");
        assert_eq!(still_alive_after(server, Duration::ZERO), [], "{signal}");
    }
}

#[test]
fn a_server_dies_with_a_proxy_that_is_killed() {
    let proxy = with_hung_server();
    let server = child_of(proxy.id());
    proxy.kill();
    assert_eq!(still_alive_after(server, TIMEOUT), []);
}

#[test]
fn pending_answers_are_drained_unless_a_second_signal_arrives() {
    for (drain, signals, code) in [("200ms", 1, Some(0)), ("10m", 2, Some(130))] {
        let upstream = format!("--upstream 'stdio:{PROGRAM} server'");
        let mut proxy = Running::start(&format!(
            "{SERVE} --drain {drain} --end-grace 100ms {upstream}"
        ));
        let metrics = proxy.metrics_address();
        let address = proxy.serving_address();
        let posting = posting("application/json");
        let initialize = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;
        let opened = exchange(&address, "POST /mcp", &posting, initialize);
        let session = opened.header("mcp-session-id").expect("a session");
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow","arguments":{"milliseconds":60000}}}"#;
        let fields = format!("{posting}\nMcp-Session-Id: {session}");
        let _calling = send(&address, "POST /mcp", &fields, call);
        let in_flight = r#"shadowcat_request_in_flight{server="mcp-proxy",transport="http"}"#;
        Page::scrape_until(&metrics, |page| page.value(in_flight) == Some(1.0));
        let server = child_of(proxy.id());
        for _ in 0..signals {
            proxy.signal("INT");
            sleep(Duration::from_millis(300));
        }
        assert_eq!(proxy.wait().code(), code);
        assert_eq!(still_alive_after(server, TIMEOUT), []);
    }
}

#[test]
fn an_unread_log_blocks_nothing() {
    // Prints more than any pipe can hold, and then answers.
    let script = "read one; i=0; while [ $i -lt 12000 ]; do \
                  echo 'a line of a hundred characters, more or less, of which there are as many as it takes to fill' >&2; \
                  i=$((i+1)); done; echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}'; read two";
    let port = TcpListener::bind("127.0.0.1:0").expect("a port");
    let metrics = port.local_addr().expect("its address").to_string();
    drop(port);
    let options = format!("--metrics {metrics} --end-grace 100ms");
    let line = format!("stdio {options} -- sh -c {}", quote(script));
    let mut proxy = program()
        .args(words(&line))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Kept open, but not read.
    let _stderr = proxy.stderr.take();
    let mut stdin = proxy.stdin.take().expect("it is piped");
    let answer = lines(proxy.stdout.take().expect("it is piped"));
    writeln!(stdin, r#"{{"jsonrpc":"2.0","id":1,"method":"ping"}}"#).expect("it reads");
    let answer = answer.recv_timeout(Duration::from_secs(20));
    assert!(answer.expect("an answer").contains(r#""id":1"#));
    let dropped = Page::scrape(&metrics, "text/plain").value("shadowcat_log_dropped_lines_total");
    assert!(dropped > Some(0.0), "{dropped:?}");
    send_signal("TERM", proxy.id());
    let begun = Instant::now();
    loop {
        if let Some(status) = proxy.try_wait().expect("it is our child") {
            assert!(status.success());
            break;
        }
        if begun.elapsed() > Duration::from_secs(10) {
            let _ = proxy.kill();
            panic!("it does not end");
        }
        sleep(Duration::from_millis(10));
    }
}
