//! Envelopes: stored bytes joined by commas into one buffer. No object is looked at or changed.

/// An envelope under construction.
#[derive(Debug, Default)]
pub struct EnvelopeWriter {
    buffer: Vec<u8>,
    objects: usize,
}

const BEGIN: &[u8] = b"{\"objects\":[";

impl EnvelopeWriter {
    /// An envelope with room for so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { buffer: Vec::with_capacity(bytes), objects: 0 }
    }

    /// Adds one object: the exact bytes of its body.
    pub fn push(&mut self, object: &[u8]) {
        self.buffer.extend_from_slice(if self.objects == 0 { BEGIN } else { b"," });
        self.buffer.extend_from_slice(object);
        self.objects = self.objects.saturating_add(1);
    }

    /// How many objects it holds.
    #[must_use]
    pub const fn objects(&self) -> usize {
        self.objects
    }

    /// How many bytes it has so far.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Ends it; `next` is the token when more objects exist.
    ///
    /// SPEC: TAXII 2.1 §3.7: no empty lists, so that an empty answer is `{}`.
    #[must_use]
    pub fn finish(self, more: bool, next: Option<&str>) -> Vec<u8> {
        let mut buffer = self.buffer;
        let mut members = Vec::new();
        if more {
            members.push("\"more\":true".to_owned());
            let quoted = next.and_then(|next| serde_json::to_string(next).ok());
            members.extend(quoted.map(|next| format!("\"next\":{next}")));
        }
        if self.objects == 0 {
            buffer.push(b'{');
        } else {
            buffer.push(b']');
            if more {
                buffer.push(b',');
            }
        }
        buffer.extend_from_slice(members.join(",").as_bytes());
        buffer.push(b'}');
        buffer
    }
}

#[cfg(test)]
mod tests;
