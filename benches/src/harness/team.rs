//! Threads that work concurrently.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;
use std::time::Duration;

use super::work::Work;
use shadowcat_metrics_measure::clock::Clock;

/// A task for a thread of a team.
struct Task {
    work: Arc<dyn Work>,
    passes: u64,
    clock: Clock,
}

/// Threads that are reused for all rounds, like those of a program.
#[derive(Debug)]
pub struct Team {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    tasks: Sender<Task>,
    times: Receiver<Duration>,
    thread: Option<JoinHandle<()>>,
}

impl Team {
    /// Starts `threads` threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let start = Arc::new(Barrier::new(threads));
        let members = (0..threads)
            .map(|_| Member::new(Arc::clone(&start)))
            .collect();
        Self { members }
    }

    /// Returns the number of threads.
    #[must_use]
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// Runs some work on all threads at the same time. Returns the average time of one thread.
    #[must_use]
    pub fn time(&self, work: &Arc<dyn Work>, passes: u64, clock: Clock) -> Duration {
        for member in &self.members {
            let task = Task {
                work: Arc::clone(work),
                passes,
                clock,
            };
            member
                .tasks
                .send(task)
                .expect("a member waits for tasks until its team is dropped");
        }
        let total: Duration = self
            .members
            .iter()
            .map(|member| {
                member
                    .times
                    .recv()
                    .expect("a member answers every task, unless a contestant panicked")
            })
            .sum();
        total / u32::try_from(self.members.len().max(1)).unwrap_or(1)
    }
}

impl Member {
    fn new(start: Arc<Barrier>) -> Self {
        let (tasks, inbox) = channel::<Task>();
        let (outbox, times) = channel();
        let thread = std::thread::spawn(move || {
            for task in inbox {
                start.wait();
                let time = task.clock.time(|| task.work.run(task.passes));
                // Drops the contestant before answering, so that the caller owns it alone.
                drop(task);
                if outbox.send(time).is_err() {
                    break;
                }
            }
        });
        Self {
            tasks,
            times,
            thread: Some(thread),
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // Closes the inbox, which ends the thread.
        self.tasks = channel().0;
        if let Some(thread) = self.thread.take() {
            // A contestant's panic was reported when it happened.
            let _ = thread.join();
        }
    }
}
