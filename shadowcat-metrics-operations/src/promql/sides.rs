//! Operators with two sides: whether they can ever match, and what they leave.

use std::collections::BTreeSet;
use std::ops::Range;

use promql_parser::parser::token::T_LOR;
use promql_parser::parser::{BinaryExpr, LabelModifier, VectorMatchCardinality};
use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::suggest;

use super::check::{Walk, Yield};
use super::scan::Matching;
use super::vocabulary::Pins;

impl Walk<'_> {
    pub(super) fn binary(&mut self, binary: &BinaryExpr) -> Yield {
        let left = self.walk(&binary.lhs);
        let matching = binary
            .modifier
            .as_ref()
            .and_then(|modifier| modifier.matching.as_ref());
        let places = match matching {
            Some(_) => self.places.matchings.pop_front().unwrap_or_default(),
            None => Matching::default(),
        };
        // Where the right side begins, so that what does not match is shown there.
        let right_side = self
            .places
            .selectors
            .front()
            .map(|selector| selector.name.clone());
        let right = self.walk(&binary.rhs);
        let compares = binary.op.is_comparison_operator();
        if left.scalar || right.scalar {
            let (vector, scalar) = if left.scalar {
                (right, left)
            } else {
                (left, right)
            };
            if compares && let Some(raw) = vector.raw {
                self.find(
                    codes::RAW_COUNTER,
                    raw,
                    "a counter is compared as it stands, which is since whenever the program started",
                    "expected `rate` or `increase` around it",
                    None,
                );
                return Yield {
                    labels: vector.labels,
                    ..Yield::default()
                };
            }
            if let Some((ceiling, place)) = vector.ceiling.clone() {
                self.ceiling(binary, ceiling, place);
            }
            if let Some(place) = vector.counted.clone() {
                self.least_count(binary, place);
            }
            return Yield {
                scalar: vector.scalar && scalar.scalar,
                shape: None,
                ceiling: None,
                counted: None,
                ..vector
            };
        }
        let all = places.on.iter().chain(&places.taken);
        let is_open = all.clone().any(|label| self.is_variable(label));
        if binary.op.id() != T_LOR && !is_open {
            self.pins(matching, &left.pins, &right.pins);
        }
        let pins = if binary.op.is_set_operator() && binary.op.id() != T_LOR {
            left.pins
        } else {
            Pins::new()
        };
        let sides = (left.labels, right.labels);
        if let (Some(left), Some(right)) = &sides
            && binary.op.id() != T_LOR
        {
            let place = right_side.unwrap_or(0..self.query.len());
            self.matching(matching, &places.on, left, right, place.clone());
            self.taken_over(binary, &places.taken, left, right, &place);
        }
        Yield {
            pins,
            // A variable may be any label.
            labels: matched_labels(binary, matching, sides).filter(|_| !is_open),
            ..Yield::default()
        }
    }

    /// Checks that both sides ask for the same value of a label that is to be equal.
    fn pins(&mut self, matching: Option<&LabelModifier>, left: &Pins, right: &Pins) {
        for (label, (value, _)) in left {
            let is_matched = match matching {
                Some(LabelModifier::Include(listed)) => listed.labels.contains(label),
                Some(LabelModifier::Exclude(listed)) => !listed.labels.contains(label),
                None => true,
            };
            let Some((other, place)) = right.get(label).filter(|(other, _)| other != value) else {
                continue;
            };
            if is_matched {
                self.find(
                    codes::UNMATCHED_LABELS,
                    place.clone(),
                    format!("the two sides never match: `{label}` is `{value}` on the left, and `{other}` here"),
                    "expected the same value, or a match without this label",
                    Some("`ignoring (...)` leaves labels out of it; `sum by (...)` takes them away"),
                );
            }
        }
    }

    /// Checks that the labels which `group_left` or `group_right` lists are on the side that they are taken from.
    fn taken_over(
        &mut self,
        binary: &BinaryExpr,
        places: &[Range<usize>],
        left: &BTreeSet<String>,
        right: &BTreeSet<String>,
        place: &Range<usize>,
    ) {
        let (listed, from) = match binary.modifier.as_ref().map(|modifier| &modifier.card) {
            Some(VectorMatchCardinality::ManyToOne(listed)) => (listed, right),
            Some(VectorMatchCardinality::OneToMany(listed)) => (listed, left),
            Some(VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany) | None => {
                return;
            }
        };
        self.grouping(&listed.labels, places, from, place);
    }

    fn matching(
        &mut self,
        matching: Option<&LabelModifier>,
        places: &[Range<usize>],
        left: &BTreeSet<String>,
        right: &BTreeSet<String>,
        place: Range<usize>,
    ) {
        let (left, right): (BTreeSet<_>, BTreeSet<_>) = match matching {
            Some(LabelModifier::Include(listed)) => {
                let both = left.intersection(right).cloned().collect();
                self.grouping(&listed.labels, places, &both, &place);
                return;
            }
            Some(LabelModifier::Exclude(listed)) => {
                let either: BTreeSet<_> = left.union(right).cloned().collect();
                // To ignore what is not there does nothing: it is told where another label was meant.
                let names = || either.iter().map(String::as_str);
                let (slips, slips_places): (Vec<_>, Vec<_>) = listed
                    .labels
                    .iter()
                    .enumerate()
                    .filter(|(_, label)| suggest::nearest(label, names()).is_some())
                    .map(|(at, label)| {
                        let place = places.get(at).unwrap_or(&place);
                        (label.clone(), place.clone())
                    })
                    .unzip();
                self.grouping(&slips, &slips_places, &either, &place);
                let rest = |side: &BTreeSet<String>| {
                    side.iter()
                        .filter(|label| !listed.labels.contains(label))
                        .cloned()
                        .collect()
                };
                (rest(left), rest(right))
            }
            None => (left.clone(), right.clone()),
        };
        let apart: Vec<_> = left
            .symmetric_difference(&right)
            .map(String::as_str)
            .collect();
        if apart.is_empty() || places.iter().any(|label| self.is_variable(label)) {
            return;
        }
        self.find(
            codes::UNMATCHED_LABELS,
            place,
            format!("the two sides never match: only one of them has {}", suggest::list(apart)),
            "expected series with the labels of the left side",
            Some("`on (...)` or `ignoring (...)` says which labels are to be equal; `sum by (...)` takes the others away"),
        );
    }
}

fn matched_labels(
    binary: &BinaryExpr,
    matching: Option<&LabelModifier>,
    sides: (Option<BTreeSet<String>>, Option<BTreeSet<String>>),
) -> Option<BTreeSet<String>> {
    let (left, right) = sides;
    if binary.op.id() == T_LOR {
        return (left == right).then_some(left).flatten();
    }
    if binary.op.is_set_operator() {
        return left;
    }
    let card = binary.modifier.as_ref().map(|modifier| &modifier.card);
    match card {
        Some(VectorMatchCardinality::ManyToOne(more)) => {
            let mut labels = left?;
            labels.extend(more.labels.iter().cloned());
            Some(labels)
        }
        Some(VectorMatchCardinality::OneToMany(more)) => {
            let mut labels = right?;
            labels.extend(more.labels.iter().cloned());
            Some(labels)
        }
        Some(VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany) | None => {
            match matching {
                Some(LabelModifier::Include(listed)) => {
                    Some(listed.labels.iter().cloned().collect())
                }
                Some(LabelModifier::Exclude(listed)) => left.map(|mut labels| {
                    labels.retain(|label| !listed.labels.contains(label));
                    labels
                }),
                None => left.or(right),
            }
        }
    }
}
