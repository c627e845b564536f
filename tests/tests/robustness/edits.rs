//! Small random edits of a schema, many of which leave it nearly valid.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use shadowcat_metrics_tests::schemas::ValidSchema;

/// An edit that may or may not make a text invalid.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Cut(Index, usize),
    Repeat(Index, usize),
    Insert(Index, &'static [u8]),
    SwapLines(Index, Index),
    CutLine(Index),
    ReplaceWord(Index, &'static [u8]),
    /// Replaces a word with another one of the text.
    CopyWord(Index, Index),
}

/// Words and signs with a meaning in schemas, separated by spaces.
const WORDS: &str = "\" [ ] { } = # . , ''' \"\"\" \\ é購 nan -inf 1e400 -1 0 9223372036854775807 99999999999999999999 4294967296 0.1 \
    1979-05-27 true counter histogram state info ratio seconds bytes labels buckets metrics groups open values max zone result cart \
    hits le __x match self clone snapshot exponential";

const FRAGMENTS: [&[u8]; 12] = [
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    "\u{feff}".as_bytes(),
    b"\n[metrics.cart.hits]\n",
    b"\n[labels.zone]\n",
    b"\n[groups.vec]\n",
    b"labels = [\"zone\", \"zone\"]\n",
    b"deprecated = {}\n",
    b"buckets = []\n",
    b"allow = [\"x\", \"type-in-name\"]\n",
];

/// Generates words, signs and fragments with a meaning in schemas.
pub(crate) fn pieces() -> impl Strategy<Value = &'static [u8]> {
    let words = WORDS.split(' ').map(str::as_bytes);
    select(words.chain(FRAGMENTS).collect::<Vec<_>>())
}

pub(crate) fn edits() -> impl Strategy<Value = Edit> {
    let index = || any::<Index>();
    prop_oneof![
        (index(), 1_usize..40).prop_map(|(at, length)| Edit::Cut(at, length)),
        (index(), 1_usize..200).prop_map(|(at, length)| Edit::Repeat(at, length)),
        (index(), pieces()).prop_map(|(at, fragment)| Edit::Insert(at, fragment)),
        (index(), index()).prop_map(|(one, other)| Edit::SwapLines(one, other)),
        index().prop_map(Edit::CutLine),
        (index(), pieces()).prop_map(|(at, word)| Edit::ReplaceWord(at, word)),
        (index(), index()).prop_map(|(at, from)| Edit::CopyWord(at, from)),
    ]
}

fn apply(text: &[u8], edit: &Edit) -> Vec<u8> {
    let at = |index: &Index| index.index(text.len() + 1);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let word_end = |start: usize| {
        let rest = text[start..].iter();
        start + rest.take_while(|byte| is_word(byte)).count()
    };
    let mut lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let line = |index: &Index| index.index(lines.len().max(1));
    match edit {
        Edit::Cut(index, length) => {
            let start = at(index);
            let end = text.len().min(start + length);
            [&text[..start], &text[end..]].concat()
        }
        Edit::Repeat(index, length) => {
            let start = at(index);
            let end = text.len().min(start + length);
            [&text[..end], &text[start..]].concat()
        }
        Edit::Insert(index, fragment) => {
            let start = at(index);
            [&text[..start], fragment, &text[start..]].concat()
        }
        Edit::SwapLines(one, other) => {
            let (one, other) = (line(one), line(other));
            if !lines.is_empty() {
                lines.swap(one, other);
            }
            lines.concat()
        }
        Edit::CutLine(index) => {
            let index = line(index);
            if !lines.is_empty() {
                lines.remove(index);
            }
            lines.concat()
        }
        Edit::ReplaceWord(index, word) => {
            let start = at(index);
            [&text[..start], word, &text[word_end(start)..]].concat()
        }
        Edit::CopyWord(index, from) => {
            let (start, from) = (at(index), at(from));
            let word = &text[from..word_end(from)];
            [&text[..start], word, &text[word_end(start)..]].concat()
        }
    }
}

/// Returns a schema's text after some edits.
pub(crate) fn edited(schema: &ValidSchema, edits: &[Edit]) -> Vec<u8> {
    edits
        .iter()
        .fold(schema.0.clone().into_bytes(), |text, edit| {
            apply(&text, edit)
        })
}
