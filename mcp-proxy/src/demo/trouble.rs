//! Things that go wrong between the proxy and a server, and what a client notices of them.

use std::time::Duration;

use shadowcat_metrics::labels::{Outcome, Transport};
use tokio::time::{sleep, timeout};

use crate::demo::BACKOFF;
use crate::demo::client::{Client, ClientError};
use crate::demo::relay::Relay;
use crate::demo::stage::Stage;
use crate::demo::tally::Tally;
use crate::demo::traffic::{Fault, Step};

/// A call takes this long, in milliseconds, and tells of its progress halfway.
const CALL: u64 = 300;

/// When a stream is cut during a call: after its first event, and well before its last.
const HALFWAY: Duration = Duration::from_millis(CALL * 3 / 4);

/// How long a server cannot be connected to: at least so long, and until the proxy has tried in vain, if it does.
const REFUSED: Duration = Duration::from_millis(200);
const LONGEST_REFUSAL: Duration = Duration::from_secs(2);

/// So often, at most, is it made so that it cannot be connected to.
const REFUSALS: usize = 5;

/// Answers that come slowly at a time: enough of them to burn the budget of an objective.
const SLOW_ANSWERS: u64 = 6;

/// So many calls are made for them, at most.
const SLOW_CALLS: u64 = 30;

/// Their size in bytes: each comes in one piece, were it not for the relay.
const SLOW_ANSWER: usize = 4000;

/// Has one thing go wrong, and lets the client work meanwhile and after it.
///
/// # Errors
///
/// If the proxy does not answer, which it must, whatever goes wrong behind it.
pub async fn make(
    fault: Fault,
    client: &Client,
    stage: &Stage,
    tally: &Tally,
) -> Result<(), ClientError> {
    let Some(relay) = stage.relay() else {
        return Ok(());
    };
    match fault {
        Fault::Cut => {
            relay.faults().cut_streams();
            client.perform(Step::Ping).await
        }
        Fault::CutDuringCall => {
            let cut = async {
                sleep(HALFWAY).await;
                relay.faults().cut_streams();
            };
            let (answered, ()) = tokio::join!(client.perform(Step::Slow(CALL)), cut);
            answered?;
            client.perform(Step::Ping).await
        }
        Fault::Repeat => {
            relay.faults().repeat_events(2);
            client.perform(Step::Slow(50)).await
        }
        Fault::SlowBodies => {
            relay.faults().slow_down(true);
            let answered = wait_for_slow_answers(client, tally).await;
            relay.faults().slow_down(false);
            answered
        }
        Fault::Refuse => {
            for _ in 0..REFUSALS {
                if refuse(client, stage, relay).await? {
                    break;
                }
                // Until the session counts as stable, or the proxy would soon give the server up.
                sleep(BACKOFF.stable_after).await;
            }
            Ok(())
        }
    }
}

/// Has the server refuse connections for a while. False if the proxy had no stream then that it would have tried to open
/// again, because it was still opening the whole session anew.
async fn refuse(client: &Client, stage: &Stage, relay: &Relay) -> Result<bool, ClientError> {
    let before = stage.failed_reconnections();
    let has_tried = || stage.failed_reconnections() > before;
    relay.refuse().await;
    let refused = async {
        sleep(REFUSED).await;
        // On a busy machine nobody may have tried in that time.
        let tried = async {
            while !has_tried() {
                sleep(REFUSED / 10).await;
            }
        };
        let _ = timeout(LONGEST_REFUSAL, tried).await;
        relay.accept().await
    };
    match stage.transport() {
        // Each message is an exchange of its own, so this one fails at once, unless the session is being opened anew.
        Transport::Http => {
            let (answered, accepted) = tokio::join!(client.perform(Step::Echo(100)), refused);
            answered?;
            accepted?;
        }
        // The session has lost its stream, and is being opened anew: what is said now would wait for that.
        Transport::Sse | Transport::Stdio => refused.await?,
    }
    // Answered by the server once the session is whole again.
    client.perform(Step::Ping).await?;
    Ok(has_tried())
}

async fn wait_for_slow_answers(client: &Client, tally: &Tally) -> Result<(), ClientError> {
    let mut left = SLOW_ANSWERS;
    for _ in 0..SLOW_CALLS {
        if client.big(SLOW_ANSWER).await? == Outcome::Ok {
            tally.lock().slow_answers += 1;
            left -= 1;
            if left == 0 {
                break;
            }
        } else {
            // A call that was lost has no answer that could be slow: the session is still being opened anew.
            sleep(REFUSED / 2).await;
        }
    }
    Ok(())
}
