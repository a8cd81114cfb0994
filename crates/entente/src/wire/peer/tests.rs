//! What a partner's refusal is taken for. No sockets: the answers are written here.

use super::super::client::Reply;
use super::refused;
use bytes::Bytes;
use http::StatusCode;

fn reply(status: StatusCode, code: &str) -> Reply {
    let body = format!(r#"{{"status":403,"code":"{code}","detail":"a sentence"}}"#);
    Reply { status, packed: false, body: Bytes::from(body) }
}

#[test]
fn only_a_refusal_of_the_key_itself_is_a_removal() {
    let table = [
        (StatusCode::FORBIDDEN, "E-LINK-037", true),
        (StatusCode::FORBIDDEN, "E-LINK-002", false),
        // What a full node says, and what one said before it had a code of its own for it; the
        // status in the text is the partner's word, and counts for nothing.
        (StatusCode::INSUFFICIENT_STORAGE, "E-LINK-040", false),
        (StatusCode::INSUFFICIENT_STORAGE, "E-LINK-037", false),
        (StatusCode::SERVICE_UNAVAILABLE, "E-LINK-037", false),
    ];
    for (status, code, removal) in table {
        assert_eq!(refused(&reply(status, code)).is_removal(), removal, "{status} {code}");
    }
}
