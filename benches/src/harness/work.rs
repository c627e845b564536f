//! A contestant's part in a row: work to repeat, and a check of its result.

use super::counts::Counts;

/// Timed work. Several threads may run it at the same time.
pub trait Work: Send + Sync {
    /// Runs the work `passes` times.
    fn run(&self, passes: u64);

    /// Runs a single operation, given by its position in a pass. The caller cannot inline it, so it loads every pointer again.
    fn call(&self, position: usize);

    /// Returns the number of operations in one pass, which divides the time.
    fn operations(&self) -> usize;

    /// Compares the library's own output with the expected counts after `passes` passes of all threads together.
    ///
    /// # Errors
    /// If a count was lost.
    fn check(&self, passes: u64) -> Result<(), String>;
}

/// The work of a row that records.
struct Recording<T, R, C> {
    inputs: Vec<T>,
    record_all: R,
    read: C,
    one_pass: Counts,
}

impl<T, R, C> Work for Recording<T, R, C>
where
    T: Send + Sync,
    R: Fn(&[T]) + Send + Sync,
    C: Fn() -> Counts + Send + Sync,
{
    fn run(&self, passes: u64) {
        for _ in 0..passes {
            (self.record_all)(&self.inputs);
        }
    }

    fn call(&self, position: usize) {
        (self.record_all)(self.inputs.get(position..=position).unwrap_or_default());
    }

    fn operations(&self) -> usize {
        self.inputs.len()
    }

    fn check(&self, passes: u64) -> Result<(), String> {
        (self.read)().check(&self.one_pass, passes)
    }
}

/// Several pieces of work. Their operations are called one at a time, in turn.
struct InTurn(Vec<Box<dyn Work>>);

impl Work for InTurn {
    fn run(&self, passes: u64) {
        for _ in 0..passes {
            for position in 0..self.0.first().map_or(0, |work| work.operations()) {
                self.call(position);
            }
        }
    }

    fn call(&self, position: usize) {
        for work in &self.0 {
            work.call(position);
        }
    }

    fn operations(&self) -> usize {
        self.0.iter().map(|work| work.operations()).sum()
    }

    fn check(&self, passes: u64) -> Result<(), String> {
        self.0.iter().try_for_each(|work| work.check(passes))
    }
}

/// Combines several pieces of work, whose operations are called one at a time, in turn.
#[must_use]
pub fn in_turn(works: Vec<Box<dyn Work>>) -> Box<dyn Work> {
    Box::new(InTurn(works))
}

/// Returns the work of recording `inputs` with `record_all`. This function contains the loop, so it can first create the
/// recorders that a program would keep. `read` returns the counts since the creation of the work, and `one_pass` has the expected counts of one
/// pass.
pub fn recording<T: Send + Sync + 'static>(
    inputs: Vec<T>,
    one_pass: Counts,
    record_all: impl Fn(&[T]) + Send + Sync + 'static,
    read: impl Fn() -> Counts + Send + Sync + 'static,
) -> Box<dyn Work> {
    Box::new(Recording {
        inputs,
        record_all,
        read,
        one_pass,
    })
}
