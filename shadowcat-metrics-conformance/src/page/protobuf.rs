//! Reading a page in the protobuf format: messages of the type `io.prometheus.client.MetricFamily`, each behind its length.
//!
//! <https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto>

mod message;
#[cfg(test)]
mod tests;

use prost::Message;
use shadowcat_metrics_codegen::name::bucket_bound;

use super::{Family, Format, Page, Problem, Sample, Type};

/// Reads messages until the first that is none: what follows it cannot be told apart.
pub(super) fn read(mut bytes: &[u8]) -> Page {
    let mut page = Page {
        format: Format::Protobuf,
        ..Page::default()
    };
    while !bytes.is_empty() {
        match message::MetricFamily::decode_length_delimited(&mut bytes) {
            Ok(message) => page.families.push(family(message)),
            Err(error) => {
                let number = page.families.len() + 1;
                page.problems.push(Problem {
                    line: 0,
                    message: format!("the message {number} is no `MetricFamily`: {error}"),
                });
                break;
            }
        }
    }
    page
}

fn family(message: message::MetricFamily) -> Family {
    let mut samples = Vec::new();
    for metric in message.metrics {
        push_samples(&mut samples, &message.name, metric);
    }
    Family {
        name: message.name,
        kind: match message.kind {
            0 => Type::Counter,
            1 => Type::Gauge,
            2 => Type::Summary,
            4 => Type::Histogram,
            5 => Type::GaugeHistogram,
            _ => Type::Unknown,
        },
        help: message.help,
        unit: message.unit,
        samples,
        line: 0,
    }
}

/// The samples that a metric is in the text formats.
fn push_samples(samples: &mut Vec<Sample>, name: &str, metric: message::Metric) {
    let labels = metric.labels.into_iter();
    let labels: Vec<_> = labels.map(|pair| (pair.name, pair.value)).collect();
    let mut push = |suffix: &str, own: Option<(&str, f64)>, value| {
        let own = own.map(|(label, bound)| (label.to_owned(), bucket_bound(bound)));
        samples.push(Sample {
            name: format!("{name}{suffix}"),
            labels: labels.iter().cloned().chain(own).collect(),
            value,
            line: 0,
        });
    };
    let values = [metric.gauge, metric.counter, metric.untyped];
    for found in values.into_iter().flatten() {
        push("", None, found.value);
    }
    if let Some(summary) = metric.summary {
        for found in summary.quantiles {
            push("", Some(("quantile", found.quantile)), found.value);
        }
        push("_sum", None, summary.sum);
        push("_count", None, float(summary.count));
    }
    if let Some(histogram) = metric.histogram {
        let mut bounded = true;
        for bucket in histogram.buckets {
            bounded &= bucket.bound < f64::INFINITY;
            push("_bucket", Some(("le", bucket.bound)), float(bucket.count));
        }
        // The format leaves it to the count to say what is in the last bucket.
        if bounded {
            let last = Some(("le", f64::INFINITY));
            push("_bucket", last, float(histogram.count));
        }
        push("_sum", None, histogram.sum);
        push("_count", None, float(histogram.count));
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "so do the text formats' readers"
)]
const fn float(count: u64) -> f64 {
    count as f64
}
