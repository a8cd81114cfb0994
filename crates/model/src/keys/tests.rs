//! What may follow a statement of keys, and that a chain is believed from its first key on alone.

use super::*;
use crate::limits::{KEY_CHAIN_BYTES_MAX, NODE_KEYS_MAX};
use crate::seal::{PublicKey, SigningKey};
use crate::time::Instant;
use proptest::prelude::*;

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&[n; 32]).unwrap()
}

fn public(n: u8) -> PublicKey {
    key(n).public()
}

fn at(second: i64) -> Instant {
    Instant::from_micros(second * 1_000_000)
}

/// Key 1 with recovery key 99.
fn begun() -> KeyChain {
    KeyChain::begin(&key(1), Some(public(99)), at(0))
}

fn rotated(chain: &KeyChain, to: u8, by: u8) -> Result<KeyChain, KeySetError> {
    stated(chain, chain.last().rotated(public(to), at(10), at(20)), by)
}

/// Whatever the statement says, completed by the key that it names.
fn stated(chain: &KeyChain, next: KeySet, by: u8) -> Result<KeyChain, KeySetError> {
    let own = (0..=255).map(key).find(|one| one.public() == next.key).unwrap();
    chain.with(next, &key(by), &own)
}

#[test]
fn a_chain_reads_back_and_its_node_is_that_of_its_first_key() {
    let chain = rotated(&rotated(&begun(), 2, 1).unwrap(), 3, 2).unwrap();
    let read = KeyChain::read(&chain.to_string()).unwrap();
    assert_eq!(read, chain);
    assert_eq!(read.node(), public(1).node());
    assert_eq!(read.last().key, public(3));
    assert_eq!(read.last().key.node(), public(1).node(), "a later key is the same node's");
}

#[test]
fn only_the_key_before_or_the_recovery_key_vouches_for_the_next() {
    let chain = begun();
    assert_eq!(rotated(&chain, 2, 7), Err(KeySetError::Signer));
    assert_eq!(rotated(&chain, 2, 2), Err(KeySetError::Signer), "not the new one itself");
    assert!(rotated(&chain, 2, 99).is_ok());
    let second = rotated(&chain, 2, 1).unwrap();
    assert_eq!(rotated(&second, 3, 1), Err(KeySetError::Signer), "a former key has no say");
}

#[test]
fn a_forged_successor_in_a_text_is_refused() {
    let honest = rotated(&begun(), 2, 1).unwrap().to_string();
    let forged = honest.replace(&public(2).to_string(), &public(5).to_string());
    assert_eq!(KeyChain::read(&forged), Err(KeySetError::Signer));
    // Signed in the name of key 1 by another.
    let mut next = begun().last().rotated(public(5), at(10), at(20));
    next.node = public(1).node();
    let text = next.write(&public(1));
    let signature = key(5).sign(&crate::seal::pae(KEYS_TYPE, &[text.as_bytes()]));
    let hex: String = signature.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let forged = format!("{}{text}sig {hex}\n", begun());
    assert_eq!(KeyChain::read(&forged), Err(KeySetError::Signer));
}

#[test]
fn a_number_is_neither_skipped_nor_repeated() {
    let chain = begun();
    for number in [0, 1, 3, u32::MAX] {
        let next = KeySet { number, ..chain.last().rotated(public(2), at(10), at(20)) };
        assert_eq!(stated(&chain, next, 1), Err(KeySetError::Number(number, 1)));
    }
    let third = rotated(&rotated(&chain, 2, 1).unwrap(), 3, 2).unwrap().to_string();
    let blocks: Vec<&str> = third.split_inclusive("entente/keys/1\n").collect();
    assert_eq!(blocks.len(), 4);
    let begin = |number: &str| {
        let (before, _) = third.split_once(number).unwrap();
        before.rfind("entente/").unwrap()
    };
    let (first, _) = third.split_at(begin("number 2"));
    let (_, last) = third.split_at(begin("number 3"));
    let skipped = [first, last].concat();
    assert_eq!(KeyChain::read(&skipped), Err(KeySetError::Number(3, 1)));
}

