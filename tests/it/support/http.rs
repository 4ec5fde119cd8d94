//! What a router serves: health, readiness, metrics, reloads.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The status code and the body of `GET path`.
pub fn get(address: &str, path: &str) -> (u16, String) {
    ask(address, "GET", path)
}

/// The status code and the body of `POST path`.
pub fn post(address: &str, path: &str) -> (u16, String) {
    ask(address, "POST", path)
}

fn ask(address: &str, method: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// The value of a metric without labels.
pub fn metric(address: &str, name: &str) -> Option<i64> {
    let (_, metrics) = get(address, "/metrics");
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}
