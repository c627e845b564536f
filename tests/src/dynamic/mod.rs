//! Records into a schema that is only known at run time: does at run time what the macro does at compile time.

mod cell;
mod digit;
pub mod events;
pub mod expected;
mod labels;
mod leak;
mod samples;
mod typed;

use shadowcat_metrics::private as p;
use shadowcat_metrics_codegen::model::{Metric, Registry};

pub use cell::Cell;
use events::{Event, LabelValue};

/// A registry of a schema, and all handles that were used to record into it.
#[derive(Debug)]
pub struct Dynamic<'m> {
    model: &'m Registry,
    registry: p::Registry,
    handles: Vec<p::OpenValue>,
    callbacks: Vec<p::CallbackGuard>,
}

impl<'m> Dynamic<'m> {
    /// Creates a registry of a schema, whose descriptors are never freed.
    #[must_use]
    pub fn new(model: &'m Registry) -> Self {
        let registry = p::Registry::new(leak::schema(model), p::Options::default());
        Self {
            model,
            registry,
            handles: Vec::new(),
            callbacks: Vec::new(),
        }
    }

    /// Returns the registry.
    #[must_use]
    pub const fn registry(&self) -> &p::Registry {
        &self.registry
    }

    /// Records like generated code.
    ///
    /// # Panics
    ///
    /// Panics if recording panics.
    pub fn record(&mut self, event: &Event) {
        if event.elsewhere {
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| self.record_here(event));
                thread.join().expect("recording does not panic");
            });
        } else {
            self.record_here(event);
        }
    }

    fn record_here(&mut self, event: &Event) {
        let metric = &self.model.metrics[event.metric];
        let handles: Vec<_> = event
            .labels
            .iter()
            .map(|value| match value {
                LabelValue::Closed { .. } => None,
                LabelValue::Open { label, value, .. } => {
                    let value = value.as_ref();
                    value.map(|value| self.registry.intern(*label, value))
                }
            })
            .collect();
        let mut binding = p::Binding::new(&self.registry).of(members(self.model, metric));
        let mut labels = event.labels.iter().zip(&handles);
        for (value, handle) in labels.by_ref().take(metric.group_labels) {
            binding = digit::bind!(binding, value, handle, p::Binding::optional_open);
        }
        let family = &self.registry.schema().families[event.metric];
        let mut place = binding.at(family.first_page);
        for (value, handle) in labels {
            place = digit::bind!(place, value, handle, optional_open);
        }
        let guard = typed::record(self.model, metric, family, place, event);
        self.callbacks.extend(guard);
        self.handles.extend(handles.into_iter().flatten());
    }

    /// Reads the series of an event like generated code.
    #[must_use]
    pub fn read(&self, snapshot: &p::Snapshot, event: &Event) -> Cell {
        let metric = &self.model.metrics[event.metric];
        let (group, own) = event.labels.split_at(metric.group_labels);
        let mut binding = snapshot.bind();
        for value in group {
            binding = digit::find!(binding, value);
        }
        let family = &self.registry.schema().families[event.metric];
        let mut place = binding.at(family.first_page);
        for value in own {
            place = digit::find!(place, value);
        }
        typed::read(self.model, metric, &place)
    }

    /// Drops every handle, so that series with open labels end.
    pub fn drop_handles(&mut self) {
        self.callbacks.clear();
        self.handles.clear();
    }
}

fn optional_open<'a>(
    place: p::Place<'a>,
    _: u32,
    slots: u32,
    handle: Option<&'a p::OpenValue>,
) -> p::Place<'a> {
    place.optional_open(slots, handle)
}

/// Returns the metrics of a metric's group, which are consecutive in these schemas.
fn members(model: &Registry, metric: &Metric) -> std::ops::Range<u32> {
    let mut positions = (0_u32..).zip(&model.metrics);
    let first = positions.find(|(_, other)| other.group == metric.group);
    let first = first.map_or(0, |(position, _)| position);
    let count = model
        .metrics
        .iter()
        .filter(|other| other.group == metric.group);
    first..first + u32::try_from(count.count()).expect("a schema has few metrics")
}
