//! Target: one line of telemetry, as any sensor may write it, in every form.
//!
//! It checks that fields are seen, and values matched, the same way with used buffers as with fresh
//! ones, since the buffers outlive every line.

use detect::event::{Buffers, Field, Scalar, fields, time};
use detect::index::{Handle, Index};
use detect::live::{Match, Scratch, match_event};
use detect::observable::normal;
use detect::reading::{self, Form, Reader};
use model::facts::ValueKind;
use std::sync::LazyLock;

const FORMS: [Form; 8] = [
    Form::Auto,
    Form::Json,
    Form::ZeekTsv,
    Form::Cef,
    Form::Leef,
    Form::Syslog,
    Form::KeyValue,
    Form::Text,
];

/// A header, so that lines have columns to be read by.
const HEADER: &str =
    "#separator \\x09\n#fields\tts\tquery\tanswers\n#types\ttime\tstring\tset[string]\n";

/// Reads the line with fresh buffers, and again with the used ones.
///
/// # Panics
/// When the second reading sees other fields than the first.
pub fn event_line(bytes: &[u8]) {
    let mut buffers = Buffers::default();
    let first = seen(bytes, &mut buffers);
    assert_eq!(first, seen(bytes, &mut buffers), "used buffers change what is read");
    assert_eq!(time(bytes, &mut buffers), time(bytes, &mut Buffers::default()));
    remembered(bytes, &mut Reader::new(Form::Auto));
    for form in FORMS {
        let [mut reader, mut fresh] = [Reader::new(form), Reader::new(form)];
        let first = read(bytes, &mut reader, &mut buffers);
        // A header changes what follows it, and is none the second time.
        if reader.header().is_none() {
            assert_eq!(first, read(bytes, &mut reader, &mut buffers), "{form:?}: used buffers");
        }
        assert_eq!(first, read(bytes, &mut fresh, &mut Buffers::default()), "{form:?}");
        read(bytes, &mut Reader::resume(form, HEADER), &mut buffers);
    }
}

/// A few values, of which lines may have one.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::new([7; 16]);
    let values = [(ValueKind::Domain, "evil.example"), (ValueKind::Ipv4, "10.1.2.3")];
    for (handle, (kind, text)) in (0..).zip(values) {
        normal(kind, text).into_iter().for_each(|value| {
            index.insert(&value, Handle(handle));
        });
    }
    index
});

/// Reads the lines with one memory of lines that came before, and each with none.
///
/// # Panics
/// When they match otherwise.
fn remembered(bytes: &[u8], reader: &mut Reader) {
    let mut scratch = Scratch::default();
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // Twice, so that also the last line is remembered.
    for line in lines.iter().chain(&lines) {
        let Ok(Some(event)) = reader.event(line) else { continue };
        let matched = |scratch: &mut Scratch| -> (Vec<Match>, bool) {
            let mut out = Vec::new();
            let whole = match_event(&INDEX, &event, scratch, None, &mut out).is_ok();
            (out, whole)
        };
        assert_eq!(matched(&mut scratch), matched(&mut Scratch::default()), "a memory of lines");
    }
}

fn read(bytes: &[u8], reader: &mut Reader, buffers: &mut Buffers) -> (Vec<String>, bool) {
    let mut seen = Vec::new();
    let Ok(event) = reader.event(bytes) else { return (seen, false) };
    let Some(event) = event else { return (seen, true) };
    let mut each = |field: &Field<'_>| {
        let (Scalar::Text(value) | Scalar::Number(value) | Scalar::Bool(value)) = field.value;
        seen.push(format!("{}={value}", field.path.dotted()));
    };
    let whole = reading::fields(&event, buffers, &mut each).is_ok();
    seen.push(format!("{:?}", reading::time(&event, buffers)));
    (seen, whole)
}

fn seen(bytes: &[u8], buffers: &mut Buffers) -> (Vec<String>, bool) {
    let mut seen = Vec::new();
    let mut each = |field: &Field<'_>| {
        let (Scalar::Text(value) | Scalar::Number(value) | Scalar::Bool(value)) = field.value;
        seen.push(format!("{}={value}", field.path.dotted()));
    };
    let whole = fields(bytes, buffers, &mut each).is_ok();
    (seen, whole)
}
