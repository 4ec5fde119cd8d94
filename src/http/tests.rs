//! Asked over a real socket, as a probe would.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Server, serve};
use crate::router::{DeadLetterLimit, Reloads, StormGuard, Watched};
use crate::telemetry::{Health, Metrics, PartitionHealth};
use crate::time::Timestamp;

fn server(health: &Arc<Health>) -> Server {
    let catalogue = crate::telemetry::tests::catalogue();
    let metrics = Arc::new(Metrics::new(&catalogue).unwrap());
    serve(SocketAddr::from(([127, 0, 0, 1], 0)), watched(metrics, health)).unwrap()
}

fn watched(metrics: Arc<Metrics>, health: &Arc<Health>) -> Watched {
    let (reloads, _) = Reloads::new();
    Watched {
        metrics,
        health: Arc::clone(health),
        storm: Arc::new(StormGuard::new(DeadLetterLimit::Off, Timestamp::now())),
        reloads,
    }
}

fn get(server: &Server, path: &str) -> String {
    ask(server, "GET", path)
}

fn ask(server: &Server, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_answers_what_probes_ask() {
    let health = Arc::new(Health::new(Instant::now()));
    let server = server(&health);
    assert!(get(&server, "/").contains("/metrics"));
    assert!(get(&server, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(&server, "/readyz").starts_with("HTTP/1.1 503"), "nothing is routed before the cluster is reached");
    let worker = health.worker(0, Instant::now());
    assert!(get(&server, "/readyz").contains("has not been given its share"), "nor before the group knows of it");
    worker.joined();
    assert!(get(&server, "/readyz").starts_with("HTTP/1.1 200"));
    assert!(get(&server, "/other").starts_with("HTTP/1.1 404"));
    let metrics = get(&server, "/metrics");
    assert!(metrics.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "{metrics}");
    assert!(metrics.contains("\nrevbus_ready 1\n"), "{metrics}");

    worker.set_partition(&"t".into(), 3, PartitionHealth::Restoring);
    let answer = get(&server, "/readyz");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.ends_with("\r\n\r\nt [3] is being restored\n"), "{answer}");
    assert!(get(&server, "/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_reload_is_for_a_router_that_routes() {
    let server = server(&Arc::new(Health::new(Instant::now())));
    let answer = ask(&server, "POST", "/-/reload");
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("nothing is routed here"), "{answer}");
    assert!(get(&server, "/-/reload").starts_with("HTTP/1.1 405"), "looking at it changes nothing");
}

#[test]
fn it_stops_when_dropped_though_a_connection_is_open() {
    let server = server(&Arc::new(Health::new(Instant::now())));
    let address = server.address();
    let mut idle = TcpStream::connect(address).unwrap();
    write!(idle, "GET / HTTP/1.1\r\n").unwrap();
    let began = Instant::now();
    drop(server);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_taken_port_is_a_clear_error() {
    let health = Arc::new(Health::new(Instant::now()));
    let first = server(&health);
    let metrics = Arc::new(Metrics::new(&crate::telemetry::tests::catalogue()).unwrap());
    let error = serve(first.address(), watched(metrics, &health)).unwrap_err().to_string();
    assert!(error.starts_with(&format!("failed to listen on {} for metrics and health: ", first.address())), "{error}");
}
