//! Headers of Zeek and W3C, and lines under them.

use super::Columns;
use crate::reading::flat::Pairs;

const HEADER: &str = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n\
    #path\tdns\n#open\t2026-11-22-15-00-00\n#fields\tts\tid.orig_h\tquery\tanswers\n\
    #types\ttime\taddr\tstring\tvector[string]";

fn read(columns: &Columns, line: &str) -> (bool, Vec<String>) {
    let mut pairs = Pairs::default();
    let whole = columns.read(line, &mut pairs);
    (whole, pairs.flat().iter().map(|(name, value)| format!("{name}={value}")).collect())
}

fn columns(header: &str) -> Columns {
    let mut columns = Columns::default();
    header.lines().for_each(|line| columns.take(line));
    columns
}

#[test]
fn a_zeek_line_is_read_by_its_header() {
    let columns = columns(HEADER);
    let line = "1.5\t10.0.0.1\ta\\x09\\xc3\\xa9\\x2e\\xff.example\tx.example,-,192.0.2.7";
    let wanted = ["ts=1.5", "id.orig_h=10.0.0.1", "query=a\té.\u{fffd}.example"];
    let (whole, all) = read(&columns, line);
    assert!(whole);
    assert_eq!(all[..3], wanted);
    assert_eq!(all[3..], ["answers=x.example", "answers=192.0.2.7"]);
    assert_eq!(read(&columns, "1.5\t-\t(empty)\t-"), (true, vec!["ts=1.5".to_owned()]));
    assert!(!read(&columns, "1.5\t-\t(empty)").0, "cut short");
    assert!(!read(&columns, "1.5\t-\ta\tb\tc").0, "too many");
}

#[test]
fn a_header_is_handed_on_and_a_new_one_replaces_it() {
    let first = columns(HEADER);
    let again = columns(first.header().unwrap());
    assert_eq!(first.header(), again.header());
    assert_eq!(read(&again, "1.5\t-\tq\t-").1, ["ts=1.5", "query=q"]);
    let other =
        columns(&format!("{HEADER}\n#separator \\x7c\n#fields|host|uri\n#types|string|string"));
    assert_eq!(read(&other, "evil.example|/x").1, ["host=evil.example", "uri=/x"]);
}

#[test]
fn a_w3c_line_has_quotes_and_dashes() {
    let columns = columns("#Version: 1.0\n#Fields: date time c-ip cs-host cs(User-Agent)");
    let line = "2026-11-22 16:00:00 10.0.0.1 - \"Mozilla 5.0 (X)\"";
    let wanted =
        ["date=2026-11-22", "time=16:00:00", "c-ip=10.0.0.1", "cs(User-Agent)=Mozilla 5.0 (X)"];
    assert_eq!(read(&columns, line), (true, wanted.map(str::to_owned).to_vec()));
}
