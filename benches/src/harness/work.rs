//! One contestant's part in one row: something to repeat, and a way to check what came of it.

use super::counts::Counts;

/// Something that is timed. Threads may run it at the same time.
pub trait Work: Send + Sync {
    /// Does it so many times over.
    fn run(&self, passes: u64);

    /// How many operations one pass has: what the time is divided by.
    fn operations(&self) -> usize;

    /// Compares what the library itself says with what was done, after so many passes of all threads together.
    ///
    /// # Errors
    /// Says what was lost.
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

    fn operations(&self) -> usize {
        self.inputs.len()
    }

    fn check(&self, passes: u64) -> Result<(), String> {
        (self.read)().check(&self.one_pass, passes)
    }
}

/// Records `inputs` with `record_all`, which holds the loop, so that it can take out before it what a program would keep.
/// `read` tells what was counted since this was made, and `one_pass` what one pass over the inputs must add to that.
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
