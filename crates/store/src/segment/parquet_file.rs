//! Rows as columns of Parquet, and back. It opens no file.
//!
//! Each column is written so that other programs find values in it fast: the one that they look up
//! has a bloom filter, which is made only where a column has no dictionary.

use super::write::SegmentRow;
use bytes::Bytes;
use model::limits::SEGMENT_GROUP_ROWS;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{RowGroupMetaData, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::{ChunkReader, FileReader as _, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use std::ops::Range;
use std::sync::Arc;

const SCHEMA: &str = "message seen {
    REQUIRED BYTE_ARRAY key;
    REQUIRED BYTE_ARRAY kind (UTF8);
    REQUIRED BYTE_ARRAY value (UTF8);
    REQUIRED INT64 first (TIMESTAMP(MICROS,true));
    REQUIRED INT64 last (TIMESTAMP(MICROS,true));
    REQUIRED INT64 count;
    REQUIRED BYTE_ARRAY roles (UTF8);
    REQUIRED BYTE_ARRAY sources (UTF8);
}";
const KEY: usize = 0;
const BLOOM_FALSE: f64 = 0.01;
/// How hard columns are packed: they are already small where rows resemble each other.
const PACKED: i32 = 1;

fn properties(rows: usize) -> Result<WriterProperties, ParquetError> {
    let mut made = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(PACKED)?))
        .set_max_row_group_row_count(Some(SEGMENT_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::None)
        .set_sorting_columns(Some(vec![SortingColumn {
            column_idx: 0,
            descending: false,
            nulls_first: false,
        }]))
        .set_created_by("entente".to_owned());
    let group = u64::try_from(rows.min(SEGMENT_GROUP_ROWS)).unwrap_or(u64::MAX);
    for name in ["key", "value"] {
        let column = ColumnPath::from(name);
        made = made
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BYTE_ARRAY);
    }
    // We have a sketch for all; others look for values.
    let value = ColumnPath::from("value");
    made = made
        .set_column_bloom_filter_enabled(value.clone(), true)
        .set_column_bloom_filter_fpp(value.clone(), BLOOM_FALSE)
        .set_column_bloom_filter_max_ndv(value, group);
    for name in ["first", "last", "count"] {
        let column = ColumnPath::from(name);
        made = made
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
    }
    // Others skip groups by time; we skip them by key.
    for name in ["key", "first", "last"] {
        made = made.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::Chunk);
    }
    Ok(made.build())
}

/// The rows as one file.
pub(super) fn write(rows: &[SegmentRow<'_>]) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let mut file =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties(rows.len())?))?;
    for group in rows.chunks(SEGMENT_GROUP_ROWS) {
        let mut to = file.next_row_group()?;
        bytes(&mut to, group.iter().map(|row| row.key))?;
        bytes(&mut to, group.iter().map(|row| row.kind.as_bytes()))?;
        bytes(&mut to, group.iter().map(|row| row.value.as_bytes()))?;
        numbers(&mut to, group.iter().map(|row| row.first))?;
        numbers(&mut to, group.iter().map(|row| row.last))?;
        numbers(&mut to, group.iter().map(|row| i64::try_from(row.count).unwrap_or(i64::MAX)))?;
        bytes(&mut to, group.iter().map(|row| row.roles.as_bytes()))?;
        bytes(&mut to, group.iter().map(|row| row.sources.as_bytes()))?;
        to.close()?;
    }
    file.into_inner()
}

type Group<'g> = SerializedRowGroupWriter<'g, Vec<u8>>;

fn bytes<'r>(
    to: &mut Group<'_>,
    values: impl Iterator<Item = &'r [u8]>,
) -> Result<(), ParquetError> {
    // One memory for all of them, and one place for what comes again and again.
    let (mut whole, mut places) = (Vec::new(), Vec::new());
    for value in values {
        let last = places.last().cloned().unwrap_or(0..0);
        if whole.get(last.clone()) == Some(value) {
            places.push(last);
        } else {
            places.push(whole.len()..whole.len() + value.len());
            whole.extend_from_slice(value);
        }
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
    ranges: &[Range<Vec<u8>>],
    each: &mut dyn FnMut(usize, SegmentRow<'_>) -> bool,
) -> Result<(), ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    for place in 0..reader.num_row_groups() {
        let about = reader.metadata().row_group(place);
        if !ranges.iter().any(|range| may_hold(about, range)) {
            continue;
        }
        let rows = usize::try_from(about.num_rows()).unwrap_or(0);
        let group = reader.get_row_group(place)?;
        let keys = read_bytes(&*group, KEY, 0..rows)?;
        let hits = hits(&keys, ranges);
        let Some(span) = span(&hits) else { continue };
        let columns = Columns::read(&*group, span)?;
        for (number, rows) in hits {
            for row in rows {
                if !each(number, columns.row(&keys, row)?) {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// The rows of each range that has any, with the place of the range.
fn hits(keys: &[ByteArray], ranges: &[Range<Vec<u8>>]) -> Vec<(usize, Range<usize>)> {
    let from = |bound: &[u8]| keys.partition_point(|key| key.data() < bound);
    let rows = ranges.iter().map(|range| from(&range.start)..from(&range.end));
    rows.enumerate().filter(|(_, rows)| !rows.is_empty()).collect()
}

/// All rows from the first that was hit to the last.
fn span(hits: &[(usize, Range<usize>)]) -> Option<Range<usize>> {
    let first = hits.iter().map(|(_, rows)| rows.start).min()?;
    Some(first..hits.iter().map(|(_, rows)| rows.end).max()?)
}

/// Whether the group's keys may lie in the range; one that does not say may hold anything.
fn may_hold(about: &RowGroupMetaData, range: &Range<Vec<u8>>) -> bool {
    let Some(told) = about.columns().get(KEY).and_then(|column| column.statistics()) else {
        return true;
    };
    told.min_bytes_opt().is_none_or(|min| min < range.end.as_slice())
        && told.max_bytes_opt().is_none_or(|max| max >= range.start.as_slice())
}

/// What a group says of a span of its rows, beside their keys.
struct Columns {
    /// The group's number of the first of them.
    first_row: usize,
    kinds: Vec<ByteArray>,
    values: Vec<ByteArray>,
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
            kinds: read_bytes(group, 1, span.clone())?,
            values: read_bytes(group, 2, span.clone())?,
            firsts: read_numbers(group, 3, span.clone())?,
            lasts: read_numbers(group, 4, span.clone())?,
            counts: read_numbers(group, 5, span.clone())?,
            roles: read_bytes(group, 6, span.clone())?,
            sources: read_bytes(group, 7, span)?,
        })
    }

    /// The row of this number in the group.
    fn row<'c>(
        &'c self,
        keys: &'c [ByteArray],
        number: usize,
    ) -> Result<SegmentRow<'c>, ParquetError> {
        let at = number.wrapping_sub(self.first_row);
        let text = |column: &'c [ByteArray]| column.get(at).ok_or_else(outside)?.as_utf8();
        let time = |column: &[i64]| column.get(at).copied().ok_or_else(outside);
        Ok(SegmentRow {
            kind: text(&self.kinds)?,
            value: text(&self.values)?,
            key: keys.get(number).ok_or_else(outside)?.data(),
            first: time(&self.firsts)?,
            last: time(&self.lasts)?,
            count: time(&self.counts)?.unsigned_abs(),
            roles: text(&self.roles)?,
            sources: text(&self.sources)?,
        })
    }
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
