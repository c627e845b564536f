//! From the path in the macro call to tokens: recorders, or one rustc error per problem and a skeleton.

use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use shadowcat_metrics_codegen::emit::recorders::uses::Marks;
use shadowcat_metrics_codegen::emit::recorders::{emit_marked_recorders, emit_recorders};
use shadowcat_metrics_codegen::model::Registry;

use crate::input::{Input, SchemaPath};
use crate::watch;
use shadowcat_metrics_codegen::codes::errors::INCLUDE_NOT_FOUND;
use shadowcat_metrics_codegen::files::{self, Disk};
use shadowcat_metrics_codegen::{Outcome, Source, Version, compile_files, plain};

pub(crate) fn expand(input: &Input) -> TokenStream {
    match read(&input.path.value) {
        Ok(text) => compile_schema(input, &text),
        Err(problem) => compile_error(input.path.span(), &problem),
    }
}

fn compile_schema(Input { runtime, path }: &Input, bytes: &[u8]) -> TokenStream {
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let outcome = compile_files(
        Source::from_bytes(path.value.clone(), bytes),
        Some(&Disk::new(root)),
        release().as_ref(),
    );
    let dependencies = dependencies(&outcome.source);
    let unseen = watch::unseen(path.span(), &outcome.source);
    let errors = errors(path, &outcome);
    let recorders = match env::var(MARK_USES) {
        Ok(marks) => marked(outcome.skeleton(), runtime, &marks),
        Err(_) => emit_recorders(outcome.skeleton(), runtime),
    };
    quote!(#dependencies #unseen #(#errors)* #recorders)
}

/// Returns the version of the package that calls the macro. Cargo always sets it; without it nothing expires.
fn release() -> Option<Version> {
    Version::parse(&env::var("CARGO_PKG_VERSION").ok()?).ok()
}

/// Set by `shadowcat-metrics unused` while it compiles crates to find out what they record.
const MARK_USES: &str = "SHADOWCAT_METRICS_MARK_USES";

/// Emits recorders with marks. Cargo rebuilds them when the marks change.
fn marked(registry: &Registry, runtime: &TokenStream, marks: &str) -> TokenStream {
    let recorders = emit_marked_recorders(registry, runtime, &Marks::read(marks, registry));
    quote! {
        const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!("SHADOWCAT_METRICS_WRAPS_RUSTC");
        #recorders
    }
}

/// Returns one rustc error per problem. rustc can only point at the macro call, so each message contains its
/// position and excerpt. rustc adds the word `error`.
fn errors(path: &SchemaPath, outcome: &Outcome) -> impl Iterator<Item = TokenStream> {
    let span = path.span();
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
fn dependencies(source: &Source) -> TokenStream {
    // Included as text, because editors cannot tell the length of included bytes and report an unknown type.
    // A file that is not UTF-8 was already reported.
    let (read, ty) = if source.is_text() {
        (quote!(include_str), quote!(::core::primitive::str))
    } else {
        (quote!(include_bytes), quote!([::core::primitive::u8]))
    };
    let root = env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let files = source.files().flat_map(|(name, _)| {
        let links = files::links(&root.join(name)).into_iter();
        let links =
            links.filter_map(|path| Some(path.strip_prefix(&root).ok()?.to_str()?.to_owned()));
        std::iter::once(name.to_owned()).chain(links.collect::<Vec<_>>())
    });
    quote! {
        #(
            const _: &#ty =
                ::core::#read!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #files));
        )*
    }
}

pub(crate) fn compile_error(span: Span, message: &str) -> TokenStream {
    let message = proc_macro2::Literal::string(message);
    quote::quote_spanned!(span=> ::core::compile_error!(#message);)
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
        ErrorKind::NotFound => format!(
            "there is no file `{path}` beside the crate's Cargo.toml\n\
             help: the path is relative to that folder; a first schema can be two lines:\n\
             \n    format = 1\n    namespace = \"my_service\""
        ),
        _ => format!("cannot read the schema `{}`: {error}", full.display()),
    })
}
