//! The traffic of the demo's clients: a plan for each session, determined by the seed.

use std::time::Duration;

use fastrand::Rng;
use shadowcat_metrics::shadowcat::labels::{Outcome, Transport};
use tokio::time::{sleep, timeout};

use crate::demo::BACKOFF;
use crate::demo::books::Tally;
use crate::demo::client::{Client, ClientError};
use crate::demo::network::Relay;
use crate::demo::stage::Stage;

/// A client of the demo, and its server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Persona {
    /// The server's name in metrics.
    pub(crate) server: &'static str,
    /// The transport on both sides of the proxy.
    pub(crate) transport: Transport,
    kind: Kind,
}

impl Persona {
    const fn new(server: &'static str, transport: Transport, kind: Kind) -> Self {
        Self {
            server,
            transport,
            kind,
        }
    }

    /// Returns whether the server ignores the end of its input and SIGTERM.
    pub(crate) const fn is_stubborn(&self) -> bool {
        matches!(self.kind, Kind::Troublesome)
    }

    /// Returns whether the client speaks 2026-07-28, which has no sessions.
    pub(crate) const fn is_stateless(&self) -> bool {
        matches!(self.kind, Kind::Stateless)
    }
}

/// The behavior that a client demonstrates.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Everything that succeeds.
    Steady,
    /// A server that crashes.
    Crashing,
    /// Faults of the client, and a server that has to be killed.
    Troublesome,
    /// A server over streamable HTTP, behind a faulty network.
    Web,
    /// A server over the older transport, behind a faulty network.
    Events,
    /// A client and a server of the revision without sessions.
    Stateless,
}

/// All clients. They run concurrently.
pub(crate) const PERSONAS: [Persona; 6] = [
    Persona::new("steady", Transport::Stdio, Kind::Steady),
    Persona::new("crashing", Transport::Stdio, Kind::Crashing),
    Persona::new("stubborn", Transport::Stdio, Kind::Troublesome),
    Persona::new("web", Transport::Http, Kind::Web),
    Persona::new("events", Transport::Sse, Kind::Events),
    Persona::new("stateless", Transport::Http, Kind::Stateless),
];

/// One step of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// `ping`
    Ping,
    /// `server/discover`
    Discover,
    /// `tools/list`
    ListTools,
    /// `prompts/get`
    FillInPrompt,
    /// A small call, with a text of this many bytes.
    Echo(usize),
    /// A call that takes this many milliseconds.
    Slow(u64),
    /// This many concurrent calls.
    Burst(usize),
    /// A call with an answer of this many bytes.
    Big(usize),
    /// A call during which the server sends a request to the client.
    Ask,
    /// A call that is answered with an error.
    Fail,
    /// A call whose tool fails.
    FailTool,
    /// A method that the server does not know.
    UnknownMethod,
    /// A slow call that is cancelled.
    Cancel,
    /// A call during which the server prints lines that are not messages.
    Garbage,
    /// A line that is not a message.
    Malformed,
    /// A message over the size limit.
    TooLarge,
    /// A call during which the server crashes.
    Crash,
    /// A pause of this many milliseconds.
    Pause(u64),
    /// A fault between the proxy and the server.
    Fault(Fault),
}

/// A network fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Streams are interrupted while a call runs.
    CutDuringCall,
    /// Streams are interrupted while no call runs.
    Cut,
    /// A stream is interrupted, and repeated from its beginning.
    Repeat,
    /// Answers arrive slowly.
    SlowBodies,
    /// The server refuses connections.
    Refuse,
}

