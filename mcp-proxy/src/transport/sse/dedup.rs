//! Knows events that came before, by their ids, as far back as its window reaches.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// Longest id of an event that is remembered, in bytes. An event with a longer one counts as having none.
pub const LONGEST_ID: usize = 1024;

/// The ids of the events that came last, at most so many of them.
#[derive(Debug)]
pub struct Window {
    capacity: usize,
    order: VecDeque<Arc<str>>,
    known: HashSet<Arc<str>>,
}

impl Window {
    /// Remembers `capacity` ids.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            order: VecDeque::new(),
            known: HashSet::new(),
        }
    }

    /// True if an event with this id has not come before, which it has from now on.
    pub fn insert(&mut self, id: &str) -> bool {
        if self.capacity == 0 {
            return true;
        }
        if self.known.contains(id) {
            return false;
        }
        if self.order.len() == self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        let id: Arc<str> = id.into();
        self.order.push_back(Arc::clone(&id));
        self.known.insert(id);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_before_is_known_as_far_as_the_window_reaches() {
        let mut window = Window::new(2);
        assert!(window.insert("a"));
        assert!(window.insert("b"));
        assert!(!window.insert("a"));
        assert!(window.insert("c"), "which drives out the oldest");
        assert!(window.insert("a"));
        assert!(!window.insert("c"));
        assert_eq!((window.order.len(), window.known.len()), (2, 2));

        let mut none = Window::new(0);
        assert!(none.insert("a") && none.insert("a"));
    }
}
