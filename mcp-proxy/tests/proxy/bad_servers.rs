//! HTTP servers that fail in every way: the client always gets an answer, the metrics show the failure, and
//! nothing leaks.

use std::time::Duration;

use mcp_proxy::session::Ended;
use serde_json::json;
use shadowcat_metrics::shadowcat::labels::{
    Method, Operation, Outcome, Reconnection, Resumption, Side, Status, Transport,
};
use tokio::time::sleep;

use crate::proxied::{Proxied, TIMEOUT, ended, reason};
use crate::scripted::{Answer, ReceivedRequest, Scripted};

/// Runs a server that fails in one way, and checks the client's answer and the metrics.
async fn fails<F>(
    script: fn(ReceivedRequest, Answer) -> F,
    case: &str,
    operation: Operation,
    status: Status,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let server = Scripted::start(script).await;
    let mut client = Proxied::http(&server);
    for _ in 0..2 {
        // A second request shows that the first failure had no lasting effect.
        let answer = client.ask("ping").await;
        assert!(reason(&answer).contains(case), "{answer}");
    }
    let (seen, _metrics) = client.end().await;
    let outcome = match status {
        // The server has answered, if only with a status.
        Status::Rejected => Outcome::Error,
        Status::Ok | Status::Malformed | Status::TooLarge | Status::Failed => Outcome::Lost,
    };
    let ended = seen.request("bad").completed(Method::Ping, outcome);
    assert_eq!(ended, 2, "{case}");
    let counted = seen
        .transport(Transport::Http)
        .operations(Side::Server, operation, status);
    assert_eq!(counted, 2, "{case}: {operation} {status}");
}

#[tokio::test]
async fn a_server_that_disconnects() {
    let cut = |_, answer: Answer| async move { answer.reset() };
    fails(cut, "", Operation::Send, Status::Failed).await;
    let in_the_head = |_, mut answer: Answer| async move {
        answer.raw("HTTP/1.1 200 OK\r\ncontent-ty").await;
    };
    fails(in_the_head, "", Operation::Send, Status::Failed).await;
    let in_the_body = |_, mut answer: Answer| async move {
        answer
            .raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
            .await;
    };
    fails(
        in_the_body,
        "ended early",
        Operation::Receive,
        Status::Failed,
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_down() {
    let server = Scripted::start(|_, _| async {}).await;
    let mut client = Proxied::http(&server);
    drop(server);
    sleep(Duration::from_millis(50)).await;
    assert!(reason(&client.ask("ping").await).contains("refused"));
    let (seen, _metrics) = client.end().await;
    let recorded = seen.transport(Transport::Http);
    assert_eq!(
        recorded.operations(Side::Server, Operation::Connect, Status::Failed),
        1
    );
    assert_eq!(seen.http(Side::Server).connections_opened(), 0);
}

#[tokio::test]
async fn a_server_whose_response_is_not_the_answer() {
    let garbage = |_, mut answer: Answer| async move { answer.json("{\"jsonrpc\": oops").await };
    fails(
        garbage,
        "not an answer to the request",
        Operation::Receive,
        Status::Malformed,
    )
    .await;
    let html = |_, mut answer: Answer| async move {
        answer
            .whole("200 OK", "content-type: text/html\r\n", "<p>hello</p>")
            .await;
    };
    fails(html, "neither JSON", Operation::Receive, Status::Malformed).await;
    let rejected = |_, mut answer: Answer| async move { answer.whole("500 Oops", "", "").await };
    fails(rejected, "500", Operation::Send, Status::Rejected).await;
    let elsewhere = |_, mut answer: Answer| async move {
        answer
            .whole(
                "307 Temporary Redirect",
                "location: http://127.0.0.1:1/mcp\r\n",
                "",
            )
            .await;
    };
    fails(elsewhere, "307", Operation::Send, Status::Rejected).await;
    let nothing = |_, mut answer: Answer| async move { answer.whole("202 Accepted", "", "").await };
    fails(nothing, "did not answer", Operation::Send, Status::Ok).await;
}

#[tokio::test]
async fn a_server_whose_response_never_ends() {
    let slow = |_, mut answer: Answer| async move {
        answer
            .raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{")
            .await;
        sleep(TIMEOUT).await;
    };
    fails(
        slow,
        "no more of the body arrived",
        Operation::Receive,
        Status::Failed,
    )
    .await;
    let endless = |_, mut answer: Answer| async move {
        answer
            .raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
            .await;
        while answer.raw([b' '; 4096]).await {}
    };
    fails(
        endless,
        "longer than 100000 bytes",
        Operation::Receive,
        Status::TooLarge,
    )
    .await;
    let huge_event = |_, mut answer: Answer| async move {
        answer.events().await;
        answer.raw("data: ").await;
        // A hundred megabytes, of which the proxy reads only as much as a message may have.
        for _ in 0..25_600 {
            if !answer.raw([b'x'; 4096]).await {
                return;
            }
        }
    };
    fails(
        huge_event,
        "longer than 100000 bytes",
        Operation::Receive,
        Status::TooLarge,
    )
    .await;
    let in_mid_event = |_, mut answer: Answer| async move {
        answer.events().await;
        answer.raw("data: {\"jsonrpc\"").await;
    };
    fails(
        in_mid_event,
        "ended the stream",
        Operation::Receive,
        Status::Failed,
    )
    .await;
}

#[tokio::test]
async fn a_json_rpc_error_is_forwarded_with_any_status() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        let json = "content-type: application/json\r\n";
        let error = asked.error(-32601);
        answer.whole("400 Bad Request", json, &error).await;
    })
    .await;
    let mut client = Proxied::http(&server);
    let answer = client.ask("ping").await;
    assert_eq!(answer["error"]["code"], -32601);
    let (seen, _metrics) = client.end().await;
    let requests = seen.request("bad");
    assert_eq!(requests.completed(Method::Ping, Outcome::Error), 1);
}

