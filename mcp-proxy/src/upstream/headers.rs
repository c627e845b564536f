//! Headers for requests to servers, given on the command line as `[SERVER:]NAME=env:VARIABLE` or
//! `=file:PATH`. Values never appear on the command line, where other users could see them, or in logs.

use std::collections::HashMap;
use std::io;
use std::str::FromStr;

use http::{HeaderMap, HeaderName, HeaderValue};

/// The source of a header's value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Environment(String),
    File(String),
}

/// A header for requests to one server, or to the only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderSpec {
    server: Option<String>,
    name: HeaderName,
    source: Source,
}

/// Why a header cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The text does not have this format.
    #[error("expected [SERVER:]NAME=env:VARIABLE or [SERVER:]NAME=file:PATH")]
    Form,
    /// The name is not a valid header name.
    #[error("{0:?} is not the name of a header")]
    Name(String),
    /// No server has this name, or several servers are configured and the header names none.
    #[error("the header {0} is for {1}")]
    Server(HeaderName, String),
    /// The value cannot be read.
    #[error("cannot read the header {name}: {error}")]
    Read {
        /// The header's name.
        name: HeaderName,
        /// The error.
        error: io::Error,
    },
    /// The value is not a valid header value.
    #[error("the value of the header {0} contains a line break or another control character")]
    Value(HeaderName),
}

impl FromStr for HeaderSpec {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let (named, source) = text.split_once('=').ok_or(HeaderError::Form)?;
        let (server, name) = match named.split_once(':') {
            Some((server, name)) => (Some(server.to_owned()), name),
            None => (None, named),
        };
        let source = match source.split_once(':') {
            Some(("env", variable)) => Source::Environment(variable.to_owned()),
            Some(("file", path)) => Source::File(path.to_owned()),
            _ => return Err(HeaderError::Form),
        };
        let name = name
            .parse()
            .map_err(|_| HeaderError::Name(name.to_owned()))?;
        Ok(Self {
            server,
            name,
            source,
        })
    }
}

impl HeaderSpec {
    fn value(&self) -> Result<HeaderValue, HeaderError> {
        let read = match &self.source {
            Source::Environment(variable) => std::env::var(variable).map_err(io::Error::other),
            Source::File(path) => std::fs::read_to_string(path),
        };
        let value = read.map_err(|error| HeaderError::Read {
            name: self.name.clone(),
            error,
        })?;
        let value = HeaderValue::from_str(value.trim_end_matches(['\r', '\n']));
        let mut value = value.map_err(|_| HeaderError::Value(self.name.clone()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// The headers for each server, by its name.
#[derive(Debug, Clone, Default)]
pub struct Headers(HashMap<String, HeaderMap>);

impl Headers {
    /// Reads the values of `specs`, each for one of `servers`.
    ///
    /// # Errors
    ///
    /// If the server of a header is unknown or ambiguous, or its value is missing or invalid.
    pub fn read(specs: &[HeaderSpec], servers: &[&str]) -> Result<Self, HeaderError> {
        let mut headers = Self::default();
        for spec in specs {
            let wrong = |what: String| HeaderError::Server(spec.name.clone(), what);
            let server = match (&spec.server, servers) {
                (Some(server), _) if servers.contains(&server.as_str()) => server.as_str(),
                (Some(server), _) => {
                    return Err(wrong(format!("{server:?}, but there is no such server")));
                }
                (None, [server]) => server,
                (None, _) => return Err(wrong("which server? Write SERVER:NAME=...".to_owned())),
            };
            let fields = headers.0.entry(server.to_owned()).or_default();
            fields.append(spec.name.clone(), spec.value()?);
        }
        Ok(headers)
    }

    /// Returns the headers for a server.
    #[must_use]
    pub fn of(&self, server: &str) -> HeaderMap {
        self.0.get(server).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> HeaderSpec {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_header_applies_to_its_server_and_its_value_is_read() {
        // `PATH` is set in every test run.
        let specs = [spec("web:X-Path=env:PATH"), spec("web:x-path=env:PATH")];
        let headers = Headers::read(&specs, &["web", "files"]).expect("they are read");
        assert_eq!(headers.of("web").get_all("x-path").iter().count(), 2);
        assert!(headers.of("web")["x-path"].is_sensitive());
        assert!(headers.of("files").is_empty());
        assert!(!format!("{headers:?}").contains('/'), "{headers:?}");

        let only = Headers::read(&[spec("authorization=env:PATH")], &["web"]);
        assert!(
            only.expect("it is read")
                .of("web")
                .contains_key("authorization")
        );
    }

    #[test]
    fn invalid_headers_are_refused_with_the_reason() {
        for text in [
            "X-Name",
            "X-Name=secret",
            "X-Name=cmd:x",
            "not a name=env:PATH",
            "=env:PATH",
        ] {
            assert!(text.parse::<HeaderSpec>().is_err(), "{text}");
        }
        let servers = ["web", "files"];
        for text in [
            "x=env:PATH",
            "other:x=env:PATH",
            "web:x=env:NO_SUCH_VARIABLE",
            "web:x=file:/no/such/file",
        ] {
            assert!(Headers::read(&[spec(text)], &servers).is_err(), "{text}");
        }
    }
}