#[test]
fn nothing_that_was_stated_is_forgotten_or_made_up() {
    let chain = rotated(&begun(), 2, 1).unwrap();
    let honest = chain.last().rotated(public(3), at(30), at(40));
    let forgets = KeySet { former: honest.former[1..].to_vec(), ..honest.clone() };
    assert_eq!(stated(&chain, forgets, 2), Err(KeySetError::Forgets));
    let mut longer = honest.clone();
    longer.former[0].at = at(1_000);
    assert_eq!(stated(&chain, longer, 2), Err(KeySetError::Forgets));
    let mut invents = honest;
    invents.former.push(Ended { key: public(8), at: at(5) });
    assert_eq!(stated(&chain, invents, 2), Err(KeySetError::Forgets));
}

#[test]
fn a_thief_of_the_key_cannot_take_the_recovery_key_and_is_outranked_by_it() {
    let begun = begun();
    let mut stolen = begun.last().rotated(public(66), at(10), at(20));
    stolen.recovery = Some(public(67));
    assert_eq!(stated(&begun, stolen, 1), Err(KeySetError::Signer));
    let thief = rotated(&begun, 66, 1).unwrap();
    let rescue = stated(&begun, begun.last().revoking(public(1), public(2), at(15)), 99).unwrap();
    assert_eq!(thief.adopts(&rescue), Ok(Adopted::Rescued));
    assert_eq!(rescue.adopts(&thief), Err(KeySetError::Fork));
    let rival = rotated(&begun, 5, 1).unwrap();
    assert_eq!(thief.adopts(&rival), Err(KeySetError::Fork), "the first that was heard stays");
    assert_eq!(begun.adopts(&thief), Ok(Adopted::Longer));
    assert_eq!(thief.adopts(&begun), Ok(Adopted::Known));
}

#[test]
fn a_revoked_key_proves_nothing_new_and_never_comes_back() {
    let chain = rotated(&begun(), 2, 1).unwrap();
    let revoked = stated(&chain, chain.last().revoking(public(1), public(2), at(30)), 2).unwrap();
    let set = revoked.last();
    assert!(chain.last().proving(at(5)).any(|key| *key == public(1)));
    assert!(!set.proving(at(5)).any(|key| *key == public(1)));
    assert!(set.ever().any(|key| *key == public(1)), "what is held stays provable");
    assert_eq!(set.revoked(&public(1)), Some(at(30)));
    let back = revoked.last().rotated(public(1), at(40), at(50));
    assert_eq!(stated(&revoked, back, 2), Err(KeySetError::Twice));
}

#[test]
fn nobody_states_a_key_that_is_not_in_its_hands() {
    let chain = begun();
    let claims = chain.last().rotated(public(2), at(10), at(20));
    assert_eq!(chain.with(claims.clone(), &key(1), &key(3)), Err(KeySetError::Signer));
    let half = KeyChain::rescue(claims, &key(99));
    let text = format!("{chain}{half}");
    assert_eq!(KeyChain::read(&text), Err(KeySetError::Signer), "signed by one of two");
    let whole = chain.completed(&half, &key(2)).unwrap();
    assert_eq!(KeyChain::read(&whole.to_string()).unwrap(), whole);
    assert_eq!(chain.completed(&half, &key(3)), Err(KeySetError::Signer));
    assert!(chain.completed(&format!("{half}{half}"), &key(2)).is_err());
}

#[test]
fn a_former_key_proves_what_was_signed_while_it_signed() {
    let chain = rotated(&begun(), 2, 1).unwrap();
    let proving = |second| chain.last().proving(at(second)).copied().collect::<Vec<_>>();
    assert_eq!(proving(20), [public(2), public(1)]);
    assert_eq!(proving(21), [public(2)]);
}

