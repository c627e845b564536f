//! Sum labels: a value decides which extra labels a series has, and no other series exist.

mod metrics {
    shadowcat_metrics::metrics!("tests/sum_labels.toml");
}

use metrics::Metrics;
use metrics::labels::{Call, Mode, Outcome, Place};
use shadowcat_metrics::Format;

/// The sample lines of a family.
fn lines(metrics: &Metrics, family: &str) -> Vec<String> {
    let page = metrics.encode(Format::PrometheusText);
    let lines = page.lines().filter(|line| line.starts_with(family));
    lines.map(str::to_owned).collect()
}

#[test]
fn only_possible_combinations_have_series() {
    let metrics = Metrics::new();
    let calls = metrics.calls(Outcome::Ok);
    let (tool, prompt, region) = (
        metrics.tool("hammer"),
        metrics.prompt("hello"),
        metrics.region("north"),
    );
    calls.made(Call::Ping).inc();
    calls.made(Call::ToolsCall(&tool)).add(2);
    calls.made(Call::ToolsCancel(&tool)).add(3);
    calls.made(Call::PromptsGet(&prompt, Mode::Rich)).add(4);
    calls.made(Call::TasksGet(Place::Memory)).add(5);
    calls.made(Call::TasksGet(Place::Remote(&region))).add(6);
    let ok: Vec<_> = lines(&metrics, "app_calls_made_total")
        .into_iter()
        .filter(|line| line.contains("outcome=\"ok\""))
        .collect();
    assert_eq!(
        ok,
        [
            "app_calls_made_total{outcome=\"ok\",method=\"ping\"} 1",
            "app_calls_made_total{outcome=\"ok\",method=\"initialize\"} 0",
            "app_calls_made_total{outcome=\"ok\",method=\"tools/call\",tool=\"hammer\"} 2",
            "app_calls_made_total{outcome=\"ok\",method=\"tools/cancel\",tool=\"hammer\"} 3",
            "app_calls_made_total{outcome=\"ok\",method=\"prompts/get\",prompt=\"hello\",mode=\"plain\"} 0",
            "app_calls_made_total{outcome=\"ok\",method=\"prompts/get\",prompt=\"hello\",mode=\"rich\"} 4",
            "app_calls_made_total{outcome=\"ok\",method=\"tasks/get\",store=\"memory\"} 5",
            "app_calls_made_total{outcome=\"ok\",method=\"tasks/get\",store=\"remote\",region=\"north\"} 6",
        ]
    );
    let snapshot = metrics.snapshot();
    let read = snapshot.calls(Outcome::Ok);
    assert_eq!(read.made(Call::Ping), 1);
    assert_eq!(read.made(Call::Initialize), 0);
    assert_eq!(read.made(Call::ToolsCall(&tool)), 2);
    assert_eq!(read.made(Call::ToolsCancel(&tool)), 3);
    assert_eq!(read.made(Call::PromptsGet(&prompt, Mode::Rich)), 4);
    assert_eq!(read.made(Call::TasksGet(Place::Memory)), 5);
    assert_eq!(read.made(Call::TasksGet(Place::Remote(&region))), 6);
    assert_eq!(snapshot.calls(Outcome::Error).made(Call::Ping), 0);
}

#[test]
fn series_of_a_sum_label_end_with_the_open_value() {
    let metrics = Metrics::new();
    let tool = metrics.tool("hammer");
    metrics
        .calls(Outcome::Ok)
        .steps(Call::ToolsCall(&tool))
        .observe(1.0);
    assert_eq!(
        lines(&metrics, "app_calls_steps_count").len(),
        2 * (2 + 2 + 1)
    );
    drop(tool);
    assert_eq!(lines(&metrics, "app_calls_steps_count").len(), 2 * (2 + 1));
}

#[test]
fn ratios_divide_series_that_are_alike() {
    let metrics = Metrics::new();
    let tool = metrics.tool("hammer");
    let calls = metrics.calls(Outcome::Ok);
    calls.made(Call::ToolsCall(&tool)).add(3);
    calls.lost(Call::ToolsCall(&tool)).inc();
    let ratios = lines(
        &metrics,
        "app_calls_loss_ratio{outcome=\"ok\",method=\"tools/call\"",
    );
    assert_eq!(
        ratios,
        ["app_calls_loss_ratio{outcome=\"ok\",method=\"tools/call\",tool=\"hammer\"} 0.25"]
    );
}

