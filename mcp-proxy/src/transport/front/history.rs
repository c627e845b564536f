//! What a session's streams have carried, so that a client that lost one can have the rest.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

/// The number of the stream that a client opens with GET. Those of its requests have higher ones.
pub(super) const STANDING: u64 = 0;

/// Which event of which stream; what `Last-Event-ID` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EventId {
    pub(super) stream: u64,
    /// Counts all events of the session.
    pub(super) number: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.stream, self.number)
    }
}

impl FromStr for EventId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (stream, number) = text.split_once('-').ok_or(())?;
        Ok(Self {
            stream: stream.parse().map_err(|_| ())?,
            number: number.parse().map_err(|_| ())?,
        })
    }
}

/// One event, framed.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: EventId,
    pub(super) bytes: Bytes,
}

/// The last events of a session, bounded in number and bytes.
#[derive(Debug)]
pub(super) struct History {
    events: VecDeque<Event>,
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
}

impl History {
    pub(super) fn new(most_events: usize, most_bytes: usize) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            most_events,
            most_bytes,
        }
    }

    /// Remembers an event, and gives back what had to be forgotten for that; or the event itself, if it is too large.
    pub(super) fn push(&mut self, event: Event) -> Vec<Event> {
        if event.bytes.len() > self.most_bytes {
            return vec![event];
        }
        self.bytes += event.bytes.len();
        self.events.push_back(event);
        let mut forgotten = Vec::new();
        while (self.events.len() > self.most_events || self.bytes > self.most_bytes)
            && let Some(oldest) = self.events.pop_front()
        {
            self.bytes -= oldest.bytes.len();
            forgotten.push(oldest);
        }
        forgotten
    }

    /// The events of the stream that come after this one.
    pub(super) fn after(&self, last: EventId) -> VecDeque<Event> {
        let later =
            |event: &&Event| event.id.stream == last.stream && event.id.number > last.number;
        self.events.iter().filter(later).cloned().collect()
    }

    /// Whether any event of the stream is remembered.
    pub(super) fn knows(&self, stream: u64) -> bool {
        self.events.iter().any(|event| event.id.stream == stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(stream: u64, number: u64, length: usize) -> Event {
        Event {
            id: EventId { stream, number },
            bytes: vec![b'x'; length].into(),
        }
    }

    fn numbers(events: impl IntoIterator<Item = Event>) -> Vec<u64> {
        events.into_iter().map(|event| event.id.number).collect()
    }

    #[test]
    fn the_oldest_are_forgotten_by_number_and_by_bytes() {
        let mut history = History::new(3, 100);
        for number in 1..=3 {
            assert!(history.push(event(0, number, 10)).is_empty());
        }
        assert_eq!(numbers(history.push(event(0, 4, 10))), [1]);
        assert_eq!(numbers(history.push(event(0, 5, 85))), [2, 3]);
        assert_eq!(numbers(history.push(event(0, 6, 101))), [6], "too large");
        let all = EventId {
            stream: 0,
            number: 0,
        };
        assert_eq!(numbers(history.after(all)), [4, 5]);
    }

    #[test]
    fn a_stream_goes_on_after_the_event_that_was_seen_last() {
        let mut history = History::new(10, 100);
        for (stream, number) in [(0, 1), (7, 2), (0, 3), (7, 4)] {
            history.push(event(stream, number, 1));
        }
        let last = "7-2".parse().expect("an id");
        assert_eq!(numbers(history.after(last)), [4]);
        assert!(history.knows(7) && !history.knows(8));
        for bad in ["", "7", "-", "7-", "a-b", "7-2-1", "-1-2"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad}");
        }
    }
}
