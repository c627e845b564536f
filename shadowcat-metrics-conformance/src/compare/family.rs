//! What a page says about a family: its name, type, unit, help.

use shadowcat_metrics_codegen::model;
use shadowcat_metrics_codegen::name::{ends_with_word, open_metrics_family};

use super::Check;
use crate::expected::{Family, Kind, Values};
use crate::finding::Code;
use crate::page::{Format, Page, Type};

/// The name that a family has on a page of one format or the other.
pub(super) fn name_on<'e>(page: &Page, family: &'e Family) -> &'e str {
    match page.format {
        Format::Text | Format::Protobuf => return &family.name,
        Format::OpenMetrics => {}
    }
    let kind = match family.kind {
        Kind::Counter => model::Kind::Counter { callback: false },
        Kind::Info(_) => model::Kind::Info,
        Kind::Gauge | Kind::Histogram(_) | Kind::State { .. } => model::Kind::UpDownCounter,
    };
    open_metrics_family(&family.name, &kind)
}

impl Family {
    /// Whether a page may lack it: nothing has told it anything, or nothing has used its open labels, or it should be gone.
    pub(super) fn may_be_absent(&self) -> bool {
        let open = |values: &Values| matches!(values, Values::Open(_));
        self.optional
            || self.expired.is_some()
            || self.labels.iter().any(|label| open(&label.values))
    }

    /// Whether it has a label of this name, a fact and a state's own included.
    pub(super) fn has_label(&self, name: &str) -> bool {
        let own = match &self.kind {
            Kind::Histogram(_) => name == "le",
            Kind::State { .. } => name == self.name,
            Kind::Info(facts) => facts.iter().any(|fact| fact == name),
            Kind::Counter | Kind::Gauge => false,
        };
        own || self.labels.iter().any(|label| label.name == name)
    }

    /// The type that it has on a page. A name without its type's suffix cannot have the type in OpenMetrics.
    fn type_on(&self, format: Format) -> Type {
        let is_open_metrics = format == Format::OpenMetrics;
        match self.kind {
            Kind::Counter if is_open_metrics && !self.name.ends_with("_total") => Type::Unknown,
            Kind::Counter => Type::Counter,
            Kind::Histogram(_) => Type::Histogram,
            Kind::State { .. } if is_open_metrics => Type::StateSet,
            Kind::Info(_) if is_open_metrics && self.name.ends_with("_info") => Type::Info,
            Kind::Gauge | Kind::State { .. } | Kind::Info(_) => Type::Gauge,
        }
    }
}

impl Check<'_> {
    pub(super) fn metadata(&mut self, format: Format) {
        let (family, line) = (self.family, self.family.line);
        let name = &self.expected.name;
        if let Some(until) = &self.expected.expired {
            let message = format!("`{name}` was to be gone by {until}");
            self.find(Code::ExpiredName, line, message);
        }
        let expected = self.expected.type_on(format);
        if family.kind != expected {
            let message = format!(
                "`{name}` is of the type {}, expected {}",
                family.kind.name(),
                expected.name()
            );
            self.find(Code::WrongType, line, message);
        }
        if family.help != self.expected.help {
            let wanted = &self.expected.help;
            let message = if family.help.is_empty() {
                format!("`{name}` has no help, expected {wanted:?}")
            } else {
                format!(
                    "the help of `{name}` is {:?}, expected {wanted:?}",
                    family.help
                )
            };
            self.find(Code::WrongHelp, line, message);
        }
        let unit = self.expected.unit;
        let says_unit = match format {
            Format::Text => false,
            Format::OpenMetrics => ends_with_word(&family.name, unit),
            // Many programs leave it out there.
            Format::Protobuf => !family.unit.is_empty(),
        };
        let unit = if says_unit { unit } else { "" };
        if family.unit != unit {
            let word = |unit: &str| {
                if unit.is_empty() {
                    "none".to_owned()
                } else {
                    format!("`{unit}`")
                }
            };
            let message = format!(
                "the unit of `{name}` is {}, expected {}",
                word(&family.unit),
                word(unit)
            );
            let code = if family.unit.is_empty() && format == Format::OpenMetrics {
                Code::MissingUnit
            } else {
                Code::WrongUnit
            };
            self.find(code, line, message);
        }
    }
}
