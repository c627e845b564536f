//! A YAML or JSON document as a tree whose texts know their places.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

/// A part of a document.
#[derive(Debug)]
pub(super) struct Node(pub(super) Value);

/// What a part is.
#[derive(Debug)]
pub(super) enum Value {
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
    Text(Text),
    /// Numbers and the like, which hold no query.
    Other,
}

/// A text, and where it is written.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) value: String,
    /// Offset of its first byte, which may be a quote or the sign of a block.
    pub(super) start: usize,
}

/// Every document of a file. With an error, why it cannot be read and the offset where that shows.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, (String, usize)> {
    serde_saphyr::from_multiple::<Node>(text).map_err(|error| {
        let location = error.location();
        let at = location.map_or(0, |location| offset(text, &location));
        let message = error.to_string();
        let line = message.lines().next().unwrap_or("unreadable");
        let line = line.strip_prefix("error: ").unwrap_or(line);
        (format!("the file is neither YAML nor JSON: {line}"), at)
    })
}

/// The byte offset of a location, found by line and column where the parser does not say it.
fn offset(text: &str, location: &Location) -> usize {
    if let Some(offset) = location.span().byte_offset() {
        return usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(text.len());
    }
    let line = usize::try_from(location.line()).unwrap_or(1).max(1) - 1;
    let column = usize::try_from(location.column()).unwrap_or(1).max(1) - 1;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}

/// What a document's texts are read as, before they are given offsets: the place is what [`Spanned`] is asked for.
struct Placed(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let placed = Spanned::<Placed>::deserialize(deserializer)?;
        let mut value = placed.value.0;
        if let Value::Text(text) = &mut value {
            let offset = placed.referenced.span().byte_offset().unwrap_or_default();
            text.start = usize::try_from(offset).unwrap_or_default();
        }
        Ok(Self(value))
    }
}

impl<'de> Deserialize<'de> for Placed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Parts).map(Self)
    }
}

struct Parts;

impl<'de> Visitor<'de> for Parts {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(Text {
            value: text.to_owned(),
            start: 0,
        }))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Value::Map(map))
    }
}
