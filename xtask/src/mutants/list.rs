//! The faults that are planted, one by one, each with the test that must find it.
//!
//! It plants nothing: a fault is an exact piece of a file, which stands there once, and what takes
//! its place. None of them changes what compiles.

use super::plant::{Bin, Mutant};

/// The tests of the exchange itself.
const NODE: Bin = Bin { package: "node", target: &["--test", "it"] };
const STORE: Bin = Bin { package: "store", target: &["--test", "it"] };
const POLICY: Bin = Bin { package: "policy", target: &["--lib"] };
const SIM: Bin = Bin { package: "sim", target: &["--test", "it"] };

const WORLDS: &str = "real::the_real_node_keeps_its_promises_in_random_worlds_and_their_twins";

/// All of them. A name is what somebody would have forgotten or got wrong.
pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "a held reference adds nothing to a label",
        file: "crates/node/src/closure.rs",
        from: ".map(|mate| Strictness::of(&mate.label)).chain(known);",
        to: ".map(|mate| Strictness::of(&mate.label)).chain(known.filter(|_| false));",
        bin: SIM,
        test: WORLDS,
    },
    Mutant {
        name: "what a submitter may not read adds to its label",
        file: "crates/node/src/closure.rs",
        from: "if own || decide(&placed(&row), &submitter.reader, now).released {",
        to: "if own || decide(&placed(&row), &submitter.reader, now).released || !row.erased {",
        bin: NODE,
        test: "publish::a_relationship_is_as_strict_as_its_strictest_end_but_an_unreadable_end_adds_nothing",
    },
    Mutant {
        name: "RED is relayed",
        file: "crates/policy/src/decide.rs",
        from: "return (red || record.hop >= label.effective_hops()).then_some(Rule::NoHopsLeft);",
        to: "return (!red && record.hop >= label.effective_hops()).then_some(Rule::NoHopsLeft);",
        bin: NODE,
        test: "link::a_relay_costs_a_hop_red_is_not_relayed_and_an_outsider_gets_nothing",
    },
    Mutant {
        name: "personal data goes where the card says no",
        file: "crates/policy/src/decide.rs",
        from: "(label.personal && !reader.give.personal).then_some(Rule::PersonalData)",
        to: "(label.personal && reader.give.personal).then_some(Rule::PersonalData)",
        bin: POLICY,
        test: "decide::tests::each_denial_names_its_rule",
    },
    Mutant {
        name: "an embargo ends at once",
        file: "crates/policy/src/decide.rs",
        from: "if label.embargo.is_some_and(|until| until > now) {",
        to: "if label.embargo.is_some_and(|until| until < now) {",
        bin: POLICY,
        test: "decide::tests::each_denial_names_its_rule",
    },
    Mutant {
        name: "a relay costs no hop",
        file: "crates/node/src/release.rs",
        from: "wire::record_line(offset, row.hop.saturating_add(1), &parts)",
        to: "wire::record_line(offset, row.hop.max(1), &parts)",
        bin: NODE,
        test: "link::a_relay_costs_a_hop_red_is_not_relayed_and_an_outsider_gets_nothing",
    },
    Mutant {
        name: "what is withheld is numbered",
        file: "crates/node/src/outlet.rs",
        from: "            Some(_) => {}\n        }\n        Ok(())",
        to: "            Some(_) => found.entries.push(light.seq),\n        }\n        Ok(())",
        bin: SIM,
        test: WORLDS,
    },
    Mutant {
        name: "duplicates are found across submitters",
        file: "crates/node/src/accept.rs",
        from: "                && row.authorship == authorship\n                && row.label.circle == label.circle\n                && !row.erased;",
        to: "                && row.label.circle == label.circle\n                && !row.erased;\n            let _ = authorship;",
        bin: SIM,
        test: WORLDS,
    },
    Mutant {
        name: "anybody recalls a record",
        file: "crates/node/src/recall.rs",
        from: "let meant = row.signer == *signer\n",
        to: "let meant = (row.signer == *signer || !row.erased)\n",
        bin: NODE,
        test: "hostile::nobody_recalls_what_another_signed",
    },
    Mutant {
        name: "what was recalled comes back",
        file: "crates/node/src/link/arrive.rs",
        from: "if self.is_barred(reading, header)? {",
        to: "if self.is_barred(reading, header)? && header.version.is_empty() {",
        bin: NODE,
        test: "link::a_recall_by_the_signer_erases_at_the_partner_and_keeps_the_record_away",
    },
    Mutant {
        name: "a recall needs membership",
        file: "crates/node/src/release.rs",
        from: "if is_told(row, &self.reader.node) || went_before(reading, &self.reader.node, row.seq)? {",
        to: "if is_told(row, &self.reader.node) {",
        bin: NODE,
        test: "words::a_member_who_was_removed_hears_of_the_recall_of_what_it_was_sent",
    },
    Mutant {
        name: "a withdrawal forgets who else gave it",
        file: "crates/node/src/withdraw.rs",
        from: "if light.erased || own || !reading.givers(seq)?.is_empty() {",
        to: "if light.erased || own {",
        bin: NODE,
        test: "withdrawing::what_another_gives_as_well_stays_until_that_one_withdraws_too",
    },
    Mutant {
        name: "who leaves a circle keeps what it had",
        file: "crates/node/src/narrow.rs",
        from: "if !key.starts_with(\"link:\") {\n            return Ok(());",
        to: "if !key.is_empty() {\n            return Ok(());",
        bin: NODE,
        test: "withdrawing::who_leaves_a_circle_loses_what_it_had_there_and_gets_it_back_when_it_returns",
    },
    Mutant {
        name: "a root is not compared",
        file: "crates/node/src/link/arrive.rs",
        from: "if frontier.root() != checkpoint.0.root || frontier.size() != checkpoint.0.size {",
        to: "if frontier.size() != checkpoint.0.size {",
        bin: NODE,
        test: "link::a_repeated_batch_gets_the_recorded_receipt_and_a_gap_or_a_forgery_changes_nothing",
    },
    Mutant {
        name: "a batch that comes twice is a gap",
        file: "crates/node/src/link/arrive.rs",
        from: "if first < cursor.next {",
        to: "if first > cursor.next {",
        bin: SIM,
        test: WORLDS,
    },
    Mutant {
        name: "another history gets the old receipt",
        file: "crates/node/src/link/arrive.rs",
        from: "if same.is_some_and(|given| given.root() != Some(checkpoint.root)) {",
        to: "if same.is_some_and(|given| given.root().is_none()) {",
        bin: NODE,
        test: "epochs::a_repeated_batch_with_another_content_gets_no_receipt",
    },
    Mutant {
        name: "refusals are not signed",
        file: "crates/node/src/link/wire.rs",
        from: "pae(RECEIPT_TYPE, &[self.checkpoint.as_bytes(), b\"\\n\", results.as_bytes()])",
        to: "pae(RECEIPT_TYPE, &[self.checkpoint.as_bytes(), b\"\\n\", results.get(..0).unwrap_or_default().as_bytes()])",
        bin: NODE,
        test: "hostile::a_receipt_stripped_of_its_refusals_proves_nothing",
    },
    Mutant {
        name: "a purge leaves the write-ahead log",
        file: "crates/store/src/purge.rs",
        from: "if !renew_wal(self)? {\n            return Ok(false);",
        to: "if self.place.is_none() && !renew_wal(self)? {\n            return Ok(false);",
        bin: STORE,
        test: "erasing::nothing_of_an_erased_entry_is_left_in_any_file",
    },
    Mutant {
        name: "a view is forgotten on erasure",
        file: "crates/store/src/write.rs",
        from: "for (place, view) in view::ALL.iter().enumerate() {\n            view.erase(",
        to: "for (place, view) in view::ALL.iter().enumerate().take(7) {\n            view.erase(",
        bin: STORE,
        test: "erasing::nothing_of_an_erased_entry_is_left_in_any_file",
    },
    Mutant {
        name: "a recall waits behind the backfill",
        file: "crates/node/src/outlet.rs",
        from: "(all.min(BATCH_RECORDS_MAX), all < BATCH_RECORDS_MAX)",
        to: "(BATCH_RECORDS_MAX, all > BATCH_RECORDS_MAX)",
        bin: NODE,
        test: "lane::a_recall_is_in_the_third_batch_at_the_latest_whatever_waits",
    },
    Mutant {
        name: "an undo takes what another gave",
        file: "crates/node/src/undo.rs",
        from: "true if givers.contains(partner) => Stands::WithOthers,",
        to: "true if givers.contains(partner) => Stands::Alone,",
        bin: NODE,
        test: "undoing::what_another_gave_as_well_stays_and_what_was_taken_out_stays_away",
    },
    Mutant {
        name: "a life of a numbering is told twice",
        file: "crates/node/src/link/arrive.rs",
        from: "Ok(left && moment.tx.reading().given_receipt(partner, epoch, 0)?.is_some())",
        to: "Ok(left && moment.tx.reading().given_receipt(partner, epoch, u64::MAX)?.is_some())",
        bin: NODE,
        test: "hostile::a_life_of_a_numbering_that_was_left_cannot_be_told_a_second_time",
    },
    Mutant {
        name: "a client reads what is for members",
        file: "crates/policy/src/decide.rs",
        from: "Capacity::Token { client: true, .. } if tlp > Tlp::Amber => {",
        to: "Capacity::Token { client: true, .. } if tlp > Tlp::AmberStrict => {",
        bin: POLICY,
        test: "decide::tests::a_clients_token_reads_amber_and_nothing_stricter",
    },
    Mutant {
        name: "the first share waits for nobody",
        file: "crates/policy/src/decide.rs",
        from: "if reader.waits && record.kind.as_str() != CIRCLE {",
        to: "if reader.waits && record.kind.as_str() == CIRCLE {",
        bin: NODE,
        test: "policy::the_first_share_waits_for_a_person_where_the_policy_says_so",
    },
    Mutant {
        name: "the tally forgets what is hidden",
        file: "crates/store/src/tally.rs",
        from: "hidden: flags & HIDDEN != 0,",
        to: "hidden: flags & HIDDEN == i64::MAX,",
        bin: STORE,
        test: "tally::the_tally_equals_a_count_of_the_log_after_any_change",
    },
];
