// Recorders of everything.toml, made by the test `golden`. Do not edit.

#[doc(hidden)]
mod __shadowcat_metrics {
    use ::shadowcat_metrics::private as p;
    static LABEL_METHOD: p::Label = p::Label {
        name: "method",
        values: p::Values::Closed(&["tools/list", "tools/call", "other"]),
        former: &[],
    };
    static LABEL_STATUS: p::Label = p::Label {
        name: "status",
        values: p::Values::Closed(&["2xx", "4xx", "5xx"]),
        former: &[],
    };
    static LABEL_RESULT: p::Label = p::Label {
        name: "result",
        values: p::Values::Closed(&["none", "self"]),
        former: &[],
    };
    static LABEL_OPTION: p::Label = p::Label {
        name: "option",
        values: p::Values::Closed(&["größe 購物車 x", "say \"hi\"\\\n"]),
        former: &[],
    };
    static LABEL_ENDING: p::Label = p::Label {
        name: "ending",
        values: p::Values::Closed(&["ok", "failed", "unknown"]),
        former: &[
            p::Former {
                position: 0u32,
                value: "success",
            },
            p::Former {
                position: 1u32,
                value: "failure",
            },
        ],
    };
    static LABEL_SERVER: p::Label = p::Label {
        name: "server",
        values: p::Values::Open {
            index: 0u32,
            max: 3u32,
            overflow: "*others*",
        },
        former: &[],
    };
    static LABEL_TENANT: p::Label = p::Label {
        name: "tenant",
        values: p::Values::Open {
            index: 1u32,
            max: 2u32,
            overflow: "__other__",
        },
        former: &[],
    };
    static LABEL_VERSION: p::Label = p::Label {
        name: "version",
        values: p::Values::Open {
            index: 2u32,
            max: 1u32,
            overflow: "__other__",
        },
        former: &[],
    };
    static LABEL_SPARE: p::Label = p::Label {
        name: "spare",
        values: p::Values::Closed(&["unused"]),
        former: &[],
    };
    static OWN_LABEL_LABEL: p::Label = p::Label {
        name: "label",
        values: p::Values::Closed(&["server", "tenant", "version"]),
        former: &[],
    };
    static OWN_LABEL_METRIC: p::Label = p::Label {
        name: "metric",
        values: p::Values::Closed(
            &[
                "all_plain_score",
                "all_units_skew_seconds",
                "all_units_filled_ratio",
                "all_units_load_ratio",
                "all_units_room_celsius",
                "all_units_way_meters_total",
                "all_units_supply_volts",
                "all_units_draw_amperes",
                "all_units_work_joules_total",
                "all_units_power_watts",
                "all_units_parcel_grams",
                "all_units_clock_hertz",
            ],
        ),
        former: &[],
    };
    pub(super) static BUCKETS_LISTED_FLOATS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::floats([0f64, 0.00005f64, 0.005f64, 1f64, 2.5f64, 10f64])
    });
    pub(super) static BUCKETS_LISTED_NANOSECONDS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::nanoseconds([0f64, 0.00005f64, 0.005f64, 1f64, 2.5f64, 10f64])
    });
    pub(super) static BUCKETS_RISING_INTEGERS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::integers([64f64, 256f64, 1024f64, 4096f64])
    });
    pub(super) static BUCKETS_EVEN_FLOATS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::floats([0.25f64, 0.5f64, 0.75f64, 1f64])
    });
    pub(super) static BUCKETS_3_FLOATS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::floats([0.1f64, 1f64, 10f64])
    });
    pub(super) static BUCKETS_4_FLOATS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::floats([500f64, 1000f64, 20000f64, 1000000f64])
    });
    pub(super) static BUCKETS_5_NANOSECONDS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::nanoseconds([0.1f64, 1f64])
    });
    pub(super) static BUCKETS_6_NANOSECONDS: p::Buckets = p::Buckets::new(const {
        &p::BucketTable::nanoseconds([0.1f64, 1f64])
    });
    pub(super) static SCHEMA: p::Schema = p::Schema {
        namespace: "all",
        families: &[
            p::Family {
                name: "all_plain_events_total",
                help: "Events seen.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[],
                first_page: 0u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_plain_depth",
                help: "Depth of the queue.",
                kind: p::Kind::Gauge,
                unit: p::Unit::None,
                labels: &[],
                first_page: 1u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_plain_active",
                help: "What is active.",
                kind: p::Kind::UpDownCounter,
                unit: p::Unit::None,
                labels: &[],
                first_page: 2u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_plain_score",
                help: "Scores given.",
                kind: p::Kind::Histogram(&BUCKETS_LISTED_FLOATS),
                unit: p::Unit::None,
                labels: &[],
                first_page: 3u32,
                rejected_index: ::core::option::Option::Some(0u32),
            },
            p::Family {
                name: "all_plain_outcome",
                help: "How the last one ended.",
                kind: p::Kind::State(&LABEL_RESULT),
                unit: p::Unit::None,
                labels: &[],
                first_page: 4u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_plain_build_info",
                help: "What is running.",
                kind: p::Kind::Info(&["version", "result"]),
                unit: p::Unit::None,
                labels: &[],
                first_page: 5u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_plain_threads",
                help: "Threads that there are.",
                kind: p::Kind::CallbackGauge,
                unit: p::Unit::None,
                labels: &[],
                first_page: 6u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_plain_failures_total",
                help: "Events that failed.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[],
                first_page: 7u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_plain_failure_ratio",
                help: "Share of events that failed.",
                kind: p::Kind::Ratio {
                    numerator: &[7u32],
                    denominator: &[0u32, 7u32],
                },
                unit: p::Unit::Ratio,
                labels: &[],
                first_page: 8u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_busy_seconds_total",
                help: "Time spent.",
                kind: p::Kind::Counter,
                unit: p::Unit::Seconds,
                labels: &[],
                first_page: 9u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_age_seconds",
                help: "Age of the oldest.",
                kind: p::Kind::Gauge,
                unit: p::Unit::Seconds,
                labels: &[],
                first_page: 10u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_skew_seconds",
                help: "Seconds ahead, or behind.",
                kind: p::Kind::UpDownCounter,
                unit: p::Unit::Seconds,
                labels: &[],
                first_page: 11u32,
                rejected_index: ::core::option::Option::Some(1u32),
            },
            p::Family {
                name: "all_units_wait_seconds",
                help: "Time waited.",
                kind: p::Kind::Histogram(&BUCKETS_LISTED_NANOSECONDS),
                unit: p::Unit::Seconds,
                labels: &[],
                first_page: 12u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_uptime_seconds",
                help: "Time since the start.",
                kind: p::Kind::CallbackGauge,
                unit: p::Unit::Seconds,
                labels: &[],
                first_page: 13u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_sent_bytes_total",
                help: "Data sent.",
                kind: p::Kind::Counter,
                unit: p::Unit::Bytes,
                labels: &[],
                first_page: 14u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_used_bytes",
                help: "Memory used.",
                kind: p::Kind::Gauge,
                unit: p::Unit::Bytes,
                labels: &[],
                first_page: 15u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_held_bytes",
                help: "Data held.",
                kind: p::Kind::UpDownCounter,
                unit: p::Unit::Bytes,
                labels: &[],
                first_page: 16u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_size_bytes",
                help: "Size of a message.",
                kind: p::Kind::Histogram(&BUCKETS_RISING_INTEGERS),
                unit: p::Unit::Bytes,
                labels: &[],
                first_page: 17u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_free_bytes",
                help: "Memory left.",
                kind: p::Kind::CallbackGauge,
                unit: p::Unit::Bytes,
                labels: &[],
                first_page: 18u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_filled_ratio",
                help: "Share that is filled.",
                kind: p::Kind::Gauge,
                unit: p::Unit::Ratio,
                labels: &[],
                first_page: 19u32,
                rejected_index: ::core::option::Option::Some(2u32),
            },
            p::Family {
                name: "all_units_load_ratio",
                help: "Share that was busy.",
                kind: p::Kind::Histogram(&BUCKETS_EVEN_FLOATS),
                unit: p::Unit::Ratio,
                labels: &[],
                first_page: 20u32,
                rejected_index: ::core::option::Option::Some(3u32),
            },
            p::Family {
                name: "all_units_used_ratio",
                help: "Share of what is held that is used.",
                kind: p::Kind::Ratio {
                    numerator: &[15u32],
                    denominator: &[16u32],
                },
                unit: p::Unit::Ratio,
                labels: &[],
                first_page: 21u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_units_room_celsius",
                help: "Temperature of the room.",
                kind: p::Kind::Gauge,
                unit: p::Unit::Celsius,
                labels: &[],
                first_page: 22u32,
                rejected_index: ::core::option::Option::Some(4u32),
            },
            p::Family {
                name: "all_units_way_meters_total",
                help: "Way gone.",
                kind: p::Kind::Counter,
                unit: p::Unit::Meters,
                labels: &[],
                first_page: 23u32,
                rejected_index: ::core::option::Option::Some(5u32),
            },
            p::Family {
                name: "all_units_supply_volts",
                help: "Voltage of the supply.",
                kind: p::Kind::Gauge,
                unit: p::Unit::Volts,
                labels: &[],
                first_page: 24u32,
                rejected_index: ::core::option::Option::Some(6u32),
            },
            p::Family {
                name: "all_units_draw_amperes",
                help: "Current drawn.",
                kind: p::Kind::UpDownCounter,
                unit: p::Unit::Amperes,
                labels: &[],
                first_page: 25u32,
                rejected_index: ::core::option::Option::Some(7u32),
            },
            p::Family {
                name: "all_units_work_joules_total",
                help: "Energy used.",
                kind: p::Kind::Counter,
                unit: p::Unit::Joules,
                labels: &[],
                first_page: 26u32,
                rejected_index: ::core::option::Option::Some(8u32),
            },
            p::Family {
                name: "all_units_power_watts",
                help: "Power drawn.",
                kind: p::Kind::Histogram(&BUCKETS_3_FLOATS),
                unit: p::Unit::Watts,
                labels: &[],
                first_page: 27u32,
                rejected_index: ::core::option::Option::Some(9u32),
            },
            p::Family {
                name: "all_units_parcel_grams",
                help: "Weight of a parcel.",
                kind: p::Kind::Histogram(&BUCKETS_4_FLOATS),
                unit: p::Unit::Grams,
                labels: &[],
                first_page: 28u32,
                rejected_index: ::core::option::Option::Some(10u32),
            },
            p::Family {
                name: "all_units_clock_hertz",
                help: "Frequency of the clock, whose name has the unit already.",
                kind: p::Kind::Gauge,
                unit: p::Unit::Hertz,
                labels: &[],
                first_page: 29u32,
                rejected_index: ::core::option::Option::Some(11u32),
            },
            p::Family {
                name: "all_closed_answers_total",
                help: "Answers given.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&LABEL_METHOD, &LABEL_STATUS],
                first_page: 30u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_closed_pending",
                help: "Requests without an answer.",
                kind: p::Kind::UpDownCounter,
                unit: p::Unit::None,
                labels: &[&LABEL_METHOD],
                first_page: 31u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_closed_duration_seconds",
                help: "Time until the answer.",
                kind: p::Kind::Histogram(&BUCKETS_5_NANOSECONDS),
                unit: p::Unit::Seconds,
                labels: &[&LABEL_METHOD, &LABEL_RESULT, &LABEL_OPTION],
                first_page: 32u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_open_calls_total",
                help: "Calls made, with \"quotes\", a \\ and\na second line.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&LABEL_SERVER],
                first_page: 33u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_open_errors_total",
                help: "Calls that failed.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&LABEL_SERVER, &LABEL_TENANT, &LABEL_STATUS],
                first_page: 37u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_open_health",
                help: "Class of the last answer.",
                kind: p::Kind::State(&LABEL_STATUS),
                unit: p::Unit::None,
                labels: &[&LABEL_SERVER],
                first_page: 49u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_open_software_info",
                help: "What the server runs.",
                kind: p::Kind::Info(&["version"]),
                unit: p::Unit::None,
                labels: &[&LABEL_SERVER],
                first_page: 53u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_open_queue",
                help: "Calls that wait.",
                kind: p::Kind::CallbackGauge,
                unit: p::Unit::None,
                labels: &[&LABEL_SERVER, &LABEL_METHOD],
                first_page: 57u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_open_lost_total",
                help: "Calls without an answer.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&LABEL_SERVER],
                first_page: 61u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_open_loss_ratio",
                help: "Share of calls without an answer.",
                kind: p::Kind::Ratio {
                    numerator: &[38u32],
                    denominator: &[33u32, 38u32],
                },
                unit: p::Unit::Ratio,
                labels: &[&LABEL_SERVER],
                first_page: 65u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "legacy_operations_total",
                help: "Operations, under the name that they always had.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[],
                first_page: 69u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "legacy_memory",
                help: "Memory, under a name that does not tell its unit.",
                kind: p::Kind::Gauge,
                unit: p::Unit::Bytes,
                labels: &[],
                first_page: 70u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_old_total",
                help: "Operations, counted as it was once done.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[],
                first_page: 71u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_older",
                help: "Operations, as a gauge.",
                kind: p::Kind::Gauge,
                unit: p::Unit::None,
                labels: &[],
                first_page: 72u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_kept_alive",
                help: "A metric that repeats its group.",
                kind: p::Kind::Gauge,
                unit: p::Unit::None,
                labels: &[],
                first_page: 73u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_results_total",
                help: "Operations, by how they ended.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&LABEL_ENDING],
                first_page: 74u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_took_seconds",
                help: "Time that operations took.",
                kind: p::Kind::Histogram(&BUCKETS_6_NANOSECONDS),
                unit: p::Unit::Seconds,
                labels: &[&LABEL_ENDING, &LABEL_STATUS],
                first_page: 75u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_last",
                help: "How the last operation ended.",
                kind: p::Kind::State(&LABEL_ENDING),
                unit: p::Unit::None,
                labels: &[],
                first_page: 76u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_waiting",
                help: "Operations that wait.",
                kind: p::Kind::CallbackGauge,
                unit: p::Unit::None,
                labels: &[&LABEL_ENDING],
                first_page: 77u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_share_ratio",
                help: "Share of results that are results.",
                kind: p::Kind::Ratio {
                    numerator: &[45u32],
                    denominator: &[45u32],
                },
                unit: p::Unit::Ratio,
                labels: &[&LABEL_ENDING],
                first_page: 78u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_kept_software_info",
                help: "What runs.",
                kind: p::Kind::Info(&["version"]),
                unit: p::Unit::None,
                labels: &[],
                first_page: 79u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_metrics_label_overflow_total",
                help: "Times that a label had no room for a value and gave the overflow value instead.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&OWN_LABEL_LABEL],
                first_page: 80u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "all_metrics_rejected_values_total",
                help: "Values that were not recorded, because they were not a number or outside of what the metric can hold.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&OWN_LABEL_METRIC],
                first_page: 81u32,
                rejected_index: ::core::option::Option::None,
            },
        ],
        former_families: &[
            p::Family {
                name: "legacy_results_total",
                help: "Operations, by how they ended.",
                kind: p::Kind::Counter,
                unit: p::Unit::None,
                labels: &[&LABEL_ENDING],
                first_page: 74u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "legacy_latency_seconds",
                help: "Time that operations took.",
                kind: p::Kind::Histogram(&BUCKETS_6_NANOSECONDS),
                unit: p::Unit::Seconds,
                labels: &[&LABEL_ENDING, &LABEL_STATUS],
                first_page: 75u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "legacy_last",
                help: "How the last operation ended.",
                kind: p::Kind::State(&LABEL_ENDING),
                unit: p::Unit::None,
                labels: &[],
                first_page: 76u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "legacy_share",
                help: "Share of results that are results.",
                kind: p::Kind::Ratio {
                    numerator: &[45u32],
                    denominator: &[45u32],
                },
                unit: p::Unit::Ratio,
                labels: &[&LABEL_ENDING],
                first_page: 78u32,
                rejected_index: ::core::option::Option::None,
            },
            p::Family {
                name: "legacy_software_info",
                help: "What runs.",
                kind: p::Kind::Info(&["version"]),
                unit: p::Unit::None,
                labels: &[],
                first_page: 79u32,
                rejected_index: ::core::option::Option::None,
            },
        ],
        open_labels: &[&LABEL_SERVER, &LABEL_TENANT, &LABEL_VERSION],
        overflow_family: ::core::option::Option::Some(51u32),
        rejected_family: ::core::option::Option::Some(52u32),
    };
}
/// Label values as types: a closed label is an enum, an open one a handle made by [`Metrics`](super::Metrics).
pub mod labels {
    /// Method asked for, where values have meanings of their own.
    ///
    /// The closed label `method`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Method {
        /// `tools/list`: asks which tools there are
        ToolsList,
        /// `tools/call`: runs a `tool` \[with\] \<arguments\>
        ToolsCall,
        /// `other`: any other \| method
        Other,
    }
    impl Method {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 3usize] = [Self::ToolsList, Self::ToolsCall, Self::Other];
        /// The value as exposed.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::ToolsList => "tools/list",
                Self::ToolsCall => "tools/call",
                Self::Other => "other",
            }
        }
    }
    impl ::core::fmt::Display for Method {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl ::core::str::FromStr for Method {
        type Err = ::shadowcat_metrics::private::UnknownLabelValue;
        fn from_str(
            value: &str,
        ) -> ::core::result::Result<
            Self,
            ::shadowcat_metrics::private::UnknownLabelValue,
        > {
            match value {
                "tools/list" => ::core::result::Result::Ok(Self::ToolsList),
                "tools/call" => ::core::result::Result::Ok(Self::ToolsCall),
                "other" => ::core::result::Result::Ok(Self::Other),
                _ => {
                    ::core::result::Result::Err(
                        ::shadowcat_metrics::private::UnknownLabelValue::new(
                            "method",
                            value,
                        ),
                    )
                }
            }
        }
    }
    impl ::shadowcat_metrics::private::ClosedLabel for Method {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// Class of the answer, where values speak for themselves.
    ///
    /// The closed label `status`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Status {
        /// `2xx`
        _2xx,
        /// `4xx`
        _4xx,
        /// `5xx`
        _5xx,
    }
    impl Status {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 3usize] = [Self::_2xx, Self::_4xx, Self::_5xx];
        /// The value as exposed.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::_2xx => "2xx",
                Self::_4xx => "4xx",
                Self::_5xx => "5xx",
            }
        }
    }
    impl ::core::fmt::Display for Status {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl ::core::str::FromStr for Status {
        type Err = ::shadowcat_metrics::private::UnknownLabelValue;
        fn from_str(
            value: &str,
        ) -> ::core::result::Result<
            Self,
            ::shadowcat_metrics::private::UnknownLabelValue,
        > {
            match value {
                "2xx" => ::core::result::Result::Ok(Self::_2xx),
                "4xx" => ::core::result::Result::Ok(Self::_4xx),
                "5xx" => ::core::result::Result::Ok(Self::_5xx),
                _ => {
                    ::core::result::Result::Err(
                        ::shadowcat_metrics::private::UnknownLabelValue::new(
                            "status",
                            value,
                        ),
                    )
                }
            }
        }
    }
    impl ::shadowcat_metrics::private::ClosedLabel for Status {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// How it ended.
    ///
    /// The closed label `result`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Result {
        /// `none`
        None,
        /// `self`
        Self_,
    }
    impl Result {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 2usize] = [Self::None, Self::Self_];
        /// The value as exposed.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::None => "none",
                Self::Self_ => "self",
            }
        }
    }
    impl ::core::fmt::Display for Result {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl ::core::str::FromStr for Result {
        type Err = ::shadowcat_metrics::private::UnknownLabelValue;
        fn from_str(
            value: &str,
        ) -> ::core::result::Result<
            Self,
            ::shadowcat_metrics::private::UnknownLabelValue,
        > {
            match value {
                "none" => ::core::result::Result::Ok(Self::None),
                "self" => ::core::result::Result::Ok(Self::Self_),
                _ => {
                    ::core::result::Result::Err(
                        ::shadowcat_metrics::private::UnknownLabelValue::new(
                            "result",
                            value,
                        ),
                    )
                }
            }
        }
    }
    impl ::shadowcat_metrics::private::ClosedLabel for Result {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// Which of two ways was taken.
    ///
    /// The closed label `option`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Option {
        /// `größe 購物車 x`
        GrEX,
        /// <code>say&#32;&#34;hi&#34;&#92;\n</code>
        SayHi,
    }
    impl Option {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 2usize] = [Self::GrEX, Self::SayHi];
        /// The value as exposed.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::GrEX => "größe 購物車 x",
                Self::SayHi => "say \"hi\"\\\n",
            }
        }
    }
    impl ::core::fmt::Display for Option {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl ::core::str::FromStr for Option {
        type Err = ::shadowcat_metrics::private::UnknownLabelValue;
        fn from_str(
            value: &str,
        ) -> ::core::result::Result<
            Self,
            ::shadowcat_metrics::private::UnknownLabelValue,
        > {
            match value {
                "größe 購物車 x" => ::core::result::Result::Ok(Self::GrEX),
                "say \"hi\"\\\n" => ::core::result::Result::Ok(Self::SayHi),
                _ => {
                    ::core::result::Result::Err(
                        ::shadowcat_metrics::private::UnknownLabelValue::new(
                            "option",
                            value,
                        ),
                    )
                }
            }
        }
    }
    impl ::shadowcat_metrics::private::ClosedLabel for Option {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// How it ended, in words that were once others.
    ///
    /// The closed label `ending`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Ending {
        /// `ok`: it worked; exposed as `success` too, until 99.0.0
        Ok,
        /// `failed`; exposed as `failure` too, until 99.1.0-rc.1
        Failed,
        /// `unknown`: nobody knows
        Unknown,
    }
    impl Ending {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 3usize] = [Self::Ok, Self::Failed, Self::Unknown];
        /// The value as exposed.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::Ok => "ok",
                Self::Failed => "failed",
                Self::Unknown => "unknown",
            }
        }
    }
    impl ::core::fmt::Display for Ending {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl ::core::str::FromStr for Ending {
        type Err = ::shadowcat_metrics::private::UnknownLabelValue;
        fn from_str(
            value: &str,
        ) -> ::core::result::Result<
            Self,
            ::shadowcat_metrics::private::UnknownLabelValue,
        > {
            match value {
                "ok" => ::core::result::Result::Ok(Self::Ok),
                "failed" => ::core::result::Result::Ok(Self::Failed),
                "unknown" => ::core::result::Result::Ok(Self::Unknown),
                _ => {
                    ::core::result::Result::Err(
                        ::shadowcat_metrics::private::UnknownLabelValue::new(
                            "ending",
                            value,
                        ),
                    )
                }
            }
        }
    }
    impl ::shadowcat_metrics::private::ClosedLabel for Ending {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// Server, by name: größer, 購物車.
    ///
    /// A value of the open label `server`: at most 3 at a time, the surplus is recorded as `*others*`. Made by [`Metrics::server`](super::Metrics::server); its series go when the last handle and recorder with it are dropped.
    #[derive(Clone, Debug)]
    pub struct Server(pub(super) ::shadowcat_metrics::private::OpenValue);
    impl Server {
        /// The value as exposed: cut if it was too long, the overflow value if there was no room.
        #[must_use]
        pub fn as_str(&self) -> &str {
            self.0.as_str()
        }
    }
    impl ::core::fmt::Display for Server {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    /// Tenant, with the overflow value that is there if none is given.
    ///
    /// A value of the open label `tenant`: at most 2 at a time, the surplus is recorded as `__other__`. Made by [`Metrics::tenant`](super::Metrics::tenant); its series go when the last handle and recorder with it are dropped.
    #[derive(Clone, Debug)]
    pub struct Tenant(pub(super) ::shadowcat_metrics::private::OpenValue);
    impl Tenant {
        /// The value as exposed: cut if it was too long, the overflow value if there was no room.
        #[must_use]
        pub fn as_str(&self) -> &str {
            self.0.as_str()
        }
    }
    impl ::core::fmt::Display for Tenant {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    /// Version of the program.
    ///
    /// A value of the open label `version`: at most 1 at a time, the surplus is recorded as `__other__`. Made by [`Metrics::version`](super::Metrics::version); its series go when the last handle and recorder with it are dropped.
    #[derive(Clone, Debug)]
    pub struct Version(pub(super) ::shadowcat_metrics::private::OpenValue);
    impl Version {
        /// The value as exposed: cut if it was too long, the overflow value if there was no room.
        #[must_use]
        pub fn as_str(&self) -> &str {
            self.0.as_str()
        }
    }
    impl ::core::fmt::Display for Version {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    /// A label that nothing uses.
    ///
    /// The closed label `spare`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Spare {
        /// `unused`
        Unused,
    }
    impl Spare {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 1usize] = [Self::Unused];
        /// The value as exposed.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::Unused => "unused",
            }
        }
    }
    impl ::core::fmt::Display for Spare {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl ::core::str::FromStr for Spare {
        type Err = ::shadowcat_metrics::private::UnknownLabelValue;
        fn from_str(
            value: &str,
        ) -> ::core::result::Result<
            Self,
            ::shadowcat_metrics::private::UnknownLabelValue,
        > {
            match value {
                "unused" => ::core::result::Result::Ok(Self::Unused),
                _ => {
                    ::core::result::Result::Err(
                        ::shadowcat_metrics::private::UnknownLabelValue::new(
                            "spare",
                            value,
                        ),
                    )
                }
            }
        }
    }
    impl ::shadowcat_metrics::private::ClosedLabel for Spare {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
}
/// Makes the recorders of every `all` metric.
///
/// Clones are cheap and share their values. Encoding, the collector and all else that needs no types comes from [`Registry`](::shadowcat_metrics::Registry), which this dereferences to.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: ::shadowcat_metrics::private::Registry,
}
impl Metrics {
    /// Tells this schema from others: the macro and a build script that read the same file get the same number.
    #[doc(hidden)]
    pub const FINGERPRINT: u64 = 1251126932863668444u64;
    /// Makes a registry with storage of its own. Clones share it.
    #[must_use]
    pub fn new() -> Self {
        Self::with_options(
            <::shadowcat_metrics::private::Options as ::core::default::Default>::default(),
        )
    }
    /// Makes a registry with storage of its own, and other limits than the default ones.
    #[must_use]
    pub fn with_options(options: ::shadowcat_metrics::private::Options) -> Self {
        Self {
            registry: ::shadowcat_metrics::private::Registry::new(
                &__shadowcat_metrics::SCHEMA,
                options,
            ),
        }
    }
    /// Makes a registry that records nothing; a call to a recorder then costs a branch.
    #[must_use]
    pub fn disabled() -> Self {
        Self {
            registry: ::shadowcat_metrics::private::Registry::disabled(
                &__shadowcat_metrics::SCHEMA,
            ),
        }
    }
    /// Copies all values as they are now, to read them back with types; for tests and summaries.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(::shadowcat_metrics::private::Snapshot::take(&self.registry))
    }
    /// Interns a value of the open label `server` and counts a reference to it, until the handle is dropped.
    ///
    /// Server, by name: größer, 購物車. Beyond 3 values at a time the overflow value is returned; what is not UTF-8 is replaced, what is too long is cut.
    #[must_use]
    pub fn server(
        &self,
        value: impl ::core::convert::AsRef<::std::ffi::OsStr>,
    ) -> labels::Server {
        labels::Server(self.registry.intern(0u32, value.as_ref()))
    }
    /// Interns a value of the open label `tenant` and counts a reference to it, until the handle is dropped.
    ///
    /// Tenant, with the overflow value that is there if none is given. Beyond 2 values at a time the overflow value is returned; what is not UTF-8 is replaced, what is too long is cut.
    #[must_use]
    pub fn tenant(
        &self,
        value: impl ::core::convert::AsRef<::std::ffi::OsStr>,
    ) -> labels::Tenant {
        labels::Tenant(self.registry.intern(1u32, value.as_ref()))
    }
    /// Interns a value of the open label `version` and counts a reference to it, until the handle is dropped.
    ///
    /// Version of the program. Beyond 1 values at a time the overflow value is returned; what is not UTF-8 is replaced, what is too long is cut.
    #[must_use]
    pub fn version(
        &self,
        value: impl ::core::convert::AsRef<::std::ffi::OsStr>,
    ) -> labels::Version {
        labels::Version(self.registry.intern(2u32, value.as_ref()))
    }
    /// Makes the recorder [`PlainRecorder`].
    ///
    /// Every kind, without labels.
    #[must_use]
    pub fn plain(&self) -> PlainRecorder {
        PlainRecorder {
            binding: ::shadowcat_metrics::private::Binding::new(&self.registry),
        }
    }
    /// Makes the recorder [`UnitsRecorder`].
    ///
    /// Every unit.
    #[must_use]
    pub fn units(&self) -> UnitsRecorder {
        UnitsRecorder {
            binding: ::shadowcat_metrics::private::Binding::new(&self.registry),
        }
    }
    /// Makes the recorder [`ClosedRecorder`].
    ///
    /// Closed labels of the group and of the metric.
    ///
    /// Labels bound to it:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    #[must_use]
    pub fn closed(&self, method: labels::Method) -> ClosedRecorder {
        ClosedRecorder {
            binding: ::shadowcat_metrics::private::Binding::new(&self.registry)
                .closed(method),
        }
    }
    /// Makes the recorder [`OpenRecorder`].
    ///
    /// Open labels of the group and of the metric, with "quotes", a \\ and a second line.
    ///
    /// Labels bound to it:
    ///
    /// - [`server`](labels::Server): at most 3 values, then `*others*`.
    #[must_use]
    pub fn open(&self, server: &labels::Server) -> OpenRecorder {
        let server = labels::Server(server.0.in_registry(&self.registry));
        OpenRecorder {
            binding: ::shadowcat_metrics::private::Binding::new(&self.registry)
                .of(33u32..40u32)
                .open(&server.0),
            _server: server,
        }
    }
    /// Makes the recorder [`KeptRecorder`].
    ///
    /// Names that are older than this file, and what became of them.
    #[must_use]
    pub fn kept(&self) -> KeptRecorder {
        KeptRecorder {
            binding: ::shadowcat_metrics::private::Binding::new(&self.registry),
        }
    }
}
impl ::core::default::Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
impl ::core::ops::Deref for Metrics {
    type Target = ::shadowcat_metrics::private::Registry;
    fn deref(&self) -> &Self::Target {
        &self.registry
    }
}
/// All values at one moment; made by [`Metrics::snapshot`].
#[derive(Clone, Debug)]
pub struct Snapshot(::shadowcat_metrics::private::Snapshot);
impl Snapshot {
    /// Reads back what [`PlainRecorder`] recorded, as [`PlainSnapshot`].
    #[must_use]
    pub fn plain(&self) -> PlainSnapshot<'_> {
        PlainSnapshot {
            binding: self.0.bind(),
        }
    }
    /// Reads back what [`UnitsRecorder`] recorded, as [`UnitsSnapshot`].
    #[must_use]
    pub fn units(&self) -> UnitsSnapshot<'_> {
        UnitsSnapshot {
            binding: self.0.bind(),
        }
    }
    /// Reads back what [`ClosedRecorder`] recorded, as [`ClosedSnapshot`].
    #[must_use]
    pub fn closed(&self, method: labels::Method) -> ClosedSnapshot<'_> {
        ClosedSnapshot {
            binding: self.0.bind().closed(method),
        }
    }
    /// Reads back what [`OpenRecorder`] recorded, as [`OpenSnapshot`].
    #[must_use]
    pub fn open(
        &self,
        server: impl ::core::convert::AsRef<::std::ffi::OsStr>,
    ) -> OpenSnapshot<'_> {
        OpenSnapshot {
            binding: self.0.bind().open(0u32, server.as_ref()),
        }
    }
    /// Reads back what [`KeptRecorder`] recorded, as [`KeptSnapshot`].
    #[must_use]
    pub fn kept(&self) -> KeptSnapshot<'_> {
        KeptSnapshot {
            binding: self.0.bind(),
        }
    }
}
/// Every kind, without labels.
///
/// Made by [`Metrics::plain`]. Keep it where the recording happens: cloning and sending it is cheap.
#[derive(Clone, Debug)]
pub struct PlainRecorder {
    binding: ::shadowcat_metrics::private::Binding,
}
impl PlainRecorder {
    /// Events seen.
    ///
    /// `all_plain_events_total`, a counter; experimental.
    #[inline]
    pub fn events(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(0u32))
    }
    /// Depth of the queue.
    ///
    /// `all_plain_depth`, a gauge; experimental.
    #[inline]
    pub fn depth(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(1u32))
    }
    /// What is active.
    ///
    /// `all_plain_active`, an up-down counter; experimental.
    #[inline]
    pub fn active(
        &self,
    ) -> ::shadowcat_metrics::private::UpDownCounter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::UpDownCounter::new(self.binding.at(2u32))
    }
    /// Scores given.
    ///
    /// `all_plain_score`, a histogram, with buckets up to 0, 0.00005, 0.005, 1, 2.5, 10; experimental.
    #[inline]
    pub fn score(
        &self,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(3u32),
            &__shadowcat_metrics::BUCKETS_LISTED_FLOATS,
        )
    }
    /// How the last one ended.
    ///
    /// `all_plain_outcome`, a state out of [`Result`](labels::Result); experimental.
    #[inline]
    pub fn outcome(&self) -> ::shadowcat_metrics::private::State<'_, labels::Result> {
        ::shadowcat_metrics::private::State::new(self.binding.at(4u32))
    }
    /// What is running.
    ///
    /// `all_plain_build_info`, an info metric; experimental.
    ///
    /// Facts:
    ///
    /// - [`version`](labels::Version): at most 1 values, then `__other__`.
    /// - [`result`](labels::Result): `none`, `self`.
    #[inline]
    pub fn build(&self) -> ::shadowcat_metrics::private::Info<'_, 2usize> {
        ::shadowcat_metrics::private::Info::new(self.binding.at(5u32))
    }
    /// Threads that there are.
    ///
    /// `all_plain_threads`, a gauge, read when scraped; experimental.
    #[inline]
    pub fn threads(
        &self,
    ) -> ::shadowcat_metrics::private::CallbackGauge<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::CallbackGauge::new(self.binding.at(6u32))
    }
    /// Events that failed.
    ///
    /// `all_plain_failures_total`, a counter; experimental.
    #[inline]
    pub fn failures(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(7u32))
    }
}
/// What [`PlainRecorder`] had recorded when the snapshot was taken.
///
/// Every kind, without labels.
#[derive(Clone, Debug)]
pub struct PlainSnapshot<'a> {
    binding: ::shadowcat_metrics::private::SnapshotBinding<'a>,
}
impl PlainSnapshot<'_> {
    /// `all_plain_events_total`: Events seen.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.binding.at(0u32).counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_plain_depth`: Depth of the queue.
    #[must_use]
    pub fn depth(&self) -> f64 {
        self.binding.at(1u32).gauge::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_plain_active`: What is active.
    #[must_use]
    pub fn active(&self) -> i64 {
        self.binding
            .at(2u32)
            .updown_counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_plain_score`: Scores given.
    #[must_use]
    pub fn score(
        &self,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Dimensionless,
    > {
        self.binding.at(3u32).histogram::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_plain_outcome`: How the last one ended.
    #[must_use]
    pub fn outcome(&self) -> ::core::option::Option<labels::Result> {
        self.binding.at(4u32).state::<labels::Result>()
    }
    /// `all_plain_build_info`: What is running.
    #[must_use]
    pub fn build(
        &self,
    ) -> ::core::option::Option<::std::vec::Vec<::std::string::String>> {
        self.binding.at(5u32).info()
    }
    /// `all_plain_threads`: Threads that there are.
    #[must_use]
    pub fn threads(&self) -> ::core::option::Option<f64> {
        self.binding
            .at(6u32)
            .callback_gauge::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_plain_failures_total`: Events that failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.binding.at(7u32).counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_plain_failure_ratio`: Share of events that failed.
    #[must_use]
    pub fn failure_ratio(&self) -> ::core::option::Option<f64> {
        self.binding.at(8u32).ratio()
    }
}
/// Every unit.
///
/// Made by [`Metrics::units`]. Keep it where the recording happens: cloning and sending it is cheap.
#[derive(Clone, Debug)]
pub struct UnitsRecorder {
    binding: ::shadowcat_metrics::private::Binding,
}
impl UnitsRecorder {
    /// Time spent.
    ///
    /// `all_units_busy_seconds_total`, a counter in seconds; experimental.
    #[inline]
    pub fn busy(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Seconds,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(9u32))
    }
    /// Age of the oldest.
    ///
    /// `all_units_age_seconds`, a gauge in seconds; experimental.
    #[inline]
    pub fn age(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<'_, ::shadowcat_metrics::private::Seconds> {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(10u32))
    }
    /// Seconds ahead, or behind.
    ///
    /// `all_units_skew_seconds`, an up-down counter in seconds; experimental.
    #[inline]
    pub fn skew(
        &self,
    ) -> ::shadowcat_metrics::private::UpDownCounter<
        '_,
        ::shadowcat_metrics::private::Seconds,
    > {
        ::shadowcat_metrics::private::UpDownCounter::new(self.binding.at(11u32))
    }
    /// Time waited.
    ///
    /// `all_units_wait_seconds`, a histogram in seconds, with buckets up to 0, 0.00005, 0.005, 1, 2.5, 10; experimental.
    #[inline]
    pub fn wait(
        &self,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Seconds,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(12u32),
            &__shadowcat_metrics::BUCKETS_LISTED_NANOSECONDS,
        )
    }
    /// Time since the start.
    ///
    /// `all_units_uptime_seconds`, a gauge in seconds, read when scraped; experimental.
    #[inline]
    pub fn uptime(
        &self,
    ) -> ::shadowcat_metrics::private::CallbackGauge<
        '_,
        ::shadowcat_metrics::private::Seconds,
    > {
        ::shadowcat_metrics::private::CallbackGauge::new(self.binding.at(13u32))
    }
    /// Data sent.
    ///
    /// `all_units_sent_bytes_total`, a counter in bytes; experimental.
    #[inline]
    pub fn sent(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<'_, ::shadowcat_metrics::private::Bytes> {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(14u32))
    }
    /// Memory used.
    ///
    /// `all_units_used_bytes`, a gauge in bytes; experimental.
    #[inline]
    pub fn used(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<'_, ::shadowcat_metrics::private::Bytes> {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(15u32))
    }
    /// Data held.
    ///
    /// `all_units_held_bytes`, an up-down counter in bytes; experimental.
    #[inline]
    pub fn held(
        &self,
    ) -> ::shadowcat_metrics::private::UpDownCounter<
        '_,
        ::shadowcat_metrics::private::Bytes,
    > {
        ::shadowcat_metrics::private::UpDownCounter::new(self.binding.at(16u32))
    }
    /// Size of a message.
    ///
    /// `all_units_size_bytes`, a histogram in bytes, with buckets up to 64, 256, 1024, 4096; experimental.
    #[inline]
    pub fn size(
        &self,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Bytes,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(17u32),
            &__shadowcat_metrics::BUCKETS_RISING_INTEGERS,
        )
    }
    /// Memory left.
    ///
    /// `all_units_free_bytes`, a gauge in bytes, read when scraped; experimental.
    #[inline]
    pub fn free(
        &self,
    ) -> ::shadowcat_metrics::private::CallbackGauge<
        '_,
        ::shadowcat_metrics::private::Bytes,
    > {
        ::shadowcat_metrics::private::CallbackGauge::new(self.binding.at(18u32))
    }
    /// Share that is filled.
    ///
    /// `all_units_filled_ratio`, a gauge from 0 to 1; experimental.
    #[inline]
    pub fn filled(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<'_, ::shadowcat_metrics::private::Ratio> {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(19u32))
    }
    /// Share that was busy.
    ///
    /// `all_units_load_ratio`, a histogram from 0 to 1, with buckets up to 0.25, 0.5, 0.75, 1; experimental.
    #[inline]
    pub fn load(
        &self,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Ratio,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(20u32),
            &__shadowcat_metrics::BUCKETS_EVEN_FLOATS,
        )
    }
    /// Temperature of the room.
    ///
    /// `all_units_room_celsius`, a gauge in celsius; experimental.
    #[inline]
    pub fn room(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<'_, ::shadowcat_metrics::private::Celsius> {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(22u32))
    }
    /// Way gone.
    ///
    /// `all_units_way_meters_total`, a counter in meters; experimental.
    #[inline]
    pub fn way(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Meters,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(23u32))
    }
    /// Voltage of the supply.
    ///
    /// `all_units_supply_volts`, a gauge in volts; experimental.
    #[inline]
    pub fn supply(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<'_, ::shadowcat_metrics::private::Volts> {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(24u32))
    }
    /// Current drawn.
    ///
    /// `all_units_draw_amperes`, an up-down counter in amperes; experimental.
    #[inline]
    pub fn draw(
        &self,
    ) -> ::shadowcat_metrics::private::UpDownCounter<
        '_,
        ::shadowcat_metrics::private::Amperes,
    > {
        ::shadowcat_metrics::private::UpDownCounter::new(self.binding.at(25u32))
    }
    /// Energy used.
    ///
    /// `all_units_work_joules_total`, a counter in joules; experimental.
    #[inline]
    pub fn work(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Joules,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(26u32))
    }
    /// Power drawn.
    ///
    /// `all_units_power_watts`, a histogram in watts, with buckets up to 0.1, 1, 10; experimental.
    #[inline]
    pub fn power(
        &self,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Watts,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(27u32),
            &__shadowcat_metrics::BUCKETS_3_FLOATS,
        )
    }
    /// Weight of a parcel.
    ///
    /// `all_units_parcel_grams`, a histogram in grams, with buckets up to 500, 1000, 20000, 1000000; experimental.
    #[inline]
    pub fn parcel(
        &self,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Grams,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(28u32),
            &__shadowcat_metrics::BUCKETS_4_FLOATS,
        )
    }
    /// Frequency of the clock, whose name has the unit already.
    ///
    /// `all_units_clock_hertz`, a gauge in hertz; experimental.
    #[inline]
    pub fn clock_hertz(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<'_, ::shadowcat_metrics::private::Hertz> {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(29u32))
    }
}
/// What [`UnitsRecorder`] had recorded when the snapshot was taken.
///
/// Every unit.
#[derive(Clone, Debug)]
pub struct UnitsSnapshot<'a> {
    binding: ::shadowcat_metrics::private::SnapshotBinding<'a>,
}
impl UnitsSnapshot<'_> {
    /// `all_units_busy_seconds_total`: Time spent.
    #[must_use]
    pub fn busy(&self) -> ::core::time::Duration {
        self.binding.at(9u32).counter::<::shadowcat_metrics::private::Seconds>()
    }
    /// `all_units_age_seconds`: Age of the oldest.
    #[must_use]
    pub fn age(&self) -> ::core::time::Duration {
        self.binding.at(10u32).gauge::<::shadowcat_metrics::private::Seconds>()
    }
    /// `all_units_skew_seconds`: Seconds ahead, or behind.
    #[must_use]
    pub fn skew(&self) -> f64 {
        self.binding.at(11u32).updown_counter::<::shadowcat_metrics::private::Seconds>()
    }
    /// `all_units_wait_seconds`: Time waited.
    #[must_use]
    pub fn wait(
        &self,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Seconds,
    > {
        self.binding.at(12u32).histogram::<::shadowcat_metrics::private::Seconds>()
    }
    /// `all_units_uptime_seconds`: Time since the start.
    #[must_use]
    pub fn uptime(&self) -> ::core::option::Option<::core::time::Duration> {
        self.binding.at(13u32).callback_gauge::<::shadowcat_metrics::private::Seconds>()
    }
    /// `all_units_sent_bytes_total`: Data sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.binding.at(14u32).counter::<::shadowcat_metrics::private::Bytes>()
    }
    /// `all_units_used_bytes`: Memory used.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.binding.at(15u32).gauge::<::shadowcat_metrics::private::Bytes>()
    }
    /// `all_units_held_bytes`: Data held.
    #[must_use]
    pub fn held(&self) -> i64 {
        self.binding.at(16u32).updown_counter::<::shadowcat_metrics::private::Bytes>()
    }
    /// `all_units_size_bytes`: Size of a message.
    #[must_use]
    pub fn size(
        &self,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Bytes,
    > {
        self.binding.at(17u32).histogram::<::shadowcat_metrics::private::Bytes>()
    }
    /// `all_units_free_bytes`: Memory left.
    #[must_use]
    pub fn free(&self) -> ::core::option::Option<u64> {
        self.binding.at(18u32).callback_gauge::<::shadowcat_metrics::private::Bytes>()
    }
    /// `all_units_filled_ratio`: Share that is filled.
    #[must_use]
    pub fn filled(&self) -> f64 {
        self.binding.at(19u32).gauge::<::shadowcat_metrics::private::Ratio>()
    }
    /// `all_units_load_ratio`: Share that was busy.
    #[must_use]
    pub fn load(
        &self,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Ratio,
    > {
        self.binding.at(20u32).histogram::<::shadowcat_metrics::private::Ratio>()
    }
    /// `all_units_used_ratio`: Share of what is held that is used.
    #[must_use]
    pub fn used_ratio(&self) -> ::core::option::Option<f64> {
        self.binding.at(21u32).ratio()
    }
    /// `all_units_room_celsius`: Temperature of the room.
    #[must_use]
    pub fn room(&self) -> f64 {
        self.binding.at(22u32).gauge::<::shadowcat_metrics::private::Celsius>()
    }
    /// `all_units_way_meters_total`: Way gone.
    #[must_use]
    pub fn way(&self) -> f64 {
        self.binding.at(23u32).counter::<::shadowcat_metrics::private::Meters>()
    }
    /// `all_units_supply_volts`: Voltage of the supply.
    #[must_use]
    pub fn supply(&self) -> f64 {
        self.binding.at(24u32).gauge::<::shadowcat_metrics::private::Volts>()
    }
    /// `all_units_draw_amperes`: Current drawn.
    #[must_use]
    pub fn draw(&self) -> f64 {
        self.binding.at(25u32).updown_counter::<::shadowcat_metrics::private::Amperes>()
    }
    /// `all_units_work_joules_total`: Energy used.
    #[must_use]
    pub fn work(&self) -> f64 {
        self.binding.at(26u32).counter::<::shadowcat_metrics::private::Joules>()
    }
    /// `all_units_power_watts`: Power drawn.
    #[must_use]
    pub fn power(
        &self,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Watts,
    > {
        self.binding.at(27u32).histogram::<::shadowcat_metrics::private::Watts>()
    }
    /// `all_units_parcel_grams`: Weight of a parcel.
    #[must_use]
    pub fn parcel(
        &self,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Grams,
    > {
        self.binding.at(28u32).histogram::<::shadowcat_metrics::private::Grams>()
    }
    /// `all_units_clock_hertz`: Frequency of the clock, whose name has the unit already.
    #[must_use]
    pub fn clock_hertz(&self) -> f64 {
        self.binding.at(29u32).gauge::<::shadowcat_metrics::private::Hertz>()
    }
}
/// Closed labels of the group and of the metric.
///
/// Its labels are bound once:
///
/// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
///
/// Made by [`Metrics::closed`]. Keep it where the recording happens: cloning and sending it is cheap.
#[derive(Clone, Debug)]
pub struct ClosedRecorder {
    binding: ::shadowcat_metrics::private::Binding,
}
impl ClosedRecorder {
    /// Answers given.
    ///
    /// `all_closed_answers_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    pub fn answers(
        &self,
        status: labels::Status,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(30u32).closed(status))
    }
    /// Requests without an answer.
    ///
    /// `all_closed_pending`, an up-down counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    #[inline]
    pub fn pending(
        &self,
    ) -> ::shadowcat_metrics::private::UpDownCounter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::UpDownCounter::new(self.binding.at(31u32))
    }
    /// Time until the answer.
    ///
    /// `all_closed_duration_seconds`, a histogram in seconds, with buckets up to 0.1, 1; experimental.
    ///
    /// Labels:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    /// - [`result`](labels::Result): `none`, `self`.
    /// - [`option`](labels::Option): `größe 購物車 x`, <code>say&#32;&#34;hi&#34;&#92;\n</code>.
    #[inline]
    pub fn duration(
        &self,
        result: labels::Result,
        option: labels::Option,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Seconds,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(32u32).closed(result).closed(option),
            &__shadowcat_metrics::BUCKETS_5_NANOSECONDS,
        )
    }
}
/// What [`ClosedRecorder`] had recorded when the snapshot was taken.
///
/// Closed labels of the group and of the metric.
#[derive(Clone, Debug)]
pub struct ClosedSnapshot<'a> {
    binding: ::shadowcat_metrics::private::SnapshotBinding<'a>,
}
impl ClosedSnapshot<'_> {
    /// `all_closed_answers_total`: Answers given.
    #[must_use]
    pub fn answers(&self, status: labels::Status) -> u64 {
        self.binding
            .at(30u32)
            .closed(status)
            .counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_closed_pending`: Requests without an answer.
    #[must_use]
    pub fn pending(&self) -> i64 {
        self.binding
            .at(31u32)
            .updown_counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_closed_duration_seconds`: Time until the answer.
    #[must_use]
    pub fn duration(
        &self,
        result: labels::Result,
        option: labels::Option,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Seconds,
    > {
        self.binding
            .at(32u32)
            .closed(result)
            .closed(option)
            .histogram::<::shadowcat_metrics::private::Seconds>()
    }
}
/// Open labels of the group and of the metric, with "quotes", a \\ and a second line.
///
/// Its labels are bound once:
///
/// - [`server`](labels::Server): at most 3 values, then `*others*`.
///
/// Made by [`Metrics::open`]. Keep it where the recording happens: cloning and sending it is cheap.
#[derive(Clone, Debug)]
pub struct OpenRecorder {
    binding: ::shadowcat_metrics::private::Binding,
    _server: labels::Server,
}
impl OpenRecorder {
    /// Calls made, with "quotes", a \\ and a second line.
    ///
    /// `all_open_calls_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values, then `*others*`.
    #[inline]
    pub fn calls(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(33u32))
    }
    /// Calls that failed.
    ///
    /// `all_open_errors_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values, then `*others*`.
    /// - [`tenant`](labels::Tenant): at most 2 values, then `__other__`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    pub fn errors<'a>(
        &'a self,
        tenant: &'a labels::Tenant,
        status: labels::Status,
    ) -> ::shadowcat_metrics::private::Counter<
        'a,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(
            self.binding.at(37u32).open(&tenant.0).closed(status),
        )
    }
    /// Class of the last answer.
    ///
    /// `all_open_health`, a state out of [`Status`](labels::Status); experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values, then `*others*`.
    #[inline]
    pub fn health(&self) -> ::shadowcat_metrics::private::State<'_, labels::Status> {
        ::shadowcat_metrics::private::State::new(self.binding.at(49u32))
    }
    /// What the server runs.
    ///
    /// `all_open_software_info`, an info metric; experimental.
    ///
    /// Facts:
    ///
    /// - [`version`](labels::Version): at most 1 values, then `__other__`.
    #[inline]
    pub fn software(&self) -> ::shadowcat_metrics::private::Info<'_, 1usize> {
        ::shadowcat_metrics::private::Info::new(self.binding.at(53u32))
    }
    /// Calls that wait.
    ///
    /// `all_open_queue`, a gauge, read when scraped; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values, then `*others*`.
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    #[inline]
    pub fn queue(
        &self,
        method: labels::Method,
    ) -> ::shadowcat_metrics::private::CallbackGauge<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::CallbackGauge::new(
            self.binding.at(57u32).closed(method),
        )
    }
    /// Calls without an answer.
    ///
    /// `all_open_lost_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values, then `*others*`.
    #[inline]
    pub fn lost(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(61u32))
    }
}
/// What [`OpenRecorder`] had recorded when the snapshot was taken.
///
/// Open labels of the group and of the metric, with "quotes", a \\ and a second line.
#[derive(Clone, Debug)]
pub struct OpenSnapshot<'a> {
    binding: ::shadowcat_metrics::private::SnapshotBinding<'a>,
}
impl OpenSnapshot<'_> {
    /// `all_open_calls_total`: Calls made, with "quotes", a \\ and a second line.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.binding.at(33u32).counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_open_errors_total`: Calls that failed.
    #[must_use]
    pub fn errors(
        &self,
        tenant: impl ::core::convert::AsRef<::std::ffi::OsStr>,
        status: labels::Status,
    ) -> u64 {
        self.binding
            .at(37u32)
            .open(1u32, tenant.as_ref())
            .closed(status)
            .counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_open_health`: Class of the last answer.
    #[must_use]
    pub fn health(&self) -> ::core::option::Option<labels::Status> {
        self.binding.at(49u32).state::<labels::Status>()
    }
    /// `all_open_software_info`: What the server runs.
    #[must_use]
    pub fn software(
        &self,
    ) -> ::core::option::Option<::std::vec::Vec<::std::string::String>> {
        self.binding.at(53u32).info()
    }
    /// `all_open_queue`: Calls that wait.
    #[must_use]
    pub fn queue(&self, method: labels::Method) -> ::core::option::Option<f64> {
        self.binding
            .at(57u32)
            .closed(method)
            .callback_gauge::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_open_lost_total`: Calls without an answer.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.binding.at(61u32).counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_open_loss_ratio`: Share of calls without an answer.
    #[must_use]
    pub fn loss_ratio(&self) -> ::core::option::Option<f64> {
        self.binding.at(65u32).ratio()
    }
}
/// Names that are older than this file, and what became of them.
///
/// Made by [`Metrics::kept`]. Keep it where the recording happens: cloning and sending it is cheap.
#[derive(Clone, Debug)]
pub struct KeptRecorder {
    binding: ::shadowcat_metrics::private::Binding,
}
impl KeptRecorder {
    /// Operations, under the name that they always had.
    ///
    /// `legacy_operations_total`, a counter; stable since 0.1.0.
    #[inline]
    pub fn exact(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(69u32))
    }
    /// Memory, under a name that does not tell its unit.
    ///
    /// `legacy_memory`, a gauge in bytes; experimental.
    #[inline]
    pub fn bare(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<'_, ::shadowcat_metrics::private::Bytes> {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(70u32))
    }
    /// Operations, counted as it was once done.
    ///
    /// `all_kept_old_total`, a counter; deprecated.
    #[deprecated(since = "0.2.0", note = "use `kept.exact`: It counted retries twice.")]
    #[inline]
    pub fn old(
        &self,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(71u32))
    }
    /// Operations, as a gauge.
    ///
    /// `all_kept_older`, a gauge; deprecated.
    #[deprecated(note = "this is removed in 99.0.0: Nobody reads it.")]
    #[inline]
    pub fn older(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(72u32))
    }
    /// A metric that repeats its group.
    ///
    /// `all_kept_kept_alive`, a gauge; experimental.
    #[inline]
    pub fn kept_alive(
        &self,
    ) -> ::shadowcat_metrics::private::Gauge<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Gauge::new(self.binding.at(73u32))
    }
    /// Operations, by how they ended.
    ///
    /// `all_kept_results_total`, a counter; stable since 0.2.0; exposed as `legacy_results_total` too, until 99.0.0.
    ///
    /// Labels:
    ///
    /// - [`ending`](labels::Ending): `ok`, `failed`, `unknown`.
    #[inline]
    pub fn results(
        &self,
        ending: labels::Ending,
    ) -> ::shadowcat_metrics::private::Counter<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::Counter::new(self.binding.at(74u32).closed(ending))
    }
    /// Time that operations took.
    ///
    /// `all_kept_took_seconds`, a histogram in seconds, with buckets up to 0.1, 1; experimental; exposed as `legacy_latency_seconds` too, until 99.0.0.
    ///
    /// Labels:
    ///
    /// - [`ending`](labels::Ending): `ok`, `failed`, `unknown`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    pub fn took(
        &self,
        ending: labels::Ending,
        status: labels::Status,
    ) -> ::shadowcat_metrics::private::Histogram<
        '_,
        ::shadowcat_metrics::private::Seconds,
    > {
        ::shadowcat_metrics::private::Histogram::new(
            self.binding.at(75u32).closed(ending).closed(status),
            &__shadowcat_metrics::BUCKETS_6_NANOSECONDS,
        )
    }
    /// How the last operation ended.
    ///
    /// `all_kept_last`, a state out of [`Ending`](labels::Ending); experimental; exposed as `legacy_last` too, until 99.0.0.
    #[inline]
    pub fn last(&self) -> ::shadowcat_metrics::private::State<'_, labels::Ending> {
        ::shadowcat_metrics::private::State::new(self.binding.at(76u32))
    }
    /// Operations that wait.
    ///
    /// `all_kept_waiting`, a gauge, read when scraped; experimental.
    ///
    /// Labels:
    ///
    /// - [`ending`](labels::Ending): `ok`, `failed`, `unknown`.
    #[inline]
    pub fn waiting(
        &self,
        ending: labels::Ending,
    ) -> ::shadowcat_metrics::private::CallbackGauge<
        '_,
        ::shadowcat_metrics::private::Dimensionless,
    > {
        ::shadowcat_metrics::private::CallbackGauge::new(
            self.binding.at(77u32).closed(ending),
        )
    }
    /// What runs.
    ///
    /// `all_kept_software_info`, an info metric; experimental; exposed as `legacy_software_info` too, until 99.0.0.
    ///
    /// Facts:
    ///
    /// - [`version`](labels::Version): at most 1 values, then `__other__`.
    #[inline]
    pub fn software(&self) -> ::shadowcat_metrics::private::Info<'_, 1usize> {
        ::shadowcat_metrics::private::Info::new(self.binding.at(79u32))
    }
}
/// What [`KeptRecorder`] had recorded when the snapshot was taken.
///
/// Names that are older than this file, and what became of them.
#[derive(Clone, Debug)]
pub struct KeptSnapshot<'a> {
    binding: ::shadowcat_metrics::private::SnapshotBinding<'a>,
}
impl KeptSnapshot<'_> {
    /// `legacy_operations_total`: Operations, under the name that they always had.
    #[must_use]
    pub fn exact(&self) -> u64 {
        self.binding.at(69u32).counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `legacy_memory`: Memory, under a name that does not tell its unit.
    #[must_use]
    pub fn bare(&self) -> u64 {
        self.binding.at(70u32).gauge::<::shadowcat_metrics::private::Bytes>()
    }
    /// `all_kept_old_total`: Operations, counted as it was once done.
    #[must_use]
    pub fn old(&self) -> u64 {
        self.binding.at(71u32).counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_kept_older`: Operations, as a gauge.
    #[must_use]
    pub fn older(&self) -> f64 {
        self.binding.at(72u32).gauge::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_kept_kept_alive`: A metric that repeats its group.
    #[must_use]
    pub fn kept_alive(&self) -> f64 {
        self.binding.at(73u32).gauge::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_kept_results_total`: Operations, by how they ended.
    #[must_use]
    pub fn results(&self, ending: labels::Ending) -> u64 {
        self.binding
            .at(74u32)
            .closed(ending)
            .counter::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_kept_took_seconds`: Time that operations took.
    #[must_use]
    pub fn took(
        &self,
        ending: labels::Ending,
        status: labels::Status,
    ) -> ::shadowcat_metrics::private::HistogramValue<
        ::shadowcat_metrics::private::Seconds,
    > {
        self.binding
            .at(75u32)
            .closed(ending)
            .closed(status)
            .histogram::<::shadowcat_metrics::private::Seconds>()
    }
    /// `all_kept_last`: How the last operation ended.
    #[must_use]
    pub fn last(&self) -> ::core::option::Option<labels::Ending> {
        self.binding.at(76u32).state::<labels::Ending>()
    }
    /// `all_kept_waiting`: Operations that wait.
    #[must_use]
    pub fn waiting(&self, ending: labels::Ending) -> ::core::option::Option<f64> {
        self.binding
            .at(77u32)
            .closed(ending)
            .callback_gauge::<::shadowcat_metrics::private::Dimensionless>()
    }
    /// `all_kept_share_ratio`: Share of results that are results.
    #[must_use]
    pub fn share(&self, ending: labels::Ending) -> ::core::option::Option<f64> {
        self.binding.at(78u32).closed(ending).ratio()
    }
    /// `all_kept_software_info`: What runs.
    #[must_use]
    pub fn software(
        &self,
    ) -> ::core::option::Option<::std::vec::Vec<::std::string::String>> {
        self.binding.at(79u32).info()
    }
}
