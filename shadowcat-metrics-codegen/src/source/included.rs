//! The files that a schema includes: how they come behind it, and what may bring in more of them.

use super::{File, Source, Span};

impl Source {
    /// Puts an included file behind the others, and tells where its text begins.
    pub(crate) fn append(&mut self, file: Self) -> usize {
        self.text.push('\n');
        let base = self.text.len();
        self.text.push_str(&file.text);
        let moved = |span: &Span| span.moved(base);
        self.line_starts
            .extend(file.line_starts.iter().map(|start| start + base));
        self.invalid_utf8
            .extend(file.invalid_utf8.iter().map(moved));
        self.files.extend(file.files.into_iter().map(|file| File {
            span: file.span.moved(base),
            ..file
        }));
        base
    }

    /// Remembers that the files of a pattern were included, which is relative to a folder.
    pub(crate) fn remember(&mut self, folder: &str, pattern: &str) {
        self.patterns.push((folder.to_owned(), pattern.to_owned()));
    }

    /// Everything whose change may change the schema: its files and, where files are included by a pattern with `*`, `?` or
    /// `[`, the folders that such files may come into. Paths as [`Source::name`] is one.
    pub fn watched(&self) -> impl Iterator<Item = String> {
        let files = self.files.iter().map(|file| file.name.clone());
        let folders = self.patterns.iter().filter_map(|(folder, pattern)| {
            let wild = pattern.find(WILD)?;
            let fixed = pattern[..wild]
                .rfind('/')
                .map_or("", |slash| &pattern[..slash]);
            let path = [folder.as_str(), fixed];
            let path: Vec<_> = path.into_iter().filter(|part| !part.is_empty()).collect();
            Some(if path.is_empty() {
                ".".to_owned()
            } else {
                path.join("/")
            })
        });
        files.chain(folders)
    }

    /// Whether files that are not there yet may come to belong to the schema, by a pattern.
    #[must_use]
    pub fn may_grow(&self) -> bool {
        self.patterns.iter().any(|(_, pattern)| is_pattern(pattern))
    }
}

/// What makes a pattern of a path.
pub(crate) const WILD: [char; 3] = ['*', '?', '['];

/// Whether a path of an `include` may stand for several files.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(WILD)
}
