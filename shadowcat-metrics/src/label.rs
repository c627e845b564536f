//! Closed labels: enums of the values that the schema lists.

use std::error::Error;
use std::fmt;

/// A closed label: an enum of its values. Only [`metrics!`](crate::metrics) implements it.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/shop.toml");
/// # fn main() {
/// use shadowcat_metrics::ClosedLabel;
///
/// fn names<L: ClosedLabel + ToString>() -> Vec<String> {
///     L::ALL.iter().map(L::to_string).collect()
/// }
/// assert_eq!(names::<labels::Shelf>(), ["food", "tools"]);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a closed label",
    label = "expected an enum from `labels`"
)]
pub trait ClosedLabel: Sealed + Copy + fmt::Debug + Send + Sync + 'static {
    /// Every value, in the order of the schema.
    const ALL: &'static [Self];

    /// The number of values.
    #[doc(hidden)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no enum has that many variants"
    )]
    const CARDINALITY: u32 = Self::ALL.len() as u32;

    /// Returns the value's position in [`ALL`](Self::ALL).
    fn index(self) -> u32;
}

/// Keeps other crates from implementing [`ClosedLabel`]: generated code finds it in the hidden module `private`.
///
/// ```compile_fail,E0277
/// #[derive(Debug, Clone, Copy)]
/// struct Red;
///
/// impl shadowcat_metrics::ClosedLabel for Red {
///     const ALL: &'static [Self] = &[Red];
///
///     fn index(self) -> u32 {
///         0
///     }
/// }
/// ```
pub trait Sealed {}

/// A string that is not a value of a closed label.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/shop.toml");
/// # fn main() {
/// let unknown = "garden".parse::<labels::Shelf>().expect_err("there is no such shelf");
/// assert_eq!(unknown.to_string(), "\"garden\" is not a value of the label `shelf`");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLabelValue {
    label: &'static str,
    value: Box<str>,
}

impl UnknownLabelValue {
    #[doc(hidden)]
    #[must_use]
    pub fn new(label: &'static str, value: &str) -> Self {
        Self {
            label,
            value: value.into(),
        }
    }

    /// Returns the string.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for UnknownLabelValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a value of the label `{}`",
            self.value, self.label
        )
    }
}

impl Error for UnknownLabelValue {}
