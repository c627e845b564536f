//! Hostile and broken clients: the server survives them and keeps serving others.
#![cfg(all(feature = "exporter", not(loom)))]

#[allow(dead_code, reason = "each test uses a part of it")]
mod http;
#[allow(dead_code, reason = "each test uses a part of it")]
mod pages;

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use http::{Answer, connect, get, rest, send};
use pages::{Filled, Metrics};
use shadowcat_metrics::exporter::{Exporter, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

const ANY: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// A timeout short enough for a test.
const SHORT: Duration = Duration::from_millis(500);

/// Time limit for an answer if other clients take all connections: far shorter than the default timeouts.
const SOON: Duration = Duration::from_secs(5);

/// A request that keeps the connection open.
const REQUEST: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n";

/// Starts a server with short timeouts and a low connection limit.
async fn strict() -> Server {
    let exporter = Exporter::new(&Metrics::new())
        .header_timeout(SHORT)
        .response_timeout(SHORT)
        .max_connections(4);
    exporter.serve(ANY).await.expect("a free port")
}

async fn assert_serves(server: &Server) {
    assert_eq!(get(server.local_addr(), "").await.status, 200);
}

async fn assert_serves_soon(server: &Server) {
    let scrape = timeout(SOON, assert_serves(server)).await;
    scrape.expect("the server makes room for a scrape");
}

#[tokio::test]
async fn garbage_requests() {
    let server = strict().await;
    let long = vec![b'A'; 100_000];
    let garbage_requests: [&[u8]; 9] = [
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /metr ics HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: x\r\n\r\n",
        &long,
    ];
    for bytes in garbage_requests {
        let answer = send(server.local_addr(), bytes).await;
        if !answer.is_empty() {
            let status = Answer::parse(&answer).status;
            assert!(
                (400..=499).contains(&status),
                "{status} to {}",
                bytes.escape_ascii()
            );
        }
        assert_serves(&server).await;
    }
}

#[tokio::test]
async fn oversize_headers() {
    let server = strict().await;
    let long = format!("X-Long: {}\r\n", "x".repeat(60_000));
    let many = "X-Many: x\r\n".repeat(1000);
    for headers in [long, many] {
        let request = format!("GET /metrics HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
        let answer = send(server.local_addr(), request.as_bytes()).await;
        // The last bytes sent may still be in transit when the server closes the connection; the response is then lost.
        if !answer.is_empty() {
            assert_eq!(Answer::parse(&answer).status, 431);
        }
        assert_serves(&server).await;
    }
    let accept = format!("Accept: {}\r\n", "text/plain;q=0.1,".repeat(500));
    assert_eq!(get(server.local_addr(), &accept).await.status, 200);
}

#[tokio::test]
async fn slow_headers() {
    let server = strict().await;
    let began = Instant::now();
    let mut stream = connect(server.local_addr()).await;
    let (mut reading, mut writing) = stream.split();
    let drip = async {
        for byte in "GET /metrics HTTP/1.1\r\nX-Slow: "
            .bytes()
            .chain(std::iter::repeat(b'x'))
        {
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
            sleep(SHORT / 20).await;
        }
    };
    let mut answer = Vec::new();
    let read = reading.read_to_end(&mut answer);
    tokio::select! {
        () = drip => {}
        _ = read => {}
    }
    assert!(began.elapsed() >= SHORT);
    assert!(began.elapsed() < 20 * SHORT, "{:?}", began.elapsed());
    assert_serves(&server).await;
}

#[tokio::test]
async fn more_connections_than_allowed() {
    let server = strict().await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(connect(server.local_addr()).await);
    }
    // The earlier connections time out four at a time.
    assert_serves(&server).await;
    for mut stream in idle {
        assert!(rest(&mut stream).await.is_empty());
    }
}

#[tokio::test]
async fn many_scrapers_at_once() {
    let exporter = Exporter::new(&Metrics::new()).max_connections(8);
    let server = exporter.serve(ANY).await.expect("a free port");
    let to = server.local_addr();
    let scrapes: Vec<_> = (0..100)
        .map(|_| tokio::spawn(async move { get(to, "").await.status }))
        .collect();
    for scrape in scrapes {
        let status = scrape.await.expect("no panic");
        assert!(matches!(status, 200 | 503), "{status}");
    }
}

#[tokio::test]
async fn half_closed_connections() {
    let server = strict().await;
    let mut stream = connect(server.local_addr()).await;
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
        .await
        .expect("sent");
    stream.shutdown().await.expect("half closed");
    assert_eq!(Answer::parse(&rest(&mut stream).await).status, 200);

    let mut silent = connect(server.local_addr()).await;
    silent.shutdown().await.expect("half closed");
    assert!(rest(&mut silent).await.is_empty());
    assert_serves(&server).await;
}

#[tokio::test]
async fn connections_closed_before_the_response() {
    let server = strict().await;
    for _ in 0..50 {
        let mut stream = connect(server.local_addr()).await;
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")
            .await
            .expect("sent");
    }
    assert_serves(&server).await;
}

#[tokio::test]
async fn endless_bodies() {
    let server = strict().await;
    for method in ["GET", "POST"] {
        let mut stream = connect(server.local_addr()).await;
        let head = format!(
            "{method} /metrics HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        let endless = async {
            let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
        };
        timeout(20 * SHORT, endless)
            .await
            .expect("the server stops reading");
        assert_serves(&server).await;
    }
}

/// A client that sends requests and never reads: the responses fill both socket buffers until the server times out.
#[tokio::test]
async fn unread_responses() {
    let filled = Filled::new();
    let exporter = Exporter::new(&filled.metrics)
        .response_timeout(SHORT)
        .max_concurrent_scrapes(1);
    let server = exporter.serve(ANY).await.expect("a free port");
    let mut stream = connect(server.local_addr()).await;
    let ask = async {
        let requests = b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n".repeat(100);
        while stream.write_all(&requests).await.is_ok() {}
    };
    timeout(40 * SHORT, ask).await.expect("the server gives up");
    // The scrape in progress has ended, too.
    assert_serves(&server).await;
}

#[tokio::test]
async fn waiting_connections_make_room() {
    let part: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: te";
    let crowds = [(64, &b""[..]), (100, b""), (64, part), (64, REQUEST)];
    for (connections, sent) in crowds {
        let exporter = Exporter::new(&Metrics::new());
        let server = exporter.serve(ANY).await.expect("a free port");
        let mut waiting = Vec::new();
        for _ in 0..connections {
            let mut stream = connect(server.local_addr()).await;
            stream.write_all(sent).await.expect("sent");
            waiting.push(stream);
        }
        assert_serves_soon(&server).await;
    }
}

#[tokio::test]
async fn slow_headers_do_not_keep_a_place() {
    let exporter = Exporter::new(&Metrics::new());
    let server = exporter.serve(ANY).await.expect("a free port");
    let mut slow = JoinSet::new();
    for _ in 0..64 {
        let mut stream = connect(server.local_addr()).await;
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nX-Slow: ")
            .await
            .expect("sent");
        slow.spawn(async move {
            while stream.write_all(b"x").await.is_ok() {
                sleep(SHORT / 20).await;
            }
        });
    }
    assert_serves_soon(&server).await;
}

#[tokio::test]
async fn clients_that_reconnect_at_once_do_not_keep_others_out() {
    let index: &[u8] = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    for sent in [b"", index, REQUEST] {
        let exporter = Exporter::new(&Metrics::new()).max_concurrent_scrapes(200);
        let server = exporter.serve(ANY).await.expect("a free port");
        let to = server.local_addr();
        let mut clients = JoinSet::new();
        for _ in 0..100 {
            clients.spawn(async move {
                loop {
                    let mut stream = connect(to).await;
                    let mut bytes = [0; 4096];
                    // A page is longer than one read, so more and more requests wait for their answers.
                    while stream.write_all(sent).await.is_ok()
                        && stream.read(&mut bytes).await.is_ok_and(|read| read > 0)
                    {
                    }
                }
            });
        }
        for _ in 0..5 {
            sleep(SHORT / 2).await;
            assert_serves_soon(&server).await;
        }
    }
}

mod many {
    shadowcat_metrics::metrics!("tests/many_callbacks.toml");
}

/// Sends a request, and waits until the first bytes of its answer arrive.
async fn ask(server: &Server, request: &[u8]) -> TcpStream {
    let mut stream = connect(server.local_addr()).await;
    stream.write_all(request).await.expect("sent");
    stream.readable().await.expect("open");
    stream
}

#[tokio::test]
async fn answers_under_way_are_not_cut() {
    let metrics = many::Metrics::new();
    // The page is longer than the socket buffers.
    let padding = "x".repeat(100);
    let callbacks: Vec<_> = (0..50_000)
        .map(|number| {
            let tenant = metrics.tenant(format!("{padding}{number}"));
            metrics.queue().depth(&tenant).register(|| 1_u64)
        })
        .collect();
    let exporter = Exporter::new(&metrics)
        .max_connections(2)
        .response_timeout(Duration::from_secs(60));
    let server = exporter.serve(ANY).await.expect("a free port");
    let mut first = ask(&server, REQUEST).await;
    let last = b"GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    let mut second = ask(&server, last).await;
    let third = get(server.local_addr(), "");
    let mut third = std::pin::pin!(third);
    let early = timeout(SHORT, &mut third).await;
    assert!(early.is_err(), "both connections are in use");

    let (read, third) = tokio::join!(rest(&mut first), timeout(SOON, third));
    let page = Answer::parse(&read).text();
    assert_eq!(page.matches("\napp_queue_depth{").count(), callbacks.len());
    let third = third.expect("the first connection makes room");
    assert_eq!(third.text(), page);
    assert_eq!(Answer::parse(&rest(&mut second).await).text(), page);
}
