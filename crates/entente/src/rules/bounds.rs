//! The tables `[give]` and `[take]`, which cards and policies have alike, both ways.

use super::strict::{Entry, Strict, quoted, quoted_list};
use model::bounds::{CirclesOf, Give, KindPattern, Kinds, Take};
use model::card::Quota;
use model::id::CircleId;
use model::limits::{BODY_BYTES_MAX, BOUND_NAMES_MAX};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use toml::de::DeTable;

/// The circles that there are, by name or id, and how they are called.
#[derive(Clone, Copy)]
pub(crate) struct Circles<'c> {
    /// The followed circle of this name or id.
    pub(crate) find: &'c dyn Fn(&str) -> Option<CircleId>,
    /// Its name, or its id when it has none that is only its own.
    pub(crate) name: &'c dyn Fn(&CircleId) -> String,
}

const ANSWERS: &str = "\"no\", \"yes-no\", \"band\" or \"count\": what is told of what was seen";
pub(super) const TLP: &str = "\"clear\", \"green\", \"amber\", \"amber+strict\" or \"red\"";

const GIVE: &[&str] = &["ceiling", "kinds", "circles", "personal_data", "answers"];
const TAKE: &[&str] = &["ceiling", "kinds", "circles", "body_bytes", "quota"];
/// The tables with their keys.
pub(super) const TABLES: [(&str, &[&str]); 2] = [("give", GIVE), ("take", TAKE)];

/// Reads `[give]` over what holds without a word.
pub(super) fn read_give(
    strict: &mut Strict<'_>,
    table: &DeTable<'_>,
    above: &str,
    (mut give, circles): (Give, Circles<'_>),
) -> Give {
    for entry in strict.known(table, above, GIVE) {
        match &*entry.key {
            "ceiling" => give.ceiling = strict.text(&entry, TLP).unwrap_or(give.ceiling),
            "kinds" => give.kinds = kinds(strict, &entry),
            "circles" => give.circles = circles_of(strict, &entry, circles),
            "answers" => give.answers = strict.text(&entry, ANSWERS).unwrap_or(give.answers),
            _ => give.personal = strict.flag(&entry).unwrap_or(give.personal),
        }
    }
    give
}

/// Reads `[take]` over what holds without a word.
pub(super) fn read_take(
    strict: &mut Strict<'_>,
    table: &DeTable<'_>,
    above: &str,
    (mut take, circles): (Take, Circles<'_>),
) -> Take {
    for entry in strict.known(table, above, TAKE) {
        match &*entry.key {
            "ceiling" => take.ceiling = strict.text(&entry, TLP).unwrap_or(take.ceiling),
            "kinds" => take.kinds = kinds(strict, &entry),
            "circles" => take.circles = circles_of(strict, &entry, circles),
            "body_bytes" => take.body_bytes = body_bytes(strict, &entry),
            _ => {
                if let Some(table) = strict.table(&entry) {
                    take.quota = read_quota(strict, table, &entry.name);
                }
            }
        }
    }
    take
}

fn body_bytes(strict: &mut Strict<'_>, entry: &Entry<'_>) -> Option<u64> {
    let most = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX);
    let number = strict.number(entry)?;
    if (1..=most).contains(&number) {
        return Some(number);
    }
    strict.wrong(entry, &format!("from 1 to {most}, above which no node takes a body"));
    None
}

fn read_quota(strict: &mut Strict<'_>, table: &DeTable<'_>, above: &str) -> Quota {
    let mut quota = Quota::NONE;
    for entry in strict.known(table, above, &["records_per_hour", "bytes_per_hour", "records_held"])
    {
        let number = strict.number(&entry);
        match &*entry.key {
            "records_per_hour" => quota.records_per_hour = number,
            "bytes_per_hour" => quota.bytes_per_hour = number,
            _ => quota.records_held = number,
        }
    }
    quota
}

fn kinds(strict: &mut Strict<'_>, entry: &Entry<'_>) -> Kinds {
    let expected = "kinds such as \"stix/indicator\", or \"stix/*\" for all of a format";
    let read = |_: &mut Strict<'_>, text: &str| text.parse::<KindPattern>().ok();
    let kinds = strict.list(entry, (expected, BOUND_NAMES_MAX), read);
    // Whatever could not be read is no bound that was lifted: the file is refused as a whole.
    Kinds::Only(kinds.unwrap_or_default())
}

fn circles_of(strict: &mut Strict<'_>, entry: &Entry<'_>, circles: Circles<'_>) -> CirclesOf {
    let read = |strict: &mut Strict<'_>, text: &str| {
        let found = (circles.find)(text);
        if found.is_none() {
            let what = format!("no circle `{}` is followed here", formats::problem::shown(text));
            let hint = "`entente circle list` shows those that there are; take out what is gone";
            strict.missing(entry, &what, hint);
        }
        found
    };
    let found: Option<BTreeSet<CircleId>> =
        strict.list(entry, ("names of circles", BOUND_NAMES_MAX), read);
    CirclesOf::Only(found.unwrap_or_default())
}

/// The lines of `[give]`.
pub(super) fn print_give(give: &Give, circles: Circles<'_>) -> String {
    let mut text = format!("ceiling = {}\n", quoted(give.ceiling.as_str()));
    text.push_str(&print_lists(&give.kinds, &give.circles, circles));
    writeln!(text, "personal_data = {}", give.personal).ok();
    writeln!(text, "answers = {}", quoted(give.answers.as_str())).ok();
    text
}

/// The lines of `[take]`, with the table of its quota under this name.
pub(super) fn print_take(take: &Take, name: &str, circles: Circles<'_>) -> String {
    let mut text = format!("ceiling = {}\n", quoted(take.ceiling.as_str()));
    text.push_str(&print_lists(&take.kinds, &take.circles, circles));
    if let Some(bytes) = take.body_bytes {
        writeln!(text, "body_bytes = {bytes}").ok();
    }
    let Quota { records_per_hour, bytes_per_hour, records_held } = take.quota;
    if take.quota != Quota::NONE {
        writeln!(text, "\n[{name}.quota]").ok();
    }
    let lines = [
        ("records_per_hour", records_per_hour),
        ("bytes_per_hour", bytes_per_hour),
        ("records_held", records_held),
    ];
    for (key, number) in lines {
        if let Some(number) = number {
            writeln!(text, "{key} = {number}").ok();
        }
    }
    text
}

fn print_lists(kinds: &Kinds, of: &CirclesOf, circles: Circles<'_>) -> String {
    let mut text = String::new();
    if let Kinds::Only(kinds) = kinds {
        let kinds = kinds.iter().map(ToString::to_string);
        writeln!(text, "kinds = {}", quoted_list(kinds)).ok();
    }
    if let CirclesOf::Only(ids) = of {
        let names = ids.iter().map(|id| (circles.name)(id));
        writeln!(text, "circles = {}", quoted_list(names)).ok();
    }
    text
}
