//! What the demo's clients do: a plan for each session, the same whenever the seed is the same.

use fastrand::Rng;
use shadowcat_metrics::labels::Transport;

/// One client of the demo, and the server that it talks to.
#[derive(Debug, Clone, Copy)]
pub struct Persona {
    /// The server's name in metrics.
    pub server: &'static str,
    /// How the client reaches the proxy, and the proxy the server.
    pub transport: Transport,
    /// The server ignores the end of its input and SIGTERM.
    pub stubborn: bool,
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
pub const PERSONAS: [Persona; 5] = [
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
pub enum Step {
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
    /// A call that fails.
    Fail,
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
pub enum Fault {
    /// Streams break off while a call runs.
    CutDuringCall,
    /// Streams break off while nothing runs.
    Cut,
    /// Events come twice.
    Repeat,
    /// Answers come slowly.
    SlowBodies,
    /// The server cannot be connected to.
    Refuse,
}

/// What a client does in its session with this number, after the handshake. The first session shows everything that
/// the client is there to show; later ones are drawn by lot.
#[must_use]
pub fn plan(persona: &Persona, seed: u64, client: u64, session: u64) -> Vec<Step> {
    let mut rng = Rng::with_seed(seed ^ client.rotate_left(48) ^ session.rotate_left(24));
    let mut steps = match persona.kind {
        Kind::Steady => vec![
            Step::ListTools,
            Step::Slow(300),
            Step::Burst(16),
            Step::Big(200_000),
            Step::Ask,
            Step::Fail,
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
