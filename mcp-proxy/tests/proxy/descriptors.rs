//! Limits of the system: file descriptors, and the duties of process 1.

use std::net::TcpStream;
use std::time::Duration;

use crate::support::{PROGRAM, Page, Running, SERVE, STDIO, TEXT, exchange, posting, quote};

fn serve(commands: &str) -> Running {
    let line = format!("{SERVE} --upstream 'files=stdio:{PROGRAM} server'");
    Running::start_after(commands, &line)
}

/// Opens a session, and returns the status of the response.
fn initialize(address: &str) -> u16 {
    let body = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;
    exchange(address, "POST /mcp", &posting("application/json"), body).status
}

#[test]
fn sessions_leave_descriptors_for_the_metrics() {
    let proxy = serve("ulimit -n 160; ");
    let metrics = proxy.metrics_address();
    let address = proxy.serving_address();
    let statuses: Vec<_> = (0..40).map(|_| initialize(&address)).collect();
    let opened = statuses.iter().filter(|status| **status == 200).count();
    let refused = statuses.iter().filter(|status| **status == 503).count();
    assert!(
        opened > 2 && refused > 2 && opened + refused == 40,
        "{statuses:?}"
    );
    // As many connections as the limit allows.
    let _connections: Vec<_> = (0..60).map(|_| TcpStream::connect(&address)).collect();
    std::thread::sleep(Duration::from_millis(200));
    let page = Page::scrape(&metrics, TEXT);
    let reached = r#"shadowcat_front_limits_reached_total{limit="descriptors"}"#;
    assert_eq!(page.value(reached), Some(refused as f64));
    let sessions = r#"shadowcat_active_sessions{transport="http"}"#;
    assert_eq!(page.value(sessions), Some(opened as f64));
    let rejected = page.completed("files", "initialize", "rejected");
    assert_eq!(rejected, Some(refused as f64));
}

#[test]
fn an_idle_session_ends_if_a_new_one_lacks_descriptors() {
    let proxy = serve("ulimit -n 160; ");
    let address = proxy.serving_address();
    let fields = posting("application/json");
    let fields = format!("{fields}\nMCP-Protocol-Version: 2026-07-28\nMcp-Method: ping");
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    // Its session is idle once it is answered.
    assert_eq!(exchange(&address, "POST /mcp", &fields, ping).status, 200);
    let refused = (0..40).find(|_| initialize(&address) == 503);
    assert!(refused.is_some_and(|opened| opened > 2), "{refused:?}");
    // Its descriptors are free once its server has ended.
    let opened = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        initialize(&address) == 200
    });
    assert!(opened, "the idle session makes room");
}

#[test]
fn the_limit_is_raised_for_the_proxy_and_not_for_its_children() {
    let proxy = serve("ulimit -Sn 100; ulimit -Hn 500; ");
    let metrics = proxy.metrics_address();
    assert_eq!(initialize(&proxy.serving_address()), 200);
    let page = Page::scrape(&metrics, TEXT);
    assert_eq!(page.value("process_max_fds"), Some(500.0));
    // The child is this program, which raises its own limit, but not before it was started.
    let children = page.value(r#"shadowcat_child_max_fds{server="files"}"#);
    assert_eq!(children, Some(500.0));
}

#[test]
fn process_1_reaps_orphans() {
    // Each orphan outlives its parent, and exits.
    let script = r#"for i in 1 2 3; do (sleep 0.2 &); done
read one; sleep 4; zombies=$(ps -eo stat= | grep -c Z)
echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"zombies\":$zombies}}"; read two"#;
    let namespace = ["-pf", "--mount-proc"];
    let probe = std::process::Command::new("unshare")
        .args(namespace)
        .arg("true")
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        // Without the permission to create a namespace of processes, there is no other process 1.
        return;
    }
    let mut proxy = Running::start_after(
        r#"exec unshare -pf --mount-proc "$0" "$@"; "#,
        &format!("{STDIO} -- sh -c {}", quote(script)),
    );
    proxy.send_line(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#);
    let line = proxy.line();
    assert!(line.contains(r#""zombies":0"#), "{line}");
    assert!(proxy.finish().success());
}
