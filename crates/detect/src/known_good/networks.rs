//! The networks of one list, asked which of them lies around a network, or meets it. It reads no
//! text.

use crate::observable::Prefix;
use std::net::IpAddr;

/// One network as the numbers of its first and last address.
#[derive(Clone, Copy, Debug)]
struct Span<N> {
    first: N,
    last: N,
    /// The last address of this network and of all before it.
    reach: N,
}

/// Networks that are nested or apart, as prefixes always are.
#[derive(Clone, Debug)]
struct Spans<N>(Vec<Span<N>>);

impl<N> Default for Spans<N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<N: Copy + Ord> Spans<N> {
    fn sort(&mut self) {
        self.0.sort_unstable_by_key(|span| (span.first, std::cmp::Reverse(span.last)));
        let mut reach = None;
        for span in &mut self.0 {
            span.reach = reach.map_or(span.last, |reach| span.last.max(reach));
            reach = Some(span.reach);
        }
        self.0.shrink_to_fit();
    }

    /// The nearest of those that begin no later than `from` and end no earlier than `to`.
    fn find(&self, from: N, to: N) -> Option<(N, N)> {
        let until = self.0.partition_point(|span| span.first <= from);
        let before = self.0.get(..until)?;
        // Beyond this nothing reaches far enough: most questions end at their first look.
        let reaching = before.iter().rev().take_while(|span| span.reach >= to);
        reaching.into_iter().find(|span| span.last >= to).map(|span| (span.first, span.last))
    }
}

/// The networks of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks {
    v4: Spans<u32>,
    v6: Spans<u128>,
}

impl Networks {
    pub(super) fn push(&mut self, prefix: Prefix) {
        match ends(prefix) {
            Ends::V4(first, last) => self.v4.0.push(Span { first, last, reach: last }),
            Ends::V6(first, last) => self.v6.0.push(Span { first, last, reach: last }),
        }
    }

    /// After the last one was added, before the first question.
    pub(super) fn sort(&mut self) {
        self.v4.sort();
        self.v6.sort();
    }

    pub(super) const fn len(&self) -> usize {
        self.v4.0.len() + self.v6.0.len()
    }

    /// One of them that holds all of this network.
    pub(super) fn around(&self, prefix: Prefix) -> Option<String> {
        match ends(prefix) {
            Ends::V4(first, last) => self.v4.find(first, last).map(|found| shown(of_v4(found))),
            Ends::V6(first, last) => self.v6.find(first, last).map(|found| shown(of_v6(found))),
        }
    }

    /// One of them that shares an address with this network: it lies around it, or inside.
    pub(super) fn meeting(&self, prefix: Prefix) -> Option<String> {
        match ends(prefix) {
            Ends::V4(first, last) => self.v4.find(last, first).map(|found| shown(of_v4(found))),
            Ends::V6(first, last) => self.v6.find(last, first).map(|found| shown(of_v6(found))),
        }
    }
}

enum Ends {
    V4(u32, u32),
    V6(u128, u128),
}

fn ends(prefix: Prefix) -> Ends {
    let host = |whole: u32| whole.saturating_sub(u32::from(prefix.length));
    match prefix.network {
        IpAddr::V4(network) => {
            let free = 1_u32.checked_shl(host(32)).map_or(u32::MAX, |size| size - 1);
            Ends::V4(network.to_bits(), network.to_bits() | free)
        }
        IpAddr::V6(network) => {
            let free = 1_u128.checked_shl(host(128)).map_or(u128::MAX, |size| size - 1);
            Ends::V6(network.to_bits(), network.to_bits() | free)
        }
    }
}

fn of_v4((first, last): (u32, u32)) -> Prefix {
    let length = (first ^ last).leading_zeros();
    Prefix { network: IpAddr::V4(first.into()), length: u8::try_from(length).unwrap_or(32) }
}

fn of_v6((first, last): (u128, u128)) -> Prefix {
    let length = (first ^ last).leading_zeros();
    Prefix { network: IpAddr::V6(first.into()), length: u8::try_from(length).unwrap_or(128) }
}

fn shown(prefix: Prefix) -> String {
    prefix.observable().text
}