#[tokio::test]
async fn an_interrupted_stream_resumes_without_repetitions() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| {
        async move {
            let progress = r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{}}"#;
            if asked.method == "POST" {
                answer.events().await;
                answer
                    .raw(format!("retry: 5\nid: 7\ndata: {progress}\n\n"))
                    .await;
                return answer.reset();
            }
            assert!(
                asked.head.contains("last-event-id: 7\r\n"),
                "{}",
                asked.head
            );
            answer.events().await;
            // Repeats earlier events, like a server that cannot tell which of them have arrived.
            let result = r#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
            answer
                .raw(format!(
                    "id: 7\ndata: {progress}\n\nid: 8\ndata: {result}\n\n"
                ))
                .await;
        }
    })
    .await;
    let mut client = Proxied::http(&server);
    // A server's series exist as long as something refers to its name.
    let _name = client.metrics.server("bad");
    assert_eq!(client.ask("ping").await["result"], json!({}));
    let (seen, _metrics) = client.end().await;
    let sse = seen.sse("bad");
    assert_eq!((sse.events(), sse.duplicates(), sse.buffer()), (3, 1, 0));
    assert_eq!(sse.dedup_ratio(), Some(1.0 / 3.0));
    assert_eq!(sse.reconnections(Reconnection::Ok), 1);
    assert_eq!(sse.resumptions(Resumption::Resumed), 1);
    assert_eq!(seen.http(Side::Server).connections_opened(), 2);
}

