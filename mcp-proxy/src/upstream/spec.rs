//! A server as given on the command line: `stdio:COMMAND`, `http:URL` or `sse:URL`, optionally with a `NAME=`
//! prefix.

use std::ffi::OsString;
use std::str::FromStr;

use url::Url;

use crate::process::Command;

/// First path segments that the front uses itself, so no server may have such a name.
const RESERVED: [&str; 3] = ["mcp", "sse", "messages"];

/// Longest name of a server, in bytes.
const MAX_NAME: usize = 64;

/// A server and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Its name in metrics, in logs and in the front's paths.
    pub name: String,
    /// How to reach it.
    pub target: Target,
}

/// How to reach a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Start it, and use its pipes.
    Stdio(Command),
    /// Streamable HTTP, at this endpoint.
    Http(Url),
    /// The older HTTP transport with server-sent events, with its stream at this URL.
    Sse(Url),
}

/// Why a text does not specify a server.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SpecError {
    /// It does not start with a known transport.
    #[error("expected stdio:COMMAND, http:URL or sse:URL, optionally preceded by NAME=")]
    Unknown,
    /// The command is empty, or has an unclosed quote.
    #[error("expected a command after `stdio:`, with its quotes closed")]
    Command,
    /// The URL is invalid, or not an HTTP URL.
    #[error("expected a URL such as http://127.0.0.1:3001/mcp, but {url:?} is not one: {reason}")]
    Url {
        /// The given URL.
        url: String,
        /// The reason.
        reason: String,
    },
    /// The name cannot be part of a path, or has another meaning in metrics.
    #[error(
        "{name:?} cannot be a server's name: write NAME= before the server, with a name of 1 to {MAX_NAME} letters, \
         digits, `.`, `-` and `_` that is none of mcp, sse and messages, and does not begin with `__`"
    )]
    Name {
        /// The name, given or derived.
        name: String,
    },
    /// The name is empty, or has another meaning in metrics.
    #[error(
        "{name:?} cannot be a server's name in metrics: choose a name that is not empty and does not begin with `__`"
    )]
    NameInMetrics {
        /// The name, given or derived.
        name: String,
    },
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        if let Some(target) = Target::parse(text) {
            let target = target?;
            let name = target.default_name();
            return Self::new(name, target);
        }
        let (name, target) = text.split_once('=').ok_or(SpecError::Unknown)?;
        let target = Target::parse(target).ok_or(SpecError::Unknown)??;
        Self::new(name.to_owned(), target)
    }
}

impl Spec {
    /// Creates a spec with this name.
    ///
    /// # Errors
    ///
    /// If the name cannot be part of a path, or has another meaning in metrics.
    pub fn new(name: String, target: Target) -> Result<Self, SpecError> {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let valid = is_name_in_metrics(&name)
            && name.len() <= MAX_NAME
            && name.chars().all(good)
            && name.chars().any(|c| c != '.')
            && !RESERVED.contains(&name.as_str());
        if valid {
            Ok(Self { name, target })
        } else {
            Err(SpecError::Name { name })
        }
    }

    /// Creates a spec with a name that is not part of a path.
    ///
    /// # Errors
    ///
    /// If the name is empty, or has another meaning in metrics.
    pub fn without_path(name: String, target: Target) -> Result<Self, SpecError> {
        if is_name_in_metrics(&name) {
            Ok(Self { name, target })
        } else {
            Err(SpecError::NameInMetrics { name })
        }
    }
}

/// Returns whether a server may have this name in metrics. `__none__` and `__other__` stand for requests and servers
/// without a name of their own.
fn is_name_in_metrics(name: &str) -> bool {
    !name.is_empty() && !name.starts_with("__")
}

impl Target {
    /// Returns `None` if `text` does not start with a transport.
    fn parse(text: &str) -> Option<Result<Self, SpecError>> {
        if text.starts_with("http://") || text.starts_with("https://") {
            return Some(parse_url(text).map(Self::Http));
        }
        let (transport, rest) = text.split_once(':')?;
        match transport {
            "stdio" => Some(parse_command(rest).map(Self::Stdio)),
            "http" => Some(parse_url(rest).map(Self::Http)),
            "sse" => Some(parse_url(rest).map(Self::Sse)),
            _ => None,
        }
    }

    /// Returns the default name: the program's or the host's.
    fn default_name(&self) -> String {
        match self {
            Self::Stdio(command) => command.default_name().to_string_lossy().into_owned(),
            Self::Http(url) | Self::Sse(url) => url.host_str().unwrap_or_default().to_owned(),
        }
    }
}

fn parse_command(text: &str) -> Result<Command, SpecError> {
    let mut words = shlex::split(text).ok_or(SpecError::Command)?.into_iter();
    let program = words.next().ok_or(SpecError::Command)?;
    Ok(Command {
        program: program.into(),
        args: words.map(OsString::from).collect(),
    })
}

fn parse_url(text: &str) -> Result<Url, SpecError> {
    let wrong = |reason: String| SpecError::Url {
        url: text.to_owned(),
        reason,
    };
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it is neither http nor https".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "it contains a user name or a password, which everyone who sees the command line could read"
                .to_owned(),
        ));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> Spec {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn a_server_has_a_given_or_a_derived_name() {
        let files = spec("files=stdio:npx -y 'some server' --root=/srv");
        assert_eq!(files.name, "files");
        let Target::Stdio(command) = files.target else {
            panic!("a command")
        };
        assert_eq!(command.program, "npx");
        assert_eq!(command.args, ["-y", "some server", "--root=/srv"]);

        assert_eq!(spec("stdio:/opt/bin/server.py --x=1").name, "server");
        assert_eq!(spec("http://127.0.0.1:3001/mcp").name, "127.0.0.1");
        let sse = spec("old=sse:http://localhost:3001/sse");
        assert_eq!(sse.name, "old");
        assert!(matches!(sse.target, Target::Sse(url) if url.path() == "/sse"));
        let http = spec("new=http:https://example.org/mcp?a=b");
        assert!(matches!(http.target, Target::Http(url) if url.query() == Some("a=b")));
    }

    #[test]
    fn invalid_server_specs_are_refused_with_the_reason() {
        let error = |text: &str| text.parse::<Spec>().expect_err(text);
        assert_eq!(error("npx server"), SpecError::Unknown);
        assert_eq!(error("a=ftp:x"), SpecError::Unknown);
        assert_eq!(error("stdio:"), SpecError::Command);
        assert_eq!(error("stdio:sh -c 'open"), SpecError::Command);
        for url in [
            "http:127.0.0.1:3001",
            "sse:/sse",
            "http:ftp://host/",
            "sse:http://me:secret@host/",
        ] {
            assert!(matches!(error(url), SpecError::Url { .. }), "{url}");
        }
        for name in [
            "mcp=stdio:x",
            "a/b=stdio:x",
            "=stdio:x",
            "..=stdio:x",
            "__none__=stdio:x",
            "__other__=stdio:x",
            "http://[::1]:1/mcp",
        ] {
            assert!(matches!(error(name), SpecError::Name { .. }), "{name}");
        }
    }

    #[test]
    fn a_name_without_a_path_needs_series_of_its_own() {
        let named = |name: &str| Spec::without_path(name.to_owned(), spec("stdio:x").target);
        for name in ["mcp", "my server", "a/b", "_"] {
            assert_eq!(named(name).expect(name).name, name);
        }
        for name in ["", "__none__", "__other__"] {
            let name = name.to_owned();
            assert_eq!(named(&name), Err(SpecError::NameInMetrics { name }));
        }
    }
}
