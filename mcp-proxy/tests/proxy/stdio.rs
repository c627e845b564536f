//! The proxy between a client and a real child process: forwarding, failures and metrics.

use std::net::TcpListener;
use std::process::Stdio;

use serde_json::json;

use crate::support::{PROGRAM, Page, Running, STDIO, TEXT, program, words};

#[test]
fn a_session_is_forwarded() {
    let mut proxy = Running::proxy("");
    let metrics = proxy.metrics_address();
    assert!(proxy.initialize()["result"]["serverInfo"]["name"].is_string());
    let tools = proxy.request("tools/list", &json!({}));
    assert!(
        tools["result"]["tools"]
            .as_array()
            .is_some_and(|tools| tools.len() >= 7),
        "{tools}"
    );
    assert_eq!(
        proxy.call("echo", &json!({ "text": "so" }))["result"]["content"][0]["text"],
        "so"
    );
    assert!(proxy.call("fail", &json!({}))["error"]["code"].is_i64());
    assert_eq!(proxy.request("ping", &json!({}))["result"], json!({}));
    // A request is recorded before its answer is sent, so the page already contains it.
    let page = Page::scrape(&metrics, TEXT);
    for (method, outcome) in [
        ("tools/call", "ok"),
        ("tools/call", "error"),
        ("ping", "ok"),
    ] {
        let completed = page.completed("tested", method, outcome);
        assert_eq!(completed, Some(1.0), "{method} {outcome}");
    }
    for (series, value) in [
        (
            r#"shadowcat_request_duration_seconds_count{server="tested",method="tools/list"}"#,
            1.0,
        ),
        (r#"shadowcat_active_sessions{transport="stdio"}"#, 1.0),
        (r#"shadowcat_process_active{server="tested"}"#, 1.0),
        (
            r#"shadowcat_process_health{server="tested",shadowcat_process_health="running"}"#,
            1.0,
        ),
        (r#"shadowcat_process_restarts_total{server="tested"}"#, 0.0),
    ] {
        assert_eq!(page.value(series), Some(value), "{series}\n{}", page.text());
    }
    assert!(proxy.finish().success());
}

#[test]
fn long_ids_are_echoed_exactly() {
    let mut proxy = Running::proxy("");
    proxy.initialize();
    for last in 0..2 {
        let id = format!("12345678901234567890123456789{last}");
        proxy.send_line(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#));
        let answer = proxy.line();
        assert!(answer.contains(&format!(r#""id":{id},"#)), "{answer}");
    }
    assert!(proxy.finish().success());
}

#[test]
fn a_crash_fails_one_request_and_the_server_is_restarted() {
    let mut proxy = Running::proxy("");
    let metrics = proxy.metrics_address();
    proxy.initialize();
    assert!(proxy.call("crash", &json!({}))["error"]["message"].is_string());
    // The proxy repeats the handshake with the new server, so this request is answered normally.
    assert_eq!(
        proxy.call("echo", &json!({ "text": "back" }))["result"]["content"][0]["text"],
        "back"
    );
    let page = Page::scrape(&metrics, TEXT);
    assert_eq!(
        page.value(r#"shadowcat_process_restarts_total{server="tested"}"#),
        Some(1.0)
    );
    assert_eq!(
        page.value(r#"shadowcat_process_lifetime_seconds_count{server="tested"}"#),
        Some(1.0)
    );
    let lost = page.completed("tested", "tools/call", "lost");
    assert_eq!(lost, Some(1.0));
    assert!(proxy.finish().success());
}

#[test]
fn lines_that_are_not_messages_are_skipped() {
    let mut proxy = Running::proxy("");
    let metrics = proxy.metrics_address();
    proxy.initialize();
    assert!(proxy.call("garbage", &json!({}))["result"].is_object());
    proxy.send_line("{ this is no JSON");
    let refused: serde_json::Value = serde_json::from_str(&proxy.line()).expect("an answer");
    assert_eq!(refused["error"]["code"], -32700, "{refused}");
    assert_eq!(proxy.request("ping", &json!({}))["result"], json!({}));
    let page = Page::scrape(&metrics, TEXT);
    let malformed = |side: &str| {
        format!(
            "shadowcat_transport_operations_total{{transport=\"stdio\",side=\"{side}\",operation=\"receive\",\
             status=\"malformed\"}}"
        )
    };
    assert_eq!(page.value(&malformed("client")), Some(1.0));
    assert!(
        page.value(&malformed("server"))
            .is_some_and(|lines| lines >= 1.0)
    );
    assert!(proxy.finish().success());
}

#[test]
fn a_line_that_a_crash_cuts_off_counts_as_failed() {
    let mut proxy = Running::before_shell("tested", r#"read a; printf '{"jsonrpc":"2.0",'"#);
    let metrics = proxy.metrics_address();
    let lost = proxy.request("ping", &json!({}));
    assert_eq!(lost["error"]["code"], -32001, "{lost}");
    let page = Page::scrape(&metrics, TEXT);
    let received = |status: &str| {
        page.value(&format!(
            "shadowcat_transport_operations_total{{transport=\"stdio\",side=\"server\",operation=\"receive\",\
             status=\"{status}\"}}"
        ))
    };
    assert_eq!(received("failed"), Some(1.0));
    assert_eq!(received("malformed"), Some(0.0));
    for phase in ["transfer", "deserialize"] {
        assert_eq!(
            page.value(&format!(
                "shadowcat_transport_phase_duration_seconds_count{{transport=\"stdio\",phase=\"{phase}\"}}"
            )),
            Some(1.0),
            "{phase}: only the line from the client is complete"
        );
    }
    assert!(proxy.finish().success());
}

#[test]
fn a_last_message_needs_no_line_break() {
    let script = r#"read a; printf '{"jsonrpc":"2.0","id":1,"result":{}}'"#;
    let mut proxy = Running::before_shell("tested", script);
    let metrics = proxy.metrics_address();
    assert_eq!(proxy.request("ping", &json!({}))["result"], json!({}));
    let page = Page::scrape(&metrics, TEXT);
    assert_eq!(
        page.value(r#"shadowcat_transport_operations_total{transport="stdio",side="server",operation="receive",status="ok"}"#),
        Some(1.0)
    );
    assert!(proxy.finish().success());
}

#[test]
fn each_request_of_a_batch_is_answered_and_counted() {
    // It puts its answer into a batch.
    let script = r#"read a; echo '[{"jsonrpc":"2.0","id":1,"result":{}}]'; read a; echo '{"jsonrpc":"2.0","id":2,"result":{}}'; read end"#;
    let mut proxy = Running::before_shell("tested", script);
    let metrics = proxy.metrics_address();
    let batch = [json!("x"), json!(9)];
    let batch = batch.map(|id| json!({ "jsonrpc": "2.0", "id": id, "method": "tools/list" }));
    proxy.send_line(&json!(batch).to_string());
    for id in ["\"x\"", "9"] {
        let line = proxy.line();
        assert!(
            line.contains(&format!("\"id\":{id}")) && line.contains("-32600"),
            "{line}"
        );
    }
    let lost = proxy.request("ping", &json!({}));
    assert_eq!(lost["error"]["code"], -32001, "{lost}");
    assert_eq!(proxy.request("ping", &json!({}))["result"], json!({}));
    let page = Page::scrape(&metrics, TEXT);
    let completed = |method, outcome| page.completed("tested", method, outcome);
    assert_eq!(completed("tools/list", "rejected"), Some(2.0));
    assert_eq!(completed("ping", "lost"), Some(1.0));
    assert_eq!(completed("ping", "ok"), Some(1.0));
    assert!(proxy.finish().success());
}

#[test]
fn a_server_that_speaks_first_is_connected() {
    let note = r#"{"jsonrpc":"2.0","method":"notifications/message"}"#;
    let proxy = Running::before_shell("tested", &format!("echo '{note}'; read end"));
    assert_eq!(proxy.line(), note);
    let metrics = proxy.metrics_address();
    let page = Page::scrape(&metrics, TEXT);
    for series in [
        r#"shadowcat_transport_operations_total{transport="stdio",side="server",operation="connect",status="ok"}"#,
        r#"shadowcat_transport_phase_duration_seconds_count{transport="stdio",phase="connect"}"#,
        r#"shadowcat_process_health{server="tested",shadowcat_process_health="running"}"#,
    ] {
        assert_eq!(page.value(series), Some(1.0), "{series}");
    }
    assert!(proxy.finish().success());
}

#[test]
fn only_the_first_answer_to_a_request_counts() {
    // It answers the first request twice, and again after the second one has been answered.
    let one = r#"{"jsonrpc":"2.0","id":1,"result":{"first":1}}"#;
    let two = r#"{"jsonrpc":"2.0","id":2,"result":{}}"#;
    let script =
        format!("read a; echo '{one}'; echo '{one}'; read b; echo '{two}'; echo '{one}'; read end");
    let mut proxy = Running::before_shell("tested", &script);
    let metrics = proxy.metrics_address();
    for _ in 0..2 {
        assert!(proxy.request("tools/list", &json!({}))["result"].is_object());
    }
    let operations = |page: &Page, side: &str, operation: &str| {
        let labels = format!(r#"side="{side}",operation="{operation}",status="ok""#);
        page.value(&format!(
            "shadowcat_transport_operations_total{{transport=\"stdio\",{labels}}}"
        ))
    };
    // A sent message is counted after it was written.
    let page = Page::scrape_until(&metrics, |page| {
        operations(page, "server", "receive") == Some(4.0)
            && operations(page, "client", "send") >= Some(2.0)
    });
    assert_eq!(operations(&page, "client", "send"), Some(2.0));
    assert_eq!(page.completed("tested", "tools/list", "ok"), Some(2.0));
    let of = r#"server="tested",method="tools/list""#;
    let answers = page.value(&format!(
        "shadowcat_request_answers_total{{{of},answer=\"ok\"}}"
    ));
    assert_eq!(answers, Some(2.0));
    let returned = page.value(&format!("shadowcat_request_returned_bytes_total{{{of}}}"));
    assert_eq!(returned, Some((r#"{"first":1}"#.len() + "{}".len()) as f64));
    assert!(proxy.finish().success());
}

#[test]
fn a_request_that_is_cancelled_as_its_answer_arrives_ends_once() {
    const REQUESTS: u64 = 200;
    let mut proxy = Running::proxy("");
    let metrics = proxy.metrics_address();
    proxy.initialize();
    for id in 100..100 + REQUESTS {
        let ping = json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
        let params = json!({ "requestId": id });
        let method = "notifications/cancelled";
        let cancelled = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        proxy.send_line(&ping.to_string());
        std::thread::sleep(std::time::Duration::from_micros(10 * (id % 60)));
        proxy.send_line(&cancelled.to_string());
    }
    // Answered after all the others.
    proxy.send_line(r#"{"jsonrpc":"2.0","id":"last","method":"tools/list"}"#);
    let answers = std::iter::repeat_with(|| proxy.line());
    let answered = answers.take_while(|line| !line.contains("last")).count();
    let page = Page::scrape(&metrics, TEXT);
    let ended = ["ok", "cancelled"].map(|outcome| page.completed("tested", "ping", outcome));
    let [ok, cancelled] = ended.map(|count| count.expect("a series"));
    assert_eq!((ok, ok + cancelled), (answered as f64, REQUESTS as f64));
    let in_flight = page.value(r#"shadowcat_request_in_flight{server="tested",transport="stdio"}"#);
    assert_eq!(in_flight, Some(0.0));
    let answers = r#"shadowcat_request_answers_total{server="tested",method="ping",answer="ok"}"#;
    assert_eq!(page.value(answers), Some(ok));
    let dropped = r#"shadowcat_notification_dropped_total{server="tested",side="server"}"#;
    assert_eq!(page.value(dropped), Some(0.0));
    assert!(proxy.finish().success());
}

#[test]
fn a_message_over_the_limit_is_refused_and_the_session_goes_on() {
    let mut proxy = Running::proxy("--max-message 4096");
    proxy.initialize();
    let refused = proxy.call("echo", &json!({ "text": "x".repeat(10_000) }));
    assert!(refused["error"]["message"].is_string(), "{refused}");
    assert_eq!(proxy.request("ping", &json!({}))["result"], json!({}));
    assert!(proxy.finish().success());
}

#[test]
fn pending_answers_arrive_after_the_client_has_closed() {
    let mut proxy = Running::proxy("");
    proxy.initialize();
    proxy.send_line(
        &json!({ "jsonrpc": "2.0", "id": "late", "method": "tools/call",
            "params": { "name": "slow", "arguments": { "milliseconds": 300 } } })
        .to_string(),
    );
    proxy.hang_up();
    let late = loop {
        let message: serde_json::Value =
            serde_json::from_str(&proxy.line()).expect("every line is JSON");
        if message["id"] == "late" {
            break message;
        }
    };
    assert!(late["result"].is_object(), "{late}");
    assert!(proxy.wait().success());
}

#[test]
fn sigterm_ends_a_session_in_order() {
    let mut proxy = Running::proxy("");
    proxy.initialize();
    proxy.signal("TERM");
    assert!(proxy.wait().success());
}

#[test]
fn a_stubborn_server_is_killed() {
    let mut proxy = Running::start(&format!(
        "{STDIO} --end-grace 100ms --term-grace 100ms -- {PROGRAM} server --stubborn"
    ));
    proxy.initialize();
    assert!(proxy.finish().success());
}

#[test]
fn exit_codes_identify_the_failure() {
    let code = |line: &str| {
        let status = program()
            .args(words(line))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.expect("it starts").code()
    };
    assert_eq!(code("stdio"), Some(2));
    for name in ["''", "__other__"] {
        let line = format!("{STDIO} --name {name} -- {PROGRAM} server");
        assert_eq!(code(&line), Some(2), "{name}");
    }
    let missing = format!("{STDIO} -- /there/is/no/such/program");
    assert_eq!(code(&missing), Some(3));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    for mode in ["stdio -- true", "demo --for 1s"] {
        let line = mode.replacen(' ', &format!(" --metrics {address} "), 1);
        assert_eq!(code(&line), Some(4), "{line}");
    }
    let mut hopeless = Running::start(&format!("{STDIO} --max-restarts 0 -- false"));
    assert_eq!(hopeless.wait().code(), Some(3));
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_was_full_between_two_scrapes_is_recorded() {
    // It reads nothing for a while, and then everything.
    let script = "sleep 0.5; exec cat > /dev/null";
    let mut proxy = Running::before_shell("slow", script);
    let address = proxy.metrics_address();
    let padding = "x".repeat(300_000);
    let note = json!({ "jsonrpc": "2.0", "method": "a", "params": { "x": padding } });
    proxy.send_line(&note.to_string());
    let fill = |page: &Page, le: &str| {
        let labels = format!(r#"server="slow",stream="stdin",le="{le}""#);
        let series = format!("shadowcat_stdio_pipe_fill_ratio_bucket{{{labels}}}");
        page.value(&series).unwrap_or(0.0)
    };
    let begun = std::time::Instant::now();
    loop {
        let page = Page::scrape(&address, "text/plain");
        let gauge =
            page.value(r#"shadowcat_stdio_pipe_utilization_ratio{server="slow",stream="stdin"}"#);
        let was_full = fill(&page, "+Inf") > fill(&page, "0.9");
        if was_full && gauge == Some(0.0) {
            break;
        }
        assert!(begun.elapsed().as_secs() < 20, "{}", page.text());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(proxy.finish().success());
}

#[test]
fn completions_in_bash_have_one_name_for_the_program() {
    let output = program().args(["completions", "bash"]).output();
    let script = String::from_utf8(output.expect("it ends").stdout).expect("it is UTF-8");
    // Every state that the script enters is one of its cases.
    let states = script.lines().filter_map(|line| {
        let state = line.trim().strip_prefix("cmd=\"")?;
        state.strip_suffix('"').filter(|state| !state.is_empty())
    });
    let states: Vec<_> = states.collect();
    assert!(states.len() > 5, "{script}");
    for state in states {
        assert!(script.contains(&format!("\n        {state})\n")), "{state}");
    }
}
