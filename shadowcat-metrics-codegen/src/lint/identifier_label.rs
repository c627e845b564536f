//! `identifier-label`: an open label that tells one user, request or address from all others, and so never ends.

use super::finding::{Finding, Item};
use crate::model::{LabelId, LabelValues, Origin, Registry};
use crate::name::ends_with_word;

/// Names, and ends of names, of what there is no end of.
const ENDLESS: &[&str] = &[
    "account_id",
    "correlation_id",
    "customer_id",
    "email",
    "error_message",
    "guid",
    "invoice_id",
    "ip",
    "ip_address",
    "message_id",
    "order_id",
    "path",
    "payment_id",
    "query",
    "referer",
    "referrer",
    "remote_addr",
    "remote_address",
    "request_id",
    "session_id",
    "span_id",
    "sql",
    "timestamp",
    "token",
    "trace_id",
    "transaction_id",
    "uri",
    "url",
    "user_agent",
    "user_id",
    "user_name",
    "username",
    "uuid",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, label) in registry.labels.iter().enumerate() {
        let open = match label.values {
            LabelValues::Open { max, .. } => Some(max).filter(|_| label.origin == Origin::Schema),
            LabelValues::Closed(_) => None,
        };
        let Some(max) = open else { continue };
        if ENDLESS.iter().any(|name| ends_with_word(&label.name, name)) {
            let message = format!("there is no end of values of the label `{}`", label.name);
            let label = format!("after {max} of them, all others are one");
            let item = Item::Label(LabelId(index));
            let finding = Finding::new(item, registry.labels[index].span, message, label);
            findings.push(finding.help(
                "put what identifies one request or person into logs and traces, and a class of them here: a route \
                 instead of a path, a plan instead of a user",
            ));
        }
    }
}
