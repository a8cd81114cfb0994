//! Files read once: whole lines, lines too long, headers, and files that break off.

use super::{Feed, LINE_BYTES_KEPT};
use crate::command::watch::follow::Piece;
use std::fs;
use std::io::Write as _;
use tempfile::TempDir;

/// All pieces of a file, and the code of the fault behind them.
fn read(bytes: &[u8]) -> (Vec<Piece>, Option<String>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("events.log");
    fs::write(&path, bytes).unwrap();
    let waiting = tokio::runtime::Builder::new_current_thread().build().unwrap();
    waiting.block_on(async {
        let mut feed = Feed::open(&path).unwrap();
        let mut pieces = Vec::new();
        loop {
            match feed.next().await {
                Ok(Some(piece)) => pieces.push(piece),
                Ok(None) => return (pieces, None),
                Err(failure) => return (pieces, Some(failure.code)),
            }
        }
    })
}

#[test]
fn a_hundred_megabyte_line_is_skipped_and_counted() {
    let long = 100 << 20;
    let mut file = b"{\"n\":1}\n".to_vec();
    file.resize(file.len() + long, b'x');
    file.extend_from_slice(b"\n{\"n\":3}\n{\"n\":4}");
    let (pieces, fault) = read(&file);
    assert_eq!(fault, None);
    let most = pieces.iter().map(|piece| piece.bytes.len()).max().unwrap();
    assert!(most <= LINE_BYTES_KEPT + 1, "{most}");
    let passed: u64 = pieces.iter().map(|piece| piece.passed).sum();
    let kept: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
    assert_eq!(usize::try_from(passed).unwrap() + kept, file.len());
    let last = pieces.last().unwrap();
    assert_eq!((last.line, last.bytes.as_slice()), (4, b"{\"n\":4}".as_slice()));
    assert_eq!(pieces.iter().find(|piece| piece.passed > 0).unwrap().line, 2);
}

#[test]
fn every_piece_of_a_log_with_columns_has_its_header() {
    let header = "#separator \\x09\n#fields\tts\tquery\n";
    let mut file = header.as_bytes().to_vec();
    for n in 0..400_000 {
        file.extend_from_slice(format!("{n}.5\tn{n}.example\n").as_bytes());
    }
    let (pieces, _) = read(&file);
    assert!(pieces.len() > 1);
    assert_eq!(pieces[0].header, None, "it holds it");
    assert!(pieces[1..].iter().all(|piece| piece.header.as_deref() == Some(header)));
    let (pieces, _) = read(b"{\"a\":1}\n#x\n");
    assert_eq!(pieces[0].header, None);
}

#[test]
fn a_truncated_gzip_gives_what_came_and_then_its_fault() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for n in 0..50_000_u32 {
        writeln!(packer, "{{\"n\":{n}}}").unwrap();
    }
    let whole = packer.finish().unwrap();
    let (pieces, fault) = read(&whole[..whole.len() / 2]);
    let lines: usize = pieces.iter().map(|p| p.bytes.iter().filter(|b| **b == b'\n').count()).sum();
    assert!(lines > 10_000, "{lines}");
    assert_eq!(fault.as_deref(), Some("E-TELEMETRY-006"));
}
