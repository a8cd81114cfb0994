//! Connections that no honest client makes: slow, many, silent, without end, against every rule of
//! HTTP/1.1.

use super::world::{TAXII, World};
use std::thread;
use std::time::Duration;
use world_tests::clock::{now, pause};
use world_tests::entente::Running;
use world_tests::raw::{Raw, statuses};
use world_tests::turn;

/// Connections that drip at once.
const SLOW: usize = 300;
/// Connections that are opened and left, as far as this machine lets a test open files.
const SILENT: usize = 3_000;
/// For how long slow senders go on.
const DRIP: Duration = Duration::from_secs(3);

fn open_files_max() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok()).unwrap_or(1_024)
}

/// Opens connections, says this on each, and then one byte at a time.
fn drip(world: &World, begin: &str, byte: &[u8]) {
    let mut open: Vec<Raw> = Vec::new();
    for _ in 0..SLOW.min(open_files_max() / 2) {
        let Ok(mut connection) = Raw::connect(&world.node.http) else { continue };
        connection.send(begin.as_bytes());
        open.push(connection);
    }
    let end = now() + DRIP;
    while now() < end {
        open.retain_mut(|connection| connection.send(byte));
        pause(Duration::from_millis(250));
    }
}

fn request(world: &World, method: &str, path: &str, more: &str) -> String {
    let token = &world.hostile;
    format!("{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{more}\r\n")
}

#[test]
fn no_connection_stops_the_node_or_slows_an_honest_client() {
    let _turn = turn::alone();
    let mut world = World::new("CERT Connections");
    world.phase("slow heads", |world| drip(world, "GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a"));
    world.phase("slow bodies", |world| {
        let path = Running::objects(&world.circle);
        let more = format!("Content-Type: {TAXII}\r\nContent-Length: 30000000\r\n");
        let begin = request(world, "POST", &path, &more);
        drip(world, &begin, b" ");
    });
    world.phase("slow large bodies", |world| {
        let path = Running::objects(&world.circle);
        let more = format!("Content-Type: {TAXII}\r\nContent-Length: 30000000\r\n");
        let begin = request(world, "POST", &path, &more) + &" ".repeat(100_000);
        drip(world, &begin, b" ");
    });
    world.phase("slow readers", slow_readers);
    world.phase("thousands, silent", |world| {
        let most = SILENT.min(open_files_max().saturating_sub(200));
        let open: Vec<Raw> =
            (0..most).filter_map(|_| Raw::connect(&world.node.http).ok()).collect();
        pause(Duration::from_secs(1));
        drop(open);
    });
    world.phase("thousands, at once", |world| {
        for _ in 0..SILENT {
            drop(Raw::connect(&world.node.http));
        }
    });
    world.phase("pipelining", pipelining);
    world.phase("floods of headers", floods);
    world.phase("against the rules", rules);
    world.phase("filters for nothing", filters_for_nothing);
    world.end();
}

/// Asks for pages and reads nothing of them.
fn slow_readers(world: &mut World) {
    let path = Running::objects(&world.circle);
    let ask = request(world, "GET", &path, "Accept: application/taxii+json;version=2.1\r\n");
    let mut open: Vec<Raw> = Vec::new();
    for _ in 0..60 {
        let Ok(mut connection) = Raw::connect(&world.node.http) else { continue };
        for _ in 0..4 {
            connection.send(ask.as_bytes());
        }
        open.push(connection);
    }
    pause(DRIP);
}

/// Thousands of requests on one connection, their answers not waited for.
fn pipelining(world: &mut World) {
    let one = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    let Ok(mut connection) = Raw::connect(&world.node.http) else { return };
    let end = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    connection.send((one.repeat(5_000) + end).as_bytes());
    let read = connection.rest();
    let good = statuses(&read).iter().filter(|status| **status == 200).count();
    if good != 5_001 {
        world.fault(format!("pipelining: {good} of 5,001 were answered"));
    }
}

