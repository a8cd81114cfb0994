//! Event logs that are made here, whole, cut off and damaged byte by byte.

use super::*;

/// The beginning of a file; no reader needs what stands in it.
fn head() -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.resize(HEAD_BYTES, 0);
    head
}

/// A length as files have it.
fn four(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("small").to_le_bytes()
}

/// Tokens of binary XML, written without templates.
struct Xml(Vec<u8>);

impl Xml {
    fn text(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().collect();
        self.0.extend_from_slice(&u16::try_from(units.len()).expect("short").to_le_bytes());
        units.iter().for_each(|unit| self.0.extend_from_slice(&unit.to_le_bytes()));
    }

    /// A name where it is used; offsets count from the chunk's beginning.
    fn name(&mut self, name: &str, from: usize) {
        let here = from + self.0.len() + 4;
        self.0.extend_from_slice(&four(here));
        self.0.extend_from_slice(&[0; 6]);
        self.text(name);
        self.0.extend_from_slice(&[0; 2]);
    }

    fn value(&mut self, text: &str) {
        self.0.extend_from_slice(&[0x05, 0x01]);
        self.text(text);
    }

    fn open(&mut self, name: &str, attribute: Option<(&str, &str)>, from: usize) {
        self.0.push(if attribute.is_some() { 0x41 } else { 0x01 });
        // Bytes of it, at which nobody looks.
        self.0.extend_from_slice(&[0; 4]);
        self.name(name, from);
        if let Some((name, value)) = attribute {
            self.0.extend_from_slice(&[0; 4]);
            self.0.push(0x06);
            self.name(name, from);
            self.value(value);
        }
        self.0.push(0x02);
    }

    fn close(&mut self) {
        self.0.push(0x04);
    }

    fn element(&mut self, name: &str, attribute: Option<(&str, &str)>, text: &str, from: usize) {
        self.open(name, attribute, from);
        if !text.is_empty() {
            self.value(text);
        }
        self.close();
    }
}

/// A record of Sysmon's, at this offset of its chunk.
fn record(number: u64, image: &str, at: usize) -> Vec<u8> {
    // Before the XML: mark, size, number and time.
    let from = at + 24;
    let mut xml = Xml(vec![0x0f, 1, 1, 0]);
    xml.open("Event", None, from);
    xml.open("System", None, from);
    xml.element("Provider", Some(("Name", "Microsoft-Windows-Sysmon")), "", from);
    xml.element("EventID", None, "1", from);
    xml.element("Channel", None, "Microsoft-Windows-Sysmon/Operational", from);
    xml.element("Computer", None, "ws7.example", from);
    xml.close();
    xml.open("EventData", None, from);
    xml.element("Data", Some(("Name", "Image")), image, from);
    xml.element("Data", Some(("Name", "CommandLine")), "quokka --dig", from);
    xml.close();
    xml.close();
    xml.0.push(0);
    let size = four(24 + xml.0.len() + 4);
    let mut record = vec![0x2a, 0x2a, 0, 0];
    record.extend_from_slice(&size);
    record.extend_from_slice(&number.to_le_bytes());
    // 2026-02-01 in steps of 100 ns since 1601.
    record.extend_from_slice(&134_143_776_000_000_000_u64.to_le_bytes());
    record.extend_from_slice(&xml.0);
    record.extend_from_slice(&size);
    record
}

/// A chunk with these records.
fn chunk(first: u64, images: &[&str]) -> Vec<u8> {
    let last = first + images.len() as u64 - 1;
    let mut chunk = CHUNK_MAGIC.to_vec();
    for number in [first, last, first, last] {
        chunk.extend_from_slice(&number.to_le_bytes());
    }
    chunk.extend_from_slice(&128_u32.to_le_bytes());
    chunk.resize(512, 0);
    let mut newest = 512;
    for (image, number) in images.iter().zip(first..) {
        newest = chunk.len();
        chunk.extend(record(number, image, newest));
    }
    let end = chunk.len();
    chunk[44..48].copy_from_slice(&four(newest));
    chunk[48..52].copy_from_slice(&four(end));
    chunk.resize(CHUNK_BYTES, 0);
    chunk
}

fn file() -> Vec<u8> {
    let mut file = head();
    file.extend(chunk(1, &["C:\\Temp\\Quokka.exe", "C:\\Windows\\wombat.exe"]));
    // A part that was never used lies between.
    file.extend([0; CHUNK_BYTES]);
    file.extend(chunk(3, &["D:\\numbat.exe"]));
    file
}

/// The lines that come out, and the fault that is told after them.
fn lines(bytes: &[u8]) -> (Vec<Value>, Option<String>) {
    let (mut out, mut records) = (Vec::new(), Records::new(bytes));
    let fault = records.read_to_end(&mut out).err().map(|error| error.to_string());
    let text = String::from_utf8(out).expect("UTF-8");
    (text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), fault)
}

#[test]
fn each_record_is_a_line_under_the_names_that_agents_give() {
    let (lines, fault) = lines(&file());
    assert_eq!(fault, None);
    let images: Vec<&str> = lines.iter().filter_map(|line| line["Image"].as_str()).collect();
    assert_eq!(images, ["C:\\Temp\\Quokka.exe", "C:\\Windows\\wombat.exe", "D:\\numbat.exe"]);
    let first = &lines[0];
    assert_eq!(first["EventID"], "1");
    assert_eq!(first["Channel"], "Microsoft-Windows-Sysmon/Operational");
    assert_eq!(first["SourceName"], "Microsoft-Windows-Sysmon");
    assert_eq!(first["Hostname"], "ws7.example");
    assert_eq!(first["CommandLine"], "quokka --dig");
    assert!(first["@timestamp"].as_str().is_some_and(|at| at.starts_with("2026-02-01T00:00:00")));
}

#[test]
fn a_file_that_is_cut_off_gives_what_is_whole_and_says_so() {
    let whole = file();
    for (bytes, records, told) in [
        (whole.len() - 1, 2, "its last part is cut off"),
        (HEAD_BYTES + CHUNK_BYTES, 2, ""),
        (HEAD_BYTES + 600, 0, "its last part is cut off"),
        (100, 0, "ends within its head"),
    ] {
        let (lines, fault) = lines(&whole[..bytes]);
        assert_eq!(lines.len(), records, "{bytes} bytes");
        match told {
            "" => assert_eq!(fault, None),
            told => assert!(fault.expect("a fault").contains(told), "{bytes} bytes"),
        }
    }
    let mut other = whole;
    other[HEAD_BYTES] = b'X';
    let (lines, fault) = lines(&other);
    assert_eq!(lines.len(), 1);
    assert!(fault.expect("a fault").contains("a part is none"));
}

#[test]
fn no_changed_byte_ends_the_command_or_breaks_a_line() {
    let mut file = head();
    file.extend(chunk(1, &["C:\\Temp\\Quokka.exe", "C:\\Windows\\wombat.exe"]));
    let used = file.iter().rposition(|byte| *byte != 0).expect("records");
    let (mut whole, mut hurt) = (0, 0);
    for at in HEAD_BYTES..=used {
        for change in [0x01, 0x80, 0xff] {
            let mut damaged = file.clone();
            damaged[at] ^= change;
            let (lines, fault) = lines(&damaged);
            assert!(lines.len() <= 2, "byte {at}: {lines:?}");
            whole += usize::from(lines.len() == 2 && fault.is_none());
            hurt += usize::from(fault.is_some());
        }
    }
    // Of a damaged record either nothing comes or what its bytes now say.
    assert!(hurt > 100 && whole > 100, "{hurt} {whole}");
}
