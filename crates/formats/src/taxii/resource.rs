//! TAXII's resources as bytes. The wire twins are private: the rest of the program hands in its
//! own values, and no type of TAXII leaves this file.

use super::media_type::TAXII;
use model::time::Instant;
use serde::Serialize;
use uuid::Uuid;

/// What discovery says.
#[derive(Clone, Copy, Debug)]
pub struct Discovery<'a> {
    /// The server's name.
    pub title: &'a str,
    /// A sentence more.
    pub description: Option<&'a str>,
    /// Whom to ask.
    pub contact: Option<&'a str>,
    /// URLs of API roots, absolute or beginning with one `/`; the first is the default.
    pub api_roots: &'a [&'a str],
}

/// What an API root says.
#[derive(Clone, Copy, Debug)]
pub struct ApiRoot<'a> {
    /// Its name.
    pub title: &'a str,
    /// A sentence more.
    pub description: Option<&'a str>,
    /// Bytes of the longest body that a POST may have, above 0.
    pub max_content_length: u64,
}

/// What a collection says to this reader.
#[derive(Clone, Copy, Debug)]
pub struct Collection<'a> {
    /// The circle's id.
    pub id: Uuid,
    /// The circle's name.
    pub title: &'a str,
    /// A sentence more.
    pub description: Option<&'a str>,
    /// A short name for its URL, unique in the API root.
    pub alias: Option<&'a str>,
    /// The reader may read.
    pub can_read: bool,
    /// The reader may write.
    pub can_write: bool,
}

/// One version in a manifest.
#[derive(Clone, Copy, Debug)]
pub struct ManifestEntry<'a> {
    /// The object's id.
    pub id: &'a str,
    /// When it was numbered for this collection and audience.
    pub date_added: Instant,
    /// The version's text as the object spells it.
    pub version: &'a str,
    /// `2.1` or `2.0`.
    pub spec_version: &'a str,
}

/// One object in a status.
#[derive(Clone, Copy, Debug)]
pub struct StatusDetail<'a> {
    /// The object's id, or what stands for it.
    pub id: &'a str,
    /// The version's text.
    pub version: &'a str,
    /// Why it failed, or a remark.
    pub message: Option<&'a str>,
}

/// What became of a POST. The counts are those of the lists, which together hold every object.
#[derive(Clone, Copy, Debug)]
pub struct Status<'a> {
    /// The status's own id (a version 4 UUID).
    pub id: Uuid,
    /// When the request came.
    pub request_timestamp: Option<Instant>,
    /// Stored, or held already.
    pub successes: &'a [StatusDetail<'a>],
    /// Refused.
    pub failures: &'a [StatusDetail<'a>],
    /// Not yet decided.
    pub pendings: &'a [StatusDetail<'a>],
}

/// An error message.
#[derive(Clone, Copy, Debug)]
pub struct Rejection<'a> {
    /// In a few words.
    pub title: &'a str,
    /// In a sentence, with what to do.
    pub description: Option<&'a str>,
    /// A stable code.
    pub code: Option<&'a str>,
    /// The answer's HTTP status.
    pub status: u16,
}

/// Bytes of a twin. Writing plain structs of texts and numbers can't fail.
fn bytes(twin: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(twin).unwrap_or_default()
}

