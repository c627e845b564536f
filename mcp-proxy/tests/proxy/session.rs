//! Sessions in this process, so that their metrics can be read afterwards.

use std::ffi::OsString;
use std::time::Duration;

use mcp_proxy::backoff::{Backoff, BackoffPolicy};
use mcp_proxy::pool::Pools;
use mcp_proxy::process::{Command, ProcessManager};
use mcp_proxy::resources::Children;
use mcp_proxy::session::{Ended, Settings};
use mcp_proxy::transport::Edge;
use mcp_proxy::upstream::Upstream;
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{
    Health, Method, NotificationStream, Outcome, Server, StreamEnd, Transport,
};
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::proxied::{PipeClient, TIMEOUT, ended};
use crate::support::PROGRAM;

/// Starts a session whose server runs `command` and is never restarted.
fn begin(metrics: &Metrics, server: &Server, command: &[&str], settings: Settings) -> PipeClient {
    let command = Command {
        program: OsString::from(command[0]),
        args: command[1..].iter().map(OsString::from).collect(),
    };
    let edge = Edge::to_server(metrics, Transport::Stdio, server, Pools::new(metrics));
    let children = Children::new(metrics);
    let mut manager = ProcessManager::new(metrics, server.clone(), command, edge, &children);
    manager.backoff = Backoff::new(BackoffPolicy {
        most_attempts: 0,
        ..BackoffPolicy::SERVERS
    });
    PipeClient::start(metrics, server, Upstream::Stdio(manager), settings)
}

/// Starts a session with a shell that runs `script` as the server.
fn begin_shell(metrics: &Metrics, server: &Server, script: &str) -> PipeClient {
    begin(metrics, server, &["sh", "-c", script], Settings::default())
}

#[tokio::test]
async fn a_crash_after_the_client_has_closed_is_not_a_graceful_shutdown() {
    let metrics = Metrics::new();
    let server = metrics.server("crashing");
    let command = [PROGRAM, "server"];
    let mut client = begin(&metrics, &server, &command, Settings::default());
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crash"}}"#;
    client.write(call).await;
    client.writer.shutdown().await.expect("it is open");
    let answer = client.reader.line().await;
    assert!(answer.contains("the server went away"), "{answer}");
    ended(client.session).await;

    let snapshot = metrics.snapshot();
    let process = snapshot.process("crashing");
    assert_eq!(process.health(), Some(Health::Failed));
    assert_eq!(process.shutdowns_graceful() + process.shutdowns_forced(), 0);
    assert_eq!((process.lifetime().count(), process.active()), (1, 0));
    let requests = snapshot.request("crashing");
    let lost = requests.completed(Method::ToolsCall, Outcome::Lost);
    assert_eq!((lost, requests.in_flight(Transport::Stdio)), (1, 0));
}

#[tokio::test]
async fn a_server_that_stops_reading_is_abandoned() {
    let metrics = Metrics::new();
    let server = metrics.server("deaf");
    // The server closes its input and later sends two requests with the same id, of which the second must be
    // refused.
    let ask = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let script = format!("exec 0<&-; sleep 0.5; echo '{ask}'; echo '{ask}'; sleep 20");
    let mut client = begin_shell(&metrics, &server, &script);
    sleep(Duration::from_millis(200)).await;
    client.write(&format!("{ask}\n")).await;

    let ended = ended(client.session).await;
    assert!(matches!(ended, Ended::ServerGivenUp), "{ended:?}");
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.process("deaf").active(), 0);
    let requests = snapshot.request("deaf");
    assert_eq!(requests.completed(Method::Ping, Outcome::Lost), 1);
    let own = requests.completed(Method::Ping, Outcome::Cancelled);
    assert_eq!(
        own, 2,
        "the server's own: it is gone before it could be answered"
    );
    assert_eq!(requests.in_flight(Transport::Stdio), 0);
    assert_eq!(snapshot.session(Transport::Stdio).active(), 0);
}

#[tokio::test]
async fn a_request_that_times_out_gets_an_error_and_is_cancelled() {
    let metrics = Metrics::new();
    let server = metrics.server("silent");
    // The server never answers, and sends back the second message that it receives.
    let script = "read ask; read withdrawal; echo \"$withdrawal\"; read end";
    let settings = Settings {
        answer: Duration::from_millis(100),
        ..Settings::default()
    };
    let mut client = begin(&metrics, &server, &["sh", "-c", script], settings);
    client
        .write("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}\n")
        .await;
    let answer = client.reader.line().await;
    assert!(
        answer.contains("-32002") && answer.contains("\"id\":7"),
        "{answer}"
    );
    // The server sends back the message that followed the request.
    let withdrawal = client.reader.line().await;
    assert!(
        withdrawal.contains("notifications/cancelled") && withdrawal.contains("\"requestId\":7"),
        "{withdrawal}"
    );
    let requests = metrics.snapshot();
    let requests = requests.request("silent");
    assert_eq!(requests.completed(Method::Ping, Outcome::TimedOut), 1);
    assert_eq!(requests.in_flight(Transport::Stdio), 0);
    client.end().await;
}

