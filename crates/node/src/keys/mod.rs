//! The keys of nodes: what each said of its own, what is believed of it here, and this node's own
//! change of key. Where keys lie is the rim's business (decision 0021).

mod heard;
mod known;
mod own;
mod stranded;

pub(crate) use known::member_keys;
pub use known::{
    Change, Standing, Who, chain_of, change, heard, keys_of, number, own_chain, own_keys, said,
    standing, unaware, who,
};
pub use stranded::{Stranded, Stranding};
