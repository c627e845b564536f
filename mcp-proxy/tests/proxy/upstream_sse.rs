//! Links over the older transport: one stream, and what happens when it is interrupted.

use std::time::Duration;

use mcp_proxy::jsonrpc::Id;
use mcp_proxy::transport::Incoming;
use shadowcat_metrics::shadowcat::labels::{
    Operation, Reconnection, Resumption, Status, Transport,
};
use tokio::time::sleep;

use crate::linked::{Linked, TIMEOUT, result};
use crate::scripted::{Answer, ReceivedRequest, Scripted};

/// Starts a server of the older transport with these events on its first stream and on later ones.
async fn older(first: String, again: String) -> (Scripted, Linked) {
    let server = Scripted::start(move |asked: ReceivedRequest, mut answer: Answer| {
        let (first, again) = (first.clone(), again.clone());
        async move {
            if asked.method == "POST" {
                return answer.whole("202 Accepted", "", "Accepted").await;
            }
            answer.events().await;
            if asked.number == 0 {
                answer
                    .raw("event: endpoint\ndata: post?session=1\n\n")
                    .await;
                answer.raw(first).await;
            } else {
                assert!(
                    asked.head.contains("last-event-id: 7\r\n"),
                    "{}",
                    asked.head
                );
                answer.raw(again).await;
                sleep(TIMEOUT).await;
            }
        }
    })
    .await;
    let linked = Linked::open(Transport::Sse, &server.url("sse")).await;
    (server, linked)
}

fn event(id: u64, answered: u64) -> String {
    format!(
        "event: message\nid: {id}\ndata: {}\n\n",
        result(&answered.to_string())
    )
}

#[tokio::test]
async fn the_older_transport_resumes_after_the_last_event() {
    // With and without a repeated URL: some servers only resume the stream.
    for again in ["event: endpoint\ndata: post?session=1\n\n", ""] {
        let again = format!("{again}{}{}", event(7, 1), event(8, 2));
        let (server, mut linked) = older(event(7, 1), again).await;
        linked.answer_to(1).await;
        linked.answer_to(2).await;
        let streams = server.received().into_iter();
        let streams = streams.filter(|asked| asked.method == "GET").count();
        assert_eq!(streams, 2);
        let snapshot = linked.metrics.snapshot();
        let sse = snapshot.sse("tested");
        assert_eq!(sse.duplicates(), 1);
        assert_eq!(sse.reconnections(Reconnection::Ok), 1);
        assert_eq!(sse.resumptions(Resumption::Resumed), 1);
        assert_eq!(sse.resumptions(Resumption::Restarted), 0);
        assert_eq!(linked.count(Operation::Receive, Status::Failed), 0);
        linked.end().await;
    }
}

#[tokio::test]
async fn a_changed_endpoint_ends_the_link() {
    let again = "event: endpoint\ndata: post?session=2\n\n".to_owned();
    let (_server, mut linked) = older(event(7, 1), again).await;
    linked.answer_to(1).await;
    assert!(linked.next().await.is_none());
    let snapshot = linked.metrics.snapshot();
    let sse = snapshot.sse("tested");
    assert_eq!(sse.reconnections(Reconnection::Ok), 1);
    assert_eq!(sse.resumptions(Resumption::Restarted), 1);
    linked.end().await;
}

#[tokio::test]
async fn a_broken_stream_that_cannot_be_resumed_is_a_failed_receive() {
    for (breaks, failed) in [(true, 1), (false, 0)] {
        let server = Scripted::start(
            move |asked: ReceivedRequest, mut answer: Answer| async move {
                if asked.number > 0 {
                    return answer.whole("404 Not Found", "", "").await;
                }
                answer.events().await;
                answer
                    .raw("event: endpoint\ndata: post?session=1\n\n")
                    .await;
                answer.raw(event(7, 1)).await;
                if breaks {
                    // A reset may discard bytes that the proxy has not read yet.
                    sleep(Duration::from_millis(100)).await;
                    answer.reset();
                }
            },
        )
        .await;
        let mut linked = Linked::open(Transport::Sse, &server.url("sse")).await;
        linked.answer_to(1).await;
        assert!(linked.next().await.is_none());
        assert_eq!(linked.count(Operation::Receive, Status::Ok), 1);
        assert_eq!(linked.count(Operation::Receive, Status::Failed), failed);
        linked.end().await;
    }
}

#[tokio::test]
async fn an_overlong_answer_fails_only_its_request() {
    let long = "x".repeat(50_000);
    let first = format!(
        "event: message\ndata: {{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"{long}\"}}\n\n{}",
        event(7, 2)
    );
    let (_server, mut linked) = older(first, String::new()).await;
    let received = linked.next().await;
    assert!(
        matches!(&received, Some(Incoming::TooLarge { id: Some(id), .. }) if *id == Id::from(1)),
        "{received:?}"
    );
    linked.answer_to(2).await;
    assert_eq!(linked.count(Operation::Receive, Status::TooLarge), 1);
    let snapshot = linked.metrics.snapshot();
    let sizes = snapshot.sse("tested").event_size();
    assert_eq!(sizes.count(), 3);
    assert!(sizes.sum() > 10_000, "the size that was too large");
    linked.end().await;
}
