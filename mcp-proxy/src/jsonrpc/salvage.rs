//! Finds the id in bytes that are no message, so that whoever waits for an answer with that id can be told.

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Id;

/// The `id` member of a JSON object that is cut off, or that is no JSON-RPC message, if it comes before the fault.
#[must_use]
pub fn salvage_id(bytes: &[u8]) -> Option<Id> {
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // The fault that made the caller ask is met again here; what was found before it is what counts.
    let _ = deserializer.deserialize_map(IdFinder(&mut found));
    found
}

struct IdFinder<'a>(&'a mut Option<Id>);

impl<'de> Visitor<'de> for IdFinder<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Id => *self.0 = map.next_value()?,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Key {
    Id,
    #[serde(other)]
    Other,
}
