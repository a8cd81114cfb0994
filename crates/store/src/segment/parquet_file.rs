//! Rows as columns of Parquet, and back. It opens no file.
//!
//! Each column is written so that other programs find values in it fast: the one that they look up
//! has a bloom filter, which is made only where a column has no dictionary.

use super::read::KeyOf;
use super::write::SegmentRow;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use model::limits::SEGMENT_GROUP_ROWS;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{FileMetaData, KeyValue};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, FileReader as _, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

const SCHEMA: &str = "message seen {
    REQUIRED BYTE_ARRAY kind (UTF8);
    REQUIRED BYTE_ARRAY value (UTF8);
    REQUIRED INT64 first (TIMESTAMP(MICROS,true));
    REQUIRED INT64 last (TIMESTAMP(MICROS,true));
    REQUIRED INT64 count;
    REQUIRED BYTE_ARRAY roles (UTF8);
    REQUIRED BYTE_ARRAY sources (UTF8);
}";
/// Under which name the footer says with which keys groups begin.
const FIRSTS: &str = "entente.first_keys";
/// Bytes of such a key that are told.
const BOUND_BYTES: usize = 64;
const BLOOM_FALSE: f64 = 0.01;
/// How hard columns are packed: they are already small where rows resemble each other.
const PACKED: i32 = 1;

fn properties(rows: usize) -> Result<WriterProperties, ParquetError> {
    let mut made = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(PACKED)?))
        .set_max_row_group_row_count(Some(SEGMENT_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by("entente".to_owned());
    let group = u64::try_from(rows.min(SEGMENT_GROUP_ROWS)).unwrap_or(u64::MAX);
    let value = ColumnPath::from("value");
    made = made
        .set_column_dictionary_enabled(value.clone(), false)
        .set_column_encoding(value.clone(), Encoding::DELTA_LENGTH_BYTE_ARRAY)
        // We have a sketch for all; others look for values.
        .set_column_bloom_filter_enabled(value.clone(), true)
        .set_column_bloom_filter_fpp(value.clone(), BLOOM_FALSE)
        .set_column_bloom_filter_max_ndv(value, group);
    for name in ["first", "last", "count"] {
        let column = ColumnPath::from(name);
        made = made
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
    }
    // Others skip groups by time and kind; we skip them by their first keys.
    for name in ["kind", "first", "last"] {
        made = made.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::Chunk);
    }
    Ok(made.build())
}

/// Rows, in the order of their keys, as one file.
pub(super) fn write<'r>(
    mut rows: impl ExactSizeIterator<Item = SegmentRow<'r>>,
    key_of: KeyOf,
) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let properties = Arc::new(properties(rows.len())?);
    let mut file = SerializedFileWriter::new(Vec::new(), schema, properties)?;
    let (mut firsts, mut group) = (Vec::new(), Vec::new());
    loop {
        group.clear();
        group.extend(rows.by_ref().take(SEGMENT_GROUP_ROWS));
        let Some(first) = group.first() else { break };
        let first = key_of(first.kind, first.value).ok_or_else(unknown)?;
        firsts.push(STANDARD.encode(bound(&first)));
        let mut to = file.next_row_group()?;
        bytes(&mut to, group.iter().map(|row| row.kind.as_bytes()))?;
        bytes(&mut to, group.iter().map(|row| row.value.as_bytes()))?;
        numbers(&mut to, group.iter().map(|row| row.first))?;
        numbers(&mut to, group.iter().map(|row| row.last))?;
        numbers(&mut to, group.iter().map(|row| i64::try_from(row.count).unwrap_or(i64::MAX)))?;
        bytes(&mut to, group.iter().map(|row| row.roles.as_bytes()))?;
        bytes(&mut to, group.iter().map(|row| row.sources.as_bytes()))?;
        to.close()?;
    }
    file.append_key_value_metadata(KeyValue::new(FIRSTS.to_owned(), firsts.join(" ")));
    file.into_inner()
}

type Group<'g> = SerializedRowGroupWriter<'g, Vec<u8>>;

