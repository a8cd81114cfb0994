//! From the address that people have to the objects of one collection: a discovery, an API root, a
//! collection or its objects. Which one is meant must be clear; nothing is guessed.

use super::ask::{Asker, foreign};
use super::form::{Resource, is_segment, resource};
use crate::source::address::Address;
use crate::source::failure::PullFailure;
use formats::problem::shown;

/// API roots of one server that are looked into.
const ROOTS_MAX: usize = 10;
/// Collections that an error names.
const NAMED: usize = 8;

/// The address of the objects.
pub(super) async fn objects(asker: &mut Asker<'_>, home: &Address) -> Result<Address, PullFailure> {
    if let Some(objects) = named(home) {
        return Ok(objects);
    }
    if home.path().trim_end_matches('/').ends_with("/collections") {
        let root = home.path().trim_end_matches('/').trim_end_matches("/collections").to_owned();
        return in_roots(asker, &[home.at(root)]).await;
    }
    let found = read(asker, &home.at(with_slash(home.path()))).await?;
    if found.api_roots.is_empty() && found.default.is_none() {
        if found.versions.is_empty() && found.collections.is_empty() {
            return Err(foreign(None, "neither a discovery nor an API root"));
        }
        return in_roots(asker, std::slice::from_ref(home)).await;
    }
    // SPEC: TAXII 2.1 §4.1.1: the default is one of the API roots.
    let roots = match &found.default {
        Some(default) => vec![default.clone()],
        None => found.api_roots,
    };
    let mut here = Vec::new();
    for root in roots.iter().take(ROOTS_MAX) {
        let root = home.join(root)?;
        if home.trusts(&root) {
            here.push(root);
        }
    }
    if here.is_empty() {
        let elsewhere = roots.first().map(|root| shown(root)).unwrap_or_default();
        let message = format!("its API roots are on another server: {elsewhere}");
        return Err(PullFailure::Collection(message));
    }
    in_roots(asker, &here).await
}

/// The objects, where the address itself names the collection.
fn named(home: &Address) -> Option<Address> {
    let (root, rest) = home.path().split_once("/collections/")?;
    let id = rest.split('/').next().filter(|id| !id.is_empty())?;
    let objects = home.at(format!("{root}/collections/{id}/objects/"));
    // SPEC: TAXII 2.1 §3.4: what people want to have matched; the rest of a query is ours.
    let wanted = home.parameters().filter(|parameter| parameter.starts_with("match"));
    let wanted: Vec<&str> = wanted.collect();
    Some(if wanted.is_empty() { objects } else { objects.asking(&wanted.join("&")) })
}

async fn in_roots(asker: &mut Asker<'_>, roots: &[Address]) -> Result<Address, PullFailure> {
    let mut readable = Vec::new();
    for root in roots {
        let all = read(asker, &root.below("collections/")).await?.collections;
        let wanted = all.into_iter().filter(|one| one.can_read != Some(false));
        readable.extend(wanted.map(|collection| (root.clone(), collection)));
    }
    match readable.as_slice() {
        [(root, only)] if is_segment(&only.id) => {
            Ok(root.below(&format!("collections/{}/objects/", only.id)))
        }
        [] => {
            let message = "the server shows no collection that may be read";
            Err(PullFailure::Collection(message.to_owned()))
        }
        several => {
            let names = several.iter().take(NAMED);
            let names = names.map(|(_, one)| format!("{} ({})", shown(&one.id), shown(&one.title)));
            let names: Vec<String> = names.collect();
            let message = format!("there are {} collections: {}", several.len(), names.join(", "));
            Err(PullFailure::Collection(message))
        }
    }
}

async fn read(asker: &mut Asker<'_>, at: &Address) -> Result<Resource, PullFailure> {
    let answer = asker.get(at).await?;
    let kind = answer.header("content-type").map(str::to_owned);
    let whole = answer.whole().await?;
    resource(whole.bytes()).map_err(|error| foreign(kind.as_deref(), &error))
}

fn with_slash(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
