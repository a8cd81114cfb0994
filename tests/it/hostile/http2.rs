//! HTTP/2 by hand: streams reset as fast as they are opened, headers without end, settings, pings,
//! and frames that are none.

use super::world::World;
use std::time::Duration;
use world_tests::clock::{now, pause};
use world_tests::raw::Raw;
use world_tests::turn;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// `:method GET`, `:scheme http`, `:path /health/live`, `:authority x`, as HPACK writes them.
const HEAD: &[u8] = b"\x82\x86\x04\x0c/health/live\x01\x01x";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// SPEC: RFC 9113 §4.1
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    let [_, high, middle, low] = length;
    let mut frame = vec![high, middle, low, kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

fn begun(world: &World) -> Option<Raw> {
    let mut connection = Raw::connect(&world.node.http).ok()?;
    let settings = frame(SETTINGS, 0, 0, &[]);
    connection.send(&[PREFACE, &settings].concat()).then_some(connection)
}

/// Says this on several connections, again and again, until it is cut off or the time is over.
fn flood(world: &World, connections: usize, mut next: impl FnMut(u32) -> Vec<u8>) {
    let mut open: Vec<Raw> = (0..connections).filter_map(|_| begun(world)).collect();
    let end = now() + Duration::from_secs(2);
    let mut stream = 1;
    while now() < end && !open.is_empty() {
        let mut bytes = Vec::new();
        for _ in 0..100 {
            bytes.extend(next(stream));
            stream += 2;
        }
        open.retain_mut(|connection| connection.send(&bytes));
        // An attacker with a whole machine of its own would not share ours.
        pause(Duration::from_millis(10));
    }
}

#[test]
fn no_frame_of_http2_stops_the_node_or_slows_an_honest_client() {
    let _turn = turn::alone();
    let mut world = World::new("CERT Frames");
    world.phase("rapid reset", |world| {
        flood(world, 8, |stream| {
            let open = frame(HEADERS, END_STREAM | END_HEADERS, stream, HEAD);
            [open, frame(RESET, 0, stream, &8_u32.to_be_bytes())].concat()
        });
    });
    world.phase("headers without end", |world| {
        let piece = vec![0_u8; 8 << 10];
        let mut first = true;
        flood(world, 8, |_| {
            if std::mem::take(&mut first) {
                frame(HEADERS, END_STREAM, 1, HEAD)
            } else {
                frame(CONTINUATION, 0, 1, &piece)
            }
        });
    });
    world.phase("many streams", |world| {
        flood(world, 8, |stream| frame(HEADERS, END_HEADERS, stream, HEAD));
    });
    world.phase("settings and pings", |world| {
        flood(world, 8, |_| {
            let settings = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0xff, 0xff]);
            [settings, frame(PING, 0, 0, &[7; 8])].concat()
        });
    });
    world.phase("no window", |world| {
        // Answers that may not be sent: the window is shut from the start.
        flood(world, 8, |stream| {
            let shut = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
            [shut, frame(HEADERS, END_STREAM | END_HEADERS, stream, HEAD)].concat()
        });
    });
    world.phase("frames that are none", |world| {
        for bytes in [
            frame(DATA, 0, 0, b"on no stream"),
            frame(WINDOW, 0, 1, &[0; 4]),
            frame(WINDOW, 0, 0, &[0xff; 4]),
            frame(0xee, 0xff, 77, &[1; 5_000]),
            vec![0xff; 100_000],
            frame(HEADERS, END_HEADERS, 1, &[0xff; 4_000]),
            frame(HEADERS, END_HEADERS, 2, HEAD),
            frame(CONTINUATION, END_HEADERS, 1, HEAD),
        ] {
            if let Some(connection) = begun(world) {
                drop(connection.exchange(&bytes));
            }
        }
    });
    world.end();
}
