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
use shadowcat_metrics_codegen::emit::recorders::descriptors::Descriptors;
use shadowcat_metrics_codegen::model::{LabelId, Metric, Registry};

pub use cell::Cell;
use events::{Event, LabelValue};
use labels::{group_part, open_labels};

/// A registry of a schema, and all handles that were used to record into it.
#[derive(Debug)]
pub struct Dynamic<'m> {
    model: &'m Registry,
    /// Position of each metric's first family.
    first_families: Vec<usize>,
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
            first_families: Descriptors::of(model).first_families,
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
        let mut binding = p::Binding::<0>::new(&self.registry);
        let (place, group_part) = group_part(self.model, metric, event.part);
        let mut labels = event.labels.iter().zip(&handles);
        for (value, handle) in labels.by_ref().take(group_part.labels.len()) {
            binding = digit::bind!(binding, value, handle);
        }
        let bound = open_labels(self.model, &group_part);
        if !bound.is_empty() {
            binding = binding.start(&self.starting(metric, place, &bound));
        }
        let family = self.family(event);
        let mut place = binding.at(family.first_slab).fixed(family.fixed);
        for (value, handle) in labels {
            place = digit::bind!(place, value, handle);
        }
        let guard = typed::record(self.model, metric, family, place, event);
        self.callbacks.extend(guard);
        self.handles.extend(handles.into_iter().flatten());
    }

    /// Reads the series of an event like generated code.
    #[must_use]
    pub fn read(&self, snapshot: &p::Snapshot, event: &Event) -> Cell {
        let metric = &self.model.metrics[event.metric];
        let (_, group_part) = group_part(self.model, metric, event.part);
        let (group, own) = event.labels.split_at(group_part.labels.len());
        let mut binding = snapshot.bind();
        for value in group {
            binding = digit::find!(binding, value);
        }
        let family = self.family(event);
        let mut place = binding.at(family.first_slab);
        for value in own {
            place = digit::find!(place, value);
        }
        typed::read(self.model, metric, &place)
    }

    fn family(&self, event: &Event) -> &'static p::Family {
        let family = self.first_families[event.metric] + event.part;
        &self.registry.schema().families[family]
    }

    /// Returns the families of a metric's group that start with a recorder of some open labels: those with no others, in the
    /// same part of the group's labels.
    fn starting(&self, metric: &Metric, place: usize, bound: &[LabelId]) -> Vec<u32> {
        let metrics = self.model.metrics.iter().zip(&self.first_families);
        let members = metrics.filter(|(other, _)| other.group == metric.group);
        let families = members.flat_map(|(member, first)| {
            let parts = self.model.parts(member).into_iter().enumerate();
            let starts = parts.filter(|(part, labels)| {
                group_part(self.model, member, *part).0 == place
                    && open_labels(self.model, labels) == bound
            });
            starts.map(move |(part, _)| first + part)
        });
        let position = |family| u32::try_from(family).expect("a schema has few families");
        families.map(position).collect()
    }

    /// Drops every handle, so that series with open labels end.
    pub fn drop_handles(&mut self) {
        self.callbacks.clear();
        self.handles.clear();
    }
}
