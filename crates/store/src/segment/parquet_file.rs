//! Rows as columns of Parquet, and back. It opens no file.
//!
//! Each column is written so that other programs find values in it fast: both that are looked up
//! have bloom filters, which are made only where a column has no dictionary.

use super::write::SegmentRow;
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

fn properties(rows: usize) -> Result<WriterProperties, ParquetError> {
    let mut made = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
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
            .set_column_encoding(column.clone(), Encoding::DELTA_BYTE_ARRAY)
            .set_column_bloom_filter_enabled(column.clone(), true)
            .set_column_bloom_filter_fpp(column.clone(), BLOOM_FALSE)
            .set_column_bloom_filter_max_ndv(column, group);
    }
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
    let values: Vec<ByteArray> = values.map(|bytes| ByteArray::from(bytes.to_vec())).collect();
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
/// it by `false`. Groups that hold none of them are not read.
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
        for (number, range) in ranges.iter().enumerate() {
            let from = keys.partition_point(|key| key.data() < range.start.as_slice());
            let until = keys.partition_point(|key| key.data() < range.end.as_slice());
            if from < until && !tell(&*group, &keys, from..until, &mut |row| each(number, row))? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Whether the group's keys may lie in the range; one that does not say may hold anything.
fn may_hold(about: &RowGroupMetaData, range: &Range<Vec<u8>>) -> bool {
    let Some(told) = about.columns().get(KEY).and_then(|column| column.statistics()) else {
        return true;
    };
    told.min_bytes_opt().is_none_or(|min| min < range.end.as_slice())
        && told.max_bytes_opt().is_none_or(|max| max >= range.start.as_slice())
}

fn tell(
    group: &dyn RowGroupReader,
    keys: &[ByteArray],
    rows: Range<usize>,
    each: &mut dyn FnMut(SegmentRow<'_>) -> bool,
) -> Result<bool, ParquetError> {
    let keys = keys.get(rows.clone()).unwrap_or_default();
    let kinds = read_bytes(group, 1, rows.clone())?;
    let values = read_bytes(group, 2, rows.clone())?;
    let firsts = read_numbers(group, 3, rows.clone())?;
    let lasts = read_numbers(group, 4, rows.clone())?;
    let counts = read_numbers(group, 5, rows.clone())?;
    let roles = read_bytes(group, 6, rows.clone())?;
    let sources = read_bytes(group, 7, rows)?;
    let texts = keys.iter().zip(&kinds).zip(&values).zip(roles.iter().zip(&sources));
    let numbers = firsts.into_iter().zip(lasts).zip(counts);
    for ((((key, kind), value), (roles, sources)), ((first, last), count)) in texts.zip(numbers) {
        let row = SegmentRow {
            kind: kind.as_utf8()?,
            value: value.as_utf8()?,
            key: key.data(),
            first,
            last,
            count: count.unsigned_abs(),
            roles: roles.as_utf8()?,
            sources: sources.as_utf8()?,
        };
        if !each(row) {
            return Ok(false);
        }
    }
    Ok(true)
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
