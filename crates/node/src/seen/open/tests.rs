//! What a process that died had gathered on two days: neither is let go of with the other.

use super::*;
use detect::index::Index;
use detect::live::{Scratch, match_event};
use detect::reading::{Form, Reader};

const KEY: [u8; 16] = [7; 16];

fn saw(name: &str) -> Gathered {
    let mut gathered = Gathered::new(KEY, Instant::default());
    let line = format!("{{\"query\":\"{name}\"}}");
    let mut reader = Reader::new(Form::Json);
    let event = reader.event(line.as_bytes()).expect("it is JSON").expect("it is an event");
    let (mut scratch, mut out) = (Scratch::default(), Vec::new());
    match_event(&Index::new(KEY), &event, &mut scratch, Some(&mut gathered), &mut out)
        .expect("it is read");
    gathered
}

fn values(batch: &Batch) -> Vec<String> {
    batch.gathered.sorted().iter().map(|row| row.value.to_owned()).collect()
}

#[test]
fn journals_of_two_days_go_one_after_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let seen = Seen::open(folder.path(), KEY).expect("it is made");
    let mut last = 0;
    let noted = [(1, "a.example"), (1, "b.example"), (2, "c.example"), (1, "d.example")];
    for (day, name) in noted {
        let mut journal = seen.journal(last).expect("it is made");
        Seen::note(&mut journal, Day::numbered(day), (&saw(name), "dns")).expect("there is room");
        last = journal.number();
    }
    let told = |seen: &Seen| -> Vec<(i64, u64, Vec<String>)> {
        let replayed = seen.replay().expect("they are read");
        assert!(replayed.torn.is_empty());
        let batches = replayed.batches.iter();
        batches.map(|batch| (batch.day.number(), batch.journal, values(batch))).collect()
    };
    let wanted = [
        (1, 2, vec!["a.example".to_owned(), "b.example".to_owned()]),
        (2, 3, vec!["c.example".to_owned()]),
        (1, 4, vec!["d.example".to_owned()]),
    ];
    assert_eq!(told(&seen), wanted, "a clock that goes back makes a batch of its own");
    for (at, batch) in seen.replay().expect("they are read").batches.into_iter().enumerate() {
        // The process dies after each segment, before its journals go, and after that.
        assert_eq!(told(&seen), wanted[at..]);
        let info = seen.write(batch.day, &batch.gathered, batch.journal).expect("there is room");
        info.into_iter().for_each(|info| seen.take_up(info));
        assert_eq!(told(&Seen::open(folder.path(), KEY).expect("it opens")), wanted[at + 1..]);
        seen.drop_journals(batch.journal).expect("they go");
    }
}
