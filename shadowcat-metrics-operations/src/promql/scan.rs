//! Where the parts of a query stand. The parser says what a query means and forgets where it was written, so the words are
//! found here, in the order in which the parser's tree has them when it is walked from left to right.

use std::collections::VecDeque;

use super::tokens::{Place, Token, is_aggregator, is_grouping, is_keyword, tokens};

/// The places of a query's parts, each kind in source order.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) selectors: VecDeque<Selector>,
    /// Names of functions.
    pub(super) calls: VecDeque<Place>,
    pub(super) aggregations: VecDeque<Aggregation>,
    pub(super) matchings: VecDeque<Matching>,
    /// Ranges and those of subqueries, brackets included.
    pub(super) ranges: Vec<Place>,
}

/// `on (label) group_left (label)`.
#[derive(Debug, Default, Clone)]
pub(super) struct Matching {
    /// What `on` or `ignoring` lists.
    pub(super) on: Vec<Place>,
    /// What is taken over from the other side.
    pub(super) taken: Vec<Place>,
}

/// `name{label="value"}`.
#[derive(Debug, Default, Clone)]
pub(super) struct Selector {
    pub(super) name: Place,
    /// Each label with its value, quotes included.
    pub(super) matchers: Vec<(Place, Place)>,
}

/// `sum by (label)`.
#[derive(Debug, Default, Clone)]
pub(super) struct Aggregation {
    pub(super) op: Place,
    pub(super) labels: Vec<Place>,
}

/// Finds the parts of a query that the parser has accepted.
pub(super) fn scan(query: &str) -> Places {
    let tokens = tokens(query);
    let mut places = Places::default();
    // For each open parenthesis, the aggregation whose operands it holds: `sum(...) by (label)` names labels last.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut closed = None;
    let mut at = 0;
    while let Some((token, place)) = tokens.get(at) {
        at += 1;
        let word = &query[place.clone()];
        let next = |at: usize| tokens.get(at).map(|(token, _)| token);
        match token {
            Token::Word if is_grouping(word) && next(at) == Some(&Token::Sign('(')) => {
                let labels = list(&tokens, &mut at);
                match word.to_ascii_lowercase().as_str() {
                    "by" | "without" => {
                        let aggregation = closed.take().or_else(|| last_op(&places));
                        if let Some(found) =
                            aggregation.and_then(|of| places.aggregations.get_mut(of))
                        {
                            found.labels = labels;
                        }
                    }
                    "on" | "ignoring" => places.matchings.push_back(Matching {
                        on: labels,
                        taken: Vec::new(),
                    }),
                    _ => {
                        if let Some(matching) = places.matchings.back_mut() {
                            matching.taken = labels;
                        }
                    }
                }
            }
            Token::Word if is_grouping(word) || is_keyword(word) => {}
            Token::Word if is_aggregator(word) => {
                places.aggregations.push_back(Aggregation {
                    op: place.clone(),
                    labels: Vec::new(),
                });
                closed = None;
                // `sum by (a) (b)`: the labels come first, and then the parenthesis.
                if next(at) != Some(&Token::Sign('(')) {
                    continue;
                }
                open.push(Some(places.aggregations.len() - 1));
                at += 1;
            }
            Token::Word if next(at) == Some(&Token::Sign('(')) => {
                places.calls.push_back(place.clone());
            }
            Token::Word => {
                let matchers = match next(at) {
                    Some(Token::Sign('{')) => matchers(&tokens, &mut at),
                    _ => Vec::new(),
                };
                let name = place.clone();
                places.selectors.push_back(Selector { name, matchers });
            }
            Token::Sign('{') => {
                at -= 1;
                let name = place.clone();
                let matchers = matchers(&tokens, &mut at);
                places.selectors.push_back(Selector { name, matchers });
            }
            Token::Sign('(') => open.push(None),
            Token::Sign(')') => {
                closed = open.pop().flatten();
                continue;
            }
            Token::Range => {
                places.ranges.push(place.clone());
                continue;
            }
            Token::Text | Token::Number | Token::Sign(_) => {}
        }
        closed = None;
    }
    places
}

fn last_op(places: &Places) -> Option<usize> {
    places.aggregations.len().checked_sub(1)
}

/// The words between the parentheses at `at`.
fn list(tokens: &[(Token, Place)], at: &mut usize) -> Vec<Place> {
    let mut words = Vec::new();
    while let Some((token, place)) = tokens.get(*at) {
        *at += 1;
        match token {
            Token::Word | Token::Text => words.push(place.clone()),
            Token::Sign(')') => break,
            Token::Number | Token::Range | Token::Sign(_) => {}
        }
    }
    words
}

/// The matchers between the braces at `at`.
fn matchers(tokens: &[(Token, Place)], at: &mut usize) -> Vec<(Place, Place)> {
    let mut matchers = Vec::new();
    let mut label = None;
    while let Some((token, place)) = tokens.get(*at) {
        *at += 1;
        match token {
            Token::Word => label = Some(place.clone()),
            // A text without a label before it is a metric's name, or a label in quotes.
            Token::Text => match label.take() {
                Some(label) => matchers.push((label, place.clone())),
                None => label = Some(place.clone()),
            },
            Token::Sign('}') => break,
            Token::Number | Token::Range | Token::Sign(_) => {}
        }
    }
    matchers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(query: &str) -> String {
        let places = scan(query);
        let text = |place: &Place| query[place.clone()].to_owned();
        let selectors = places.selectors.iter().map(|selector| {
            let matchers = selector.matchers.iter();
            let matchers: Vec<_> = matchers.map(|(l, v)| text(l) + text(v).as_str()).collect();
            format!("{}<{}>", text(&selector.name), matchers.join(","))
        });
        let calls = places.calls.iter().map(|call| text(call) + "()");
        let aggregations = places.aggregations.iter().map(|aggregation| {
            let labels: Vec<_> = aggregation.labels.iter().map(text).collect();
            format!("{}[{}]", text(&aggregation.op), labels.join(","))
        });
        let list = |labels: &[Place]| labels.iter().map(text).collect::<Vec<_>>().join(",");
        let matchings = places
            .matchings
            .iter()
            .map(|matching| format!("on {} {}", list(&matching.on), list(&matching.taken)));
        let all: Vec<_> = selectors
            .chain(calls)
            .chain(aggregations)
            .chain(matchings)
            .collect();
        all.join(" ")
    }

    #[test]
    fn parts_are_found() {
        assert_eq!(
            shown("sum by (a, b) (rate(x{l=\"v\",m!~'w'}[5m])) > 1e3"),
            "x<l\"v\",m'w'> rate() sum[a,b]"
        );
        assert_eq!(
            shown("max(sum(x) by (a)) without (b) / on (c) group_left (d) y offset 5m"),
            "x<> y<> max[b] sum[a] on c d"
        );
        assert_eq!(
            shown("topk(3, x) or absent(y{}) # by (z)\nand {__name__=\"q\"} unless inf"),
            "x<> y<> {<__name__\"q\"> absent() topk[]"
        );
        assert_eq!(
            shown("quantile_over_time(0.5, x[5m:1m]) * on() y"),
            "x<> y<> quantile_over_time() on  "
        );
        assert_eq!(
            shown("SUM BY (a) (x{`l`=\"\\\"\"})"),
            "x<`l`\"\\\"\"> SUM[a]"
        );
    }
}
