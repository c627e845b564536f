//! Patterns of `include`: paths with `*`, `?`, `[...]` and `**`.
//!
//! They are matched here because `glob` would take a fortieth of the build time of a program that uses the macro. A test of the
//! command compares the two.

/// Characters that make a path a pattern.
pub(crate) const WILD: [char; 3] = ['*', '?', '['];

/// Returns whether a path of an `include` can match several files.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(WILD)
}

/// A path, some of whose parts may match several names. Hidden names match only an explicit dot.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// Its parts, the outermost folder first.
    pub parts: Vec<Part>,
}

/// A part of a pattern, between two `/`.
#[derive(Debug, Clone)]
pub enum Part {
    /// A name.
    Name(String),
    /// Any number of folders: `**`.
    Folders,
    /// All names that match.
    Names(Vec<Piece>),
}

/// A piece of a part with wildcards.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Any characters: `*`.
    Any,
    /// A character.
    One(char),
    /// One of the characters in some inclusive ranges, or one of all others.
    OneOf {
        /// The first and last character of each range.
        ranges: Vec<(char, char)>,
        /// Whether all other characters match instead.
        others: bool,
    },
}

impl Pattern {
    /// Parses a pattern, whose parts are separated by `/`.
    ///
    /// # Errors
    ///
    /// If a bracket is not closed, or `**` is only a part of a name. The text says so.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        for part in names(pattern) {
            parts.push(match part {
                "**" => Part::Folders,
                part if is_pattern(part) => Part::Names(pieces(part)?),
                part => Part::Name(part.to_owned()),
            });
        }
        Ok(Self { parts })
    }
}

/// Returns the names in a path.
pub fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

impl Part {
    /// Returns whether the part matches a name; `**` matches the name of each folder.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Folders => !name.starts_with('.'),
            Self::Names(pieces) => matches_name(pieces, name),
        }
    }
}

fn matches_name(mut pieces: &[Piece], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    if name.first() == Some(&'.') {
        while let [Piece::Any, later @ ..] = pieces {
            pieces = later;
        }
        if !matches!(pieces, [Piece::One('.'), ..]) {
            return false;
        }
    }
    let (mut piece, mut at) = (0, 0);
    // The last `*`, and the end of what it matches so far. Longer matches of earlier ones never help.
    let mut any = None;
    while at < name.len() {
        match pieces.get(piece) {
            Some(Piece::Any) => {
                any = Some((piece, at));
                piece += 1;
            }
            Some(one) if one.takes(name[at]) => {
                piece += 1;
                at += 1;
            }
            Some(_) | None => {
                let Some((star, end)) = any else { return false };
                any = Some((star, end + 1));
                (piece, at) = (star + 1, end + 1);
            }
        }
    }
    pieces[piece..]
        .iter()
        .all(|piece| matches!(piece, Piece::Any))
}

impl Piece {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One(own) => *own == c,
            Self::OneOf { ranges, others } => {
                *others != ranges.iter().any(|(low, high)| *low <= c && c <= *high)
            }
        }
    }
}

fn pieces(part: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        pieces.push(match first {
            '*' if rest.starts_with('*') => {
                return Err(format!("`**` cannot be a part of the name `{part}`"));
            }
            '*' => Piece::Any,
            '?' => Piece::OneOf {
                ranges: Vec::new(),
                others: true,
            },
            '[' => {
                let others = rest.starts_with('!');
                let inside = &rest[usize::from(others)..];
                // A bracket that comes first is one of the characters.
                let start = inside.chars().next().map_or(0, char::len_utf8);
                let Some(end) = inside[start..].find(']').map(|end| start + end) else {
                    return Err(format!("`[` is not closed in `{part}`"));
                };
                rest = &inside[end + 1..];
                Piece::OneOf {
                    ranges: ranges(&inside[..end]),
                    others,
                }
            }
            c => Piece::One(c),
        });
    }
    Ok(pieces)
}

/// Parses the characters between brackets, such as `a-z_`.
fn ranges(inside: &str) -> Vec<(char, char)> {
    let inside: Vec<char> = inside.chars().collect();
    let mut ranges = Vec::new();
    let mut rest = inside.as_slice();
    while let [first, later @ ..] = rest {
        let (last, later) = match later {
            ['-', last, later @ ..] => (last, later),
            later => (first, later),
        };
        ranges.push((*first, *last));
        rest = later;
    }
    ranges
}
