//! Requests that are not answered in time: each is answered with an error, and withdrawn from the side that was asked.

use std::time::Duration;

use serde_json::json;
use shadowcat_metrics::labels::Outcome;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

use crate::jsonrpc::{Message, Notification, code};
use crate::proxy::forward::{Failing, State, Stopped, fail_one};
use crate::proxy::in_flight::InFlight;
use crate::transport::Outgoing;

/// Longest time between two looks at the requests in flight.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Lets requests of either side wait for at most `limit`. Ends only when one of the sides takes no more.
pub async fn expire(
    limit: Duration,
    server: &Outgoing,
    client: &Outgoing,
    state: &State,
) -> Stopped {
    // An eighth more than its limit is the longest that a request waits.
    let mut looks = interval((limit / 8).clamp(Duration::from_millis(1), LONGEST_PAUSE));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if !expire_now(limit, &state.to_server, client, server).await {
            return Stopped::ClientGone;
        }
        if !expire_now(limit, &state.to_client, server, client).await {
            return Stopped::ServerGone;
        }
    }
}

/// False if the side that asked takes no more.
async fn expire_now(
    limit: Duration,
    in_flight: &InFlight,
    asker: &Outgoing,
    answerer: &Outgoing,
) -> bool {
    for id in in_flight.older_than(limit) {
        warn!(%id, ?limit, "a request was not answered in time");
        let failing = Failing {
            code: code::TIMED_OUT,
            reason: &format!("no answer within {limit:?}"),
            outcome: Outcome::TimedOut,
        };
        if !fail_one(&id, &failing, in_flight, asker).await {
            return false;
        }
        let withdrawn = Notification::new(
            "notifications/cancelled",
            &json!({ "requestId": id, "reason": "the answer took too long" }),
        );
        // Whoever does not answer may not read either, and must not hold up the others.
        let _ = answerer.try_send(Message::Notification(withdrawn));
    }
    true
}