#[test]
fn keysets_that_are_malformed_huge_doubled_or_another_nodes_are_refused() {
    let text = begun().to_string();
    let (short, late) = (text.trim_end(), text.trim_start_matches('e'));
    for bad in ["", "\n", "entente/keys/2\n", short, late, "sig 00\n"] {
        assert!(matches!(KeyChain::read(bad), Err(KeySetError::Form(_))), "{bad:?}");
    }
    for (from, to) in [("number 1", "number +1"), ("since 1970", "since  1970"), ("key", "kex")] {
        let bad = text.replacen(from, to, 1);
        assert!(matches!(KeyChain::read(&bad), Err(KeySetError::Form(_))), "{bad}");
    }
    let huge = "x".repeat(KEY_CHAIN_BYTES_MAX + 1);
    assert_eq!(KeyChain::read(&huge), Err(KeySetError::TooLarge));
    let mut set = begun().last().clone();
    let many = 0..=u8::try_from(NODE_KEYS_MAX).unwrap();
    set.former = many.map(|n| Ended { key: public(n + 100), at: at(1) }).collect();
    assert_eq!(KeySet::read(&set.write(&public(1))), Err(KeySetError::TooLarge));
    set.former = vec![Ended { key: public(1), at: at(1) }];
    assert_eq!(KeySet::read(&set.write(&public(1))), Err(KeySetError::Twice));
    let stolen = text.replace(&public(1).node().to_string(), &public(2).node().to_string());
    assert_eq!(KeyChain::read(&stolen), Err(KeySetError::OtherNode));
    let other = KeyChain::begin(&key(2), None, at(0));
    assert_eq!(begun().adopts(&other), Err(KeySetError::OtherNode));
}

#[test]
fn the_longest_honest_chain_fits_its_bounds() {
    let mut chain = begun();
    // One place is the recovery key's.
    for n in 2..u8::try_from(NODE_KEYS_MAX).unwrap() {
        chain = rotated(&chain, n, n - 1).unwrap();
    }
    let text = chain.to_string();
    assert!(text.len() <= KEY_CHAIN_BYTES_MAX, "{}", text.len());
    assert_eq!(KeyChain::read(&text).unwrap(), chain);
    let last = u8::try_from(NODE_KEYS_MAX).unwrap();
    assert_eq!(rotated(&chain, last, last - 1), Err(KeySetError::TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is done to a chain, step by step: it is believed only when each step was signed by
    /// who may speak then, and then it reads back the same.
    #[test]
    fn a_chain_is_believed_exactly_when_every_step_was_signed_by_who_may_speak(
        steps in proptest::collection::vec((2_u8..8, 0_u8..9, any::<bool>()), 1..6)
    ) {
        let mut chain = begun();
        for (to, by, revoke) in steps {
            let by = if by == 0 { 99 } else { by };
            let last = chain.last().clone();
            let fresh = !last.ever().any(|known| *known == public(to));
            let next = if revoke {
                last.revoking(last.key, public(to), at(10))
            } else {
                last.rotated(public(to), at(10), at(20))
            };
            let may = public(by) == last.key || public(by) == public(99);
            let done = stated(&chain, next, by);
            prop_assert_eq!(done.is_ok(), fresh && may, "{:?}", done);
            if let Ok(longer) = done {
                let read = KeyChain::read(&longer.to_string());
                prop_assert_eq!(read.as_ref(), Ok(&longer));
                prop_assert_eq!(chain.adopts(&longer), Ok(Adopted::Longer));
                chain = longer;
            }
        }
    }

    /// Any one character that is changed is noticed.
    #[test]
    fn a_changed_character_is_noticed(place in any::<prop::sample::Index>(), to in b'0'..=b'z') {
        let text = rotated(&begun(), 2, 1).unwrap().to_string();
        let mut bytes = text.into_bytes();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != to);
        bytes[place] = to;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(KeyChain::read(&changed).is_err(), "{}", changed);
    }
}