/// SPEC: TAXII 2.1 §4.1.1
#[must_use]
pub fn discovery(discovery: &Discovery<'_>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Twin<'a> {
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        contact: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        default: Option<&'a str>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        api_roots: &'a [&'a str],
    }
    let Discovery { title, description, contact, api_roots } = *discovery;
    bytes(&Twin { title, description, contact, default: api_roots.first().copied(), api_roots })
}

/// SPEC: TAXII 2.1 §4.2.1
#[must_use]
pub fn api_root(root: &ApiRoot<'_>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Twin<'a> {
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        versions: [&'a str; 1],
        max_content_length: u64,
    }
    let ApiRoot { title, description, max_content_length } = *root;
    bytes(&Twin { title, description, versions: [TAXII], max_content_length })
}

#[derive(Serialize)]
struct CollectionTwin<'a> {
    id: String,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    can_read: bool,
    can_write: bool,
    media_types: [&'a str; 1],
}

/// What collections hold, as `media_types` and manifests name it: STIX 2.0 is not taken.
const STIX_2_1: &str = "application/stix+json;version=2.1";
const STIX_2_0: &str = "application/stix+json;version=2.0";

impl<'a> From<&Collection<'a>> for CollectionTwin<'a> {
    fn from(collection: &Collection<'a>) -> Self {
        let Collection { id, title, description, alias, can_read, can_write } = *collection;
        let media_types = [STIX_2_1];
        let id = id.to_string();
        Self { id, title, description, alias, can_read, can_write, media_types }
    }
}

/// SPEC: TAXII 2.1 §5.2.1
#[must_use]
pub fn collection(collection: &Collection<'_>) -> Vec<u8> {
    bytes(&CollectionTwin::from(collection))
}

/// SPEC: TAXII 2.1 §5.1.1: the order must not change from request to request; it is the caller's.
#[must_use]
pub fn collections(collections: &[Collection<'_>]) -> Vec<u8> {
    #[derive(Serialize)]
    struct Twin<'a> {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        collections: Vec<CollectionTwin<'a>>,
    }
    bytes(&Twin { collections: collections.iter().map(CollectionTwin::from).collect() })
}

/// SPEC: TAXII 2.1 §5.3.1; `next` is sent too (erratum: the resource forgot it).
#[must_use]
pub fn manifest(entries: &[ManifestEntry<'_>], more: bool, next: Option<&str>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Entry<'a> {
        id: &'a str,
        date_added: String,
        version: &'a str,
        media_type: &'a str,
    }
    #[derive(Serialize)]
    struct Twin<'a> {
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        more: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        objects: Vec<Entry<'a>>,
    }
    let objects = entries.iter().map(|entry| Entry {
        id: entry.id,
        date_added: entry.date_added.to_taxii(),
        version: entry.version,
        media_type: if entry.spec_version == "2.0" { STIX_2_0 } else { STIX_2_1 },
    });
    bytes(&Twin { more, next: next.filter(|_| more), objects: objects.collect() })
}

/// SPEC: TAXII 2.1 §5.8.1; `next` as for [`manifest`].
#[must_use]
pub fn versions(versions: &[&str], more: bool, next: Option<&str>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Twin<'a> {
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        more: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<&'a str>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        versions: &'a [&'a str],
    }
    bytes(&Twin { more, next: next.filter(|_| more), versions })
}

/// SPEC: TAXII 2.1 §4.3.1
#[must_use]
pub fn status(status: &Status<'_>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Detail<'a> {
        id: &'a str,
        version: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'a str>,
    }
    #[derive(Serialize)]
    struct Twin<'a> {
        id: String,
        status: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_timestamp: Option<String>,
        total_count: usize,
        success_count: usize,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        successes: Vec<Detail<'a>>,
        failure_count: usize,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        failures: Vec<Detail<'a>>,
        pending_count: usize,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pendings: Vec<Detail<'a>>,
    }
    fn twins<'a>(details: &[StatusDetail<'a>]) -> Vec<Detail<'a>> {
        let twin = |StatusDetail { id, version, message }: &StatusDetail<'a>| Detail {
            id,
            version,
            message: *message,
        };
        details.iter().map(twin).collect()
    }
    let Status { id, request_timestamp, successes, failures, pendings } = *status;
    bytes(&Twin {
        id: id.to_string(),
        status: if pendings.is_empty() { "complete" } else { "pending" },
        request_timestamp: request_timestamp.map(Instant::to_taxii),
        total_count: successes.len().saturating_add(failures.len()).saturating_add(pendings.len()),
        success_count: successes.len(),
        successes: twins(successes),
        failure_count: failures.len(),
        failures: twins(failures),
        pending_count: pendings.len(),
        pendings: twins(pendings),
    })
}

/// SPEC: TAXII 2.1 §3.6.1: `http_status` is a text.
#[must_use]
pub fn error(rejection: &Rejection<'_>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Twin<'a> {
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error_code: Option<&'a str>,
        http_status: String,
    }
    let Rejection { title, description, code, status } = *rejection;
    bytes(&Twin { title, description, error_code: code, http_status: status.to_string() })
}

#[cfg(test)]
mod tests;
