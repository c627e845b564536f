//! Checks that the reserved names of groups and open labels are exactly the methods that they would hide, from the sources of
//! the runtime's `Registry` and of a generated `Metrics`.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::model::{LabelValues, Origin};
use shadowcat_metrics_codegen::name::METRICS_METHODS;
use syn::{ImplItem, Item, ItemImpl, Type, Visibility};

/// Collects a type's methods: public ones, and those of hand-written trait implementations.
fn methods_of(type_name: &str, items: &[Item], methods: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Impl(item) if is_of(item, type_name) => {
                let of_trait = item.trait_.is_some();
                methods.extend(item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(function)
                        if of_trait || matches!(function.vis, Visibility::Public(_)) =>
                    {
                        Some(function.sig.ident.to_string())
                    }
                    _ => None,
                }));
            }
            Item::Mod(module) => {
                let items = module.content.as_ref().map(|(_, items)| items.as_slice());
                methods_of(type_name, items.unwrap_or_default(), methods);
            }
            _ => {}
        }
    }
}

fn is_of(item: &ItemImpl, type_name: &str) -> bool {
    matches!(&*item.self_ty, Type::Path(path) if path.path.is_ident(type_name))
}

fn methods_in(folder: &Path, type_name: &str, methods: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            methods_in(&path, type_name, methods)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = syn::parse_file(&fs::read_to_string(&path)?);
            let file = file.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            methods_of(type_name, &file.items, methods);
        }
    }
    Ok(())
}

#[test]
fn reserved_names_are_the_methods() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut methods = BTreeSet::new();
    methods_in(
        &root.join("../shadowcat-metrics/src"),
        "Registry",
        &mut methods,
    )
    .expect("the runtime's sources can be read");

    let golden = include_str!("../golden/recorders.rs");
    let golden = syn::parse_file(golden).expect("the golden recorders are Rust");
    methods_of("Metrics", &golden.items, &mut methods);
    let schema = include_str!("../golden/everything.toml");
    let outcome = compile(Source::new("everything.toml", schema));
    let model = outcome
        .registry()
        .expect("the golden schema has no problems");
    for group in model
        .groups
        .iter()
        .filter(|group| group.origin == Origin::Schema)
    {
        assert!(
            methods.remove(&group.name),
            "`{}` has a recorder",
            group.name
        );
    }
    for label in &model.labels {
        if matches!(label.values, LabelValues::Open { .. }) {
            assert!(methods.remove(&label.name), "`{}` has handles", label.name);
        }
    }
    // A method of every type that implements `Debug`, so it is reserved separately.
    methods.remove("fmt");
    let reserved: BTreeSet<_> = METRICS_METHODS.map(str::to_owned).into();
    assert_eq!(reserved, methods);
}
