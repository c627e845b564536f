// Recorders of everything.toml, made by the test `golden`. Do not edit.

use ::shadowcat_metrics::private as __rt;
#[doc(hidden)]
mod __shadowcat_metrics {
    use ::shadowcat_metrics::private as __rt;
    static LABEL_METHOD: __rt::Label = __rt::Label {
        name: "method",
        otel_name: "method",
        values: __rt::Values::Closed(&["tools/list", "tools/call", "other"]),
        choices: 3,
        optional: false,
        former: &[],
    };
    static LABEL_STATUS: __rt::Label = __rt::Label {
        name: "status",
        otel_name: "status",
        values: __rt::Values::Closed(&["2xx", "4xx", "5xx"]),
        choices: 3,
        optional: false,
        former: &[],
    };
    static LABEL_RESULT: __rt::Label = __rt::Label {
        name: "result",
        otel_name: "result",
        values: __rt::Values::Closed(&["none", "self"]),
        choices: 2,
        optional: false,
        former: &[],
    };
    static LABEL_OPTION: __rt::Label = __rt::Label {
        name: "option",
        otel_name: "option",
        values: __rt::Values::Closed(&["größe 購物車 x", "say \"hi\"\\\n"]),
        choices: 2,
        optional: false,
        former: &[],
    };
    static LABEL_ENDING: __rt::Label = __rt::Label {
        name: "ending",
        otel_name: "ending",
        values: __rt::Values::Closed(&["ok", "failed", "unknown"]),
        choices: 3,
        optional: false,
        former: &[
            __rt::Former {
                position: 0,
                value: "success",
            },
            __rt::Former {
                position: 1,
                value: "failure",
            },
        ],
    };
    static LABEL_STAGE: __rt::Label = __rt::Label {
        name: "work_stage",
        otel_name: "work_stage",
        values: __rt::Values::Closed(&["draft", "sketch", "other"]),
        choices: 3,
        optional: false,
        former: &[],
    };
    static LABEL_SERVER: __rt::Label = __rt::Label {
        name: "server",
        otel_name: "server",
        values: __rt::Values::Open {
            index: 0,
            max: 3,
            overflow: "*others*",
        },
        choices: 4,
        optional: false,
        former: &[],
    };
    static LABEL_TENANT: __rt::Label = __rt::Label {
        name: "tenant",
        otel_name: "tenant",
        values: __rt::Values::Open {
            index: 1,
            max: 2,
            overflow: "__other__",
        },
        choices: 3,
        optional: false,
        former: &[],
    };
    static LABEL_VERSION: __rt::Label = __rt::Label {
        name: "version",
        otel_name: "version",
        values: __rt::Values::Open {
            index: 2,
            max: 1,
            overflow: "__other__",
        },
        choices: 2,
        optional: false,
        former: &[],
    };
    static LABEL_SPARE: __rt::Label = __rt::Label {
        name: "spare",
        otel_name: "spare",
        values: __rt::Values::Closed(&["unused"]),
        choices: 1,
        optional: false,
        former: &[],
    };
    static OWN_LABEL_LABEL: __rt::Label = __rt::Label {
        name: "label",
        otel_name: "label",
        values: __rt::Values::Closed(&["server", "tenant", "version"]),
        choices: 3,
        optional: false,
        former: &[],
    };
    static OWN_LABEL_METRIC: __rt::Label = __rt::Label {
        name: "metric",
        otel_name: "metric",
        values: __rt::Values::Closed(
            &[
                "all_plain_depth",
                "all_plain_score",
                "all_plain_threads",
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
                "all_open_queue",
                "all_sum_effort",
                "all_kept_older",
                "all_kept_kept_alive",
                "all_kept_waiting",
            ],
        ),
        choices: 19,
        optional: false,
        former: &[],
    };
    static OPTIONAL_TENANT: __rt::Label = __rt::Label {
        name: "tenant",
        otel_name: "tenant",
        values: __rt::Values::Open {
            index: 1,
            max: 2,
            overflow: "__other__",
        },
        choices: 4,
        optional: true,
        former: &[],
    };
    static OPTIONAL_STATUS: __rt::Label = __rt::Label {
        name: "status",
        otel_name: "status",
        values: __rt::Values::Closed(&["2xx", "4xx", "5xx"]),
        choices: 4,
        optional: true,
        former: &[],
    };
    static OPTIONAL_SERVER: __rt::Label = __rt::Label {
        name: "server",
        otel_name: "server",
        values: __rt::Values::Open {
            index: 0,
            max: 3,
            overflow: "*others*",
        },
        choices: 5,
        optional: true,
        former: &[],
    };
    static SOME_STAGE_15: __rt::Label = __rt::Label {
        name: "work_stage",
        otel_name: "work_stage",
        values: __rt::Values::Closed(&["draft"]),
        choices: 1,
        optional: false,
        former: &[],
    };
    static SOME_STAGE_16: __rt::Label = __rt::Label {
        name: "work_stage",
        otel_name: "work_stage",
        values: __rt::Values::Closed(&["sketch"]),
        choices: 1,
        optional: false,
        former: &[],
    };
    static SOME_ENDING_17: __rt::Label = __rt::Label {
        name: "ending",
        otel_name: "ending",
        values: __rt::Values::Closed(&["ok", "unknown"]),
        choices: 2,
        optional: false,
        former: &[
            __rt::Former {
                position: 0,
                value: "success",
            },
        ],
    };
    static SOME_ENDING_18: __rt::Label = __rt::Label {
        name: "ending",
        otel_name: "ending",
        values: __rt::Values::Closed(&["failed"]),
        choices: 1,
        optional: false,
        former: &[
            __rt::Former {
                position: 0,
                value: "failure",
            },
        ],
    };
    static SOME_STAGE_19: __rt::Label = __rt::Label {
        name: "work_stage",
        otel_name: "work_stage",
        values: __rt::Values::Closed(&["other"]),
        choices: 1,
        optional: false,
        former: &[],
    };
    pub(super) static BUCKETS_LISTED_FLOATS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::floats([0.0, 5e-5, 0.005, 1.0, 2.5, 10.0]) },
        &["0.0", "5e-05", "0.005", "1.0", "2.5", "10.0"],
    );
    pub(super) static BUCKETS_LISTED_NANOSECONDS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::nanoseconds([0.0, 5e-5, 0.005, 1.0, 2.5, 10.0]) },
        &["0.0", "5e-05", "0.005", "1.0", "2.5", "10.0"],
    );
    pub(super) static NATIVE_2: __rt::Native = __rt::Native {
        schema: 1,
        zero_threshold: 0.0009765625,
        first: -19,
        keys: &[
            976562, 1000000, 1381067, 1953125, 2762135, 3906250, 5524271, 7812500,
            11048543, 15625000, 22097086, 31250000, 44194173, 62500000, 88388347,
            100000000, 125000000, 176776695, 250000000, 353553390, 500000000, 707106781,
            1000000000,
        ],
        classic: b"\x00\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x02\x02\x02\x02\x02\x02\x02\x03",
        native: &[
            0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, 15, 16, 17, 18, 19,
            20, 20,
        ],
        shift: 49,
        base: 8341,
        slots: &[
            0, 0, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7,
            8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12, 13,
            13, 13, 13, 14, 14, 14, 14, 15, 16, 16, 16, 17, 17, 17, 17, 18, 18, 18, 18,
            19, 19, 19, 19, 20, 20, 20, 20, 21, 21, 21, 21, 22, 22, 22, 22, 22,
        ],
        widest: 1,
    };
    pub(super) static BUCKETS_FINE_NANOSECONDS_2: __rt::Buckets = __rt::Buckets::new(
            const { &__rt::BucketTable::nanoseconds([0.001, 0.1, 1.0]) },
            &["0.001", "0.1", "1.0"],
        )
        .with_native(&NATIVE_2);
    pub(super) static BUCKETS_RISING_INTEGERS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::integers([64.0, 256.0, 1024.0, 4096.0]) },
        &["64.0", "256.0", "1024.0", "4096.0"],
    );
    pub(super) static BUCKETS_EVEN_FLOATS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::floats([0.25, 0.5, 0.75, 1.0]) },
        &["0.25", "0.5", "0.75", "1.0"],
    );
    pub(super) static NATIVE_5: __rt::Native = __rt::Native {
        schema: 0,
        zero_threshold: 0.0625,
        first: -3,
        keys: &[
            4589168020290535424, 4591870180066957722, 4593671619917905920,
            4598175219545276416, 4602678819172646912, 4607182418800017408,
            4611686018427387904, 4616189618054758400, 4620693217682128896,
            4621819117588971520, 4625196817309499392, 4629700416936869888,
            4634204016564240384, 4638707616191610880, 4643211215818981376,
            4647714815446351872, 4652218415073722368,
        ],
        classic: b"\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02\x03\x03\x03\x03\x03\x03\x03\x03",
        native: &[0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13, 14, 14],
        shift: 50,
        base: 4075,
        slots: &[
            0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7,
            8, 8, 8, 8, 9, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13,
            14, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16,
        ],
        widest: 1,
    };
    pub(super) static BUCKETS_4_FLOATS_5: __rt::Buckets = __rt::Buckets::new(
            const { &__rt::BucketTable::floats([0.1, 1.0, 10.0]) },
            &["0.1", "1.0", "10.0"],
        )
        .with_native(&NATIVE_5);
    pub(super) static BUCKETS_5_FLOATS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::floats([500.0, 1000.0, 20000.0, 1000000.0]) },
        &["500.0", "1000.0", "20000.0", "1e+06"],
    );
    pub(super) static BUCKETS_6_NANOSECONDS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::nanoseconds([0.1, 1.0]) },
        &["0.1", "1.0"],
    );
    pub(super) static BUCKETS_7_FLOATS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::floats([1.0, 10.0, 100.0]) },
        &["1.0", "10.0", "100.0"],
    );
    pub(super) static BUCKETS_8_NANOSECONDS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::nanoseconds([1.0]) },
        &["1.0"],
    );
    pub(super) static BUCKETS_9_NANOSECONDS: __rt::Buckets = __rt::Buckets::new(
        const { &__rt::BucketTable::nanoseconds([0.1, 1.0]) },
        &["0.1", "1.0"],
    );
    pub(super) static SCHEMA: __rt::Schema = __rt::Schema {
        namespace: "all",
        families: &[
            __rt::Family {
                name: "all_plain_events_total",
                help: "Events seen.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.plain.events",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 0,
                slabs: 1,
                series: 1,
                fixed: 1,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_plain_events_total Events seen.\n# TYPE all_plain_events_total counter\n",
                open_metrics_metadata: "# TYPE all_plain_events counter\n# HELP all_plain_events Events seen.\n",
                sample_names: &["all_plain_events_total"],
                created: __rt::Some("all_plain_events_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_depth",
                help: "Depth of the queue.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.plain.depth",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 1,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(0),
                text_metadata: "# HELP all_plain_depth Depth of the queue.\n# TYPE all_plain_depth gauge\n",
                open_metrics_metadata: "# TYPE all_plain_depth gauge\n# HELP all_plain_depth Depth of the queue.\n",
                sample_names: &["all_plain_depth"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_active",
                help: "Active workers.",
                kind: __rt::Kind::UpDownCounter,
                encoding: __rt::Encoding::Signed,
                unit: "",
                otel_name: "all.plain.active",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 2,
                slabs: 1,
                series: 1,
                fixed: 2,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_plain_active Active workers.\n# TYPE all_plain_active gauge\n",
                open_metrics_metadata: "# TYPE all_plain_active gauge\n# HELP all_plain_active Active workers.\n",
                sample_names: &["all_plain_active"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_score",
                help: "Scores of finished games.",
                kind: __rt::Kind::Histogram(&BUCKETS_LISTED_FLOATS),
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.plain.score",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 3,
                slabs: 1,
                series: 1,
                fixed: 3,
                rejected_index: __rt::Some(1),
                text_metadata: "# HELP all_plain_score Scores of finished games.\n# TYPE all_plain_score histogram\n",
                open_metrics_metadata: "# TYPE all_plain_score histogram\n# HELP all_plain_score Scores of finished games.\n",
                sample_names: &[
                    "all_plain_score_bucket",
                    "all_plain_score_sum",
                    "all_plain_score_count",
                ],
                created: __rt::Some("all_plain_score_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_outcome",
                help: "How the last operation ended.",
                kind: __rt::Kind::State(&LABEL_RESULT),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.plain.outcome",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 4,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_plain_outcome How the last operation ended.\n# TYPE all_plain_outcome gauge\n",
                open_metrics_metadata: "# TYPE all_plain_outcome stateset\n# HELP all_plain_outcome How the last operation ended.\n",
                sample_names: &["all_plain_outcome"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_build_info",
                help: "Version of the running program.",
                kind: __rt::Kind::Info(&["version", "result"]),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.plain.build.info",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 5,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_plain_build_info Version of the running program.\n# TYPE all_plain_build_info gauge\n",
                open_metrics_metadata: "# TYPE all_plain_build info\n# HELP all_plain_build Version of the running program.\n",
                sample_names: &["all_plain_build_info"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_threads",
                help: "Threads of the program.",
                kind: __rt::Kind::CallbackGauge,
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.plain.threads",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 6,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(2),
                text_metadata: "# HELP all_plain_threads Threads of the program.\n# TYPE all_plain_threads gauge\n",
                open_metrics_metadata: "# TYPE all_plain_threads gauge\n# HELP all_plain_threads Threads of the program.\n",
                sample_names: &["all_plain_threads"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_failures_total",
                help: "Events that failed.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.plain.failures",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 7,
                slabs: 1,
                series: 1,
                fixed: 11,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_plain_failures_total Events that failed.\n# TYPE all_plain_failures_total counter\n",
                open_metrics_metadata: "# TYPE all_plain_failures counter\n# HELP all_plain_failures Events that failed.\n",
                sample_names: &["all_plain_failures_total"],
                created: __rt::Some("all_plain_failures_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_plain_failure_ratio",
                help: "Share of events that failed.",
                kind: __rt::Kind::Ratio {
                    numerator: &[7],
                    denominator: &[0, 7],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.plain.failure_ratio",
                otel_unit: "1",
                labels: &[],
                continues: false,
                first_slab: 8,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_plain_failure_ratio Share of events that failed.\n# TYPE all_plain_failure_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_plain_failure_ratio gauge\n# UNIT all_plain_failure_ratio ratio\n# HELP all_plain_failure_ratio Share of events that failed.\n",
                sample_names: &["all_plain_failure_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_busy_seconds_total",
                help: "Time spent working.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.units.busy",
                otel_unit: "s",
                labels: &[],
                continues: false,
                first_slab: 9,
                slabs: 1,
                series: 1,
                fixed: 12,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_busy_seconds_total Time spent working.\n# TYPE all_units_busy_seconds_total counter\n",
                open_metrics_metadata: "# TYPE all_units_busy_seconds counter\n# UNIT all_units_busy_seconds seconds\n# HELP all_units_busy_seconds Time spent working.\n",
                sample_names: &["all_units_busy_seconds_total"],
                created: __rt::Some("all_units_busy_seconds_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_age_seconds",
                help: "Age of the oldest message.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.units.age",
                otel_unit: "s",
                labels: &[],
                continues: false,
                first_slab: 10,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_age_seconds Age of the oldest message.\n# TYPE all_units_age_seconds gauge\n",
                open_metrics_metadata: "# TYPE all_units_age_seconds gauge\n# UNIT all_units_age_seconds seconds\n# HELP all_units_age_seconds Age of the oldest message.\n",
                sample_names: &["all_units_age_seconds"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_skew_seconds",
                help: "Time by which the clock is ahead; negative if it is behind.",
                kind: __rt::Kind::UpDownCounter,
                encoding: __rt::Encoding::Float,
                unit: "seconds",
                otel_name: "all.units.skew",
                otel_unit: "s",
                labels: &[],
                continues: false,
                first_slab: 11,
                slabs: 1,
                series: 1,
                fixed: 13,
                rejected_index: __rt::Some(3),
                text_metadata: "# HELP all_units_skew_seconds Time by which the clock is ahead; negative if it is behind.\n# TYPE all_units_skew_seconds gauge\n",
                open_metrics_metadata: "# TYPE all_units_skew_seconds gauge\n# UNIT all_units_skew_seconds seconds\n# HELP all_units_skew_seconds Time by which the clock is ahead; negative if it is behind.\n",
                sample_names: &["all_units_skew_seconds"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_wait_seconds",
                help: "Time spent waiting.",
                kind: __rt::Kind::Histogram(&BUCKETS_LISTED_NANOSECONDS),
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.units.wait",
                otel_unit: "s",
                labels: &[],
                continues: false,
                first_slab: 12,
                slabs: 1,
                series: 1,
                fixed: 14,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_wait_seconds Time spent waiting.\n# TYPE all_units_wait_seconds histogram\n",
                open_metrics_metadata: "# TYPE all_units_wait_seconds histogram\n# UNIT all_units_wait_seconds seconds\n# HELP all_units_wait_seconds Time spent waiting.\n",
                sample_names: &[
                    "all_units_wait_seconds_bucket",
                    "all_units_wait_seconds_sum",
                    "all_units_wait_seconds_count",
                ],
                created: __rt::Some("all_units_wait_seconds_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_delay_seconds",
                help: "Time until the answer began.",
                kind: __rt::Kind::Histogram(&BUCKETS_FINE_NANOSECONDS_2),
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.units.delay",
                otel_unit: "s",
                labels: &[],
                continues: false,
                first_slab: 13,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_delay_seconds Time until the answer began.\n# TYPE all_units_delay_seconds histogram\n",
                open_metrics_metadata: "# TYPE all_units_delay_seconds histogram\n# UNIT all_units_delay_seconds seconds\n# HELP all_units_delay_seconds Time until the answer began.\n",
                sample_names: &[
                    "all_units_delay_seconds_bucket",
                    "all_units_delay_seconds_sum",
                    "all_units_delay_seconds_count",
                ],
                created: __rt::Some("all_units_delay_seconds_created"),
                exemplars: true,
            },
            __rt::Family {
                name: "all_units_uptime_seconds",
                help: "Time since the start.",
                kind: __rt::Kind::CallbackGauge,
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.units.uptime",
                otel_unit: "s",
                labels: &[],
                continues: false,
                first_slab: 14,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_uptime_seconds Time since the start.\n# TYPE all_units_uptime_seconds gauge\n",
                open_metrics_metadata: "# TYPE all_units_uptime_seconds gauge\n# UNIT all_units_uptime_seconds seconds\n# HELP all_units_uptime_seconds Time since the start.\n",
                sample_names: &["all_units_uptime_seconds"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_sent_bytes_total",
                help: "Data sent.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "bytes",
                otel_name: "all.units.sent",
                otel_unit: "By",
                labels: &[],
                continues: false,
                first_slab: 15,
                slabs: 1,
                series: 1,
                fixed: 22,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_sent_bytes_total Data sent.\n# TYPE all_units_sent_bytes_total counter\n",
                open_metrics_metadata: "# TYPE all_units_sent_bytes counter\n# UNIT all_units_sent_bytes bytes\n# HELP all_units_sent_bytes Data sent.\n",
                sample_names: &["all_units_sent_bytes_total"],
                created: __rt::Some("all_units_sent_bytes_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_used_bytes",
                help: "Memory used.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Unsigned,
                unit: "bytes",
                otel_name: "all.units.used",
                otel_unit: "By",
                labels: &[],
                continues: false,
                first_slab: 16,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_used_bytes Memory used.\n# TYPE all_units_used_bytes gauge\n",
                open_metrics_metadata: "# TYPE all_units_used_bytes gauge\n# UNIT all_units_used_bytes bytes\n# HELP all_units_used_bytes Memory used.\n",
                sample_names: &["all_units_used_bytes"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_held_bytes",
                help: "Data in the buffer.",
                kind: __rt::Kind::UpDownCounter,
                encoding: __rt::Encoding::Signed,
                unit: "bytes",
                otel_name: "all.units.held",
                otel_unit: "By",
                labels: &[],
                continues: false,
                first_slab: 17,
                slabs: 1,
                series: 1,
                fixed: 23,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_held_bytes Data in the buffer.\n# TYPE all_units_held_bytes gauge\n",
                open_metrics_metadata: "# TYPE all_units_held_bytes gauge\n# UNIT all_units_held_bytes bytes\n# HELP all_units_held_bytes Data in the buffer.\n",
                sample_names: &["all_units_held_bytes"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_size_bytes",
                help: "Size of a message.",
                kind: __rt::Kind::Histogram(&BUCKETS_RISING_INTEGERS),
                encoding: __rt::Encoding::Unsigned,
                unit: "bytes",
                otel_name: "all.units.size",
                otel_unit: "By",
                labels: &[],
                continues: false,
                first_slab: 18,
                slabs: 1,
                series: 1,
                fixed: 24,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_size_bytes Size of a message.\n# TYPE all_units_size_bytes histogram\n",
                open_metrics_metadata: "# TYPE all_units_size_bytes histogram\n# UNIT all_units_size_bytes bytes\n# HELP all_units_size_bytes Size of a message.\n",
                sample_names: &[
                    "all_units_size_bytes_bucket",
                    "all_units_size_bytes_sum",
                    "all_units_size_bytes_count",
                ],
                created: __rt::Some("all_units_size_bytes_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_free_bytes",
                help: "Memory left.",
                kind: __rt::Kind::CallbackGauge,
                encoding: __rt::Encoding::Unsigned,
                unit: "bytes",
                otel_name: "all.units.free",
                otel_unit: "By",
                labels: &[],
                continues: false,
                first_slab: 19,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_free_bytes Memory left.\n# TYPE all_units_free_bytes gauge\n",
                open_metrics_metadata: "# TYPE all_units_free_bytes gauge\n# UNIT all_units_free_bytes bytes\n# HELP all_units_free_bytes Memory left.\n",
                sample_names: &["all_units_free_bytes"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_filled_ratio",
                help: "Fill level of the buffer.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.units.filled",
                otel_unit: "1",
                labels: &[],
                continues: false,
                first_slab: 20,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(4),
                text_metadata: "# HELP all_units_filled_ratio Fill level of the buffer.\n# TYPE all_units_filled_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_units_filled_ratio gauge\n# UNIT all_units_filled_ratio ratio\n# HELP all_units_filled_ratio Fill level of the buffer.\n",
                sample_names: &["all_units_filled_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_load_ratio",
                help: "Share of workers that were busy.",
                kind: __rt::Kind::Histogram(&BUCKETS_EVEN_FLOATS),
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.units.load.ratio",
                otel_unit: "1",
                labels: &[],
                continues: false,
                first_slab: 21,
                slabs: 1,
                series: 1,
                fixed: 30,
                rejected_index: __rt::Some(5),
                text_metadata: "# HELP all_units_load_ratio Share of workers that were busy.\n# TYPE all_units_load_ratio histogram\n",
                open_metrics_metadata: "# TYPE all_units_load_ratio histogram\n# UNIT all_units_load_ratio ratio\n# HELP all_units_load_ratio Share of workers that were busy.\n",
                sample_names: &[
                    "all_units_load_ratio_bucket",
                    "all_units_load_ratio_sum",
                    "all_units_load_ratio_count",
                ],
                created: __rt::Some("all_units_load_ratio_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_used_ratio",
                help: "Share of the data in the buffer that is used.",
                kind: __rt::Kind::Ratio {
                    numerator: &[16],
                    denominator: &[17],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.units.used_ratio",
                otel_unit: "1",
                labels: &[],
                continues: false,
                first_slab: 22,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_units_used_ratio Share of the data in the buffer that is used.\n# TYPE all_units_used_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_units_used_ratio gauge\n# UNIT all_units_used_ratio ratio\n# HELP all_units_used_ratio Share of the data in the buffer that is used.\n",
                sample_names: &["all_units_used_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_room_celsius",
                help: "Temperature of the room.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Float,
                unit: "celsius",
                otel_name: "all.units.room",
                otel_unit: "Cel",
                labels: &[],
                continues: false,
                first_slab: 23,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(6),
                text_metadata: "# HELP all_units_room_celsius Temperature of the room.\n# TYPE all_units_room_celsius gauge\n",
                open_metrics_metadata: "# TYPE all_units_room_celsius gauge\n# UNIT all_units_room_celsius celsius\n# HELP all_units_room_celsius Temperature of the room.\n",
                sample_names: &["all_units_room_celsius"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_way_meters_total",
                help: "Distance covered.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Float,
                unit: "meters",
                otel_name: "all.units.way",
                otel_unit: "m",
                labels: &[],
                continues: false,
                first_slab: 24,
                slabs: 1,
                series: 1,
                fixed: 36,
                rejected_index: __rt::Some(7),
                text_metadata: "# HELP all_units_way_meters_total Distance covered.\n# TYPE all_units_way_meters_total counter\n",
                open_metrics_metadata: "# TYPE all_units_way_meters counter\n# UNIT all_units_way_meters meters\n# HELP all_units_way_meters Distance covered.\n",
                sample_names: &["all_units_way_meters_total"],
                created: __rt::Some("all_units_way_meters_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_supply_volts",
                help: "Voltage of the supply.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Float,
                unit: "volts",
                otel_name: "all.units.supply",
                otel_unit: "V",
                labels: &[],
                continues: false,
                first_slab: 25,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(8),
                text_metadata: "# HELP all_units_supply_volts Voltage of the supply.\n# TYPE all_units_supply_volts gauge\n",
                open_metrics_metadata: "# TYPE all_units_supply_volts gauge\n# UNIT all_units_supply_volts volts\n# HELP all_units_supply_volts Voltage of the supply.\n",
                sample_names: &["all_units_supply_volts"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_draw_amperes",
                help: "Current drawn.",
                kind: __rt::Kind::UpDownCounter,
                encoding: __rt::Encoding::Float,
                unit: "amperes",
                otel_name: "all.units.draw",
                otel_unit: "A",
                labels: &[],
                continues: false,
                first_slab: 26,
                slabs: 1,
                series: 1,
                fixed: 37,
                rejected_index: __rt::Some(9),
                text_metadata: "# HELP all_units_draw_amperes Current drawn.\n# TYPE all_units_draw_amperes gauge\n",
                open_metrics_metadata: "# TYPE all_units_draw_amperes gauge\n# UNIT all_units_draw_amperes amperes\n# HELP all_units_draw_amperes Current drawn.\n",
                sample_names: &["all_units_draw_amperes"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_work_joules_total",
                help: "Energy used.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Float,
                unit: "joules",
                otel_name: "all.units.work",
                otel_unit: "J",
                labels: &[],
                continues: false,
                first_slab: 27,
                slabs: 1,
                series: 1,
                fixed: 38,
                rejected_index: __rt::Some(10),
                text_metadata: "# HELP all_units_work_joules_total Energy used.\n# TYPE all_units_work_joules_total counter\n",
                open_metrics_metadata: "# TYPE all_units_work_joules counter\n# UNIT all_units_work_joules joules\n# HELP all_units_work_joules Energy used.\n",
                sample_names: &["all_units_work_joules_total"],
                created: __rt::Some("all_units_work_joules_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_power_watts",
                help: "Power drawn.",
                kind: __rt::Kind::Histogram(&BUCKETS_4_FLOATS_5),
                encoding: __rt::Encoding::Float,
                unit: "watts",
                otel_name: "all.units.power",
                otel_unit: "W",
                labels: &[],
                continues: false,
                first_slab: 28,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(11),
                text_metadata: "# HELP all_units_power_watts Power drawn.\n# TYPE all_units_power_watts histogram\n",
                open_metrics_metadata: "# TYPE all_units_power_watts histogram\n# UNIT all_units_power_watts watts\n# HELP all_units_power_watts Power drawn.\n",
                sample_names: &[
                    "all_units_power_watts_bucket",
                    "all_units_power_watts_sum",
                    "all_units_power_watts_count",
                ],
                created: __rt::Some("all_units_power_watts_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_parcel_grams",
                help: "Weight of a parcel.",
                kind: __rt::Kind::Histogram(&BUCKETS_5_FLOATS),
                encoding: __rt::Encoding::Float,
                unit: "grams",
                otel_name: "all.units.parcel",
                otel_unit: "g",
                labels: &[],
                continues: false,
                first_slab: 29,
                slabs: 1,
                series: 1,
                fixed: 39,
                rejected_index: __rt::Some(12),
                text_metadata: "# HELP all_units_parcel_grams Weight of a parcel.\n# TYPE all_units_parcel_grams histogram\n",
                open_metrics_metadata: "# TYPE all_units_parcel_grams histogram\n# UNIT all_units_parcel_grams grams\n# HELP all_units_parcel_grams Weight of a parcel.\n",
                sample_names: &[
                    "all_units_parcel_grams_bucket",
                    "all_units_parcel_grams_sum",
                    "all_units_parcel_grams_count",
                ],
                created: __rt::Some("all_units_parcel_grams_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_units_clock_hertz",
                help: "Frequency of the clock; the name already has the unit.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Float,
                unit: "hertz",
                otel_name: "all.units.clock_hertz",
                otel_unit: "Hz",
                labels: &[],
                continues: false,
                first_slab: 30,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(13),
                text_metadata: "# HELP all_units_clock_hertz Frequency of the clock; the name already has the unit.\n# TYPE all_units_clock_hertz gauge\n",
                open_metrics_metadata: "# TYPE all_units_clock_hertz gauge\n# UNIT all_units_clock_hertz hertz\n# HELP all_units_clock_hertz Frequency of the clock; the name already has the unit.\n",
                sample_names: &["all_units_clock_hertz"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_closed_answers_total",
                help: "Answers given.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.closed.answers",
                otel_unit: "",
                labels: &[&LABEL_METHOD, &LABEL_STATUS],
                continues: false,
                first_slab: 31,
                slabs: 1,
                series: 9,
                fixed: 45,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_closed_answers_total Answers given.\n# TYPE all_closed_answers_total counter\n",
                open_metrics_metadata: "# TYPE all_closed_answers counter\n# HELP all_closed_answers Answers given.\n",
                sample_names: &["all_closed_answers_total"],
                created: __rt::Some("all_closed_answers_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_closed_pending",
                help: "Requests without an answer.",
                kind: __rt::Kind::UpDownCounter,
                encoding: __rt::Encoding::Signed,
                unit: "",
                otel_name: "all.closed.pending",
                otel_unit: "",
                labels: &[&LABEL_METHOD],
                continues: false,
                first_slab: 32,
                slabs: 1,
                series: 3,
                fixed: 54,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_closed_pending Requests without an answer.\n# TYPE all_closed_pending gauge\n",
                open_metrics_metadata: "# TYPE all_closed_pending gauge\n# HELP all_closed_pending Requests without an answer.\n",
                sample_names: &["all_closed_pending"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_closed_duration_seconds",
                help: "Time until the answer.",
                kind: __rt::Kind::Histogram(&BUCKETS_6_NANOSECONDS),
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.closed.duration",
                otel_unit: "s",
                labels: &[&LABEL_METHOD, &LABEL_RESULT, &LABEL_OPTION],
                continues: false,
                first_slab: 33,
                slabs: 1,
                series: 12,
                fixed: 57,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_closed_duration_seconds Time until the answer.\n# TYPE all_closed_duration_seconds histogram\n",
                open_metrics_metadata: "# TYPE all_closed_duration_seconds histogram\n# UNIT all_closed_duration_seconds seconds\n# HELP all_closed_duration_seconds Time until the answer.\n",
                sample_names: &[
                    "all_closed_duration_seconds_bucket",
                    "all_closed_duration_seconds_sum",
                    "all_closed_duration_seconds_count",
                ],
                created: __rt::Some("all_closed_duration_seconds_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_open_calls_total",
                help: "Calls made, with \"quotes\", a \\ and\na second line.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.open.calls",
                otel_unit: "",
                labels: &[&LABEL_SERVER],
                continues: false,
                first_slab: 34,
                slabs: 4,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_open_calls_total Calls made, with \"quotes\", a \\\\ and\\na second line.\n# TYPE all_open_calls_total counter\n",
                open_metrics_metadata: "# TYPE all_open_calls counter\n# HELP all_open_calls Calls made, with \\\"quotes\\\", a \\\\ and\\na second line.\n",
                sample_names: &["all_open_calls_total"],
                created: __rt::Some("all_open_calls_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_open_errors_total",
                help: "Calls that failed.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.open.errors",
                otel_unit: "",
                labels: &[&LABEL_SERVER, &LABEL_TENANT, &LABEL_STATUS],
                continues: false,
                first_slab: 38,
                slabs: 12,
                series: 3,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_open_errors_total Calls that failed.\n# TYPE all_open_errors_total counter\n",
                open_metrics_metadata: "# TYPE all_open_errors counter\n# HELP all_open_errors Calls that failed.\n",
                sample_names: &["all_open_errors_total"],
                created: __rt::Some("all_open_errors_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_open_health",
                help: "Class of the last answer.",
                kind: __rt::Kind::State(&LABEL_STATUS),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.open.health",
                otel_unit: "",
                labels: &[&LABEL_SERVER],
                continues: false,
                first_slab: 50,
                slabs: 4,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_open_health Class of the last answer.\n# TYPE all_open_health gauge\n",
                open_metrics_metadata: "# TYPE all_open_health stateset\n# HELP all_open_health Class of the last answer.\n",
                sample_names: &["all_open_health"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_open_software_info",
                help: "Software of the server.",
                kind: __rt::Kind::Info(&["version"]),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.open.software.info",
                otel_unit: "",
                labels: &[&LABEL_SERVER],
                continues: false,
                first_slab: 54,
                slabs: 4,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_open_software_info Software of the server.\n# TYPE all_open_software_info gauge\n",
                open_metrics_metadata: "# TYPE all_open_software info\n# HELP all_open_software Software of the server.\n",
                sample_names: &["all_open_software_info"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_open_queue",
                help: "Waiting calls.",
                kind: __rt::Kind::CallbackGauge,
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.open.queue",
                otel_unit: "",
                labels: &[&LABEL_SERVER, &LABEL_METHOD],
                continues: false,
                first_slab: 58,
                slabs: 4,
                series: 3,
                fixed: 0,
                rejected_index: __rt::Some(14),
                text_metadata: "# HELP all_open_queue Waiting calls.\n# TYPE all_open_queue gauge\n",
                open_metrics_metadata: "# TYPE all_open_queue gauge\n# HELP all_open_queue Waiting calls.\n",
                sample_names: &["all_open_queue"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_open_lost_total",
                help: "Calls without an answer.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.open.lost",
                otel_unit: "",
                labels: &[&LABEL_SERVER],
                continues: false,
                first_slab: 62,
                slabs: 4,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_open_lost_total Calls without an answer.\n# TYPE all_open_lost_total counter\n",
                open_metrics_metadata: "# TYPE all_open_lost counter\n# HELP all_open_lost Calls without an answer.\n",
                sample_names: &["all_open_lost_total"],
                created: __rt::Some("all_open_lost_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_open_loss_ratio",
                help: "Share of calls without an answer.",
                kind: __rt::Kind::Ratio {
                    numerator: &[39],
                    denominator: &[34, 39],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.open.loss_ratio",
                otel_unit: "1",
                labels: &[&LABEL_SERVER],
                continues: false,
                first_slab: 66,
                slabs: 4,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_open_loss_ratio Share of calls without an answer.\n# TYPE all_open_loss_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_open_loss_ratio gauge\n# UNIT all_open_loss_ratio ratio\n# HELP all_open_loss_ratio Share of calls without an answer.\n",
                sample_names: &["all_open_loss_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_partial_jobs_total",
                help: "Finished jobs.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.partial.jobs",
                otel_unit: "",
                labels: &[&OPTIONAL_TENANT, &OPTIONAL_STATUS, &OPTIONAL_SERVER],
                continues: false,
                first_slab: 70,
                slabs: 20,
                series: 4,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_partial_jobs_total Finished jobs.\n# TYPE all_partial_jobs_total counter\n",
                open_metrics_metadata: "# TYPE all_partial_jobs counter\n# HELP all_partial_jobs Finished jobs.\n",
                sample_names: &["all_partial_jobs_total"],
                created: __rt::Some("all_partial_jobs_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_partial_steps_total",
                help: "Finished steps.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.partial.steps",
                otel_unit: "",
                labels: &[&OPTIONAL_TENANT, &OPTIONAL_STATUS],
                continues: false,
                first_slab: 90,
                slabs: 4,
                series: 4,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_partial_steps_total Finished steps.\n# TYPE all_partial_steps_total counter\n",
                open_metrics_metadata: "# TYPE all_partial_steps counter\n# HELP all_partial_steps Finished steps.\n",
                sample_names: &["all_partial_steps_total"],
                created: __rt::Some("all_partial_steps_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_done_total",
                help: "Finished pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.done",
                otel_unit: "",
                labels: &[&LABEL_METHOD, &SOME_STAGE_15, &LABEL_TENANT, &LABEL_STATUS],
                continues: false,
                first_slab: 94,
                slabs: 3,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_done_total Finished pieces of work.\n# TYPE all_sum_done_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_done counter\n# HELP all_sum_done Finished pieces of work.\n",
                sample_names: &["all_sum_done_total"],
                created: __rt::Some("all_sum_done_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_done_total",
                help: "Finished pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.done",
                otel_unit: "",
                labels: &[
                    &LABEL_METHOD,
                    &SOME_STAGE_16,
                    &LABEL_TENANT,
                    &SOME_ENDING_17,
                    &LABEL_STATUS,
                ],
                continues: true,
                first_slab: 97,
                slabs: 3,
                series: 18,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_done_total Finished pieces of work.\n# TYPE all_sum_done_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_done counter\n# HELP all_sum_done Finished pieces of work.\n",
                sample_names: &["all_sum_done_total"],
                created: __rt::Some("all_sum_done_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_done_total",
                help: "Finished pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.done",
                otel_unit: "",
                labels: &[
                    &LABEL_METHOD,
                    &SOME_STAGE_16,
                    &LABEL_TENANT,
                    &SOME_ENDING_18,
                    &LABEL_SERVER,
                    &LABEL_STATUS,
                ],
                continues: true,
                first_slab: 100,
                slabs: 12,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_done_total Finished pieces of work.\n# TYPE all_sum_done_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_done counter\n# HELP all_sum_done Finished pieces of work.\n",
                sample_names: &["all_sum_done_total"],
                created: __rt::Some("all_sum_done_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_done_total",
                help: "Finished pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.done",
                otel_unit: "",
                labels: &[&LABEL_METHOD, &SOME_STAGE_19, &LABEL_STATUS],
                continues: true,
                first_slab: 112,
                slabs: 1,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_done_total Finished pieces of work.\n# TYPE all_sum_done_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_done counter\n# HELP all_sum_done Finished pieces of work.\n",
                sample_names: &["all_sum_done_total"],
                created: __rt::Some("all_sum_done_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_lost_total",
                help: "Lost pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.lost",
                otel_unit: "",
                labels: &[&LABEL_METHOD, &SOME_STAGE_15, &LABEL_TENANT, &LABEL_STATUS],
                continues: false,
                first_slab: 113,
                slabs: 3,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_lost_total Lost pieces of work.\n# TYPE all_sum_lost_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_lost counter\n# HELP all_sum_lost Lost pieces of work.\n",
                sample_names: &["all_sum_lost_total"],
                created: __rt::Some("all_sum_lost_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_lost_total",
                help: "Lost pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.lost",
                otel_unit: "",
                labels: &[
                    &LABEL_METHOD,
                    &SOME_STAGE_16,
                    &LABEL_TENANT,
                    &SOME_ENDING_17,
                    &LABEL_STATUS,
                ],
                continues: true,
                first_slab: 116,
                slabs: 3,
                series: 18,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_lost_total Lost pieces of work.\n# TYPE all_sum_lost_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_lost counter\n# HELP all_sum_lost Lost pieces of work.\n",
                sample_names: &["all_sum_lost_total"],
                created: __rt::Some("all_sum_lost_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_lost_total",
                help: "Lost pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.lost",
                otel_unit: "",
                labels: &[
                    &LABEL_METHOD,
                    &SOME_STAGE_16,
                    &LABEL_TENANT,
                    &SOME_ENDING_18,
                    &LABEL_SERVER,
                    &LABEL_STATUS,
                ],
                continues: true,
                first_slab: 119,
                slabs: 12,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_lost_total Lost pieces of work.\n# TYPE all_sum_lost_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_lost counter\n# HELP all_sum_lost Lost pieces of work.\n",
                sample_names: &["all_sum_lost_total"],
                created: __rt::Some("all_sum_lost_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_lost_total",
                help: "Lost pieces of work.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.sum.lost",
                otel_unit: "",
                labels: &[&LABEL_METHOD, &SOME_STAGE_19, &LABEL_STATUS],
                continues: true,
                first_slab: 131,
                slabs: 1,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_lost_total Lost pieces of work.\n# TYPE all_sum_lost_total counter\n",
                open_metrics_metadata: "# TYPE all_sum_lost counter\n# HELP all_sum_lost Lost pieces of work.\n",
                sample_names: &["all_sum_lost_total"],
                created: __rt::Some("all_sum_lost_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_loss_ratio",
                help: "Share of the work that was lost.",
                kind: __rt::Kind::Ratio {
                    numerator: &[47],
                    denominator: &[43, 47],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.sum.loss_ratio",
                otel_unit: "1",
                labels: &[&LABEL_METHOD, &LABEL_STATUS, &SOME_STAGE_15, &LABEL_TENANT],
                continues: false,
                first_slab: 132,
                slabs: 3,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_loss_ratio Share of the work that was lost.\n# TYPE all_sum_loss_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_sum_loss_ratio gauge\n# UNIT all_sum_loss_ratio ratio\n# HELP all_sum_loss_ratio Share of the work that was lost.\n",
                sample_names: &["all_sum_loss_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_loss_ratio",
                help: "Share of the work that was lost.",
                kind: __rt::Kind::Ratio {
                    numerator: &[48],
                    denominator: &[44, 48],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.sum.loss_ratio",
                otel_unit: "1",
                labels: &[
                    &LABEL_METHOD,
                    &LABEL_STATUS,
                    &SOME_STAGE_16,
                    &LABEL_TENANT,
                    &SOME_ENDING_17,
                ],
                continues: true,
                first_slab: 135,
                slabs: 3,
                series: 18,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_loss_ratio Share of the work that was lost.\n# TYPE all_sum_loss_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_sum_loss_ratio gauge\n# UNIT all_sum_loss_ratio ratio\n# HELP all_sum_loss_ratio Share of the work that was lost.\n",
                sample_names: &["all_sum_loss_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_loss_ratio",
                help: "Share of the work that was lost.",
                kind: __rt::Kind::Ratio {
                    numerator: &[49],
                    denominator: &[45, 49],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.sum.loss_ratio",
                otel_unit: "1",
                labels: &[
                    &LABEL_METHOD,
                    &LABEL_STATUS,
                    &SOME_STAGE_16,
                    &LABEL_TENANT,
                    &SOME_ENDING_18,
                    &LABEL_SERVER,
                ],
                continues: true,
                first_slab: 138,
                slabs: 12,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_loss_ratio Share of the work that was lost.\n# TYPE all_sum_loss_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_sum_loss_ratio gauge\n# UNIT all_sum_loss_ratio ratio\n# HELP all_sum_loss_ratio Share of the work that was lost.\n",
                sample_names: &["all_sum_loss_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_loss_ratio",
                help: "Share of the work that was lost.",
                kind: __rt::Kind::Ratio {
                    numerator: &[50],
                    denominator: &[46, 50],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.sum.loss_ratio",
                otel_unit: "1",
                labels: &[&LABEL_METHOD, &LABEL_STATUS, &SOME_STAGE_19],
                continues: true,
                first_slab: 150,
                slabs: 1,
                series: 9,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_sum_loss_ratio Share of the work that was lost.\n# TYPE all_sum_loss_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_sum_loss_ratio gauge\n# UNIT all_sum_loss_ratio ratio\n# HELP all_sum_loss_ratio Share of the work that was lost.\n",
                sample_names: &["all_sum_loss_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_effort",
                help: "Steps of a piece of work.",
                kind: __rt::Kind::Histogram(&BUCKETS_7_FLOATS),
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.sum.effort",
                otel_unit: "",
                labels: &[&LABEL_METHOD, &SOME_ENDING_17],
                continues: false,
                first_slab: 151,
                slabs: 1,
                series: 6,
                fixed: 0,
                rejected_index: __rt::Some(15),
                text_metadata: "# HELP all_sum_effort Steps of a piece of work.\n# TYPE all_sum_effort histogram\n",
                open_metrics_metadata: "# TYPE all_sum_effort histogram\n# HELP all_sum_effort Steps of a piece of work.\n",
                sample_names: &[
                    "all_sum_effort_bucket",
                    "all_sum_effort_sum",
                    "all_sum_effort_count",
                ],
                created: __rt::Some("all_sum_effort_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_sum_effort",
                help: "Steps of a piece of work.",
                kind: __rt::Kind::Histogram(&BUCKETS_7_FLOATS),
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.sum.effort",
                otel_unit: "",
                labels: &[&LABEL_METHOD, &SOME_ENDING_18, &LABEL_SERVER],
                continues: true,
                first_slab: 152,
                slabs: 4,
                series: 3,
                fixed: 0,
                rejected_index: __rt::Some(15),
                text_metadata: "# HELP all_sum_effort Steps of a piece of work.\n# TYPE all_sum_effort histogram\n",
                open_metrics_metadata: "# TYPE all_sum_effort histogram\n# HELP all_sum_effort Steps of a piece of work.\n",
                sample_names: &[
                    "all_sum_effort_bucket",
                    "all_sum_effort_sum",
                    "all_sum_effort_count",
                ],
                created: __rt::Some("all_sum_effort_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_bound_steps_total",
                help: "Steps taken.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.bound.steps",
                otel_unit: "",
                labels: &[&SOME_ENDING_17, &LABEL_STATUS],
                continues: false,
                first_slab: 156,
                slabs: 1,
                series: 6,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_bound_steps_total Steps taken.\n# TYPE all_bound_steps_total counter\n",
                open_metrics_metadata: "# TYPE all_bound_steps counter\n# HELP all_bound_steps Steps taken.\n",
                sample_names: &["all_bound_steps_total"],
                created: __rt::Some("all_bound_steps_created"),
                exemplars: true,
            },
            __rt::Family {
                name: "all_bound_steps_total",
                help: "Steps taken.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.bound.steps",
                otel_unit: "",
                labels: &[&SOME_ENDING_18, &LABEL_SERVER, &LABEL_STATUS],
                continues: true,
                first_slab: 157,
                slabs: 4,
                series: 3,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_bound_steps_total Steps taken.\n# TYPE all_bound_steps_total counter\n",
                open_metrics_metadata: "# TYPE all_bound_steps counter\n# HELP all_bound_steps Steps taken.\n",
                sample_names: &["all_bound_steps_total"],
                created: __rt::Some("all_bound_steps_created"),
                exemplars: true,
            },
            __rt::Family {
                name: "all_bound_spent_seconds",
                help: "Time spent working.",
                kind: __rt::Kind::Histogram(&BUCKETS_8_NANOSECONDS),
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.bound.spent",
                otel_unit: "s",
                labels: &[&SOME_ENDING_17, &LABEL_STATUS],
                continues: false,
                first_slab: 161,
                slabs: 1,
                series: 6,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_bound_spent_seconds Time spent working.\n# TYPE all_bound_spent_seconds histogram\n",
                open_metrics_metadata: "# TYPE all_bound_spent_seconds histogram\n# UNIT all_bound_spent_seconds seconds\n# HELP all_bound_spent_seconds Time spent working.\n",
                sample_names: &[
                    "all_bound_spent_seconds_bucket",
                    "all_bound_spent_seconds_sum",
                    "all_bound_spent_seconds_count",
                ],
                created: __rt::Some("all_bound_spent_seconds_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_bound_spent_seconds",
                help: "Time spent working.",
                kind: __rt::Kind::Histogram(&BUCKETS_8_NANOSECONDS),
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.bound.spent",
                otel_unit: "s",
                labels: &[&SOME_ENDING_18, &LABEL_SERVER, &LABEL_STATUS],
                continues: true,
                first_slab: 162,
                slabs: 4,
                series: 3,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_bound_spent_seconds Time spent working.\n# TYPE all_bound_spent_seconds histogram\n",
                open_metrics_metadata: "# TYPE all_bound_spent_seconds histogram\n# UNIT all_bound_spent_seconds seconds\n# HELP all_bound_spent_seconds Time spent working.\n",
                sample_names: &[
                    "all_bound_spent_seconds_bucket",
                    "all_bound_spent_seconds_sum",
                    "all_bound_spent_seconds_count",
                ],
                created: __rt::Some("all_bound_spent_seconds_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_bound_steps_ratio",
                help: "Share of the steps that were taken.",
                kind: __rt::Kind::Ratio {
                    numerator: &[57],
                    denominator: &[57],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.bound.steps_ratio",
                otel_unit: "1",
                labels: &[&SOME_ENDING_17, &LABEL_STATUS],
                continues: false,
                first_slab: 166,
                slabs: 1,
                series: 6,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_bound_steps_ratio Share of the steps that were taken.\n# TYPE all_bound_steps_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_bound_steps_ratio gauge\n# UNIT all_bound_steps_ratio ratio\n# HELP all_bound_steps_ratio Share of the steps that were taken.\n",
                sample_names: &["all_bound_steps_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_bound_steps_ratio",
                help: "Share of the steps that were taken.",
                kind: __rt::Kind::Ratio {
                    numerator: &[58],
                    denominator: &[58],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.bound.steps_ratio",
                otel_unit: "1",
                labels: &[&SOME_ENDING_18, &LABEL_SERVER, &LABEL_STATUS],
                continues: true,
                first_slab: 167,
                slabs: 4,
                series: 3,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_bound_steps_ratio Share of the steps that were taken.\n# TYPE all_bound_steps_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_bound_steps_ratio gauge\n# UNIT all_bound_steps_ratio ratio\n# HELP all_bound_steps_ratio Share of the steps that were taken.\n",
                sample_names: &["all_bound_steps_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_stages_total",
                help: "Completed stages.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.stages",
                otel_unit: "",
                labels: &[&LABEL_STAGE],
                continues: false,
                first_slab: 171,
                slabs: 1,
                series: 3,
                fixed: 105,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_kept_stages_total Completed stages.\n# TYPE all_kept_stages_total counter\n",
                open_metrics_metadata: "# TYPE all_kept_stages counter\n# HELP all_kept_stages Completed stages.\n",
                sample_names: &["all_kept_stages_total"],
                created: __rt::Some("all_kept_stages_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "legacy_operations_total",
                help: "Operations, with an exact name.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "legacy_operations",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 172,
                slabs: 1,
                series: 1,
                fixed: 108,
                rejected_index: __rt::None,
                text_metadata: "# HELP legacy_operations_total Operations, with an exact name.\n# TYPE legacy_operations_total counter\n",
                open_metrics_metadata: "# TYPE legacy_operations counter\n# HELP legacy_operations Operations, with an exact name.\n",
                sample_names: &["legacy_operations_total"],
                created: __rt::Some("legacy_operations_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "legacy_memory",
                help: "Memory, with an exact name that lacks the unit.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "legacy_memory",
                otel_unit: "By",
                labels: &[],
                continues: false,
                first_slab: 173,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP legacy_memory Memory, with an exact name that lacks the unit.\n# TYPE legacy_memory gauge\n",
                open_metrics_metadata: "# TYPE legacy_memory gauge\n# HELP legacy_memory Memory, with an exact name that lacks the unit.\n",
                sample_names: &["legacy_memory"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_old_total",
                help: "Operations, counted as in earlier versions.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.old",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 174,
                slabs: 1,
                series: 1,
                fixed: 109,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_kept_old_total Operations, counted as in earlier versions.\n# TYPE all_kept_old_total counter\n",
                open_metrics_metadata: "# TYPE all_kept_old counter\n# HELP all_kept_old Operations, counted as in earlier versions.\n",
                sample_names: &["all_kept_old_total"],
                created: __rt::Some("all_kept_old_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_older",
                help: "Operations, as a gauge.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.kept.older",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 175,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(16),
                text_metadata: "# HELP all_kept_older Operations, as a gauge.\n# TYPE all_kept_older gauge\n",
                open_metrics_metadata: "# TYPE all_kept_older gauge\n# HELP all_kept_older Operations, as a gauge.\n",
                sample_names: &["all_kept_older"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_kept_alive",
                help: "A metric that repeats its group.",
                kind: __rt::Kind::Gauge,
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.kept.kept_alive",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 176,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::Some(17),
                text_metadata: "# HELP all_kept_kept_alive A metric that repeats its group.\n# TYPE all_kept_kept_alive gauge\n",
                open_metrics_metadata: "# TYPE all_kept_kept_alive gauge\n# HELP all_kept_kept_alive A metric that repeats its group.\n",
                sample_names: &["all_kept_kept_alive"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_results_total",
                help: "Operations, by result.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.results",
                otel_unit: "",
                labels: &[&LABEL_ENDING],
                continues: false,
                first_slab: 177,
                slabs: 1,
                series: 3,
                fixed: 110,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_kept_results_total Operations, by result.\n# TYPE all_kept_results_total counter\n",
                open_metrics_metadata: "# TYPE all_kept_results counter\n# HELP all_kept_results Operations, by result.\n",
                sample_names: &["all_kept_results_total"],
                created: __rt::Some("all_kept_results_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_took_seconds",
                help: "Duration of an operation.",
                kind: __rt::Kind::Histogram(&BUCKETS_9_NANOSECONDS),
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.kept.took",
                otel_unit: "s",
                labels: &[&LABEL_ENDING, &LABEL_STATUS],
                continues: false,
                first_slab: 178,
                slabs: 1,
                series: 9,
                fixed: 113,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_kept_took_seconds Duration of an operation.\n# TYPE all_kept_took_seconds histogram\n",
                open_metrics_metadata: "# TYPE all_kept_took_seconds histogram\n# UNIT all_kept_took_seconds seconds\n# HELP all_kept_took_seconds Duration of an operation.\n",
                sample_names: &[
                    "all_kept_took_seconds_bucket",
                    "all_kept_took_seconds_sum",
                    "all_kept_took_seconds_count",
                ],
                created: __rt::Some("all_kept_took_seconds_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_last",
                help: "How the last operation ended.",
                kind: __rt::Kind::State(&LABEL_ENDING),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.last",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 179,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_kept_last How the last operation ended.\n# TYPE all_kept_last gauge\n",
                open_metrics_metadata: "# TYPE all_kept_last stateset\n# HELP all_kept_last How the last operation ended.\n",
                sample_names: &["all_kept_last"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_waiting",
                help: "Waiting operations.",
                kind: __rt::Kind::CallbackGauge,
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.kept.waiting",
                otel_unit: "",
                labels: &[&LABEL_ENDING],
                continues: false,
                first_slab: 180,
                slabs: 1,
                series: 3,
                fixed: 0,
                rejected_index: __rt::Some(18),
                text_metadata: "# HELP all_kept_waiting Waiting operations.\n# TYPE all_kept_waiting gauge\n",
                open_metrics_metadata: "# TYPE all_kept_waiting gauge\n# HELP all_kept_waiting Waiting operations.\n",
                sample_names: &["all_kept_waiting"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_share_ratio",
                help: "Share of results in all results.",
                kind: __rt::Kind::Ratio {
                    numerator: &[69],
                    denominator: &[69],
                },
                encoding: __rt::Encoding::Float,
                unit: "ratio",
                otel_name: "all.kept.share",
                otel_unit: "1",
                labels: &[&LABEL_ENDING],
                continues: false,
                first_slab: 181,
                slabs: 1,
                series: 3,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_kept_share_ratio Share of results in all results.\n# TYPE all_kept_share_ratio gauge\n",
                open_metrics_metadata: "# TYPE all_kept_share_ratio gauge\n# UNIT all_kept_share_ratio ratio\n# HELP all_kept_share_ratio Share of results in all results.\n",
                sample_names: &["all_kept_share_ratio"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_kept_software_info",
                help: "Version of the running software.",
                kind: __rt::Kind::Info(&["version"]),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.software.info",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 182,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_kept_software_info Version of the running software.\n# TYPE all_kept_software_info gauge\n",
                open_metrics_metadata: "# TYPE all_kept_software info\n# HELP all_kept_software Version of the running software.\n",
                sample_names: &["all_kept_software_info"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "all_metrics_label_overflow_total",
                help: "Label values replaced by the overflow value because the label had reached its maximum.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.metrics.label_overflow",
                otel_unit: "",
                labels: &[&OWN_LABEL_LABEL],
                continues: false,
                first_slab: 183,
                slabs: 1,
                series: 3,
                fixed: 149,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_metrics_label_overflow_total Label values replaced by the overflow value because the label had reached its maximum.\n# TYPE all_metrics_label_overflow_total counter\n",
                open_metrics_metadata: "# TYPE all_metrics_label_overflow counter\n# HELP all_metrics_label_overflow Label values replaced by the overflow value because the label had reached its maximum.\n",
                sample_names: &["all_metrics_label_overflow_total"],
                created: __rt::Some("all_metrics_label_overflow_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "all_metrics_rejected_values_total",
                help: "Values not recorded because they were NaN or outside the range of the metric.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.metrics.rejected_values",
                otel_unit: "",
                labels: &[&OWN_LABEL_METRIC],
                continues: false,
                first_slab: 184,
                slabs: 1,
                series: 19,
                fixed: 152,
                rejected_index: __rt::None,
                text_metadata: "# HELP all_metrics_rejected_values_total Values not recorded because they were NaN or outside the range of the metric.\n# TYPE all_metrics_rejected_values_total counter\n",
                open_metrics_metadata: "# TYPE all_metrics_rejected_values counter\n# HELP all_metrics_rejected_values Values not recorded because they were NaN or outside the range of the metric.\n",
                sample_names: &["all_metrics_rejected_values_total"],
                created: __rt::Some("all_metrics_rejected_values_created"),
                exemplars: false,
            },
        ],
        former_families: &[
            __rt::Family {
                name: "legacy_results_total",
                help: "Operations, by result.",
                kind: __rt::Kind::Counter,
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.results",
                otel_unit: "",
                labels: &[&LABEL_ENDING],
                continues: false,
                first_slab: 177,
                slabs: 1,
                series: 3,
                fixed: 110,
                rejected_index: __rt::None,
                text_metadata: "# HELP legacy_results_total Operations, by result.\n# TYPE legacy_results_total counter\n",
                open_metrics_metadata: "# TYPE legacy_results counter\n# HELP legacy_results Operations, by result.\n",
                sample_names: &["legacy_results_total"],
                created: __rt::Some("legacy_results_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "legacy_latency_seconds",
                help: "Duration of an operation.",
                kind: __rt::Kind::Histogram(&BUCKETS_9_NANOSECONDS),
                encoding: __rt::Encoding::Nanoseconds,
                unit: "seconds",
                otel_name: "all.kept.took",
                otel_unit: "s",
                labels: &[&LABEL_ENDING, &LABEL_STATUS],
                continues: false,
                first_slab: 178,
                slabs: 1,
                series: 9,
                fixed: 113,
                rejected_index: __rt::None,
                text_metadata: "# HELP legacy_latency_seconds Duration of an operation.\n# TYPE legacy_latency_seconds histogram\n",
                open_metrics_metadata: "# TYPE legacy_latency_seconds histogram\n# UNIT legacy_latency_seconds seconds\n# HELP legacy_latency_seconds Duration of an operation.\n",
                sample_names: &[
                    "legacy_latency_seconds_bucket",
                    "legacy_latency_seconds_sum",
                    "legacy_latency_seconds_count",
                ],
                created: __rt::Some("legacy_latency_seconds_created"),
                exemplars: false,
            },
            __rt::Family {
                name: "legacy_last",
                help: "How the last operation ended.",
                kind: __rt::Kind::State(&LABEL_ENDING),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.last",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 179,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP legacy_last How the last operation ended.\n# TYPE legacy_last gauge\n",
                open_metrics_metadata: "# TYPE legacy_last stateset\n# HELP legacy_last How the last operation ended.\n",
                sample_names: &["legacy_last"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "legacy_share",
                help: "Share of results in all results.",
                kind: __rt::Kind::Ratio {
                    numerator: &[69],
                    denominator: &[69],
                },
                encoding: __rt::Encoding::Float,
                unit: "",
                otel_name: "all.kept.share",
                otel_unit: "1",
                labels: &[&LABEL_ENDING],
                continues: false,
                first_slab: 181,
                slabs: 1,
                series: 3,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP legacy_share Share of results in all results.\n# TYPE legacy_share gauge\n",
                open_metrics_metadata: "# TYPE legacy_share gauge\n# HELP legacy_share Share of results in all results.\n",
                sample_names: &["legacy_share"],
                created: __rt::None,
                exemplars: false,
            },
            __rt::Family {
                name: "legacy_software_info",
                help: "Version of the running software.",
                kind: __rt::Kind::Info(&["version"]),
                encoding: __rt::Encoding::Unsigned,
                unit: "",
                otel_name: "all.kept.software.info",
                otel_unit: "",
                labels: &[],
                continues: false,
                first_slab: 182,
                slabs: 1,
                series: 1,
                fixed: 0,
                rejected_index: __rt::None,
                text_metadata: "# HELP legacy_software_info Version of the running software.\n# TYPE legacy_software_info gauge\n",
                open_metrics_metadata: "# TYPE legacy_software info\n# HELP legacy_software Version of the running software.\n",
                sample_names: &["legacy_software_info"],
                created: __rt::None,
                exemplars: false,
            },
        ],
        open_labels: &[&LABEL_SERVER, &LABEL_TENANT, &LABEL_VERSION],
        overflow_family: __rt::Some(75),
        rejected_family: __rt::Some(76),
    };
}
/// Label values as types: a closed label is an enum, an open one a handle created by [`Metrics`](super::Metrics).
pub mod labels {
    use ::shadowcat_metrics::private as __rt;
    /// Method of the request; each value has a description.
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
        pub const ALL: [Self; 3] = [Self::ToolsList, Self::ToolsCall, Self::Other];
        /// Returns the exposed value.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::ToolsList => "tools/list",
                Self::ToolsCall => "tools/call",
                Self::Other => "other",
            }
        }
    }
    impl __rt::fmt::Display for Method {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Method {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::FromStr for Method {
        type Err = __rt::UnknownLabelValue;
        fn from_str(value: &str) -> __rt::Result<Self, __rt::UnknownLabelValue> {
            match value {
                "tools/list" => __rt::Ok(Self::ToolsList),
                "tools/call" => __rt::Ok(Self::ToolsCall),
                "other" => __rt::Ok(Self::Other),
                _ => __rt::Err(__rt::UnknownLabelValue::new("method", value)),
            }
        }
    }
    impl __rt::Sealed for Method {}
    impl __rt::ClosedLabel for Method {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// Class of the answer; the values need no description.
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
        pub const ALL: [Self; 3] = [Self::_2xx, Self::_4xx, Self::_5xx];
        /// Returns the exposed value.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::_2xx => "2xx",
                Self::_4xx => "4xx",
                Self::_5xx => "5xx",
            }
        }
    }
    impl __rt::fmt::Display for Status {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Status {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::FromStr for Status {
        type Err = __rt::UnknownLabelValue;
        fn from_str(value: &str) -> __rt::Result<Self, __rt::UnknownLabelValue> {
            match value {
                "2xx" => __rt::Ok(Self::_2xx),
                "4xx" => __rt::Ok(Self::_4xx),
                "5xx" => __rt::Ok(Self::_5xx),
                _ => __rt::Err(__rt::UnknownLabelValue::new("status", value)),
            }
        }
    }
    impl __rt::Sealed for Status {}
    impl __rt::ClosedLabel for Status {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// How the operation ended.
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
        pub const ALL: [Self; 2] = [Self::None, Self::Self_];
        /// Returns the exposed value.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::None => "none",
                Self::Self_ => "self",
            }
        }
    }
    impl __rt::fmt::Display for Result {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Result {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::FromStr for Result {
        type Err = __rt::UnknownLabelValue;
        fn from_str(value: &str) -> __rt::Result<Self, __rt::UnknownLabelValue> {
            match value {
                "none" => __rt::Ok(Self::None),
                "self" => __rt::Ok(Self::Self_),
                _ => __rt::Err(__rt::UnknownLabelValue::new("result", value)),
            }
        }
    }
    impl __rt::Sealed for Result {}
    impl __rt::ClosedLabel for Result {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// Option that was chosen.
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
        pub const ALL: [Self; 2] = [Self::GrEX, Self::SayHi];
        /// Returns the exposed value.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::GrEX => "größe 購物車 x",
                Self::SayHi => "say \"hi\"\\\n",
            }
        }
    }
    impl __rt::fmt::Display for Option {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Option {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::FromStr for Option {
        type Err = __rt::UnknownLabelValue;
        fn from_str(value: &str) -> __rt::Result<Self, __rt::UnknownLabelValue> {
            match value {
                "größe 購物車 x" => __rt::Ok(Self::GrEX),
                "say \"hi\"\\\n" => __rt::Ok(Self::SayHi),
                _ => __rt::Err(__rt::UnknownLabelValue::new("option", value)),
            }
        }
    }
    impl __rt::Sealed for Option {}
    impl __rt::ClosedLabel for Option {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// How the operation ended; its values were renamed.
    ///
    /// The closed label `ending`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Ending {
        /// `ok`: it worked; also exposed as `success` until 99.0.0
        Ok,
        /// `failed`; also exposed as `failure` until 99.1.0-rc.1
        Failed,
        /// `unknown`: nobody knows
        Unknown,
    }
    impl Ending {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 3] = [Self::Ok, Self::Failed, Self::Unknown];
        /// Returns the exposed value.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::Ok => "ok",
                Self::Failed => "failed",
                Self::Unknown => "unknown",
            }
        }
    }
    impl __rt::fmt::Display for Ending {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Ending {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::FromStr for Ending {
        type Err = __rt::UnknownLabelValue;
        fn from_str(value: &str) -> __rt::Result<Self, __rt::UnknownLabelValue> {
            match value {
                "ok" => __rt::Ok(Self::Ok),
                "failed" => __rt::Ok(Self::Failed),
                "unknown" => __rt::Ok(Self::Unknown),
                _ => __rt::Err(__rt::UnknownLabelValue::new("ending", value)),
            }
        }
    }
    impl __rt::Sealed for Ending {}
    impl __rt::ClosedLabel for Ending {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// Stage of the work; later releases may add stages.
    ///
    /// The closed label `work_stage`. Later releases may add values. Any other string is parsed as `other`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum Stage {
        /// `draft`: it is written; since 0.1.0
        Draft,
        /// `sketch`: it is drawn
        #[deprecated(
            since = "0.2.0",
            note = "use `draft`; this item will be removed in 99.0.0: Nobody draws."
        )]
        Sketch,
        /// `other`: any other stage
        Other,
    }
    #[allow(deprecated)]
    impl Stage {
        /// Every value, in the order of the schema.
        pub const ALL: &'static [Self] = &[Self::Draft, Self::Sketch, Self::Other];
        /// Returns the exposed value.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::Draft => "draft",
                Self::Sketch => "sketch",
                Self::Other => "other",
            }
        }
    }
    impl __rt::fmt::Display for Stage {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Stage {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    #[allow(deprecated)]
    impl __rt::FromStr for Stage {
        type Err = __rt::Infallible;
        fn from_str(value: &str) -> __rt::Result<Self, __rt::Infallible> {
            match value {
                "draft" => __rt::Ok(Self::Draft),
                "sketch" => __rt::Ok(Self::Sketch),
                _ => __rt::Ok(Self::Other),
            }
        }
    }
    impl __rt::Sealed for Stage {}
    impl __rt::ClosedLabel for Stage {
        const ALL: &'static [Self] = Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// Server, by name: größer, 購物車.
    ///
    /// A value of the open label `server`. The label has at most 3 values at a time; additional values are recorded as `*others*`. Created by [`Metrics::server`](super::Metrics::server). Its series are removed when the last handle and recorder that use it are dropped.
    ///
    /// For example: `größer`, <code>a&#124;b</code>.
    #[derive(Clone, Debug)]
    pub struct Server(pub(super) __rt::OpenValue);
    impl Server {
        /// Returns the exposed value: truncated if it was too long, the overflow value if the label was full.
        #[must_use]
        pub fn as_str(&self) -> &str {
            self.0.as_str()
        }
    }
    impl __rt::fmt::Display for Server {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Server {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::AsRef<__rt::OsStr> for Server {
        fn as_ref(&self) -> &__rt::OsStr {
            __rt::AsRef::as_ref(self.as_str())
        }
    }
    /// Tenant; the overflow value has its default name.
    ///
    /// A value of the open label `tenant`. The label has at most 2 values at a time; additional values are recorded as `__other__`. Created by [`Metrics::tenant`](super::Metrics::tenant). Its series are removed when the last handle and recorder that use it are dropped.
    #[derive(Clone, Debug)]
    pub struct Tenant(pub(super) __rt::OpenValue);
    impl Tenant {
        /// Returns the exposed value: truncated if it was too long, the overflow value if the label was full.
        #[must_use]
        pub fn as_str(&self) -> &str {
            self.0.as_str()
        }
    }
    impl __rt::fmt::Display for Tenant {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Tenant {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::AsRef<__rt::OsStr> for Tenant {
        fn as_ref(&self) -> &__rt::OsStr {
            __rt::AsRef::as_ref(self.as_str())
        }
    }
    /// Version of the program.
    ///
    /// A value of the open label `version`. The label has at most 1 value at a time; additional values are recorded as `__other__`. Created by [`Metrics::version`](super::Metrics::version). Its series are removed when the last handle and recorder that use it are dropped.
    #[derive(Clone, Debug)]
    pub struct Version(pub(super) __rt::OpenValue);
    impl Version {
        /// Returns the exposed value: truncated if it was too long, the overflow value if the label was full.
        #[must_use]
        pub fn as_str(&self) -> &str {
            self.0.as_str()
        }
    }
    impl __rt::fmt::Display for Version {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Version {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::AsRef<__rt::OsStr> for Version {
        fn as_ref(&self) -> &__rt::OsStr {
            __rt::AsRef::as_ref(self.as_str())
        }
    }
    /// A label that is not used.
    ///
    /// The closed label `spare`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Spare {
        /// `unused`
        Unused,
    }
    impl Spare {
        /// Every value, in the order of the schema.
        pub const ALL: [Self; 1] = [Self::Unused];
        /// Returns the exposed value.
        #[must_use]
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::Unused => "unused",
            }
        }
    }
    impl __rt::fmt::Display for Spare {
        fn fmt(&self, f: &mut __rt::fmt::Formatter<'_>) -> __rt::fmt::Result {
            f.pad(self.as_str())
        }
    }
    impl __rt::AsRef<str> for Spare {
        fn as_ref(&self) -> &str {
            self.as_str()
        }
    }
    impl __rt::FromStr for Spare {
        type Err = __rt::UnknownLabelValue;
        fn from_str(value: &str) -> __rt::Result<Self, __rt::UnknownLabelValue> {
            match value {
                "unused" => __rt::Ok(Self::Unused),
                _ => __rt::Err(__rt::UnknownLabelValue::new("spare", value)),
            }
        }
    }
    impl __rt::Sealed for Spare {}
    impl __rt::ClosedLabel for Spare {
        const ALL: &'static [Self] = &Self::ALL;
        #[inline]
        fn index(self) -> u32 {
            self as u32
        }
    }
    /// How the operation ended, and the server on which it failed.
    ///
    /// The label `ending`, with `server` if it is `failed`. The type borrows the values of open labels.
    #[derive(Clone, Copy, Debug)]
    pub enum End<'a> {
        /// `ok`: it worked; also exposed as `success` until 99.0.0
        Ok,
        /// `unknown`: nobody knows
        Unknown,
        /// `failed`; also exposed as `failure` until 99.1.0-rc.1; with `server`
        Failed(&'a Server),
    }
    #[allow(deprecated)]
    impl End<'_> {
        /// Returns the variant's position in the declaration, which costs nothing to compute.
        #[inline]
        pub(super) const fn index(self) -> u32 {
            match self {
                Self::Ok => 0,
                Self::Unknown => 1,
                Self::Failed { .. } => 2,
            }
        }
    }
    /// The work: its stage, and its tenant or its end.
    ///
    /// The label `work_stage`, with `tenant` if it is `draft`, with `tenant` and `end` if it is `sketch`. The type borrows the values of open labels.
    #[derive(Clone, Copy, Debug)]
    #[non_exhaustive]
    pub enum Work<'a> {
        /// `other`: any other stage
        Other,
        /// `draft`: it is written; since 0.1.0; with `tenant`
        Draft(&'a Tenant),
        /// `sketch`: it is drawn; with `tenant` and `end`
        #[deprecated(
            since = "0.2.0",
            note = "use `draft`; this item will be removed in 99.0.0: Nobody draws."
        )]
        Sketch(&'a Tenant, End<'a>),
    }
}
/// Creates the recorders of all `all` metrics.
///
/// Clones are cheap and share their values. This type dereferences to [`Registry`](__rt::Registry), which encodes the metrics and provides the collector.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: __rt::Registry,
}
impl Metrics {
    /// Identifies this schema: the macro and a build script that read the same file get the same number.
    #[doc(hidden)]
    pub const FINGERPRINT: u64 = 2063544992669429850;
    /// Creates a registry with separate storage. Clones share it.
    #[must_use]
    pub fn new() -> Self {
        Self::with_options(<__rt::Options as __rt::Default>::default())
    }
    /// Creates a registry with separate storage and custom limits.
    #[must_use]
    pub fn with_options(options: __rt::Options) -> Self {
        Self {
            registry: __rt::Registry::new(&__shadowcat_metrics::SCHEMA, options),
        }
    }
    /// Creates a registry that records nothing. Each call to a recorder then costs one branch.
    #[must_use]
    pub fn disabled() -> Self {
        Self {
            registry: __rt::Registry::disabled(&__shadowcat_metrics::SCHEMA),
        }
    }
    /// Returns the untyped registry, which encodes and collects the values.
    #[must_use]
    pub const fn registry(&self) -> &__rt::Registry {
        &self.registry
    }
    /// Copies all current values, to read them with their types in tests and summaries.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(__rt::Snapshot::take(&self.registry))
    }
    /// Returns a handle to a value of the open label `server`, which stays in use until its last handle and recorder are dropped.
    ///
    /// Server, by name: größer, 購物車. If the label already has 3 other values, this returns the overflow value. Invalid UTF-8 is replaced, and long values are truncated.
    ///
    /// For example: `größer`, <code>a&#124;b</code>.
    #[must_use]
    pub fn server(&self, value: impl __rt::AsRef<__rt::OsStr>) -> labels::Server {
        labels::Server(self.registry.intern(0, value.as_ref()))
    }
    /// Returns a handle to a value of the open label `tenant`, which stays in use until its last handle and recorder are dropped.
    ///
    /// Tenant; the overflow value has its default name. If the label already has 2 other values, this returns the overflow value. Invalid UTF-8 is replaced, and long values are truncated.
    #[must_use]
    pub fn tenant(&self, value: impl __rt::AsRef<__rt::OsStr>) -> labels::Tenant {
        labels::Tenant(self.registry.intern(1, value.as_ref()))
    }
    /// Returns a handle to a value of the open label `version`, which stays in use until its last handle and recorder are dropped.
    ///
    /// Version of the program. If the label already has 1 other value, this returns the overflow value. Invalid UTF-8 is replaced, and long values are truncated.
    #[must_use]
    pub fn version(&self, value: impl __rt::AsRef<__rt::OsStr>) -> labels::Version {
        labels::Version(self.registry.intern(2, value.as_ref()))
    }
    /// Creates the recorder [`PlainRecorder`].
    ///
    /// Every kind, without labels.
    #[must_use]
    pub fn plain(&self) -> PlainRecorder {
        PlainRecorder {
            binding: __rt::Binding::new(&self.registry),
        }
    }
    /// Creates the recorder [`UnitsRecorder`].
    ///
    /// Every unit.
    #[must_use]
    pub fn units(&self) -> UnitsRecorder {
        UnitsRecorder {
            binding: __rt::Binding::new(&self.registry),
        }
    }
    /// Creates the recorder [`ClosedRecorder`].
    ///
    /// Closed labels of the group and of the metric.
    ///
    /// Labels bound to the recorder:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    #[must_use]
    pub fn closed(&self, method: labels::Method) -> ClosedRecorder {
        ClosedRecorder {
            binding: __rt::Binding::new(&self.registry).closed(method),
        }
    }
    /// Creates the recorder [`OpenRecorder`].
    ///
    /// Open labels of the group and of the metric, with "quotes", a \\ and a second line.
    ///
    /// Labels bound to the recorder:
    ///
    /// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`.
    #[must_use]
    pub fn open(&self, server: &labels::Server) -> OpenRecorder {
        OpenRecorder {
            binding: __rt::Binding::new(&self.registry)
                .open(&server.0)
                .start(&[34, 36, 37, 38, 39, 40]),
        }
    }
    /// Creates the recorder [`PartialRecorder`].
    ///
    /// Optional labels of the group and of the metric.
    ///
    /// Labels bound to the recorder:
    ///
    /// - [`tenant`](labels::Tenant): at most 2 values; additional values are recorded as `__other__`; optional.
    #[must_use]
    pub fn partial(&self, tenant: __rt::Option<&labels::Tenant>) -> PartialRecorder {
        PartialRecorder {
            binding: __rt::Binding::new(&self.registry)
                .optional_open(4, tenant.map(|value| &value.0))
                .start(&[42]),
        }
    }
    /// Creates the recorder [`SumRecorder`].
    ///
    /// Labels that depend on the value of a label.
    ///
    /// Labels bound to the recorder:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    #[must_use]
    pub fn sum(&self, method: labels::Method) -> SumRecorder {
        SumRecorder {
            binding: __rt::Binding::new(&self.registry).closed(method),
        }
    }
    /// Creates the recorder [`BoundRecorder`].
    ///
    /// A sum label that is bound to the recorder.
    ///
    /// Labels bound to the recorder:
    ///
    /// - [`end`](labels::End): `ending`, with `server` if it is `failed`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[must_use]
    pub fn bound(&self, end: labels::End<'_>, status: labels::Status) -> BoundRecorder {
        match end {
            labels::End::Ok | labels::End::Unknown => {
                BoundRecorder {
                    binding: __rt::Binding::new(&self.registry)
                        .position(2, end.index())
                        .closed(status),
                    part: 0,
                }
            }
            labels::End::Failed(server) => {
                BoundRecorder {
                    binding: __rt::Binding::new(&self.registry)
                        .open(&server.0)
                        .closed(status)
                        .start(&[58, 60, 62]),
                    part: 1,
                }
            }
        }
    }
    /// Creates the recorder [`KeptRecorder`].
    ///
    /// Metrics and values with former or exact names.
    #[must_use]
    pub fn kept(&self) -> KeptRecorder {
        KeptRecorder {
            binding: __rt::Binding::new(&self.registry),
        }
    }
}
impl __rt::Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
impl __rt::Deref for Metrics {
    type Target = __rt::Registry;
    fn deref(&self) -> &Self::Target {
        &self.registry
    }
}
/// All values at one moment, created by [`Metrics::snapshot`].
#[derive(Clone, Debug)]
pub struct Snapshot(__rt::Snapshot);
impl Snapshot {
    /// Reads the values of [`PlainRecorder`] into [`PlainSnapshot`].
    #[must_use]
    pub fn plain(&self) -> PlainSnapshot<'_> {
        PlainSnapshot {
            binding: self.0.bind(),
        }
    }
    /// Reads the values of [`UnitsRecorder`] into [`UnitsSnapshot`].
    #[must_use]
    pub fn units(&self) -> UnitsSnapshot<'_> {
        UnitsSnapshot {
            binding: self.0.bind(),
        }
    }
    /// Reads the values of [`ClosedRecorder`] into [`ClosedSnapshot`].
    #[must_use]
    pub fn closed(&self, method: labels::Method) -> ClosedSnapshot<'_> {
        ClosedSnapshot {
            binding: self.0.bind().closed(method),
        }
    }
    /// Reads the values of [`OpenRecorder`] into [`OpenSnapshot`].
    #[must_use]
    pub fn open(&self, server: impl __rt::AsRef<__rt::OsStr>) -> OpenSnapshot<'_> {
        OpenSnapshot {
            binding: self.0.bind().open(0, server.as_ref()),
        }
    }
    /// Reads the values of [`PartialRecorder`] into [`PartialSnapshot`].
    #[must_use]
    pub fn partial(&self, tenant: __rt::Option<&str>) -> PartialSnapshot<'_> {
        PartialSnapshot {
            binding: self.0.bind().optional_open(1, tenant.map(__rt::OsStr::new)),
        }
    }
    /// Reads the values of [`SumRecorder`] into [`SumSnapshot`].
    #[must_use]
    pub fn sum(&self, method: labels::Method) -> SumSnapshot<'_> {
        SumSnapshot {
            binding: self.0.bind().closed(method),
        }
    }
    /// Reads the values of [`BoundRecorder`] into [`BoundSnapshot`].
    #[must_use]
    pub fn bound(
        &self,
        end: labels::End<'_>,
        status: labels::Status,
    ) -> BoundSnapshot<'_> {
        match end {
            labels::End::Ok | labels::End::Unknown => {
                BoundSnapshot {
                    binding: self.0.bind().position(2, end.index()).closed(status),
                    part: 0,
                }
            }
            labels::End::Failed(server) => {
                BoundSnapshot {
                    binding: self.0.bind().open(0, server.as_ref()).closed(status),
                    part: 1,
                }
            }
        }
    }
    /// Reads the values of [`KeptRecorder`] into [`KeptSnapshot`].
    #[must_use]
    pub fn kept(&self) -> KeptSnapshot<'_> {
        KeptSnapshot {
            binding: self.0.bind(),
        }
    }
}
/// Every kind, without labels.
///
/// Created by [`Metrics::plain`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct PlainRecorder {
    binding: __rt::Binding,
}
impl PlainRecorder {
    /// Events seen.
    ///
    /// `all_plain_events_total`, a counter; experimental.
    #[inline]
    pub fn events(&self) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.unlabeled(0).fixed(1))
    }
    /// Depth of the queue.
    ///
    /// `all_plain_depth`, a gauge; experimental.
    #[inline]
    pub fn depth(&self) -> __rt::Gauge<'_, __rt::Dimensionless> {
        __rt::Gauge::new(self.binding.unlabeled(1))
    }
    /// Active workers.
    ///
    /// `all_plain_active`, an up-down counter; experimental.
    #[inline]
    pub fn active(&self) -> __rt::UpDownCounter<'_, __rt::Dimensionless> {
        __rt::UpDownCounter::new(self.binding.unlabeled(2).fixed(2))
    }
    /// Scores of finished games.
    ///
    /// `all_plain_score`, a histogram, with buckets bounded by 0, 0.00005, 0.005, 1, 2.5, 10; experimental.
    #[inline]
    pub fn score(&self) -> __rt::Histogram<'_, __rt::Dimensionless> {
        __rt::Histogram::new(
            self.binding.unlabeled(3).fixed(3),
            &__shadowcat_metrics::BUCKETS_LISTED_FLOATS,
        )
    }
    /// How the last operation ended.
    ///
    /// `all_plain_outcome`, a state metric with the states [`Result`](labels::Result); experimental.
    #[inline]
    pub fn outcome(&self) -> __rt::State<'_, labels::Result> {
        __rt::State::new(self.binding.unlabeled(4))
    }
    /// Version of the running program.
    ///
    /// `all_plain_build_info`, an info metric; experimental.
    ///
    /// Facts:
    ///
    /// - [`version`](labels::Version): at most 1 value; additional values are recorded as `__other__`.
    /// - [`result`](labels::Result): `none`, `self`.
    #[inline]
    pub fn build(&self) -> __rt::Info<'_, 2> {
        __rt::Info::new(self.binding.unlabeled(5))
    }
    /// Threads of the program.
    ///
    /// `all_plain_threads`, a gauge, read at each scrape; experimental.
    #[inline]
    pub fn threads(&self) -> __rt::CallbackGauge<'_, __rt::Dimensionless> {
        __rt::CallbackGauge::new(self.binding.unlabeled(6))
    }
    /// Events that failed.
    ///
    /// `all_plain_failures_total`, a counter; experimental.
    #[inline]
    pub fn failures(&self) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.unlabeled(7).fixed(11))
    }
}
/// Values of [`PlainRecorder`] at the time of the snapshot.
///
/// Every kind, without labels.
#[derive(Clone, Debug)]
pub struct PlainSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
}
impl PlainSnapshot<'_> {
    /// `all_plain_events_total`: Events seen.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.binding.at(0).number::<u64>()
    }
    /// `all_plain_depth`: Depth of the queue.
    #[must_use]
    pub fn depth(&self) -> f64 {
        self.binding.at(1).number::<f64>()
    }
    /// `all_plain_active`: Active workers.
    #[must_use]
    pub fn active(&self) -> i64 {
        self.binding.at(2).number::<i64>()
    }
    /// `all_plain_score`: Scores of finished games.
    #[must_use]
    pub fn score(&self) -> __rt::HistogramValue<__rt::Dimensionless> {
        self.binding.at(3).histogram::<__rt::Dimensionless>()
    }
    /// `all_plain_outcome`: How the last operation ended.
    #[must_use]
    pub fn outcome(&self) -> __rt::Option<labels::Result> {
        self.binding.at(4).state::<labels::Result>()
    }
    /// `all_plain_build_info`: Version of the running program.
    #[must_use]
    pub fn build(&self) -> __rt::Option<__rt::Vec<__rt::String>> {
        self.binding.at(5).info()
    }
    /// `all_plain_threads`: Threads of the program.
    #[must_use]
    pub fn threads(&self) -> __rt::Option<f64> {
        self.binding.at(6).optional_number::<f64>()
    }
    /// `all_plain_failures_total`: Events that failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.binding.at(7).number::<u64>()
    }
    /// `all_plain_failure_ratio`: Share of events that failed.
    #[must_use]
    pub fn failure_ratio(&self) -> __rt::Option<f64> {
        self.binding.at(8).optional_number::<f64>()
    }
}
/// Every unit.
///
/// Created by [`Metrics::units`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct UnitsRecorder {
    binding: __rt::Binding,
}
impl UnitsRecorder {
    /// Time spent working.
    ///
    /// `all_units_busy_seconds_total`, a counter in seconds; experimental.
    #[inline]
    pub fn busy(&self) -> __rt::Counter<'_, __rt::Seconds> {
        __rt::Counter::new(self.binding.unlabeled(9).fixed(12))
    }
    /// Age of the oldest message.
    ///
    /// `all_units_age_seconds`, a gauge in seconds; experimental.
    #[inline]
    pub fn age(&self) -> __rt::Gauge<'_, __rt::Seconds> {
        __rt::Gauge::new(self.binding.unlabeled(10))
    }
    /// Time by which the clock is ahead; negative if it is behind.
    ///
    /// `all_units_skew_seconds`, an up-down counter in seconds; experimental.
    #[inline]
    pub fn skew(&self) -> __rt::UpDownCounter<'_, __rt::Seconds> {
        __rt::UpDownCounter::new(self.binding.unlabeled(11).fixed(13))
    }
    /// Time spent waiting.
    ///
    /// `all_units_wait_seconds`, a histogram in seconds, with buckets bounded by 0, 0.00005, 0.005, 1, 2.5, 10; experimental.
    #[inline]
    pub fn wait(&self) -> __rt::Histogram<'_, __rt::Seconds> {
        __rt::Histogram::new(
            self.binding.unlabeled(12).fixed(14),
            &__shadowcat_metrics::BUCKETS_LISTED_NANOSECONDS,
        )
    }
    /// Time until the answer began.
    ///
    /// `all_units_delay_seconds`, a histogram in seconds, with buckets bounded by 0.001, 0.1, 1, and native buckets from 0.001 to 1, whose bounds grow by a factor of up to 1.414; experimental.
    #[inline]
    pub fn delay(
        &self,
    ) -> __rt::Histogram<'_, __rt::Seconds, __rt::WithExemplars, __rt::Native> {
        __rt::Histogram::with_exemplars(
            self.binding.unlabeled(13),
            &__shadowcat_metrics::NATIVE_2,
        )
    }
    /// Time since the start.
    ///
    /// `all_units_uptime_seconds`, a gauge in seconds, read at each scrape; experimental.
    #[inline]
    pub fn uptime(&self) -> __rt::CallbackGauge<'_, __rt::Seconds> {
        __rt::CallbackGauge::new(self.binding.unlabeled(14))
    }
    /// Data sent.
    ///
    /// `all_units_sent_bytes_total`, a counter in bytes; experimental.
    #[inline]
    pub fn sent(&self) -> __rt::Counter<'_, __rt::Bytes> {
        __rt::Counter::new(self.binding.unlabeled(15).fixed(22))
    }
    /// Memory used.
    ///
    /// `all_units_used_bytes`, a gauge in bytes; experimental.
    #[inline]
    pub fn used(&self) -> __rt::Gauge<'_, __rt::Bytes> {
        __rt::Gauge::new(self.binding.unlabeled(16))
    }
    /// Data in the buffer.
    ///
    /// `all_units_held_bytes`, an up-down counter in bytes; experimental.
    #[inline]
    pub fn held(&self) -> __rt::UpDownCounter<'_, __rt::Bytes> {
        __rt::UpDownCounter::new(self.binding.unlabeled(17).fixed(23))
    }
    /// Size of a message.
    ///
    /// `all_units_size_bytes`, a histogram in bytes, with buckets bounded by 64, 256, 1024, 4096; experimental.
    #[inline]
    pub fn size(&self) -> __rt::Histogram<'_, __rt::Bytes> {
        __rt::Histogram::new(
            self.binding.unlabeled(18).fixed(24),
            &__shadowcat_metrics::BUCKETS_RISING_INTEGERS,
        )
    }
    /// Memory left.
    ///
    /// `all_units_free_bytes`, a gauge in bytes, read at each scrape; experimental.
    #[inline]
    pub fn free(&self) -> __rt::CallbackGauge<'_, __rt::Bytes> {
        __rt::CallbackGauge::new(self.binding.unlabeled(19))
    }
    /// Fill level of the buffer.
    ///
    /// `all_units_filled_ratio`, a gauge from 0 to 1; experimental.
    #[inline]
    pub fn filled(&self) -> __rt::Gauge<'_, __rt::Ratio> {
        __rt::Gauge::new(self.binding.unlabeled(20))
    }
    /// Share of workers that were busy.
    ///
    /// `all_units_load_ratio`, a histogram from 0 to 1, with buckets bounded by 0.25, 0.5, 0.75, 1; experimental.
    #[inline]
    pub fn load(&self) -> __rt::Histogram<'_, __rt::Ratio> {
        __rt::Histogram::new(
            self.binding.unlabeled(21).fixed(30),
            &__shadowcat_metrics::BUCKETS_EVEN_FLOATS,
        )
    }
    /// Temperature of the room.
    ///
    /// `all_units_room_celsius`, a gauge in celsius; experimental.
    #[inline]
    pub fn room(&self) -> __rt::Gauge<'_, __rt::Celsius> {
        __rt::Gauge::new(self.binding.unlabeled(23))
    }
    /// Distance covered.
    ///
    /// `all_units_way_meters_total`, a counter in meters; experimental.
    #[inline]
    pub fn way(&self) -> __rt::Counter<'_, __rt::Meters> {
        __rt::Counter::new(self.binding.unlabeled(24).fixed(36))
    }
    /// Voltage of the supply.
    ///
    /// `all_units_supply_volts`, a gauge in volts; experimental.
    #[inline]
    pub fn supply(&self) -> __rt::Gauge<'_, __rt::Volts> {
        __rt::Gauge::new(self.binding.unlabeled(25))
    }
    /// Current drawn.
    ///
    /// `all_units_draw_amperes`, an up-down counter in amperes; experimental.
    #[inline]
    pub fn draw(&self) -> __rt::UpDownCounter<'_, __rt::Amperes> {
        __rt::UpDownCounter::new(self.binding.unlabeled(26).fixed(37))
    }
    /// Energy used.
    ///
    /// `all_units_work_joules_total`, a counter in joules; experimental.
    #[inline]
    pub fn work(&self) -> __rt::Counter<'_, __rt::Joules> {
        __rt::Counter::new(self.binding.unlabeled(27).fixed(38))
    }
    /// Power drawn.
    ///
    /// `all_units_power_watts`, a histogram in watts, with buckets bounded by 0.1, 1, 10, and native buckets from 0.1 to 1000, whose bounds grow by a factor of up to 2.000; experimental.
    #[inline]
    pub fn power(
        &self,
    ) -> __rt::Histogram<'_, __rt::Watts, __rt::NoExemplars, __rt::Native> {
        __rt::Histogram::new(self.binding.unlabeled(28), &__shadowcat_metrics::NATIVE_5)
    }
    /// Weight of a parcel.
    ///
    /// `all_units_parcel_grams`, a histogram in grams, with buckets bounded by 500, 1000, 20000, 1000000; experimental.
    #[inline]
    pub fn parcel(&self) -> __rt::Histogram<'_, __rt::Grams> {
        __rt::Histogram::new(
            self.binding.unlabeled(29).fixed(39),
            &__shadowcat_metrics::BUCKETS_5_FLOATS,
        )
    }
    /// Frequency of the clock; the name already has the unit.
    ///
    /// `all_units_clock_hertz`, a gauge in hertz; experimental.
    #[inline]
    pub fn clock_hertz(&self) -> __rt::Gauge<'_, __rt::Hertz> {
        __rt::Gauge::new(self.binding.unlabeled(30))
    }
}
/// Values of [`UnitsRecorder`] at the time of the snapshot.
///
/// Every unit.
#[derive(Clone, Debug)]
pub struct UnitsSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
}
impl UnitsSnapshot<'_> {
    /// `all_units_busy_seconds_total`: Time spent working.
    #[must_use]
    pub fn busy(&self) -> __rt::Duration {
        self.binding.at(9).number::<__rt::Duration>()
    }
    /// `all_units_age_seconds`: Age of the oldest message.
    #[must_use]
    pub fn age(&self) -> __rt::Duration {
        self.binding.at(10).number::<__rt::Duration>()
    }
    /// `all_units_skew_seconds`: Time by which the clock is ahead; negative if it is behind.
    #[must_use]
    pub fn skew(&self) -> f64 {
        self.binding.at(11).number::<f64>()
    }
    /// `all_units_wait_seconds`: Time spent waiting.
    #[must_use]
    pub fn wait(&self) -> __rt::HistogramValue<__rt::Seconds> {
        self.binding.at(12).histogram::<__rt::Seconds>()
    }
    /// `all_units_delay_seconds`: Time until the answer began.
    #[must_use]
    pub fn delay(&self) -> __rt::HistogramValue<__rt::Seconds> {
        self.binding.at(13).histogram::<__rt::Seconds>()
    }
    /// `all_units_uptime_seconds`: Time since the start.
    #[must_use]
    pub fn uptime(&self) -> __rt::Option<__rt::Duration> {
        self.binding.at(14).optional_number::<__rt::Duration>()
    }
    /// `all_units_sent_bytes_total`: Data sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.binding.at(15).number::<u64>()
    }
    /// `all_units_used_bytes`: Memory used.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.binding.at(16).number::<u64>()
    }
    /// `all_units_held_bytes`: Data in the buffer.
    #[must_use]
    pub fn held(&self) -> i64 {
        self.binding.at(17).number::<i64>()
    }
    /// `all_units_size_bytes`: Size of a message.
    #[must_use]
    pub fn size(&self) -> __rt::HistogramValue<__rt::Bytes> {
        self.binding.at(18).histogram::<__rt::Bytes>()
    }
    /// `all_units_free_bytes`: Memory left.
    #[must_use]
    pub fn free(&self) -> __rt::Option<u64> {
        self.binding.at(19).optional_number::<u64>()
    }
    /// `all_units_filled_ratio`: Fill level of the buffer.
    #[must_use]
    pub fn filled(&self) -> f64 {
        self.binding.at(20).number::<f64>()
    }
    /// `all_units_load_ratio`: Share of workers that were busy.
    #[must_use]
    pub fn load(&self) -> __rt::HistogramValue<__rt::Ratio> {
        self.binding.at(21).histogram::<__rt::Ratio>()
    }
    /// `all_units_used_ratio`: Share of the data in the buffer that is used.
    #[must_use]
    pub fn used_ratio(&self) -> __rt::Option<f64> {
        self.binding.at(22).optional_number::<f64>()
    }
    /// `all_units_room_celsius`: Temperature of the room.
    #[must_use]
    pub fn room(&self) -> f64 {
        self.binding.at(23).number::<f64>()
    }
    /// `all_units_way_meters_total`: Distance covered.
    #[must_use]
    pub fn way(&self) -> f64 {
        self.binding.at(24).number::<f64>()
    }
    /// `all_units_supply_volts`: Voltage of the supply.
    #[must_use]
    pub fn supply(&self) -> f64 {
        self.binding.at(25).number::<f64>()
    }
    /// `all_units_draw_amperes`: Current drawn.
    #[must_use]
    pub fn draw(&self) -> f64 {
        self.binding.at(26).number::<f64>()
    }
    /// `all_units_work_joules_total`: Energy used.
    #[must_use]
    pub fn work(&self) -> f64 {
        self.binding.at(27).number::<f64>()
    }
    /// `all_units_power_watts`: Power drawn.
    #[must_use]
    pub fn power(&self) -> __rt::HistogramValue<__rt::Watts> {
        self.binding.at(28).histogram::<__rt::Watts>()
    }
    /// `all_units_parcel_grams`: Weight of a parcel.
    #[must_use]
    pub fn parcel(&self) -> __rt::HistogramValue<__rt::Grams> {
        self.binding.at(29).histogram::<__rt::Grams>()
    }
    /// `all_units_clock_hertz`: Frequency of the clock; the name already has the unit.
    #[must_use]
    pub fn clock_hertz(&self) -> f64 {
        self.binding.at(30).number::<f64>()
    }
}
/// Closed labels of the group and of the metric.
///
/// Labels bound at creation:
///
/// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
///
/// Created by [`Metrics::closed`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct ClosedRecorder {
    binding: __rt::Binding,
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
    ) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.at(31).fixed(45).closed(status))
    }
    /// Requests without an answer.
    ///
    /// `all_closed_pending`, an up-down counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    #[inline]
    pub fn pending(&self) -> __rt::UpDownCounter<'_, __rt::Dimensionless> {
        __rt::UpDownCounter::new(self.binding.at(32).fixed(54))
    }
    /// Time until the answer.
    ///
    /// `all_closed_duration_seconds`, a histogram in seconds, with buckets bounded by 0.1, 1; experimental.
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
    ) -> __rt::Histogram<'_, __rt::Seconds> {
        __rt::Histogram::new(
            self.binding.at(33).fixed(57).closed(result).closed(option),
            &__shadowcat_metrics::BUCKETS_6_NANOSECONDS,
        )
    }
}
/// Values of [`ClosedRecorder`] at the time of the snapshot.
///
/// Closed labels of the group and of the metric.
#[derive(Clone, Debug)]
pub struct ClosedSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
}
impl ClosedSnapshot<'_> {
    /// `all_closed_answers_total`: Answers given.
    #[must_use]
    pub fn answers(&self, status: labels::Status) -> u64 {
        self.binding.at(31).closed(status).number::<u64>()
    }
    /// `all_closed_pending`: Requests without an answer.
    #[must_use]
    pub fn pending(&self) -> i64 {
        self.binding.at(32).number::<i64>()
    }
    /// `all_closed_duration_seconds`: Time until the answer.
    #[must_use]
    pub fn duration(
        &self,
        result: labels::Result,
        option: labels::Option,
    ) -> __rt::HistogramValue<__rt::Seconds> {
        self.binding.at(33).closed(result).closed(option).histogram::<__rt::Seconds>()
    }
}
/// Open labels of the group and of the metric, with "quotes", a \\ and a second line.
///
/// Labels bound at creation:
///
/// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`.
///
/// Created by [`Metrics::open`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct OpenRecorder {
    binding: __rt::Binding<1>,
}
impl OpenRecorder {
    /// Calls made, with "quotes", a \\ and a second line.
    ///
    /// `all_open_calls_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`.
    #[inline]
    pub fn calls(&self) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.at(34))
    }
    /// Calls that failed.
    ///
    /// `all_open_errors_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`.
    /// - [`tenant`](labels::Tenant): at most 2 values; additional values are recorded as `__other__`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    pub fn errors<'a>(
        &'a self,
        tenant: &'a labels::Tenant,
        status: labels::Status,
    ) -> __rt::Counter<'a, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.at(38).open(&tenant.0).closed(status))
    }
    /// Class of the last answer.
    ///
    /// `all_open_health`, a state metric with the states [`Status`](labels::Status); experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`.
    #[inline]
    pub fn health(&self) -> __rt::State<'_, labels::Status> {
        __rt::State::new(self.binding.at(50))
    }
    /// Software of the server.
    ///
    /// `all_open_software_info`, an info metric; experimental.
    ///
    /// Facts:
    ///
    /// - [`version`](labels::Version): at most 1 value; additional values are recorded as `__other__`.
    #[inline]
    pub fn software(&self) -> __rt::Info<'_, 1> {
        __rt::Info::new(self.binding.at(54))
    }
    /// Waiting calls.
    ///
    /// `all_open_queue`, a gauge, read at each scrape; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`.
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    #[inline]
    pub fn queue(
        &self,
        method: labels::Method,
    ) -> __rt::CallbackGauge<'_, __rt::Dimensionless> {
        __rt::CallbackGauge::new(self.binding.at(58).closed(method))
    }
    /// Calls without an answer.
    ///
    /// `all_open_lost_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`.
    #[inline]
    pub fn lost(&self) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.at(62))
    }
}
/// Values of [`OpenRecorder`] at the time of the snapshot.
///
/// Open labels of the group and of the metric, with "quotes", a \\ and a second line.
#[derive(Clone, Debug)]
pub struct OpenSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
}
impl OpenSnapshot<'_> {
    /// `all_open_calls_total`: Calls made, with "quotes", a \\ and a second line.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.binding.at(34).number::<u64>()
    }
    /// `all_open_errors_total`: Calls that failed.
    #[must_use]
    pub fn errors(
        &self,
        tenant: impl __rt::AsRef<__rt::OsStr>,
        status: labels::Status,
    ) -> u64 {
        self.binding.at(38).open(1, tenant.as_ref()).closed(status).number::<u64>()
    }
    /// `all_open_health`: Class of the last answer.
    #[must_use]
    pub fn health(&self) -> __rt::Option<labels::Status> {
        self.binding.at(50).state::<labels::Status>()
    }
    /// `all_open_software_info`: Software of the server.
    #[must_use]
    pub fn software(&self) -> __rt::Option<__rt::Vec<__rt::String>> {
        self.binding.at(54).info()
    }
    /// `all_open_queue`: Waiting calls.
    #[must_use]
    pub fn queue(&self, method: labels::Method) -> __rt::Option<f64> {
        self.binding.at(58).closed(method).optional_number::<f64>()
    }
    /// `all_open_lost_total`: Calls without an answer.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.binding.at(62).number::<u64>()
    }
    /// `all_open_loss_ratio`: Share of calls without an answer.
    #[must_use]
    pub fn loss_ratio(&self) -> __rt::Option<f64> {
        self.binding.at(66).optional_number::<f64>()
    }
}
/// Optional labels of the group and of the metric.
///
/// Labels bound at creation:
///
/// - [`tenant`](labels::Tenant): at most 2 values; additional values are recorded as `__other__`; optional.
///
/// Created by [`Metrics::partial`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct PartialRecorder {
    binding: __rt::Binding<1>,
}
impl PartialRecorder {
    /// Finished jobs.
    ///
    /// `all_partial_jobs_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`tenant`](labels::Tenant): at most 2 values; additional values are recorded as `__other__`; optional.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`; optional.
    /// - [`server`](labels::Server): at most 3 values; additional values are recorded as `*others*`; optional.
    #[inline]
    pub fn jobs<'a>(
        &'a self,
        status: __rt::Option<labels::Status>,
        server: __rt::Option<&'a labels::Server>,
    ) -> __rt::Counter<'a, __rt::Dimensionless> {
        __rt::Counter::new(
            self
                .binding
                .at(70)
                .optional_closed(status)
                .optional_open(5, server.map(|value| &value.0)),
        )
    }
    /// Finished steps.
    ///
    /// `all_partial_steps_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`tenant`](labels::Tenant): at most 2 values; additional values are recorded as `__other__`; optional.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`; optional.
    #[inline]
    pub fn steps(
        &self,
        status: __rt::Option<labels::Status>,
    ) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.at(90).optional_closed(status))
    }
}
/// Values of [`PartialRecorder`] at the time of the snapshot.
///
/// Optional labels of the group and of the metric.
#[derive(Clone, Debug)]
pub struct PartialSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
}
impl PartialSnapshot<'_> {
    /// `all_partial_jobs_total`: Finished jobs.
    #[must_use]
    pub fn jobs(
        &self,
        status: __rt::Option<labels::Status>,
        server: __rt::Option<&str>,
    ) -> u64 {
        self.binding
            .at(70)
            .optional_closed(status)
            .optional_open(0, server.map(__rt::OsStr::new))
            .number::<u64>()
    }
    /// `all_partial_steps_total`: Finished steps.
    #[must_use]
    pub fn steps(&self, status: __rt::Option<labels::Status>) -> u64 {
        self.binding.at(90).optional_closed(status).number::<u64>()
    }
}
/// Labels that depend on the value of a label.
///
/// Labels bound at creation:
///
/// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
///
/// Created by [`Metrics::sum`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct SumRecorder {
    binding: __rt::Binding,
}
impl SumRecorder {
    /// Finished pieces of work.
    ///
    /// `all_sum_done_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    /// - [`work`](labels::Work): `work_stage`, with `tenant` if it is `draft`, with `tenant` and `end` if it is `sketch`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    #[allow(deprecated)]
    pub fn done<'a>(
        &'a self,
        work: labels::Work<'a>,
        status: labels::Status,
    ) -> __rt::Counter<'a, __rt::Dimensionless> {
        __rt::Counter::new(
            match work {
                labels::Work::Draft(tenant) => {
                    self.binding.at(94).open(&tenant.0).closed(status).resolved()
                }
                labels::Work::Sketch(
                    tenant,
                    end @ (labels::End::Ok | labels::End::Unknown),
                ) => {
                    self.binding
                        .at(97)
                        .open(&tenant.0)
                        .position(2, end.index())
                        .closed(status)
                        .resolved()
                }
                labels::Work::Sketch(tenant, labels::End::Failed(server)) => {
                    self.binding
                        .at(100)
                        .open(&tenant.0)
                        .open(&server.0)
                        .closed(status)
                        .resolved()
                }
                labels::Work::Other => self.binding.at(112).closed(status).resolved(),
            },
        )
    }
    /// Lost pieces of work.
    ///
    /// `all_sum_lost_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    /// - [`work`](labels::Work): `work_stage`, with `tenant` if it is `draft`, with `tenant` and `end` if it is `sketch`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    #[allow(deprecated)]
    pub fn lost<'a>(
        &'a self,
        work: labels::Work<'a>,
        status: labels::Status,
    ) -> __rt::Counter<'a, __rt::Dimensionless> {
        __rt::Counter::new(
            match work {
                labels::Work::Draft(tenant) => {
                    self.binding.at(113).open(&tenant.0).closed(status).resolved()
                }
                labels::Work::Sketch(
                    tenant,
                    end @ (labels::End::Ok | labels::End::Unknown),
                ) => {
                    self.binding
                        .at(116)
                        .open(&tenant.0)
                        .position(2, end.index())
                        .closed(status)
                        .resolved()
                }
                labels::Work::Sketch(tenant, labels::End::Failed(server)) => {
                    self.binding
                        .at(119)
                        .open(&tenant.0)
                        .open(&server.0)
                        .closed(status)
                        .resolved()
                }
                labels::Work::Other => self.binding.at(131).closed(status).resolved(),
            },
        )
    }
    /// Steps of a piece of work.
    ///
    /// `all_sum_effort`, a histogram, with buckets bounded by 1, 10, 100; experimental.
    ///
    /// Labels:
    ///
    /// - [`method`](labels::Method): `tools/list`, `tools/call`, `other`.
    /// - [`end`](labels::End): `ending`, with `server` if it is `failed`.
    #[inline]
    pub fn effort<'a>(
        &'a self,
        end: labels::End<'a>,
    ) -> __rt::Histogram<'a, __rt::Dimensionless> {
        __rt::Histogram::new(
            match end {
                labels::End::Ok | labels::End::Unknown => {
                    self.binding.at(151).position(2, end.index()).resolved()
                }
                labels::End::Failed(server) => {
                    self.binding.at(152).open(&server.0).resolved()
                }
            },
            &__shadowcat_metrics::BUCKETS_7_FLOATS,
        )
    }
}
/// Values of [`SumRecorder`] at the time of the snapshot.
///
/// Labels that depend on the value of a label.
#[derive(Clone, Debug)]
pub struct SumSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
}
impl SumSnapshot<'_> {
    /// `all_sum_done_total`: Finished pieces of work.
    #[must_use]
    #[allow(deprecated)]
    pub fn done(&self, work: labels::Work<'_>, status: labels::Status) -> u64 {
        match work {
            labels::Work::Draft(tenant) => {
                self.binding.at(94).open(1, tenant.as_ref()).closed(status)
            }
            labels::Work::Sketch(
                tenant,
                end @ (labels::End::Ok | labels::End::Unknown),
            ) => {
                self.binding
                    .at(97)
                    .open(1, tenant.as_ref())
                    .position(2, end.index())
                    .closed(status)
            }
            labels::Work::Sketch(tenant, labels::End::Failed(server)) => {
                self.binding
                    .at(100)
                    .open(1, tenant.as_ref())
                    .open(0, server.as_ref())
                    .closed(status)
            }
            labels::Work::Other => self.binding.at(112).closed(status),
        }
            .number::<u64>()
    }
    /// `all_sum_lost_total`: Lost pieces of work.
    #[must_use]
    #[allow(deprecated)]
    pub fn lost(&self, work: labels::Work<'_>, status: labels::Status) -> u64 {
        match work {
            labels::Work::Draft(tenant) => {
                self.binding.at(113).open(1, tenant.as_ref()).closed(status)
            }
            labels::Work::Sketch(
                tenant,
                end @ (labels::End::Ok | labels::End::Unknown),
            ) => {
                self.binding
                    .at(116)
                    .open(1, tenant.as_ref())
                    .position(2, end.index())
                    .closed(status)
            }
            labels::Work::Sketch(tenant, labels::End::Failed(server)) => {
                self.binding
                    .at(119)
                    .open(1, tenant.as_ref())
                    .open(0, server.as_ref())
                    .closed(status)
            }
            labels::Work::Other => self.binding.at(131).closed(status),
        }
            .number::<u64>()
    }
    /// `all_sum_loss_ratio`: Share of the work that was lost.
    #[must_use]
    #[allow(deprecated)]
    pub fn loss_ratio(
        &self,
        status: labels::Status,
        work: labels::Work<'_>,
    ) -> __rt::Option<f64> {
        match work {
            labels::Work::Draft(tenant) => {
                self.binding.at(132).closed(status).open(1, tenant.as_ref())
            }
            labels::Work::Sketch(
                tenant,
                end @ (labels::End::Ok | labels::End::Unknown),
            ) => {
                self.binding
                    .at(135)
                    .closed(status)
                    .open(1, tenant.as_ref())
                    .position(2, end.index())
            }
            labels::Work::Sketch(tenant, labels::End::Failed(server)) => {
                self.binding
                    .at(138)
                    .closed(status)
                    .open(1, tenant.as_ref())
                    .open(0, server.as_ref())
            }
            labels::Work::Other => self.binding.at(150).closed(status),
        }
            .optional_number::<f64>()
    }
    /// `all_sum_effort`: Steps of a piece of work.
    #[must_use]
    pub fn effort(
        &self,
        end: labels::End<'_>,
    ) -> __rt::HistogramValue<__rt::Dimensionless> {
        match end {
            labels::End::Ok | labels::End::Unknown => {
                self.binding.at(151).position(2, end.index())
            }
            labels::End::Failed(server) => self.binding.at(152).open(0, server.as_ref()),
        }
            .histogram::<__rt::Dimensionless>()
    }
}
/// A sum label that is bound to the recorder.
///
/// Labels bound at creation:
///
/// - [`end`](labels::End): `ending`, with `server` if it is `failed`.
/// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
///
/// Created by [`Metrics::bound`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct BoundRecorder {
    binding: __rt::Binding<1>,
    part: u32,
}
impl BoundRecorder {
    /// Steps taken.
    ///
    /// `all_bound_steps_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`end`](labels::End): `ending`, with `server` if it is `failed`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    pub fn steps(&self) -> __rt::Counter<'_, __rt::Dimensionless, __rt::WithExemplars> {
        __rt::Counter::with_exemplars(
            self
                .binding
                .at(
                    match self.part {
                        0 => 156,
                        _ => 157,
                    },
                ),
        )
    }
    /// Time spent working.
    ///
    /// `all_bound_spent_seconds`, a histogram in seconds, with buckets bounded by 1; experimental.
    ///
    /// Labels:
    ///
    /// - [`end`](labels::End): `ending`, with `server` if it is `failed`.
    /// - [`status`](labels::Status): `2xx`, `4xx`, `5xx`.
    #[inline]
    pub fn spent(&self) -> __rt::Histogram<'_, __rt::Seconds> {
        __rt::Histogram::new(
            self
                .binding
                .at(
                    match self.part {
                        0 => 161,
                        _ => 162,
                    },
                ),
            &__shadowcat_metrics::BUCKETS_8_NANOSECONDS,
        )
    }
}
/// Values of [`BoundRecorder`] at the time of the snapshot.
///
/// A sum label that is bound to the recorder.
#[derive(Clone, Debug)]
pub struct BoundSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
    part: u32,
}
impl BoundSnapshot<'_> {
    /// `all_bound_steps_total`: Steps taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.binding
            .at(
                match self.part {
                    0 => 156,
                    _ => 157,
                },
            )
            .number::<u64>()
    }
    /// `all_bound_spent_seconds`: Time spent working.
    #[must_use]
    pub fn spent(&self) -> __rt::HistogramValue<__rt::Seconds> {
        self.binding
            .at(
                match self.part {
                    0 => 161,
                    _ => 162,
                },
            )
            .histogram::<__rt::Seconds>()
    }
    /// `all_bound_steps_ratio`: Share of the steps that were taken.
    #[must_use]
    pub fn steps_ratio(&self) -> __rt::Option<f64> {
        self.binding
            .at(
                match self.part {
                    0 => 166,
                    _ => 167,
                },
            )
            .optional_number::<f64>()
    }
}
/// Metrics and values with former or exact names.
///
/// Created by [`Metrics::kept`]. Keep it where you record. It is cheap to clone and to send to another thread.
#[derive(Clone, Debug)]
pub struct KeptRecorder {
    binding: __rt::Binding,
}
impl KeptRecorder {
    /// Completed stages.
    ///
    /// `all_kept_stages_total`, a counter; experimental.
    ///
    /// Labels:
    ///
    /// - [`work_stage`](labels::Stage): `draft`, `sketch`, `other`.
    #[inline]
    pub fn stages(
        &self,
        stage: labels::Stage,
    ) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.unlabeled(171).fixed(105).closed(stage))
    }
    /// Operations, with an exact name.
    ///
    /// `legacy_operations_total`, a counter; stable since 0.1.0.
    #[inline]
    pub fn exact(&self) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.unlabeled(172).fixed(108))
    }
    /// Memory, with an exact name that lacks the unit.
    ///
    /// `legacy_memory`, a gauge in bytes; experimental.
    #[inline]
    pub fn bare(&self) -> __rt::Gauge<'_, __rt::Bytes> {
        __rt::Gauge::new(self.binding.unlabeled(173))
    }
    /// Operations, counted as in earlier versions.
    ///
    /// `all_kept_old_total`, a counter; deprecated.
    #[deprecated(since = "0.2.0", note = "use `kept.exact`: It counted retries twice.")]
    #[inline]
    pub fn old(&self) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.unlabeled(174).fixed(109))
    }
    /// Operations, as a gauge.
    ///
    /// `all_kept_older`, a gauge; deprecated.
    #[deprecated(note = "this item will be removed in 99.0.0: Nobody reads it.")]
    #[inline]
    pub fn older(&self) -> __rt::Gauge<'_, __rt::Dimensionless> {
        __rt::Gauge::new(self.binding.unlabeled(175))
    }
    /// A metric that repeats its group.
    ///
    /// `all_kept_kept_alive`, a gauge; experimental.
    #[inline]
    pub fn kept_alive(&self) -> __rt::Gauge<'_, __rt::Dimensionless> {
        __rt::Gauge::new(self.binding.unlabeled(176))
    }
    /// Operations, by result.
    ///
    /// `all_kept_results_total`, a counter; stable since 0.2.0; also exposed as `legacy_results_total` until 99.0.0.
    ///
    /// Labels:
    ///
    /// - [`ending`](labels::Ending): `ok`, `failed`, `unknown`.
    #[inline]
    pub fn results(
        &self,
        ending: labels::Ending,
    ) -> __rt::Counter<'_, __rt::Dimensionless> {
        __rt::Counter::new(self.binding.unlabeled(177).fixed(110).closed(ending))
    }
    /// Duration of an operation.
    ///
    /// `all_kept_took_seconds`, a histogram in seconds, with buckets bounded by 0.1, 1; experimental; also exposed as `legacy_latency_seconds` until 99.0.0.
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
    ) -> __rt::Histogram<'_, __rt::Seconds> {
        __rt::Histogram::new(
            self.binding.unlabeled(178).fixed(113).closed(ending).closed(status),
            &__shadowcat_metrics::BUCKETS_9_NANOSECONDS,
        )
    }
    /// How the last operation ended.
    ///
    /// `all_kept_last`, a state metric with the states [`Ending`](labels::Ending); experimental; also exposed as `legacy_last` until 99.0.0.
    #[inline]
    pub fn last(&self) -> __rt::State<'_, labels::Ending> {
        __rt::State::new(self.binding.unlabeled(179))
    }
    /// Waiting operations.
    ///
    /// `all_kept_waiting`, a gauge, read at each scrape; experimental.
    ///
    /// Labels:
    ///
    /// - [`ending`](labels::Ending): `ok`, `failed`, `unknown`.
    #[inline]
    pub fn waiting(
        &self,
        ending: labels::Ending,
    ) -> __rt::CallbackGauge<'_, __rt::Dimensionless> {
        __rt::CallbackGauge::new(self.binding.unlabeled(180).closed(ending))
    }
    /// Version of the running software.
    ///
    /// `all_kept_software_info`, an info metric; experimental; also exposed as `legacy_software_info` until 99.0.0.
    ///
    /// Facts:
    ///
    /// - [`version`](labels::Version): at most 1 value; additional values are recorded as `__other__`.
    #[inline]
    pub fn software(&self) -> __rt::Info<'_, 1> {
        __rt::Info::new(self.binding.unlabeled(182))
    }
}
/// Values of [`KeptRecorder`] at the time of the snapshot.
///
/// Metrics and values with former or exact names.
#[derive(Clone, Debug)]
pub struct KeptSnapshot<'a> {
    binding: __rt::SnapshotBinding<'a>,
}
impl KeptSnapshot<'_> {
    /// `all_kept_stages_total`: Completed stages.
    #[must_use]
    pub fn stages(&self, stage: labels::Stage) -> u64 {
        self.binding.at(171).closed(stage).number::<u64>()
    }
    /// `legacy_operations_total`: Operations, with an exact name.
    #[must_use]
    pub fn exact(&self) -> u64 {
        self.binding.at(172).number::<u64>()
    }
    /// `legacy_memory`: Memory, with an exact name that lacks the unit.
    #[must_use]
    pub fn bare(&self) -> u64 {
        self.binding.at(173).number::<u64>()
    }
    /// `all_kept_old_total`: Operations, counted as in earlier versions.
    #[must_use]
    pub fn old(&self) -> u64 {
        self.binding.at(174).number::<u64>()
    }
    /// `all_kept_older`: Operations, as a gauge.
    #[must_use]
    pub fn older(&self) -> f64 {
        self.binding.at(175).number::<f64>()
    }
    /// `all_kept_kept_alive`: A metric that repeats its group.
    #[must_use]
    pub fn kept_alive(&self) -> f64 {
        self.binding.at(176).number::<f64>()
    }
    /// `all_kept_results_total`: Operations, by result.
    #[must_use]
    pub fn results(&self, ending: labels::Ending) -> u64 {
        self.binding.at(177).closed(ending).number::<u64>()
    }
    /// `all_kept_took_seconds`: Duration of an operation.
    #[must_use]
    pub fn took(
        &self,
        ending: labels::Ending,
        status: labels::Status,
    ) -> __rt::HistogramValue<__rt::Seconds> {
        self.binding.at(178).closed(ending).closed(status).histogram::<__rt::Seconds>()
    }
    /// `all_kept_last`: How the last operation ended.
    #[must_use]
    pub fn last(&self) -> __rt::Option<labels::Ending> {
        self.binding.at(179).state::<labels::Ending>()
    }
    /// `all_kept_waiting`: Waiting operations.
    #[must_use]
    pub fn waiting(&self, ending: labels::Ending) -> __rt::Option<f64> {
        self.binding.at(180).closed(ending).optional_number::<f64>()
    }
    /// `all_kept_share_ratio`: Share of results in all results.
    #[must_use]
    pub fn share(&self, ending: labels::Ending) -> __rt::Option<f64> {
        self.binding.at(181).closed(ending).optional_number::<f64>()
    }
    /// `all_kept_software_info`: Version of the running software.
    #[must_use]
    pub fn software(&self) -> __rt::Option<__rt::Vec<__rt::String>> {
        self.binding.at(182).info()
    }
}
