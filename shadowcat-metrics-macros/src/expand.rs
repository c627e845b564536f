//! From the path in the macro call to tokens: recorders, or one rustc error per problem and a skeleton.
//!
//! The compiler returns text, and rustc's own lexer makes tokens of it: `proc-macro2` and `quote` would take a tenth of this
//! project's build time.

use std::env;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use proc_macro::{Group, Ident, Span, TokenStream, TokenTree};
use shadowcat_metrics_codegen::emit::recorders::emit_recorders;
use shadowcat_metrics_codegen::emit::recorders::uses::Marks;
use shadowcat_metrics_codegen::model::Registry;

use crate::excerpt::plain;
use crate::input::{Input, SchemaPath};
use crate::watch;
use shadowcat_metrics_codegen::codes::errors::INCLUDE_NOT_FOUND;
use shadowcat_metrics_codegen::files::{self, Disk};
use shadowcat_metrics_codegen::{Outcome, Source, Version, compile_files};

pub(crate) fn expand(input: &Input) -> TokenStream {
    match read(&input.path.value) {
        Ok(text) => compile_schema(input, &text),
        Err(problem) => compile_error(input.path.span, &problem),
    }
}

fn compile_schema(Input { runtime, path }: &Input, bytes: &[u8]) -> TokenStream {
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let outcome = compile_files(
        Source::from_bytes(path.value.clone(), bytes),
        Some(&Disk::new(root)),
        release().as_ref(),
    );
    let recorders = match env::var(MARK_USES) {
        Ok(marks) => marked(outcome.skeleton(), &marks),
        Err(_) => emit_recorders(outcome.skeleton(), RUNTIME, None),
    };
    let mut expansion = TokenStream::new();
    expansion.extend(watch::unseen(path.span, &outcome.source));
    expansion.extend(errors(path, &outcome));
    match (dependencies(&outcome.source) + &recorders).parse() {
        Ok(code) => expansion.extend(name_runtime(code, runtime, 1)),
        Err(error) => expansion.extend(compile_error(path.span, &error.to_string())),
    }
    expansion
}

/// Stands for the path of the runtime in the text of the recorders, because text cannot contain `$crate`.
const RUNTIME: &str = "__shadowcat_metrics_runtime";

/// Replaces the name of the runtime with its path. `levels` is the number of levels of brackets that contain it.
fn name_runtime(code: TokenStream, runtime: &Ident, levels: usize) -> TokenStream {
    let replaced = code.into_iter().map(|token| match token {
        TokenTree::Ident(name) if name.to_string() == RUNTIME => runtime.clone().into(),
        TokenTree::Group(group) if levels > 0 => {
            let inner = name_runtime(group.stream(), runtime, levels - 1);
            let mut replaced = Group::new(group.delimiter(), inner);
            replaced.set_span(group.span());
            replaced.into()
        }
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {
            token
        }
    });
    replaced.collect()
}

/// Returns the version of the package that calls the macro. Cargo always sets it; without it nothing expires.
fn release() -> Option<Version> {
    Version::parse(&env::var("CARGO_PKG_VERSION").ok()?).ok()
}

/// Set by `shadowcat-metrics unused` while it compiles crates to find out what they record.
const MARK_USES: &str = "SHADOWCAT_METRICS_MARK_USES";