#[test]
fn metadata_is_written_once_in_all_formats() {
    let metrics = Metrics::new();
    let (tool, region) = (metrics.tool("hammer"), metrics.region("north"));
    metrics
        .calls(Outcome::Ok)
        .made(Call::ToolsCall(&tool))
        .inc();
    metrics
        .queue()
        .moves(Place::Remote(&region), Outcome::Ok)
        .inc();
    for format in [Format::PrometheusText, Format::OpenMetrics] {
        let page = metrics.encode(format);
        for family in ["app_calls_made", "app_queue_moves", "app_queue_hops"] {
            let begins = format!("# TYPE {family}");
            assert_eq!(page.matches(&begins).count(), 1, "{page}");
        }
    }
    let page = metrics.encode_protobuf();
    let name = b"\x14app_calls_made_total";
    let found = page.windows(name.len()).filter(|bytes| bytes == name);
    assert_eq!(found.count(), 1);
    assert_eq!(
        lines(&metrics, "app_queue_hops_total"),
        [
            "app_queue_hops_total{store=\"memory\",outcome=\"ok\"} 0",
            "app_queue_hops_total{store=\"memory\",outcome=\"error\"} 0",
            "app_queue_hops_total{store=\"remote\",region=\"north\",outcome=\"ok\"} 1",
            "app_queue_hops_total{store=\"remote\",region=\"north\",outcome=\"error\"} 0",
        ]
    );
}

#[test]
fn overflow_and_other_registries() {
    let (metrics, other) = (Metrics::new(), Metrics::new());
    let tool = other.tool("saw");
    metrics
        .calls(Outcome::Ok)
        .made(Call::ToolsCall(&tool))
        .inc();
    let tools: Vec<_> = ["a", "b", "c"].map(|tool| metrics.tool(tool)).into();
    for tool in &tools {
        metrics.calls(Outcome::Ok).made(Call::ToolsCall(tool)).inc();
    }
    let page = lines(
        &metrics,
        "app_calls_made_total{outcome=\"ok\",method=\"tools/call\"",
    );
    assert_eq!(page.len(), 3, "{page:#?}");
    assert!(page[2].ends_with("tool=\"__other__\"} 2"), "{page:#?}");
    Metrics::disabled()
        .calls(Outcome::Ok)
        .made(Call::ToolsCall(&tool))
        .inc();
}

#[test]
fn a_group_binds_a_sum_label() {
    let metrics = Metrics::new();
    let memory = metrics.storage(Outcome::Ok, Place::Memory);
    memory.tasks().inc();
    memory.moves(Mode::Rich).add(2);
    let remote =
        |region: &str| metrics.storage(Outcome::Ok, Place::Remote(&metrics.region(region)));
    let tasks = |outcome: &str| {
        let start = format!("app_storage_tasks_total{{outcome=\"{outcome}\"");
        lines(&metrics, &start)
    };
    assert_eq!(
        tasks("ok"),
        ["app_storage_tasks_total{outcome=\"ok\",store=\"memory\"} 1"]
    );
    // The series of a recorder's region start at zero, and end with it.
    let north = remote("north");
    let zero = "app_storage_tasks_total{outcome=\"ok\",store=\"remote\",region=\"north\"} 0";
    assert_eq!(tasks("ok")[1], zero);
    north.tasks().add(3);
    north.moves(Mode::Plain).add(4);
    north.waiting().observe(1.0);
    assert_eq!(
        tasks("ok")[1],
        "app_storage_tasks_total{outcome=\"ok\",store=\"remote\",region=\"north\"} 3"
    );
    assert_eq!(tasks("error").len(), 2);
    let snapshot = metrics.snapshot();
    let region = metrics.region("north");
    let read = snapshot.storage(Outcome::Ok, Place::Remote(&region));
    assert_eq!((read.tasks(), read.moves(Mode::Plain)), (3, 4));
    assert_eq!(read.waiting().count(), 1);
    let read = snapshot.storage(Outcome::Ok, Place::Memory);
    assert_eq!((read.tasks(), read.moves(Mode::Rich)), (1, 2));
    drop((region, north));
    assert_eq!(tasks("ok").len(), 1);
    // A region of another registry.
    let other = Metrics::new().region("south");
    metrics
        .storage(Outcome::Error, Place::Remote(&other))
        .tasks()
        .inc();
    assert_eq!(tasks("error").len(), 1, "the recorder is gone");
    Metrics::disabled()
        .storage(Outcome::Ok, Place::Remote(&other))
        .tasks()
        .inc();
}
