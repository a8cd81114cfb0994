//! Streams of both kinds, cut at every place.

use super::Frames;
use model::limits::EVENT_BYTES_MAX;

fn framed(stream: &[u8], cut: usize) -> (String, u64) {
    let (mut frames, mut lines) = (Frames::default(), Vec::new());
    for part in stream.chunks(cut) {
        frames.push(part, &mut lines);
    }
    frames.end(&mut lines);
    (String::from_utf8(lines).unwrap(), frames.skipped())
}

#[test]
fn both_framings_give_one_message_a_line_wherever_the_stream_is_cut() {
    let stream = b"7 <34>a\nb<34>c d\n<34>e\x0012 <34>f 12 ghi<34>last";
    for cut in 1..stream.len() {
        let (lines, skipped) = framed(stream, cut);
        assert_eq!(lines, "<34>a b\n<34>c d\n<34>e\n<34>f 12 ghi\n<34>last\n", "cut at {cut}");
        assert_eq!(skipped, 0);
    }
}

#[test]
fn messages_too_long_are_passed_over_in_bounded_memory_and_counted() {
    let long = "x".repeat(3 * EVENT_BYTES_MAX);
    let stream = format!("<34>a\n{long}\n<34>b\n{} {long}<34>c\n", long.len());
    let (mut frames, mut lines) = (Frames::default(), Vec::new());
    let mut most = 0;
    for part in stream.as_bytes().chunks(10_000) {
        frames.push(part, &mut lines);
        most = most.max(frames.rest.capacity());
    }
    assert_eq!(String::from_utf8(lines).unwrap(), "<34>a\n<34>b\n<34>c\n");
    let both = u64::try_from(2 * long.len()).unwrap();
    assert!((both..both + 20).contains(&frames.skipped()));
    assert!(most < 3 * EVENT_BYTES_MAX, "{most}");
}