/// Only some of its events have an id, and the stream breaks off in the middle of one.
#[tokio::test]
async fn events_and_their_sizes_are_counted_as_the_server_wrote_them() {
    const NOTE: &str = r#"{"jsonrpc":"2.0","method":"notifications/message"}"#;
    let note = format!("data: {NOTE}\n\n");
    let (priming, numbered) = ("id: 1\ndata: \n\n", format!("id: 2\n{note}"));
    let last = format!(
        "id: 3\ndata: {}\n\n",
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#
    );
    let written = [
        priming, &note, &numbered, // before the interruption
        &note, &numbered, &last,
    ];
    let sizes = written.map(|event| event.len() as u64);
    let first = format!(
        ": comment\n\n{priming}{note}{}",
        numbered.replace('\n', "\r\n")
    );
    let again = format!("{note}{numbered}: comment\n{last}");
    let server = Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let (first, again) = (first.clone(), again.clone());
        async move {
            answer.events().await;
            if asked.method == "POST" {
                answer.raw(first + "retry: 5\n\ndata: {\"jsonrpc").await;
                sleep(Duration::from_millis(50)).await;
                return answer.reset();
            }
            assert!(asked.head.contains("last-event-id: 2\r\n"));
            answer.raw(again).await;
        }
    })
    .await;
    let mut client = Proxied::http(&server);
    assert_eq!(client.ask("ping").await["result"], json!({}));
    let (seen, _metrics) = client.end().await;
    let sse = seen.sse("bad");
    let retry = "retry: 5\n\n".len() as u64;
    let size = sse.event_size();
    assert_eq!(size.count(), sizes.len() as u64 + 1);
    assert_eq!(size.sum(), sizes.iter().sum::<u64>() + retry);
    // Without an id, nothing shows that an event was repeated.
    assert_eq!((sse.events(), sse.duplicates(), sse.buffer()), (5, 1, 0));
    // From the second event with data of each connection.
    assert_eq!(sse.idle_duration().count(), 1 + 2);
    assert_eq!(sse.reconnections(Reconnection::Ok), 1);
    assert_eq!(sse.resumptions(Resumption::Resumed), 1);
    let failed = seen.transport(Transport::Http);
    let failed = failed.operations(Side::Server, Operation::Receive, Status::Failed);
    assert_eq!(failed, 0, "the answer was not lost");
}

/// The proxy makes several attempts to resume the stream. Together they are one failed resumption.
#[tokio::test]
async fn a_stream_that_cannot_be_resumed_counts_once_whatever_the_number_of_attempts() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        if asked.method == "POST" {
            answer.events().await;
            answer.raw("id: 1\nretry: 5\ndata: \n\n").await;
        } else {
            answer.whole("503 Service Unavailable", "", "").await;
        }
    })
    .await;
    let mut client = Proxied::http(&server);
    assert!(reason(&client.ask("ping").await).contains("ended the stream"));
    let (seen, _metrics) = client.end().await;
    let sse = seen.sse("bad");
    let attempts = server.received().len() as u64 - 1;
    assert_eq!(
        (sse.reconnections(Reconnection::Rejected), attempts),
        (3, 3)
    );
    assert_eq!(sse.resumptions(Resumption::Failed), 1);
    assert_eq!(sse.events(), 0, "it has no data");
}

#[tokio::test]
async fn the_older_transport_refuses_an_endpoint_on_another_host() {
    for first in [
        "event: endpoint\ndata: http://127.0.0.2:9/post\n\n",
        "data: hello\n\n",
        "",
    ] {
        let server = Scripted::start(move |_, mut answer: Answer| async move {
            answer.events().await;
            answer.raw(first).await;
        })
        .await;
        let client = Proxied::sse(&server);
        let metrics = client.metrics.clone();
        let ended = ended(client.client.session).await;
        assert!(
            matches!(ended, Ended::ServerNotStarted(_)),
            "{first:?}: {ended:?}"
        );
        assert_eq!(metrics.snapshot().session(Transport::Stdio).active(), 0);
    }
}

#[tokio::test]
async fn the_older_transports_stream_is_the_session() {
    let server = Scripted::start(|asked: ReceivedRequest, mut answer: Answer| async move {
        if asked.method == "POST" {
            return answer.whole("202 Accepted", "", "").await;
        }
        let number = asked.number;
        answer.events().await;
        answer
            .raw(format!("event: endpoint\ndata: /post?session={number}\n\n"))
            .await;
        // Long enough for a request to be in progress when the stream ends; it will not be answered.
        sleep(Duration::from_millis(200)).await;
    })
    .await;
    let mut client = Proxied::sse(&server);
    let answer = client.ask("ping").await;
    assert!(reason(&answer).contains("went away"), "{answer}");
    let (seen, _metrics) = client.end().await;
    let requests = seen.request("bad");
    assert_eq!(requests.completed(Method::Ping, Outcome::Lost), 1);
}
