//! Targets: readers that live inside the program itself, which is no library: their files are read
//! in here as they stand.
//!
//! They do not open sockets; they check that nothing unpacks to more than was allowed, and that a
//! code has one spelling.

use crate::input::Dice;
use model::limits::BODY_BYTES_MAX;

#[path = "../../crates/entente/src/wire/code.rs"]
mod code;
#[path = "../../crates/entente/src/http/coding.rs"]
#[expect(dead_code, reason = "only what reads is driven")]
mod coding;
#[path = "../../crates/entente/src/wire/compress.rs"]
#[expect(dead_code, reason = "only what reads is driven")]
mod compress;
#[path = "../../crates/entente/src/wire/message.rs"]
#[expect(dead_code, reason = "only what reads is driven")]
mod message;
#[path = "../../crates/store/src/body.rs"]
mod stored;

/// Reads an invitation's code.
///
/// # Panics
/// When what was read is printed and read as something else.
pub fn invitation_code(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(code) = text.parse::<code::Code>() {
        assert_eq!(code.to_string().parse(), Ok(code));
    }
}

/// A code with a true sum, around any address.
pub fn made_code(dice: &mut Dice) -> Vec<u8> {
    let addresses = ["127.0.0.1:8441", "[::1]:1", "a.example:65536", "", "a@b:1", ":1", "\u{fc}:1"];
    let address = dice.one_of(&addresses).to_owned();
    let key = model::seal::PublicKey::new(dice.bytes());
    code::Code { address, key, secret: dice.bytes() }.to_string().into_bytes()
}

/// Reads a request to join, its answer, and a refusal.
///
/// # Panics
/// When a refusal's words keep what a terminal would obey.
pub fn link_join(bytes: &[u8]) {
    drop(serde_json::from_slice::<message::JoinRequest>(bytes));
    drop(serde_json::from_slice::<message::JoinAnswer>(bytes));
    let body = message::ProblemBody::read(400, bytes);
    for words in [&body.code, &body.detail, &body.hint] {
        assert!(!words.chars().any(char::is_control), "{words:?} would be obeyed");
    }
}

/// Bytes that an unpacking may give here.
const UNPACKED_MAX: usize = 64 << 10;

/// Unpacks a request's body, a batch, and a stored body.
///
/// # Panics
/// When one becomes longer than was allowed.
pub fn unpacking(bytes: &[u8]) {
    let within = |unpacked: Option<Vec<u8>>| {
        assert!(unpacked.is_none_or(|bytes| bytes.len() <= UNPACKED_MAX), "more than allowed");
    };
    for coding in [coding::Coding::Zstd, coding::Coding::Gzip, coding::Coding::Deflate] {
        within(coding.unpack(bytes, UNPACKED_MAX).ok().flatten());
    }
    within(compress::unpack(bytes, UNPACKED_MAX));
    let Some(([dict, a, b, c, d], frame)) = bytes.split_first_chunk() else { return };
    let size = i64::from(i32::from_be_bytes([*a, *b, *c, *d]));
    let body = stored::Packer::default().unpack(*dict % 3, size, frame);
    if let Ok(body) = body {
        assert!(body.len() <= BODY_BYTES_MAX && i64::try_from(body.len()) == Ok(size));
    }
}

/// Something packed: little, much, or a bomb; in one coding, or packed twice.
pub fn packed(dice: &mut Dice) -> Vec<u8> {
    let plain = match dice.below(400) {
        0 => vec![0; 4 << 20],
        1 => b"ab".repeat(1 << 18),
        2 => vec![b' '; UNPACKED_MAX + dice.below(2)],
        _ => crate::made::json::value(dice),
    };
    let pack = |dice: &mut Dice, plain: &[u8]| match dice.below(4) {
        2 => coding::Coding::Deflate.pack(plain).unwrap_or_default(),
        0 => coding::Coding::Gzip.pack(plain).unwrap_or_default(),
        1 => coding::Coding::Zstd.pack(plain).unwrap_or_default(),
        _ => {
            let packed = stored::Packer::default().pack(plain);
            let Ok(stored::Packed { dict, size, bytes }) = packed else { return Vec::new() };
            let size = u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes();
            [&[dict][..], &size, &bytes].concat()
        }
    };
    let once = pack(dice, &plain);
    if dice.one_in(10) { pack(dice, &once) } else { once }
}

/// What the store's own file says when a body cannot be unpacked.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// Not of this coding.
    Packing(#[expect(dead_code, reason = "only told to people")] std::io::Error),
    /// Something is not as it was written.
    Damaged(#[expect(dead_code, reason = "only told to people")] String),
}

impl StoreError {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}
