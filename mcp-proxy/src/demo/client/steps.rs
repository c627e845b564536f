//! What a client does of its plan, step by step.

use std::time::Duration;

use serde_json::json;
use shadowcat_metrics::labels::{Method, Outcome};
use tokio::time::sleep;

use super::{Client, ClientError, outcome};
use crate::demo::MAX_MESSAGE;
use crate::demo::traffic::Step;
use crate::jsonrpc::{Message, Request};

/// How long a slow call has been running when it is withdrawn.
const BEFORE_CANCELLING: Duration = Duration::from_millis(30);

/// A network that has just failed may lose a call, so what a call is to show gets so many at most.
const TRIES: usize = 5;

impl Client {
    /// Does one thing, and waits for what comes of it.
    ///
    /// # Errors
    ///
    /// If the proxy does not answer.
    pub async fn perform(&self, step: Step) -> Result<(), ClientError> {
        match step {
            Step::Ping => self.ping().await,
            Step::ListTools => self.request("tools/list", &json!({})).await.map(drop),
            Step::Echo(bytes) => self
                .call("echo", json!({ "text": "e".repeat(bytes) }))
                .await
                .map(drop),
            Step::Slow(milliseconds) => self.slow(milliseconds).await,
            Step::Big(bytes) => self.big(bytes).await.map(drop),
            Step::Ask => self
                .call("ask", json!({ "question": "What is the answer?" }))
                .await
                .map(drop),
            Step::Fail => self.fail().await,
            Step::Garbage => self.call("garbage", json!({})).await.map(drop),
            Step::Crash => {
                self.call("crash", json!({})).await?;
                // Answered by the restarted server alone, so that every crash has its restart, also the last one.
                self.ping().await
            }
            Step::UnknownMethod => self.request("demo/unknown", &json!({})).await.map(drop),
            Step::Burst(calls) => self.burst(calls).await,
            Step::Cancel => self.cancel().await,
            Step::Malformed => {
                self.shared.tally.lock().malformed_sent += 1;
                self.shared
                    .sender
                    .send_bytes(b"{\"jsonrpc\": \"2.0\", oops".to_vec())
                    .await
            }
            Step::TooLarge => {
                self.shared.tally.lock().too_large_sent += 1;
                self.shared
                    .sender
                    .send_bytes(vec![b'x'; MAX_MESSAGE + 1])
                    .await
            }
            Step::Pause(milliseconds) => {
                sleep(Duration::from_millis(milliseconds)).await;
                Ok(())
            }
            // What goes wrong elsewhere is not for the client to do.
            Step::Fault(_) => Ok(()),
        }
    }

    /// Calls for an answer of so many bytes, and says how the call ended.
    ///
    /// # Errors
    ///
    /// If the proxy does not answer.
    pub async fn big(&self, bytes: usize) -> Result<Outcome, ClientError> {
        self.call("big", json!({ "bytes": bytes })).await
    }

    async fn burst(&self, calls: usize) -> Result<(), ClientError> {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..calls {
            let client = self.clone();
            running.spawn(async move { client.slow(10).await });
        }
        running.join_all().await.into_iter().collect()
    }

    /// Calls what fails.
    async fn fail(&self) -> Result<(), ClientError> {
        for _ in 0..TRIES {
            if self.call("fail", json!({})).await? == Outcome::Error {
                break;
            }
        }
        Ok(())
    }

    /// Withdraws a call that runs.
    async fn cancel(&self) -> Result<(), ClientError> {
        for _ in 0..TRIES {
            if self.withdraw().await? == Outcome::Cancelled {
                break;
            }
        }
        Ok(())
    }

    /// Begins a call and withdraws it, and says how it ended.
    async fn withdraw(&self) -> Result<Outcome, ClientError> {
        let params = json!({ "name": "slow", "arguments": { "milliseconds": 5000 } });
        let request = Request::new(self.next_id(), "tools/call", &params);
        let id = request.id.clone();
        let mut answered = self.wait_for(&id);
        self.send(Message::Request(request)).await?;
        sleep(BEFORE_CANCELLING).await;
        self.notify(
            "notifications/cancelled",
            &json!({ "requestId": id, "reason": "the demo" }),
        )
        .await?;
        // Answered behind the withdrawal, so that nothing that is done next can end the call in another way.
        self.ping().await?;
        self.waiting().remove(&id);
        let outcome = answered
            .try_recv()
            .map_or(Outcome::Cancelled, |payload| outcome(&payload));
        self.ended(Method::ToolsCall, outcome);
        Ok(outcome)
    }

    async fn ping(&self) -> Result<(), ClientError> {
        self.request("ping", &json!({})).await.map(drop)
    }

    async fn slow(&self, milliseconds: u64) -> Result<(), ClientError> {
        self.call("slow", json!({ "milliseconds": milliseconds }))
            .await
            .map(drop)
    }
}