fn bytes<'r>(
    to: &mut Group<'_>,
    values: impl Iterator<Item = &'r [u8]>,
) -> Result<(), ParquetError> {
    // One memory for all of them, and one place for the very same word again and again.
    let (mut whole, mut places, mut last) = (Vec::new(), Vec::new(), (&[][..], 0..0));
    for value in values {
        if !std::ptr::eq(last.0, value) {
            last = (value, whole.len()..whole.len() + value.len());
            whole.extend_from_slice(value);
        }
        places.push(last.1.clone());
    }
    let whole = Bytes::from(whole);
    let values: Vec<_> = places.into_iter().map(|place| whole.slice(place).into()).collect();
    let Some(mut column) = to.next_column()? else { return Ok(()) };
    column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
    column.close()
}

fn numbers(to: &mut Group<'_>, values: impl Iterator<Item = i64>) -> Result<(), ParquetError> {
    let values: Vec<i64> = values.collect();
    let Some(mut column) = to.next_column()? else { return Ok(()) };
    column.typed::<Int64Type>().write_batch(&values, None, None)?;
    column.close()
}

/// Hands every row that lies in one of the ranges to `each`, with the place of the range; `each` ends
/// it by `false`. Groups that hold none of them are not read, and no column of a group is read twice.
pub(super) fn scan<R: ChunkReader + 'static>(
    file: R,
    (ranges, key_of): (&[Range<Vec<u8>>], KeyOf),
    each: &mut dyn FnMut(usize, SegmentRow<'_>) -> bool,
) -> Result<(), ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let about = reader.metadata();
    let firsts = firsts(about.file_metadata(), reader.num_row_groups())?;
    for place in 0..reader.num_row_groups() {
        let (first, next) = (firsts.get(place), firsts.get(place + 1));
        if !ranges.iter().any(|range| may_hold(first, next, range)) {
            continue;
        }
        let rows = usize::try_from(about.row_group(place).num_rows()).unwrap_or(0);
        let group = reader.get_row_group(place)?;
        let values = Values::read(&*group, rows)?;
        let hits = hits(&values.rows(key_of)?, ranges, key_of);
        let Some(span) = span(&hits) else { continue };
        let columns = Columns::read(&*group, span)?;
        for (number, rows) in hits {
            for row in rows {
                if !each(number, columns.row(&values, row)?) {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// The rows of each range that has any, with the place of the range.
fn hits(
    rows: &[(&str, &str)],
    ranges: &[Range<Vec<u8>>],
    key_of: KeyOf,
) -> Vec<(usize, Range<usize>)> {
    let before = |row: &(&str, &str), bound: &[u8]| {
        key_of(row.0, row.1).is_some_and(|key| key.as_slice() < bound)
    };
    let from = |bound: &[u8]| rows.partition_point(|row| before(row, bound));
    let rows = ranges.iter().map(|range| from(&range.start)..from(&range.end));
    rows.enumerate().filter(|(_, rows)| !rows.is_empty()).collect()
}

/// All rows from the first that was hit to the last.
fn span(hits: &[(usize, Range<usize>)]) -> Option<Range<usize>> {
    let first = hits.iter().map(|(_, rows)| rows.start).min()?;
    Some(first..hits.iter().map(|(_, rows)| rows.end).max()?)
}

/// As much of a key as says in which group it may lie: cut keys are in the order of whole ones.
fn bound(key: &[u8]) -> &[u8] {
    key.get(..BOUND_BYTES).unwrap_or(key)
}

/// The bounds of the first keys of all groups.
fn firsts(about: &FileMetaData, groups: usize) -> Result<Vec<Vec<u8>>, ParquetError> {
    let told = about.key_value_metadata().into_iter().flatten();
    let told = told.filter(|pair| pair.key == FIRSTS).find_map(|pair| pair.value.as_deref());
    let keys =
        told.into_iter().flat_map(str::split_ascii_whitespace).map(|key| STANDARD.decode(key));
    let keys: Vec<Vec<u8>> = keys.collect::<Result<_, _>>().unwrap_or_default();
    if keys.len() == groups {
        return Ok(keys);
    }
    Err(ParquetError::General("it does not say where its keys are".to_owned()))
}

/// Whether keys of a group may lie in the range, by the bounds of its first and of the next one's.
fn may_hold(first: Option<&Vec<u8>>, next: Option<&Vec<u8>>, range: &Range<Vec<u8>>) -> bool {
    first.is_none_or(|first| *first < range.end)
        && next.is_none_or(|next| bound(&range.start) <= next.as_slice())
}

/// What the rows of a group are: what their keys are made of.
struct Values {
    kinds: Vec<ByteArray>,
    values: Vec<ByteArray>,
}

impl Values {
    fn read(group: &dyn RowGroupReader, rows: usize) -> Result<Self, ParquetError> {
        let (kinds, values) = (read_bytes(group, 0, 0..rows)?, read_bytes(group, 1, 0..rows)?);
        Ok(Self { kinds, values })
    }

    /// Kind and value of each row, all of which have a key.
    fn rows(&self, key_of: KeyOf) -> Result<Vec<(&str, &str)>, ParquetError> {
        let rows = self.kinds.iter().zip(&self.values);
        let rows = rows.map(|(kind, value)| Ok((kind.as_utf8()?, value.as_utf8()?)));
        let rows: Vec<(&str, &str)> = rows.collect::<Result<_, ParquetError>>()?;
        let kinds: BTreeSet<&str> = rows.iter().map(|(kind, _)| *kind).collect();
        let known = kinds.into_iter().all(|kind| key_of(kind, "").is_some());
        if known { Ok(rows) } else { Err(unknown()) }
    }
}

/// What a group says of a span of its rows, beside what they are.
struct Columns {
    /// The group's number of the first of them.
    first_row: usize,
    firsts: Vec<i64>,
    lasts: Vec<i64>,
    counts: Vec<i64>,
    roles: Vec<ByteArray>,
    sources: Vec<ByteArray>,
}

impl Columns {
    fn read(group: &dyn RowGroupReader, span: Range<usize>) -> Result<Self, ParquetError> {
        Ok(Self {
            first_row: span.start,
            firsts: read_numbers(group, 2, span.clone())?,
            lasts: read_numbers(group, 3, span.clone())?,
            counts: read_numbers(group, 4, span.clone())?,
            roles: read_bytes(group, 5, span.clone())?,
            sources: read_bytes(group, 6, span)?,
        })
    }

    /// The row of this number in the group.
    fn row<'c>(
        &'c self,
        values: &'c Values,
        number: usize,
    ) -> Result<SegmentRow<'c>, ParquetError> {
        let at = number.wrapping_sub(self.first_row);
        let time = |column: &[i64]| column.get(at).copied().ok_or_else(outside);
        Ok(SegmentRow {
            kind: text(&values.kinds, number)?,
            value: text(&values.values, number)?,
            first: time(&self.firsts)?,
            last: time(&self.lasts)?,
            count: time(&self.counts)?.unsigned_abs(),
            roles: text(&self.roles, at)?,
            sources: text(&self.sources, at)?,
        })
    }
}

fn text(column: &[ByteArray], at: usize) -> Result<&str, ParquetError> {
    column.get(at).ok_or_else(outside)?.as_utf8()
}

fn unknown() -> ParquetError {
    ParquetError::General("it has a kind of values that is not known".to_owned())
}

fn outside() -> ParquetError {
    ParquetError::General("a row lies outside of what was read".to_owned())
}

fn read_bytes(
    group: &dyn RowGroupReader,
    column: usize,
    rows: Range<usize>,
) -> Result<Vec<ByteArray>, ParquetError> {
    let parquet::column::reader::ColumnReader::ByteArrayColumnReader(mut reader) =
        group.get_column_reader(column)?
    else {
        return Err(ParquetError::General("a column is no text".to_owned()));
    };
    let mut values = Vec::with_capacity(rows.len());
    reader.skip_records(rows.start)?;
    let (_, read, _) = reader.read_records(rows.len(), None, None, &mut values)?;
    complete(read, rows.len()).map(|()| values)
}

fn read_numbers(
    group: &dyn RowGroupReader,
    column: usize,
    rows: Range<usize>,
) -> Result<Vec<i64>, ParquetError> {
    let parquet::column::reader::ColumnReader::Int64ColumnReader(mut reader) =
        group.get_column_reader(column)?
    else {
        return Err(ParquetError::General("a column is no number".to_owned()));
    };
    let mut values = Vec::with_capacity(rows.len());
    reader.skip_records(rows.start)?;
    let (_, read, _) = reader.read_records(rows.len(), None, None, &mut values)?;
    complete(read, rows.len()).map(|()| values)
}

fn complete(read: usize, wanted: usize) -> Result<(), ParquetError> {
    if read == wanted {
        return Ok(());
    }
    Err(ParquetError::EOF(format!("a column has {read} of {wanted} rows")))
}

#[cfg(test)]
mod tests;