#[tokio::test]
async fn requests_to_a_server_that_does_not_read_are_answered() {
    let metrics = Metrics::new();
    let server = metrics.server("hung");
    let settings = Settings {
        answer: Duration::from_millis(400),
        ..Settings::default()
    };
    let PipeClient {
        session,
        mut writer,
        mut reader,
    } = begin(&metrics, &server, &["sleep", "20"], settings);
    // More bytes than its pipe and all queues can hold, and as many small messages.
    let large = "x".repeat(100_000);
    let begun = std::time::Instant::now();
    let asking = tokio::spawn(async move {
        for id in 0..540 {
            let padding = if id < 40 { &large } else { "" };
            let ask = format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\",\"params\":{{\"x\":\"{padding}\"}}}}\n"
            );
            writer.write_all(ask.as_bytes()).await.expect("it is read");
        }
        writer
    });
    for _ in 0..540 {
        let answer = reader.line().await;
        assert!(answer.contains("-32002"), "{answer}");
    }
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let snapshot = metrics.snapshot();
    let requests = snapshot.request("hung");
    assert_eq!(requests.completed(Method::Ping, Outcome::TimedOut), 540);
    assert!(requests.duration(Method::Ping).sum() >= 540 * settings.answer);
    assert_eq!(requests.in_flight(Transport::Stdio), 0);
    drop((asking.await.expect("no panic"), reader));
    ended(session).await;
}

#[tokio::test]
async fn a_request_that_was_not_forwarded_is_cancelled_silently() {
    let metrics = Metrics::new();
    let server = metrics.server("slow");
    // When it reads the second message, it has received only the first.
    let script = "read first; sleep 0.3; read second; echo \"$second\"; read end";
    let mut client = begin_shell(&metrics, &server, script);
    let filler = "x".repeat(200_000);
    let messages = format!(
        "{}\n{}\n{}\n{}\n",
        format_args!(r#"{{"jsonrpc":"2.0","method":"a","params":{{"x":"{filler}"}}}}"#),
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","method":"last"}"#,
    );
    let written = client.writer.write_all(messages.as_bytes());
    let (written, line) = tokio::join!(written, client.reader.line());
    written.expect("it is read");
    // The request may already be in the queue between the session and the pipe.
    let snapshot = metrics.snapshot();
    let requests = snapshot.request("slow");
    assert_eq!(
        requests.completed(Method::Ping, Outcome::Cancelled),
        1,
        "{line}"
    );
    assert_eq!(requests.in_flight(Transport::Stdio), 0);
    client.end().await;
}

#[tokio::test]
async fn a_subscription_does_not_delay_the_end_and_its_server_may_end_it() {
    let metrics = Metrics::new();
    let server = metrics.server("listening");
    let over = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let script = format!("read first; echo '{over}'; read second; read end");
    let mut client = begin_shell(&metrics, &server, &script);
    let listen = r#"{"jsonrpc":"2.0","id":ID,"method":"subscriptions/listen"}"#;
    let listen = |id: &str| listen.replace("ID", id) + "\n";
    client.write(&listen("1")).await;
    let line = client.reader.line().await;
    assert_eq!(line, over, "over a pipe it needs a message");
    let completed = |outcome| {
        let snapshot = metrics.snapshot();
        let requests = snapshot.request("listening");
        requests.completed(Method::SubscriptionsListen, outcome)
    };
    assert_eq!(completed(Outcome::Ok), 1);

    client.write(&listen("2")).await;
    let begun = std::time::Instant::now();
    client.end().await;
    assert!(begun.elapsed() < Settings::default().drain / 2);
    assert_eq!(completed(Outcome::Cancelled), 1);
    let snapshot = metrics.snapshot();
    let streams = snapshot.stream("listening");
    let kind = NotificationStream::Subscription;
    assert_eq!((streams.opened(kind), streams.active(kind)), (2, 0));
    let ended = |end| streams.ended(kind, end);
    assert_eq!((ended(StreamEnd::Server), ended(StreamEnd::Client)), (1, 1));
}

#[tokio::test]
async fn the_wait_of_a_client_that_gives_up_shows_in_the_durations() {
    const WAIT: Duration = Duration::from_millis(150);
    let metrics = Metrics::new();
    let server = metrics.server("silent");
    let mut client = begin_shell(&metrics, &server, "cat > /dev/null");
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow"}}"#;
    client.write(&format!("{call}\n")).await;
    let has_arrived = || {
        let snapshot = metrics.snapshot();
        snapshot.request("silent").in_flight(Transport::Stdio) == 1
    };
    timeout(TIMEOUT, async {
        while !has_arrived() {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("it arrives");
    sleep(WAIT).await;
    let cancelled =
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    client.write(cancelled).await;
    client.end().await;

    let snapshot = metrics.snapshot();
    let requests = snapshot.request("silent");
    let cancelled = requests.completed(Method::ToolsCall, Outcome::Cancelled);
    let durations = requests.duration(Method::ToolsCall);
    assert_eq!((cancelled, durations.count()), (1, 1));
    assert!(durations.sum() >= WAIT, "{:?}", durations.sum());
}
