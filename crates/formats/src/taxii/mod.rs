//! TAXII 2.1 as text: media types, query filters, paging tokens, resources and envelopes. It
//! knows no collection and no reader: what may be shown is decided before it is called.

mod envelope;
mod filter;
mod media_type;
mod next;
mod resource;

pub use envelope::EnvelopeWriter;
pub use filter::{Filter, FilterError, Versions};
pub use media_type::{TAXII, accepts, is_content};
pub use next::{Next, NextError};
pub use resource::{
    ApiRoot, Collection, Discovery, ManifestEntry, Rejection, Status, StatusDetail, api_root,
    collection, collections, discovery, error, manifest, status, versions,
};
