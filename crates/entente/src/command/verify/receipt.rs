//! One exported receipt: that a partner was given a record, and what it said of it. It asks no node.

use super::keys::Pinned;
use super::run::Verified;
use crate::command::failure::Failure;
use crate::http::api::receipts::{FORM, ReceiptProofView};
use model::record::Header;
use std::path::Path;

/// Whether a file says that it is such a proof.
pub(super) fn is(bytes: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Form {
        form: String,
    }
    serde_json::from_slice::<Form>(bytes).is_ok_and(|told| told.form == FORM)
}

/// Checks the receipt proof in a file.
pub(super) fn file(path: &Path, bytes: &[u8], keys: &Pinned) -> Result<Verified, Failure> {
    let unreadable = |what: &str| {
        let shown = path.display();
        Failure::input(format!("E-VERIFY-001: {shown} is no receipt proof: {what}"))
            .hint("`entente receipts ID --partner NAME --proof FILE` writes one")
    };
    let view: ReceiptProofView =
        serde_json::from_slice(bytes).map_err(|error| unreadable(&error.to_string()))?;
    let proof = view.proof().map_err(|what| unreadable(&format!("`{what}`")))?;
    let head = proof.record.as_ref().and_then(|record| Header::read(&record.parts.head).ok());
    let thing = head.as_ref().map_or_else(|| "-".to_owned(), |head| head.thing.to_string());
    let judged = proof.judge(&keys.or_claimed(&proof.keys, &proof.chains)).map(|judged| {
        let what = head.map_or_else(
            || format!("the record with the leaf {}", proof.leaf),
            |head| format!("{} version {}", head.thing, head.version),
        );
        let fate = match judged.refused {
            Some(reason) => format!("refused it: {reason}"),
            None => "applied it".to_owned(),
        };
        let (sender, receiver, number) = (judged.sender, judged.receiver, proof.number);
        let given = format!("node {sender} gave node {receiver} {what} as number {number}");
        let said = format!("node {receiver} signed at {} that it {fate}", judged.at);
        [Some(given), Some(said), keys.remark()].into_iter().flatten().collect()
    });
    Ok(Verified::proof(path, thing, judged.map_err(|fault| fault.to_string())))
}
