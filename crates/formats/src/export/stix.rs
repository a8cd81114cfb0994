//! A bundle of the indicators themselves, byte for byte as they came. It opens none.

use model::seal::sha256;

#[derive(Debug, Default)]
pub(super) struct Bundle {
    objects: Vec<u8>,
}

impl Bundle {
    pub(super) fn push(&mut self, body: &[u8]) {
        if !self.objects.is_empty() {
            self.objects.extend_from_slice(b",\n");
        }
        self.objects.extend_from_slice(body);
    }

    pub(super) fn bytes(&self) -> usize {
        self.objects.len()
    }

    /// The bundle's id follows from what it holds: the same indicators are the same bytes.
    pub(super) fn finish(self) -> Vec<u8> {
        let digest = sha256(&[b"entente/feed/1", &self.objects]);
        let mut id = [0; 16];
        id.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
        let id = uuid::Builder::from_custom_bytes(id).into_uuid();
        let head = format!("{{\"type\":\"bundle\",\"id\":\"bundle--{id}\"");
        let mut out = Vec::with_capacity(head.len() + self.objects.len() + 32);
        out.extend_from_slice(head.as_bytes());
        // SPEC: STIX 2.1 §8: a bundle without objects has no list of them.
        if !self.objects.is_empty() {
            out.extend_from_slice(b",\"objects\":[\n");
            out.extend_from_slice(&self.objects);
            out.extend_from_slice(b"\n]");
        }
        out.extend_from_slice(b"}\n");
        out
    }
}