/// Returns the steps of a client in one session, after the handshake. The first session demonstrates the
/// client's full behavior; later ones are random.
pub(crate) fn plan(persona: &Persona, seed: u64, client: u64, session: u64) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed ^ client.rotate_left(48) ^ session.rotate_left(24));
    let mut steps = match persona.kind {
        Kind::Steady => vec![
            Step::ListTools,
            Step::FillInPrompt,
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
        // Events of the older transport have no ids, so repetitions cannot be recognized.
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
        Kind::Stateless => vec![
            Step::ListTools,
            Step::FillInPrompt,
            Step::Slow(300),
            Step::Burst(8),
            Step::Big(100_000),
            Step::Fail,
            Step::FailTool,
            Step::UnknownMethod,
            Step::Cancel,
        ],
    };
    if session > 0 {
        steps.truncate(rng.usize(0..=steps.len()));
    }
    for _ in 0..rng.usize(20..40) {
        steps.push(match draw(&mut rng) {
            // The revision without sessions has neither.
            Step::Ping | Step::Ask if persona.is_stateless() => Step::Discover,
            step => step,
        });
        steps.push(Step::Pause(rng.u64(2..25)));
    }
    rng.shuffle(&mut steps);
    steps
}

fn draw(rng: &mut Rng) -> Step {
    match rng.u32(0..20) {
        0..9 => Step::Echo(rng.usize(1..4096)),
        9..12 => Step::Ping,
        12 => Step::ListTools,
        13 => Step::FillInPrompt,
        14 | 15 => Step::Slow(rng.u64(20..120)),
        16 => Step::Burst(rng.usize(2..12)),
        17 => Step::Fail,
        18 => Step::Ask,
        _ => Step::Big(rng.usize(1000..300_000)),
    }
}

/// Duration of a call, in milliseconds. It reports progress halfway.
const CALL: u64 = 300;

/// When to interrupt a stream during a call: after its first event, and well before its last.
const HALFWAY: Duration = Duration::from_millis(CALL * 3 / 4);

/// Minimum time to refuse connections. If the proxy tries to reconnect, refusal lasts until an attempt has
/// failed.
const REFUSED: Duration = Duration::from_millis(200);
const MAX_REFUSAL: Duration = Duration::from_secs(2);

/// Maximum number of attempts to make the proxy meet a refused connection.
const REFUSALS: usize = 5;

/// Number of consecutive slow answers: enough to burn the error budget of an objective.
const SLOW_ANSWERS: u64 = 6;

/// Maximum number of calls to get that many slow answers.
const SLOW_CALLS: u64 = 30;

/// Size of a slow answer in bytes. Without the relay, it would arrive in one chunk.
const SLOW_ANSWER: usize = 4000;

/// Causes one fault, and lets the client work during it and after it.
///
/// # Errors
///
/// If the proxy does not answer, which it must despite any fault behind it.
pub(crate) async fn cause_fault(
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
                // Wait until the session counts as stable, or the proxy would soon give up on the server.
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

/// Refuses connections to the server for a while. Returns `false` if the proxy did not try to reopen a stream
/// in that time, because it was still reopening the session.
async fn refuse(client: &Client, stage: &Stage, relay: &Relay) -> Result<bool, ClientError> {
    let before = stage.failed_reconnections();
    let has_tried = || stage.failed_reconnections() > before;
    relay.refuse().await;
    let refused = async {
        sleep(REFUSED).await;
        // On a busy machine, there may have been no attempt in that time.
        let tried = async {
            while !has_tried() {
                sleep(REFUSED / 10).await;
            }
        };
        let _ = timeout(MAX_REFUSAL, tried).await;
        relay.accept().await
    };
    match stage.transport {
        // Each message is a separate exchange, so this one fails at once, unless the session is being
        // reopened.
        Transport::Http => {
            let (answered, accepted) = tokio::join!(client.perform(Step::Echo(100)), refused);
            answered?;
            accepted?;
        }
        // The session has lost its stream and is being reopened. A message would wait for that.
        Transport::Sse | Transport::Stdio => refused.await?,
    }
    // The server answers once the session is restored.
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
            // A lost call has no slow answer: the session is still being reopened.
            sleep(REFUSED / 2).await;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_depends_only_on_the_seed() {
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
