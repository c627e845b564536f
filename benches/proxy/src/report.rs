//! The report, as a table and as JSON.

use std::fmt;

use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::Transport;

use crate::kinds::Kinds;
use crate::records::Records;
use crate::rounds::{Compared, Side};

/// Messages per exchange: a request and its response.
const MESSAGES: f64 = 2.0;

/// All results.
pub struct Report {
    pub kinds: Kinds,
    pub rows: Vec<Row>,
}

/// Results of one transport.
pub struct Row {
    pub transport: Transport,
    pub compared: Compared,
    pub records: Records,
}

impl Report {
    /// Returns the report as JSON.
    pub fn to_json(&self) -> Value {
        let side = |side: &Side| {
            json!({
                "requests_per_second": side.throughput,
                "p50_microseconds": side.p50,
                "p99_microseconds": side.p99,
            })
        };
        let row = |row: &Row| {
            let ratio = row.compared.ratio.map(|ratio| {
                json!({
                    "median": ratio.median,
                    "low": ratio.low,
                    "high": ratio.high,
                    "confidence": ratio.confidence,
                })
            });
            json!({
                "transport": row.transport.as_str(),
                "ratio": ratio,
                "with_metrics": side(&row.compared.on),
                "without": side(&row.compared.off),
                "records_per_message": row.records.total() / MESSAGES,
                "nanoseconds_per_message": row.records.cost(&self.kinds) / MESSAGES,
            })
        };
        let kinds = &self.kinds;
        json!({
            "transports": self.rows.iter().map(row).collect::<Vec<_>>(),
            "nanoseconds_per_record": {
                "counter": kinds.counter,
                "observation": kinds.observation,
                "timer": kinds.timer,
                "movement": kinds.movement,
            },
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "TRANSPORT  METRICS  REQUESTS/S    P50 us    P99 us   TIME WITH / WITHOUT (95 %)"
        )?;
        for row in &self.rows {
            let ratio = match row.compared.ratio {
                Some(ratio) => format!(
                    "{:.4} ({:.4} to {:.4})",
                    ratio.median, ratio.low, ratio.high
                ),
                None => "too few rounds".to_owned(),
            };
            for (name, side, ratio) in [
                ("on", &row.compared.on, ratio.as_str()),
                ("off", &row.compared.off, ""),
            ] {
                let Side {
                    throughput,
                    p50,
                    p99,
                } = side;
                let line = format!(
                    "{:<9}  {name:<7}  {throughput:>10.0}  {p50:>8.1}  {p99:>8.1}   {ratio}",
                    row.transport.as_str()
                );
                writeln!(f, "{}", line.trim_end())?;
            }
        }
        writeln!(f)?;
        writeln!(
            f,
            "TRANSPORT  RECORDS A MESSAGE  NS A MESSAGE  OF THE TIME OF A REQUEST"
        )?;
        for row in &self.rows {
            let cost = row.records.cost(&self.kinds);
            let request = 1e9 / row.compared.off.throughput;
            writeln!(
                f,
                "{:<9}  {:>17.1}  {:>12.0}  {:>22.2} %",
                row.transport.as_str(),
                row.records.total() / MESSAGES,
                cost / MESSAGES,
                100.0 * cost / request,
            )?;
        }
        writeln!(f)?;
        let Kinds {
            counter,
            observation,
            timer,
            movement,
        } = self.kinds;
        writeln!(
            f,
            "One record in ns: counter {counter:.2}, observation {observation:.2}, timer {timer:.1}, \
             up-down counter {movement:.2}"
        )
    }
}
