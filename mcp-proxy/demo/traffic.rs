//! What the demo's clients do: a plan for each session, the same whenever the seed is the same.

use std::time::Duration;

use fastrand::Rng;
use shadowcat_metrics::shadowcat::labels::{Outcome, Transport};
use tokio::time::{sleep, timeout};

use crate::demo::BACKOFF;
use crate::demo::books::Tally;
use crate::demo::client::{Client, ClientError};
use crate::demo::network::Relay;
use crate::demo::stage::Stage;

/// One client of the demo, and the server that it talks to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Persona {
    /// The server's name in metrics.
    pub(crate) server: &'static str,
    /// How the client reaches the proxy, and the proxy the server.
    pub(crate) transport: Transport,
    /// The server ignores the end of its input and SIGTERM.
    pub(crate) stubborn: bool,
    kind: Kind,
}

/// What a client is there to show.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// All that goes well.
    Steady,
    /// A server that crashes.
    Crashing,
    /// Faults of the client's own, and a server that has to be killed.
    Troublesome,
    /// A server over streamable HTTP, and a bad network.
    Web,
    /// A server over the older transport, and a bad network.
    Events,
}

/// All clients. They run side by side.
pub(crate) const PERSONAS: [Persona; 5] = [
    Persona {
        server: "steady",
        transport: Transport::Stdio,
        stubborn: false,
        kind: Kind::Steady,
    },
    Persona {
        server: "crashing",
        transport: Transport::Stdio,
        stubborn: false,
        kind: Kind::Crashing,
    },
    Persona {
        server: "stubborn",
        transport: Transport::Stdio,
        stubborn: true,
        kind: Kind::Troublesome,
    },
    Persona {
        server: "web",
        transport: Transport::Http,
        stubborn: false,
        kind: Kind::Web,
    },
    Persona {
        server: "events",
        transport: Transport::Sse,
        stubborn: false,
        kind: Kind::Events,
    },
];

/// One thing that a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// `ping`
    Ping,
    /// `tools/list`
    ListTools,
    /// A small call, with a text of so many bytes.
    Echo(usize),
    /// A call that takes so many milliseconds.
    Slow(u64),
    /// So many calls at once.
    Burst(usize),
    /// A call with an answer of so many bytes.
    Big(usize),
    /// A call for which the server asks back.
    Ask,
    /// A call that is answered with an error.
    Fail,
    /// A call whose tool fails.
    FailTool,
    /// A method that the server does not know.
    UnknownMethod,
    /// A slow call that is withdrawn.
    Cancel,
    /// A call during which the server prints things that are no messages.
    Garbage,
    /// A line that is no message.
    Malformed,
    /// A message over the size limit.
    TooLarge,
    /// A call during which the server dies.
    Crash,
    /// Nothing, for so many milliseconds.
    Pause(u64),
    /// Something goes wrong between the proxy and the server.
    Fault(Fault),
}

/// What may go wrong on a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Streams break off while a call runs.
    CutDuringCall,
    /// Streams break off while nothing runs.
    Cut,
    /// A stream breaks off, and is sent again from its beginning.
    Repeat,
    /// Answers come slowly.
    SlowBodies,
    /// The server cannot be connected to.
    Refuse,
}

/// What a client does in its session with this number, after the handshake. The first session shows everything that
/// the client is there to show; later ones are drawn by lot.
pub(crate) fn plan(persona: &Persona, seed: u64, client: u64, session: u64) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed ^ client.rotate_left(48) ^ session.rotate_left(24));
    let mut steps = match persona.kind {
        Kind::Steady => vec![
            Step::ListTools,
            Step::Slow(300),
            Step::Burst(16),
            Step::Big(200_000),
            Step::Ask,
            Step::Fail,
            Step::FailTool,
            Step::UnknownMethod,
        ],
        Kind::Crashing => vec![
            Step::ListTools,
            Step::Burst(4),
            Step::Crash,
            Step::Echo(100),
        ],
        Kind::Troublesome => vec![
            Step::Garbage,
            Step::Malformed,
            Step::TooLarge,
            Step::Cancel,
            Step::Slow(150),
        ],
        Kind::Web => vec![
            Step::ListTools,
            Step::Burst(8),
            Step::Big(100_000),
            Step::Ask,
            Step::Fail,
            Step::FailTool,
            Step::UnknownMethod,
            Step::Malformed,
            Step::TooLarge,
            Step::Cancel,
            Step::Fault(Fault::CutDuringCall),
            Step::Fault(Fault::Cut),
            Step::Fault(Fault::Repeat),
            Step::Fault(Fault::SlowBodies),
            Step::Fault(Fault::Refuse),
        ],
        // The older transport's events have no ids, so none can be told to be a repetition.
        Kind::Events => vec![
            Step::ListTools,
            Step::Burst(8),
            Step::Ask,
            Step::Fail,
            Step::FailTool,
            Step::UnknownMethod,
            Step::Cancel,
            Step::Fault(Fault::CutDuringCall),
            Step::Fault(Fault::Cut),
            Step::Fault(Fault::SlowBodies),
            Step::Fault(Fault::Refuse),
        ],
    };
    if session > 0 {
        steps.truncate(rng.usize(0..=steps.len()));
    }
    for _ in 0..rng.usize(20..40) {
        steps.push(draw(&mut rng));
        steps.push(Step::Pause(rng.u64(2..25)));
    }
    rng.shuffle(&mut steps);
    steps
}

fn draw(rng: &mut Rng) -> Step {
    match rng.u32(0..20) {
        0..9 => Step::Echo(rng.usize(1..4096)),
        9..12 => Step::Ping,
        12 | 13 => Step::ListTools,
        14 | 15 => Step::Slow(rng.u64(20..120)),
        16 => Step::Burst(rng.usize(2..12)),
        17 => Step::Fail,
        18 => Step::Ask,
        _ => Step::Big(rng.usize(1000..300_000)),
    }
}

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
pub(crate) async fn trouble(
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
        Fault::CutDuringCall => cut_during_call(client, relay).await,
        Fault::Repeat => {
            relay.faults().replay();
            cut_during_call(client, relay).await
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

async fn cut_during_call(client: &Client, relay: &Relay) -> Result<(), ClientError> {
    let cut = async {
        sleep(HALFWAY).await;
        relay.faults().cut_streams();
    };
    let (answered, ()) = tokio::join!(client.perform(Step::Slow(CALL)), cut);
    answered?;
    client.perform(Step::Ping).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides() {
        let [steady, crashing, ..] = &PERSONAS;
        assert_eq!(plan(steady, 7, 0, 3), plan(steady, 7, 0, 3));
        assert_ne!(plan(steady, 7, 0, 3), plan(steady, 8, 0, 3));
        assert_ne!(plan(steady, 7, 0, 3), plan(steady, 7, 0, 4));
        for seed in 0..100 {
            let crashes = plan(crashing, seed, 1, 0)
                .iter()
                .filter(|&&step| step == Step::Crash)
                .count();
            assert_eq!(crashes, 1, "seed {seed}");
        }
    }
}
