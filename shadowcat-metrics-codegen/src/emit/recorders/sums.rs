//! Sum labels: an enum for each, whose variants carry the labels that depend on them, and the `match` by which a recorder
//! finds the part of a metric.

use proc_macro2::TokenStream;
use quote::quote;

use super::uses::Use;
use super::{Context, docs, ident, label_type, position, sum_type};
use crate::model::{Argument, LabelId, Registry, Sum, SumId, SumItem};

/// Emits the enum of a sum label.
pub(super) fn emit(context: &Context<'_>, id: SumId) -> TokenStream {
    let registry = context.registry;
    let sum = &registry.sums[id.0];
    let name = sum_type(sum);
    let doc = docs::sum_label(registry, sum);
    let lifetime = sum_borrows(registry, id).then(|| quote!(<'a>));
    let anonymous = lifetime.as_ref().map(|_| quote!(<'_>));
    let of = registry.labels[sum.of.0].closed_values();
    let order = variant_order(sum);
    let variants = order.iter().map(|place| {
        let (place, value, items) = (*place, &of[*place], &sum.with[*place]);
        let variant = ident(&value.variant);
        let doc = docs::sum_variant(registry, value, items);
        let mark = if context.marks.is_some() {
            context.mark(Use::Value(sum.of, place))
        } else {
            let deprecation = value.deprecated.as_ref();
            deprecation.map_or_else(TokenStream::new, |deprecation| {
                super::deprecated(deprecation, String::clone)
            })
        };
        let fields = items.iter().map(|item| match item {
            SumItem::Label(id) => {
                let ty = label_type(context.label(*id));
                if registry.is_open(*id) {
                    quote!(&'a #ty)
                } else {
                    quote!(#ty)
                }
            }
            SumItem::Sum(id) => sum_with_lifetime(registry, *id, &quote!('a)),
        });
        let fields = (!items.is_empty()).then(|| quote!((#(#fields),*)));
        quote!(#doc #mark #variant #fields,)
    });
    let arms = order.iter().enumerate().map(|(number, place)| {
        let variant = ident(&of[*place].variant);
        let fields = (!sum.with[*place].is_empty()).then(|| quote!({ .. }));
        let number = position(number);
        quote!(Self::#variant #fields => #number,)
    });
    let has_positions = sum.variants().iter().any(|(values, _)| values.len() > 1);
    let index = has_positions.then(|| {
        quote! {
            #[allow(deprecated)]
            impl #name #anonymous {
                /// Returns the variant's position in the declaration, which costs nothing to compute.
                #[inline]
                pub(super) const fn index(self) -> u32 {
                    match self {
                        #(#arms)*
                    }
                }
            }
        }
    });
    let non_exhaustive = registry.labels[sum.of.0]
        .is_extensible
        .then(|| quote!(#[non_exhaustive]));
    quote! {
        #doc
        #[derive(Clone, Copy, Debug)]
        #non_exhaustive
        pub enum #name #lifetime {
            #(#variants)*
        }

        #index
    }
}

/// Returns the positions of the values in the order of the enum's variants: first those without further labels, then those of
/// each part together. So the part of a variant is a range of its discriminant, and the position in the part a difference.
fn variant_order(sum: &Sum) -> Vec<usize> {
    let parts = sum.variants().into_iter();
    let (plain, others): (Vec<_>, Vec<_>) = parts.partition(|(_, items)| items.is_empty());
    let parts = plain.into_iter().chain(others);
    parts.flat_map(|(values, _)| values).collect()
}

/// Returns whether an argument borrows the value of an open label.
pub(super) fn borrows(registry: &Registry, argument: Argument) -> bool {
    match argument {
        Argument::Label(id) => registry.is_open(id),
        Argument::Sum(sum) => sum_borrows(registry, sum),
    }
}

fn sum_borrows(registry: &Registry, sum: SumId) -> bool {
    let labels = registry.sum_labels(sum);
    labels.iter().any(|id| registry.is_open(*id))
}

fn sum_with_lifetime(registry: &Registry, sum: SumId, lifetime: &TokenStream) -> TokenStream {
    let ty = sum_type(&registry.sums[sum.0]);
    if sum_borrows(registry, sum) {
        quote!(#ty<#lifetime>)
    } else {
        quote!(#ty)
    }
}

/// Returns the parameter of a method for a sum label.
pub(super) fn parameter(registry: &Registry, sum: SumId, lifetime: &TokenStream) -> TokenStream {
    let name = ident(&registry.sums[sum.0].name);
    let ty = sum_with_lifetime(registry, sum, lifetime);
    quote!(#name: labels::#ty)
}

/// Returns the attribute of a method whose patterns name deprecated or marked variants.
pub(super) fn allow_deprecated(context: &Context<'_>, arguments: &[Argument]) -> TokenStream {
    let registry = context.registry;
    let names_deprecated = |argument: &Argument| match argument {
        Argument::Label(_) => false,
        Argument::Sum(sum) => {
            let labels = registry.sum_labels(*sum).into_iter();
            let values = labels.flat_map(|id| registry.labels[id.0].closed_values());
            let mut deprecated = values.filter(|value| value.deprecated.is_some());
            context.marks.is_some() || deprecated.next().is_some()
        }
    };
    if arguments.iter().any(names_deprecated) {
        quote!(#[allow(deprecated)])
    } else {
        TokenStream::new()
    }
}

/// An arm of a `match` over a sum label.
#[derive(Clone)]
struct Arm {
    /// Matches the variants of one part. All variants are named, so that the compiler finds the part with few comparisons.
    pattern: TokenStream,
    /// Position of the part.
    part: usize,
    /// Binds the labels of the part.
    bound: TokenStream,
    /// Whether it reads the position of the value from the variable of the sum label.
    reads_value: bool,
}

/// Returns an expression for the arguments of a method. `at` returns it for a part, given the calls that bind its labels, and
/// `bind` the call that binds a label.
pub(super) fn places(
    context: &Context<'_>,
    own: &[Argument],
    at: &dyn Fn(usize, &TokenStream) -> TokenStream,
    bind: &dyn Fn(LabelId) -> TokenStream,
) -> TokenStream {
    let registry = context.registry;
    let mut names = Vec::new();
    // One pattern for each sum label.
    let mut arms = vec![(Vec::new(), 0, TokenStream::new())];
    for argument in own {
        match argument {
            Argument::Label(id) => {
                let call = bind(*id);
                for (_, _, bound) in &mut arms {
                    bound.extend(call.clone());
                }
            }
            Argument::Sum(id) => {
                let sum = &registry.sums[id.0];
                names.push(ident(&sum.name));
                let parts = registry.sum_parts(*id).len();
                let longer = sum_arms(registry, *id, bind);
                let with = |(patterns, part, bound): &(Vec<TokenStream>, usize, TokenStream)| {
                    let arms = longer.iter().map(|arm| {
                        let patterns = patterns.iter().cloned().chain([arm.pattern.clone()]);
                        let arm_bound = &arm.bound;
                        (
                            patterns.collect(),
                            part * parts + arm.part,
                            quote!(#bound #arm_bound),
                        )
                    });
                    arms.collect::<Vec<_>>()
                };
                arms = arms.iter().flat_map(with).collect();
            }
        }
    }
    let arm = |(patterns, part, bound): &(Vec<TokenStream>, usize, TokenStream)| {
        let place = at(*part, bound);
        match patterns.as_slice() {
            [] => place,
            [pattern] => quote!(#pattern => { #place }),
            patterns => quote!((#(#patterns),*) => { #place }),
        }
    };
    let arms = arms.iter().map(arm);
    match names.as_slice() {
        [] => arms.collect(),
        [name] => quote!(match #name { #(#arms)* }),
        names => quote!(match (#(#names),*) { #(#arms)* }),
    }
}

/// Returns the arms of a sum label whose value is in the variable of its name.
fn sum_arms(registry: &Registry, id: SumId, bind: &dyn Fn(LabelId) -> TokenStream) -> Vec<Arm> {
    let sum = &registry.sums[id.0];
    let (name, ty) = (ident(&sum.name), sum_type(sum));
    let order = variant_order(sum);
    let mut first = 0;
    let mut arms = Vec::new();
    for (values, items) in sum.variants() {
        let start = order.iter().position(|place| *place == values[0]);
        let bound = match (values.len(), start) {
            (1, _) => TokenStream::new(),
            (count, Some(0) | None) => {
                let count = position(count);
                quote!(.position(#count, #name.index()))
            }
            (count, Some(start)) => {
                let (count, start) = (position(count), position(start));
                quote!(.position(#count, #name.index().wrapping_sub(#start)))
            }
        };
        let mut fields = vec![(Vec::new(), 0, bound)];
        let mut parts = 1;
        for item in items {
            let longer = item_arms(registry, *item, bind);
            let count = item_parts(registry, *item);
            let with = |(patterns, part, bound): &(Vec<TokenStream>, usize, TokenStream)| {
                let arms = longer.iter().map(|arm| {
                    let patterns = patterns.iter().cloned().chain([arm.pattern.clone()]);
                    let arm_bound = &arm.bound;
                    (
                        patterns.collect::<Vec<_>>(),
                        part * count + arm.part,
                        quote!(#bound #arm_bound),
                    )
                });
                arms.collect::<Vec<_>>()
            };
            fields = fields.iter().flat_map(with).collect();
            parts *= count;
        }
        for (patterns, part, bound) in fields {
            let variants = values.iter().map(|value| {
                let variant = &registry.labels[sum.of.0].closed_values()[*value].variant;
                let variant = ident(variant);
                let fields = (!patterns.is_empty()).then(|| quote!((#(#patterns),*)));
                quote!(labels::#ty::#variant #fields)
            });
            arms.push(Arm {
                pattern: quote!(#(#variants)|*),
                part: first + part,
                bound,
                reads_value: values.len() > 1,
            });
        }
        first += parts;
    }
    arms
}

/// Returns the number of an item's parts.
fn item_parts(registry: &Registry, item: SumItem) -> usize {
    match item {
        SumItem::Label(_) => 1,
        SumItem::Sum(sum) => registry.sum_parts(sum).len(),
    }
}

/// Returns the arms of a variant's field, with the field in the variable of the label's name.
fn item_arms(
    registry: &Registry,
    item: SumItem,
    bind: &dyn Fn(LabelId) -> TokenStream,
) -> Vec<Arm> {
    match item {
        SumItem::Label(id) => {
            let name = ident(&registry.labels[id.0].name);
            vec![Arm {
                pattern: quote!(#name),
                part: 0,
                bound: bind(id),
                reads_value: false,
            }]
        }
        SumItem::Sum(sum) => {
            let name = ident(&registry.sums[sum.0].name);
            let mut arms = sum_arms(registry, sum, bind);
            for arm in arms.iter_mut().filter(|arm| arm.reads_value) {
                let pattern = &arm.pattern;
                arm.pattern = quote!(#name @ (#pattern));
            }
            arms
        }
    }
}
