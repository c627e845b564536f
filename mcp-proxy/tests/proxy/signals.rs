//! How the program ends: on every terminating signal, immediately on the second one, without orphaned
//! processes, and even if nobody reads its log.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Page, Running, SERVE, program};

pub(crate) fn send(signal: &str, id: u32) {
    let sent = Command::new("kill")
        .args([signal, &id.to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
}

/// Returns the child of a process that has exactly one.
fn child_of(id: u32) -> PathBuf {
    let children = format!("/proc/{id}/task/{id}/children");
    let begun = Instant::now();
    loop {
        // Any of its threads may have started the child.
        let tasks = fs::read_dir(format!("/proc/{id}/task")).expect("it is alive");
        let all: String = tasks
            .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
            .collect();
        if let Some(child) = all.split_whitespace().next() {
            return PathBuf::from(format!("/proc/{child}"));
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{children} is empty"
        );
        sleep(Duration::from_millis(10));
    }
}

/// Returns whether a process exists and is not a zombie.
fn lives(process: &std::path::Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

fn wait_for_end(process: &std::path::Path) {
    let begun = Instant::now();
    while lives(process) {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{} lives on",
            process.display()
        );
        sleep(Duration::from_millis(10));
    }
}

/// Starts a proxy whose server neither reads nor exits.
fn with_hung_server(options: &[&str]) -> Running {
    let quick = [
        "--end-grace",
        "100ms",
        "--term-grace",
        "1s",
        "--metrics",
        "off",
    ];
    Running::start(&[&["stdio"], options, &quick, &["--", "sleep", "600"]].concat())
}

#[test]
fn every_signal_that_ends_a_program_ends_the_server_too() {
    for signal in ["-INT", "-TERM", "-HUP", "-QUIT"] {
        let mut proxy = with_hung_server(&[]);
        let server = child_of(proxy.id());
        send(signal, proxy.id());
        assert!(proxy.wait().success(), "{signal}");
        assert!(!lives(&server), "{signal}");
    }
}

#[test]
fn a_server_dies_with_a_proxy_that_is_killed() {
    let proxy = with_hung_server(&[]);
    let server = child_of(proxy.id());
    proxy.kill();
    wait_for_end(&server);
}

#[test]
fn pending_answers_are_drained_unless_a_second_signal_arrives() {
    for (drain, signals, code) in [("200ms", 1, Some(0)), ("10m", 2, Some(130))] {
        let own = env!("CARGO_BIN_EXE_mcp-proxy");
        let mut proxy = Running::start(
            &[
                &SERVE[..],
                &[
                    "--drain",
                    drain,
                    "--end-grace",
                    "100ms",
                    "--upstream",
                    &format!("stdio:{own} server"),
                ],
            ]
            .concat(),
        );
        let metrics = proxy.metrics_address();
        let address = proxy.serving_address();
        let post = |session: &str, body: &str| {
            let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
            let head = format!(
                "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json\r\n{session}content-length: {}\r\n\r\n",
                body.len()
            );
            stream
                .write_all((head + body).as_bytes())
                .expect("it reads");
            stream
        };
        let opened = post(
            "",
            r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#,
        );
        let session = BufReader::new(opened)
            .lines()
            .map_while(Result::ok)
            .find(|line| line.to_lowercase().starts_with("mcp-session-id: "));
        let session = format!("{}\r\n", session.expect("a session"));
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow","arguments":{"milliseconds":60000}}}"#;
        let _calling = post(&session, call);
        let in_flight = r#"shadowcat_request_in_flight{server="mcp-proxy",transport="http"}"#;
        let begun = Instant::now();
        while Page::scrape(&metrics, "text/plain").value(in_flight) != Some(1.0) {
            assert!(begun.elapsed() < Duration::from_secs(10), "no request");
            sleep(Duration::from_millis(10));
        }
        let server = child_of(proxy.id());
        for _ in 0..signals {
            send("-INT", proxy.id());
            sleep(Duration::from_millis(300));
        }
        assert_eq!(proxy.wait().code(), code);
        wait_for_end(&server);
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
    let mut proxy = program()
        .args([
            "stdio",
            "--metrics",
            &metrics,
            "--end-grace",
            "100ms",
            "--",
            "sh",
            "-c",
            script,
        ])
        .env_remove("RUST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Kept open, but not read.
    let _stderr = proxy.stderr.take();
    let mut stdin = proxy.stdin.take().expect("it is piped");
    let stdout = BufReader::new(proxy.stdout.take().expect("it is piped"));
    writeln!(stdin, r#"{{"jsonrpc":"2.0","id":1,"method":"ping"}}"#).expect("it reads");
    let (sender, answer) = channel();
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let answer = answer.recv_timeout(Duration::from_secs(20));
    assert!(answer.expect("an answer").contains(r#""id":1"#));
    let dropped = Page::scrape(&metrics, "text/plain").value("shadowcat_log_dropped_lines_total");
    assert!(dropped > Some(0.0), "{dropped:?}");
    send("-TERM", proxy.id());
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
