//! Any way of cutting a stream gives the same events, and they are those of a second, much simpler reader.

use proptest::prelude::*;
use shadowcat_metrics::Metrics;

use super::*;
use crate::pool::Pools;

fn frames(metrics: &Metrics, limit: usize) -> Frames {
    let server = metrics.server("tested");
    Frames::new(Pools::new(metrics).sse, limit, metrics.sse(&server))
}

fn read(frames: &mut Frames, pieces: &[&[u8]]) -> Vec<Event> {
    let mut events = Vec::new();
    for piece in pieces {
        let mut bytes = Bytes::copy_from_slice(piece);
        while let Some(framed) = frames.push(&mut bytes) {
            match framed {
                Framed::Event(event, _) => events.push(event),
                Framed::TooLong(_) | Framed::Garbled(_) => panic!("{framed:?}"),
            }
        }
    }
    events
}

/// The rules of the HTML standard, section 9.2.6, for a text that is there as a whole.
fn oracle(text: &str) -> Vec<Event> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What follows the last line break is no line.
    lines.pop();
    let nothing = Event {
        kind: None,
        data: None,
        id: None,
        retry: None,
    };
    let mut events = Vec::new();
    let mut event = nothing.clone();
    for line in lines {
        if line.is_empty() {
            if event != nothing {
                events.push(std::mem::replace(&mut event, nothing.clone()));
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => event.kind = Some(value.to_owned()),
            "data" => {
                event.data = Some(match event.data.take() {
                    Some(data) => data + "\n" + value,
                    None => value.to_owned(),
                });
            }
            "id" if !value.contains('\0') => event.id = Some(value.to_owned()),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Ok(retry) = value.parse() {
                    event.retry = Some(Duration::from_millis(retry));
                }
            }
            _ => {}
        }
    }
    events
}

fn line() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => Just("data"), 2 => Just("id"), 1 => Just("event"), 1 => Just("retry"),
        1 => Just(""), 1 => Just("other"), 1 => Just("\u{feff}data"),
    ];
    let colon = prop_oneof![Just(":"), Just(": "), Just("")];
    let value = prop_oneof![Just("7"), Just(""), Just("é{}"), Just("a:b"), Just(" \0")];
    let end = prop_oneof![
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("\n\n"),
        Just("\r\r\n")
    ];
    (name, colon, value, end)
        .prop_map(|(name, colon, value, end)| format!("{name}{colon}{value}{end}"))
}

proptest! {
    #[test]
    fn any_way_of_cutting_a_stream_gives_the_same_events(
        lines in prop::collection::vec(line(), 0..24),
        cuts in prop::collection::vec(0_usize..400, 0..12),
    ) {
        let text = lines.concat();
        let bytes = text.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();

        let metrics = Metrics::new();
        let mut cut = frames(&metrics, 1000);
        prop_assert_eq!(read(&mut cut, &pieces), oracle(&text));
        let held = metrics.snapshot().sse("tested").buffer();
        prop_assert_eq!(usize::try_from(held), Ok(cut.held));
        drop(cut);
        prop_assert_eq!(metrics.snapshot().sse("tested").buffer(), 0);
        prop_assert_eq!(metrics.snapshot().buffer_pool(shadowcat_metrics::labels::Pool::Sse).in_use(), 0);
    }
}

#[test]
fn an_event_over_the_limit_is_passed_over_and_never_held() {
    let metrics = Metrics::new();
    let mut frames = frames(&metrics, 100);
    let mut found = Vec::new();
    let mut most = 0;
    let huge = vec![b'x'; 64 * 1024];
    let pieces = std::iter::once(&b"data: 1\n\ndata: {\"id\":7,"[..])
        .chain(std::iter::repeat_n(&huge[..], 1600))
        .chain([&b"\ndata: still the same\n\nda"[..], b"ta: 2\n\n"]);
    for piece in pieces {
        let mut bytes = Bytes::copy_from_slice(piece);
        while let Some(framed) = frames.push(&mut bytes) {
            found.push(framed);
        }
        most = most.max(metrics.snapshot().sse("tested").buffer());
    }
    let [
        Framed::Event(one, _),
        Framed::TooLong(head),
        Framed::Event(two, _),
    ] = &found[..]
    else {
        panic!("{found:?}");
    };
    assert_eq!(
        (one.data.as_deref(), two.data.as_deref()),
        (Some("1"), Some("2"))
    );
    assert!(head.starts_with(b"\ndata: {\"id\":7,xxx") && head.len() == HEAD);
    assert!(most < 200, "{most}");
    let recorded = metrics.snapshot();
    assert_eq!(recorded.sse("tested").buffer(), 0);
    assert_eq!(
        recorded
            .buffer_pool(shadowcat_metrics::labels::Pool::Sse)
            .in_use(),
        0
    );
}

#[test]
fn comments_are_not_held_and_bytes_that_are_no_text_are_reported() {
    let metrics = Metrics::new();
    let mut frames = frames(&metrics, 10);
    for _ in 0..10_000 {
        assert!(
            frames
                .push(&mut Bytes::from_static(b": still here\n: "))
                .is_none()
        );
        assert_eq!(frames.held, 0);
    }
    let mut bytes = Bytes::from_static(b"\n\ndata: \xff\xfe\n\ndata: 1\n\n");
    assert!(matches!(frames.push(&mut bytes), Some(Framed::Garbled(_))));
    assert!(matches!(frames.push(&mut bytes), Some(Framed::Event(..))));
}
