//! Bodies on disk: zstd with dictionaries that ship with the program and never change.
//!
//! It never looks into a body. A dictionary is part of the disk format: `dict/README.md`.

use crate::StoreError;
use model::limits::BODY_BYTES_MAX;
use std::cell::RefCell;
use std::fmt;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Level 3 is the knee: above it the ratio hardly grows on bodies of a few hundred bytes.
const LEVEL: i32 = 3;
/// No dictionary.
const PLAIN: u8 = 0;
/// The first dictionary, trained on made-up STIX objects.
const STIX_1: u8 = 1;
/// Above this a body is its own best dictionary.
const DICTIONARY_BYTES_MAX: usize = 64 << 10;

static STIX_1_BYTES: &[u8] = include_bytes!("../dict/stix-1.zdict");
static STIX_1_IN: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(STIX_1_BYTES, LEVEL));
static STIX_1_OUT: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(STIX_1_BYTES));

/// A body as it lies in a row.
pub(crate) struct Packed {
    /// The dictionary's id, 0 for none.
    pub(crate) dict: u8,
    /// Bytes of the body.
    pub(crate) size: usize,
    /// The zstd frame.
    pub(crate) bytes: Vec<u8>,
}

/// The contexts of one connection, made when first needed.
#[derive(Default)]
pub(crate) struct Packer {
    plain_in: RefCell<Option<Compressor<'static>>>,
    plain_out: RefCell<Option<Decompressor<'static>>>,
    stix_in: RefCell<Option<Compressor<'static>>>,
    stix_out: RefCell<Option<Decompressor<'static>>>,
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Packer")
    }
}

impl Packer {
    /// Packs a body.
    pub(crate) fn pack(&self, body: &[u8]) -> Result<Packed, StoreError> {
        let plain = body.len() > DICTIONARY_BYTES_MAX;
        let bytes = if plain {
            with(&self.plain_in, || Compressor::new(LEVEL), |zstd| zstd.compress(body))
        } else {
            with(&self.stix_in, new_stix_in, |zstd| zstd.compress(body))
        };
        let dict = if plain { PLAIN } else { STIX_1 };
        Ok(Packed { dict, size: body.len(), bytes: bytes.map_err(StoreError::Packing)? })
    }

    /// Gives back a body of `size` bytes.
    pub(crate) fn unpack(&self, dict: u8, size: i64, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let size = usize::try_from(size)
            .ok()
            .filter(|size| *size <= BODY_BYTES_MAX)
            .ok_or_else(|| StoreError::damaged("the size of a body"))?;
        let body = match dict {
            PLAIN => with(&self.plain_out, Decompressor::new, |zstd| zstd.decompress(bytes, size)),
            STIX_1 => with(
                &self.stix_out,
                || Decompressor::with_prepared_dictionary(&STIX_1_OUT),
                |zstd| zstd.decompress(bytes, size),
            ),
            other => return Err(StoreError::damaged(format!("no dictionary {other}"))),
        };
        let body = body.map_err(StoreError::Packing)?;
        if body.len() == size { Ok(body) } else { Err(StoreError::damaged("a body is cut")) }
    }
}

fn new_stix_in() -> std::io::Result<Compressor<'static>> {
    let mut zstd = Compressor::with_prepared_dictionary(&STIX_1_IN)?;
    // The row knows the dictionary; four bytes a body are worth saving.
    zstd.set_parameter(zstd::zstd_safe::CParameter::DictIdFlag(false))?;
    Ok(zstd)
}

fn with<C, T>(
    cell: &RefCell<Option<C>>,
    make: impl FnOnce() -> std::io::Result<C>,
    run: impl FnOnce(&mut C) -> std::io::Result<T>,
) -> std::io::Result<T> {
    let mut slot = cell.borrow_mut();
    if slot.is_none() {
        *slot = Some(make()?);
    }
    match slot.as_mut() {
        Some(context) => run(context),
        None => Err(std::io::Error::other("no context")),
    }
}