fn floods(world: &mut World) {
    let floods = [
        format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: y\r\n".repeat(100_000)),
        format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(8 << 20)),
        format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(8 << 20)),
        format!("GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n", "a=b&".repeat(1 << 20)),
        format!("{} / HTTP/1.1\r\n\r\n", "A".repeat(4 << 20)),
        format!("GET / HTTP/1.1\r\nAuthorization: Bearer {}\r\n\r\n", "a".repeat(1 << 20)),
        "\r\n".repeat(1 << 20),
    ];
    let http = world.node.http.clone();
    for (number, flood) in floods.iter().enumerate() {
        let Ok(connection) = Raw::connect(&http) else { continue };
        let read = statuses(&connection.exchange(flood.as_bytes()));
        if read.iter().any(|status| *status >= 500 || *status < 400) {
            world.fault(format!("flood {number}: {read:?}"));
        }
    }
    // Many at once, each as much as one connection may hold.
    let held = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "y".repeat(70_000));
    let mut open: Vec<Raw> = Vec::new();
    for _ in 0..600_usize.min(open_files_max() / 2) {
        let Ok(mut connection) = Raw::connect(&http) else { continue };
        connection.send(held.as_bytes());
        open.push(connection);
    }
    pause(Duration::from_millis(500));
}

fn rules(world: &mut World) {
    let path = Running::objects(&world.circle);
    let chunked = |world: &World, body: &str| {
        let more = format!("Content-Type: {TAXII}\r\nTransfer-Encoding: chunked\r\n");
        request(world, "POST", &path, &more) + body
    };
    let length = |world: &World, lengths: &str| {
        request(world, "POST", &path, &format!("Content-Type: {TAXII}\r\n{lengths}")) + "{}"
    };
    let mut texts = vec![
        chunked(world, "zz\r\n{}\r\n0\r\n\r\n"),
        chunked(world, "-1\r\n{}\r\n0\r\n\r\n"),
        chunked(world, "ffffffffffffffffff\r\n{}\r\n"),
        chunked(world, "2\r\n{}{}{}{}\r\n0\r\n\r\n"),
        chunked(world, &format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "a".repeat(1 << 20))),
        chunked(world, &("1;a=b\r\n \r\n".repeat(200_000) + "0\r\n\r\n")),
        chunked(world, &format!("0\r\n{}\r\n", "T: x\r\n".repeat(100_000))),
        length(world, "Content-Length: -1\r\n"),
        length(world, "Content-Length: 2\r\nContent-Length: 3\r\n"),
        length(world, "Content-Length: 99999999999999999999\r\n"),
        length(world, "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"),
        length(world, "Transfer-Encoding: gzip, chunked, chunked\r\n"),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "GET  /  HTTP/1.1\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost : x\r\n folded\r\n\r\n".to_owned(),
        "GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "\0\0\0\0\0\0\0\0".to_owned(),
    ];
    texts.push(
        "GET /taxii2/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
            .to_owned(),
    );
    let mut all: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    all.push(b"GET /\xff\xfe HTTP/1.1\r\nHost: \xff\r\n\r\n".to_vec());
    all.push(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec());
    let http = world.node.http.clone();
    for (number, bytes) in all.iter().enumerate() {
        let Ok(connection) = Raw::connect(&http) else { continue };
        let read = statuses(&connection.exchange(bytes));
        if read.iter().any(|status| *status >= 500) {
            world.fault(format!("rule {number}: {read:?}"));
        }
    }
}

/// Eight clients walk a collection for what is not in it.
fn filters_for_nothing(world: &mut World) {
    let path = format!("{}?match[type]=no-such-type", Running::objects(&world.circle));
    let walkers: Vec<_> = (0..8)
        .map(|_| {
            let (mut client, path) = (world.attacker(), path.clone());
            thread::spawn(move || {
                let end = now() + DRIP;
                while now() < end {
                    drop(client.try_send("GET", &path, &[], b""));
                }
            })
        })
        .collect();
    for walker in walkers {
        drop(walker.join());
    }
}
