//! The descriptors as Rust: a static for each label and bucket table, and the `Schema` that refers to them.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::descriptors::{Descriptors, Family, Scale, Values};
use super::native::{Cells, Lookup};
use super::{Context, ident, integer};
use crate::model::{LabelId, Origin};

pub(super) fn emit(context: &Context<'_>) -> TokenStream {
    let alias = context.runtime_alias();
    let Descriptors {
        namespace,
        labels,
        buckets,
        families,
        first_families: _,
        former_families,
        open_labels,
        overflow_family,
        rejected_family,
    } = &context.descriptors;
    let labels = (0..labels.len()).map(|index| label_descriptor(context, index));
    let buckets = (0..buckets.len()).map(|index| buckets_descriptor(context, index));
    let families = families.iter().map(|it| family(context, it));
    let former = former_families.iter().map(|it| family(context, it));
    let open = open_labels.iter().map(|id| label_static(context, *id));
    let overflow = option(overflow_family.map(integer));
    let rejected = option(rejected_family.map(integer));
    quote! {
        #[doc(hidden)]
        mod __shadowcat_metrics {
            #alias

            #(#labels)*
            #(#buckets)*

            pub(super) static SCHEMA: __rt::Schema = __rt::Schema {
                namespace: #namespace,
                families: &[#(#families),*],
                former_families: &[#(#former),*],
                open_labels: &[#(&#open),*],
                overflow_family: #overflow,
                rejected_family: #rejected,
            };
        }
    }
}

fn label_descriptor(context: &Context<'_>, index: usize) -> TokenStream {
    let label = &context.descriptors.labels[index];
    let place = label_use(context, index);
    let name = label.name;
    let otel_name = label.otel_name;
    let values = match &label.values {
        Values::Closed(values) => quote!(Closed(&[#(#values),*])),
        Values::Open {
            index,
            max,
            overflow,
        } => {
            let (index, max) = (integer(*index), integer(*max));
            quote!(Open { index: #index, max: #max, overflow: #overflow })
        }
    };
    let choices = integer(label.choices());
    let optional = label.optional;
    let former = label.former.iter().map(|(position, value)| {
        let position = integer(*position);
        quote!(__rt::Former { position: #position, value: #value })
    });
    quote! {
        static #place: __rt::Label = __rt::Label {
            name: #name,
            otel_name: #otel_name,
            values: __rt::Values::#values,
            choices: #choices,
            optional: #optional,
            former: &[#(#former),*],
        };
    }
}

/// Returns the static of a label, given by its index in the descriptors.
fn label_use(context: &Context<'_>, index: usize) -> Ident {
    if index < context.registry.labels.len() {
        return label_static(context, LabelId(index));
    }
    let label = &context.descriptors.labels[index];
    let name = label.name.to_uppercase();
    if label.optional {
        format_ident!("OPTIONAL_{name}")
    } else {
        format_ident!("SOME_{name}_{index}")
    }
}

fn label_static(context: &Context<'_>, id: LabelId) -> Ident {
    let label = context.label(id);
    let name = label.name.to_uppercase();
    match label.origin {
        Origin::Schema => format_ident!("LABEL_{name}"),
        Origin::Library => format_ident!("OWN_LABEL_{name}"),
    }
}

fn family(context: &Context<'_>, family: &Family<'_>) -> TokenStream {
    let Family {
        metric,
        name,
        labels,
        continues,
        numerator: _,
        denominator: _,
        encoding,
        buckets: _,
        unit,
        otel_name,
        otel_unit,
        first_page,
        pages,
        series,
        rejected_index,
        text_metadata,
        open_metrics_metadata,
        created,
        exemplars,
    } = family;
    let help = &metric.help;
    let kind = kind(context, family);
    let encoding = ident(&format!("{encoding:?}"));
    let labels = labels.iter().map(|index| label_use(context, *index));
    let (first_page, pages, series) = (integer(*first_page), integer(*pages), integer(*series));
    let rejected_index = option(rejected_index.map(integer));
    let created = option(created.as_ref());
    quote! {
        __rt::Family {
            name: #name,
            help: #help,
            kind: __rt::Kind::#kind,
            encoding: __rt::Encoding::#encoding,
            unit: #unit,
            otel_name: #otel_name,
            otel_unit: #otel_unit,
            labels: &[#(&#labels),*],
            continues: #continues,
            first_page: #first_page,
            pages: #pages,
            series: #series,
            rejected_index: #rejected_index,
            text_metadata: #text_metadata,
            open_metrics_metadata: #open_metrics_metadata,
            created: #created,
            exemplars: #exemplars,
        }
    }
}

/// Returns the variant of the runtime's `Kind`, with the data that the kind's row requires.
fn kind(context: &Context<'_>, family: &Family<'_>) -> TokenStream {
    let spec = family.metric.kind.spec();
    let variant = ident(spec.runtime);
    let buckets = family.buckets.map(|index| buckets_static(context, index));
    let states = spec.states.map(|id| label_static(context, id));
    let fields = buckets.or(states).map(|place| quote!((&#place)));
    let fields = fields.or_else(|| {
        let facts = family.metric.facts().iter();
        let facts = facts.map(|id| &context.label(*id).name);
        spec.has_facts.then(|| quote!((&[#(#facts),*])))
    });
    let fields = fields.or_else(|| {
        spec.operands?;
        let positions = |families: &[u32]| {
            let families = families.iter().map(|family| integer(*family));
            quote!(&[#(#families),*])
        };
        let numerator = positions(&family.numerator);
        let denominator = positions(&family.denominator);
        Some(quote!({ numerator: #numerator, denominator: #denominator }))
    });
    quote!(#variant #fields)
}

fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    value.map_or_else(|| quote!(__rt::None), |value| quote!(__rt::Some(#value)))
}

/// Returns the name of the static with the bounds at a position: `BUCKETS_LATENCY_NANOSECONDS`. Inline sets
/// have a number, and so have sets with native buckets.
pub(super) fn buckets_static(context: &Context<'_>, index: usize) -> Ident {
    let buckets = &context.descriptors.buckets[index];
    let scale = constructor(buckets.scale).to_uppercase();
    let name = match &context.registry.bucket_sets[buckets.set.0].name {
        Some(name) => format!("BUCKETS_{}_{scale}", name.to_uppercase()),
        None => format!("BUCKETS_{}_{scale}", buckets.set.0),
    };
    match buckets.native {
        Some(_) => format_ident!("{name}_{index}"),
        None => format_ident!("{name}"),
    }
}

/// Returns the name of the static with the cells of native buckets at a position.
pub(super) fn native_static(context: &Context<'_>, index: usize) -> Option<Ident> {
    let buckets = &context.descriptors.buckets[index];
    buckets
        .native
        .as_ref()
        .map(|_| format_ident!("NATIVE_{index}"))
}

const fn constructor(scale: Scale) -> &'static str {
    match scale {
        Scale::Nanoseconds => "nanoseconds",
        Scale::Integers => "integers",
        Scale::Floats => "floats",
    }
}

fn buckets_descriptor(context: &Context<'_>, index: usize) -> TokenStream {
    let buckets = &context.descriptors.buckets[index];
    let bounds = buckets.bounds.iter();
    let bounds = bounds.map(|bound| Literal::f64_unsuffixed(*bound));
    let le = &buckets.le;
    let place = buckets_static(context, index);
    let constructor = ident(constructor(buckets.scale));
    let native = buckets.native.as_ref().zip(native_static(context, index));
    let (cells, with_native) = match native {
        Some(((_, cells), native)) => (
            native_descriptor(&native, cells),
            quote!(.with_native(&#native)),
        ),
        None => (quote!(), quote!()),
    };
    quote! {
        #cells
        pub(super) static #place: __rt::Buckets = __rt::Buckets::new(
            const { &__rt::BucketTable::#constructor([#(#bounds),*]) },
            &[#(#le),*],
        )#with_native;
    }
}

fn native_descriptor(place: &Ident, cells: &Cells) -> TokenStream {
    let Cells {
        schema,
        zero_threshold,
        first,
        keys,
        classic,
        native,
        lookup,
    } = cells;
    let Lookup {
        shift,
        base,
        slots,
        widest,
    } = lookup;
    let schema = Literal::i8_unsuffixed(*schema);
    let zero_threshold = Literal::f64_unsuffixed(*zero_threshold);
    let first = Literal::i32_unsuffixed(*first);
    let keys = keys.iter().map(|key| Literal::u64_unsuffixed(*key));
    // One token instead of one for each byte.
    let classic = Literal::byte_string(classic);
    let short = |numbers: &[u16]| {
        let numbers = numbers
            .iter()
            .map(|number| Literal::u16_unsuffixed(*number));
        quote!(&[#(#numbers),*])
    };
    let (native, slots) = (short(native), short(slots));
    let (shift, base) = (integer(*shift), Literal::u64_unsuffixed(*base));
    let widest = Literal::usize_unsuffixed(*widest);
    quote! {
        pub(super) static #place: __rt::Native = __rt::Native {
            schema: #schema,
            zero_threshold: #zero_threshold,
            first: #first,
            keys: &[#(#keys),*],
            classic: #classic,
            native: #native,
            shift: #shift,
            base: #base,
            slots: #slots,
            widest: #widest,
        };
    }
}
