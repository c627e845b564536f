//! The front of a sample line: name and labels.

use super::escape::push_label_value;

/// Appends `name{label="value"} `, with a family's labels and then those that only this line has.
pub(super) fn push_sample<'l, 'o>(
    out: &mut Vec<u8>,
    (name, suffix): (&str, &str),
    labels: impl Iterator<Item = (&'static str, &'l str)>,
    own: impl IntoIterator<Item = (&'static str, &'o str)>,
) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(suffix.as_bytes());
    let mut separator = b'{';
    let mut push_label = |label: &str, value: &str| {
        out.push(separator);
        out.extend_from_slice(label.as_bytes());
        out.extend_from_slice(b"=\"");
        push_label_value(out, value);
        out.push(b'"');
        separator = b',';
    };
    labels.for_each(|(label, value)| push_label(label, value));
    own.into_iter()
        .for_each(|(label, value)| push_label(label, value));
    if separator == b',' {
        out.push(b'}');
    }
    out.push(b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    type Labels<'a> = &'a [(&'static str, &'static str)];

    fn sample(labels: Labels<'_>, own: Labels<'_>) -> String {
        let mut out = Vec::new();
        push_sample(
            &mut out,
            ("size_bytes", "_bucket"),
            labels.iter().copied(),
            own.iter().copied(),
        );
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn braces_only_around_labels() {
        assert_eq!(sample(&[], &[]), "size_bytes_bucket ");
        assert_eq!(sample(&[("a", "1")], &[]), "size_bytes_bucket{a=\"1\"} ");
        let two = sample(&[("a", "1")], &[("le", "+Inf")]);
        assert_eq!(sample(&[], &[("a", "1")]), "size_bytes_bucket{a=\"1\"} ");
        assert_eq!(two, "size_bytes_bucket{a=\"1\",le=\"+Inf\"} ");
    }
}
