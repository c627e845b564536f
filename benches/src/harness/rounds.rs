//! Runs rounds: all contestants in turn, starting with a different one each time, with a check of every total.

use std::sync::Arc;
use std::time::Duration;

use super::team::Team;
use super::work::Work;
use shadowcat_metrics_measure::clock::Clock;
use shadowcat_metrics_measure::statistics::Summary;

/// The parameters of a measurement.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Number of rounds.
    pub rounds: usize,
    /// Minimum time of one contestant in one round.
    pub time: Duration,
    /// The clock.
    pub clock: Clock,
}

impl Plan {
    /// Plans many rounds of several milliseconds or, with `quick`, few rounds of one millisecond.
    #[must_use]
    pub fn new(quick: bool, rounds: Option<usize>, clock: Clock) -> Self {
        let (usual, time) = if quick { (5, 1) } else { (21, 4) };
        Self {
            rounds: rounds.unwrap_or(usual).max(1),
            time: Duration::from_millis(time),
            clock,
        }
    }
}

/// The result of one contestant.
#[derive(Debug)]
pub enum Outcome {
    /// Nanoseconds per operation.
    Time(Summary),
    /// A count was lost or misplaced, so the time is meaningless.
    Void(String),
}

struct Contestant {
    work: Arc<dyn Work>,
    passes_a_round: u64,
    passes: u64,
    times: Vec<f64>,
    fault: Option<String>,
}

/// Measures contestants against each other, with all threads of a team.
#[must_use]
pub fn measure(works: Vec<Box<dyn Work>>, team: &Team, plan: Plan) -> Vec<Outcome> {
    let mut contestants: Vec<Contestant> = works.into_iter().map(Contestant::new).collect();
    for contestant in &mut contestants {
        contestant.warm_up(team, plan);
    }
    let count = contestants.len();
    for round in 0..plan.rounds {
        for turn in 0..count {
            // Every other round is reversed, so that no contestant always follows the same one.
            let turn = if round % 2 == 0 {
                turn
            } else {
                count - 1 - turn
            };
            contestants[(turn + round) % count].round(team, plan);
        }
    }
    contestants.into_iter().map(Contestant::outcome).collect()
}

impl Contestant {
    fn new(work: Box<dyn Work>) -> Self {
        Self {
            work: Arc::from(work),
            passes_a_round: 1,
            passes: 0,
            times: Vec::new(),
            fault: None,
        }
    }

    /// Determines the number of passes that fill a round.
    fn warm_up(&mut self, team: &Team, plan: Plan) {
        loop {
            let time = self.run(team, plan.clock);
            if time * 2 > plan.time {
                break;
            }
            let missing = plan.time.as_secs_f64() / time.as_secs_f64().max(1e-7);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "at most 16"
            )]
            let factor = missing.clamp(2.0, 16.0) as u64;
            self.passes_a_round *= factor;
        }
        self.check();
    }

    fn round(&mut self, team: &Team, plan: Plan) {
        if self.fault.is_some() {
            return;
        }
        let time = self.run(team, plan.clock);
        let operations = self.passes_a_round as f64 * self.work.operations() as f64;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let share = plan.clock.share(team.size(), cores);
        self.times
            .push(time.as_secs_f64() * 1e9 / operations / share);
        self.check();
    }

    fn run(&mut self, team: &Team, clock: Clock) -> Duration {
        let time = team.time(&self.work, self.passes_a_round, clock);
        self.passes += self.passes_a_round * team.size() as u64;
        time
    }

    fn check(&mut self) {
        if let Err(fault) = self.work.check(self.passes) {
            self.fault.get_or_insert(fault);
        }
    }

    fn outcome(self) -> Outcome {
        match self.fault {
            Some(fault) => Outcome::Void(fault),
            None => Outcome::Time(Summary::new(self.times)),
        }
    }
}