/// Emits recorders with marks. Cargo rebuilds them when the marks change.
fn marked(registry: &Registry, marks: &str) -> String {
    let marks = Marks::read(marks, registry);
    let recorders = emit_recorders(registry, RUNTIME, Some(&marks));
    format!(
        "const _: ::core::option::Option<&::core::primitive::str> =
            ::core::option_env!(\"SHADOWCAT_METRICS_WRAPS_RUSTC\");
        {recorders}"
    )
}

/// Returns one rustc error per problem. rustc can only point at the macro call, so each message contains its
/// position and excerpt. rustc adds the word `error`.
fn errors(path: &SchemaPath, outcome: &Outcome) -> impl Iterator<Item = TokenStream> {
    let span = path.span;
    outcome.report.errors().map(move |error| {
        let mut message = plain(error, &outcome.source);
        if error.code == INCLUDE_NOT_FOUND && is_packaged() {
            message = format!("{message}\n{}", not_packaged(&path.value));
        }
        compile_error(span, message.strip_prefix("error").unwrap_or(&message))
    })
}

/// Returns whether the crate was unpacked from a package, and so lacks the files around its folder.
fn is_packaged() -> bool {
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    root.is_some_and(|root| root.join("Cargo.toml.orig").exists())
}

/// Returns the help for a packaged crate that lacks a part of its schema.
fn not_packaged(path: &str) -> String {
    let file = Path::new(path).file_name().unwrap_or_default();
    let file = Path::new(file).display();
    format!(
        "help: `cargo package` packs only files in the folder of the crate; in the repository, put links to the schema and \
         to what it includes next to Cargo.toml, and write `metrics!(\"{file}\")`: cargo packs what links lead to"
    )
}

/// Makes cargo rebuild the crate when a file of the schema changes or is removed.
fn dependencies(source: &Source) -> String {
    // Included as text, because editors cannot tell the length of included bytes and report an unknown type.
    // A file that is not UTF-8 was already reported.
    let (read, ty) = if source.is_text() {
        ("include_str", "::core::primitive::str")
    } else {
        ("include_bytes", "[::core::primitive::u8]")
    };
    let root = env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let mut code = String::new();
    let mut depend_on = |file: &str| {
        let _ = writeln!(
            code,
            "const _: &{ty} =
                ::core::{read}!(::core::concat!(::core::env!(\"CARGO_MANIFEST_DIR\"), \"/\", {file:?}));"
        );
    };
    for (name, _) in source.files() {
        depend_on(name);
        for link in files::links(&root.join(name)) {
            if let Some(link) = link.strip_prefix(&root).ok().and_then(Path::to_str) {
                depend_on(link);
            }
        }
    }
    code
}

pub(crate) fn compile_error(span: Span, message: &str) -> TokenStream {
    let code = format!("::core::compile_error!({message:?});").parse();
    let tokens = code.unwrap_or_else(|_| TokenStream::new());
    let spanned = tokens.into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    spanned.collect()
}

/// Reads the file at `path` in the crate's folder.
fn read(path: &str) -> Result<Vec<u8>, String> {
    if Path::new(path).is_absolute() {
        return Err(format!(
            "`{path}` is an absolute path, which would build on one machine only\n\
             help: give the path relative to the crate's Cargo.toml, such as \"metrics.toml\""
        ));
    }
    let root = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).ok_or_else(|| {
        "CARGO_MANIFEST_DIR is not set, so the schema's path has no start\nhelp: build with cargo".to_owned()
    })?;
    let full = root.join(path);
    if full.is_dir() {
        return Err(format!(
            "`{path}` is a directory\nhelp: name the schema in this directory, such as \"{}\"",
            Path::new(path).join("metrics.toml").display(),
        ));
    }
    let leaves_crate = files::normal(path).starts_with("..");
    files::read(&full).map_err(|error| match error.kind() {
        ErrorKind::NotFound if leaves_crate && is_packaged() => format!(
            "there is no file `{path}` in the packaged crate\n{}",
            not_packaged(path)
        ),
        ErrorKind::NotFound if leaves_crate => format!(
            "there is no file `{path}`\nhelp: the path is relative to the folder of the crate's Cargo.toml"
        ),
        ErrorKind::NotFound => {
            let help = match in_parent_folder(&root, path) {
                Some(near) => format!("write the path relative to this folder: `{near}`"),
                None => "the path is relative to this folder; a first schema can be two lines:\n\
                         \n    format = 1\n    namespace = \"my_service\""
                    .to_owned(),
            };
            format!("there is no file `{path}` in the folder of the crate's Cargo.toml\nhelp: {help}")
        }
        _ => format!("cannot read the schema `{}`: {error}", full.display()),
    })
}

/// Returns the path of a file with the same name in a parent folder, but not above the root.
fn in_parent_folder(root: &Path, path: &str) -> Option<String> {
    let path = Path::new(path);
    let name = path.file_name()?;
    let parents = path.ancestors().skip(2);
    let mut files = parents.map(|folder| folder.join(name));
    let near = files.find(|file| root.join(file).is_file())?;
    Some(near.display().to_string())
}
