//! Target: one line of telemetry, as any sensor may write it.
//!
//! It does not match anything; it checks that fields are seen the same way with used buffers as
//! with fresh ones, since the buffers outlive every line.

use detect::event::{Buffers, Field, Scalar, fields, time};

/// Reads the line with fresh buffers, and again with the used ones.
///
/// # Panics
/// When the second reading sees other fields than the first.
pub fn event_line(bytes: &[u8]) {
    let mut buffers = Buffers::default();
    let first = seen(bytes, &mut buffers);
    assert_eq!(first, seen(bytes, &mut buffers), "used buffers change what is read");
    assert_eq!(time(bytes, &mut buffers), time(bytes, &mut Buffers::default()));
}

fn seen(bytes: &[u8], buffers: &mut Buffers) -> (Vec<String>, bool) {
    let mut seen = Vec::new();
    let mut each = |field: &Field<'_>| {
        let (Scalar::Text(value) | Scalar::Number(value)) = field.value;
        seen.push(format!("{}={value}", field.path.dotted()));
    };
    let whole = fields(bytes, buffers, &mut each).is_ok();
    (seen, whole)
}
