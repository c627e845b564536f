//! Checks that the code emitted for any schema, valid or not, can compile.

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::emit::recorders::emit_recorders;
use shadowcat_metrics_operations::Outcome;
use syn::{Fields, ImplItem, Item};

/// Asserts that the emitted code parses and declares nothing twice.
pub(crate) fn assert_is_rust(outcome: &Outcome) {
    let code = emit_recorders(&outcome.skeleton().registry, "::shadowcat_metrics", None);
    let file = syn::parse_file(&code).unwrap_or_else(|error| panic!("{error}: {code}"));
    assert_unique("the file", &file.items);
}

fn assert_unique(module: &str, items: &[Item]) {
    let mut names = BTreeSet::new();
    let mut methods = BTreeSet::new();
    for item in items {
        let name = match item {
            Item::Struct(item) => {
                if let Fields::Named(fields) = &item.fields {
                    unique(fields.named.iter().filter_map(|field| field.ident.as_ref()));
                }
                &item.ident
            }
            Item::Enum(item) => {
                unique(item.variants.iter().map(|variant| &variant.ident));
                &item.ident
            }
            Item::Static(item) => &item.ident,
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    assert_unique(&item.ident.to_string(), items);
                }
                &item.ident
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let syn::Type::Path(owner) = item.self_ty.as_ref() else {
                    continue;
                };
                let owner = owner
                    .path
                    .segments
                    .last()
                    .map(|segment| segment.ident.to_string());
                for function in &item.items {
                    let ImplItem::Fn(function) = function else {
                        continue;
                    };
                    unique(function.sig.inputs.iter().filter_map(|input| match input {
                        syn::FnArg::Typed(typed) => match typed.pat.as_ref() {
                            syn::Pat::Ident(pattern) => Some(&pattern.ident),
                            _ => None,
                        },
                        syn::FnArg::Receiver(_) => None,
                    }));
                    let method = (owner.clone(), function.sig.ident.to_string());
                    assert!(methods.insert(method.clone()), "{method:?} twice");
                }
                continue;
            }
            _ => continue,
        };
        assert!(names.insert(name.to_string()), "{name} twice in {module}");
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a syn::Ident>) {
    let mut seen = BTreeSet::new();
    for name in names {
        assert!(seen.insert(name.to_string()), "{name} twice");
    }
}
