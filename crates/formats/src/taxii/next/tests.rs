//! Tokens that continue a request, and those that don't.

use super::{Next, NextError};
use crate::taxii::Filter;

#[test]
fn a_token_continues_its_own_request_only() {
    let filter = |query: &str| Filter::parse(query).unwrap();
    let next = Next { offset: u64::MAX - 7 };
    let token = next.print("objects c", &filter("match[type]=a,b&limit=5"));
    let parse = |scope: &str, query: &str| Next::parse(&token, scope, &filter(query));
    assert_eq!(parse("objects c", "match[type]=b,a&limit=9&next=x"), Ok(next));
    assert_eq!(parse("objects d", "match[type]=a,b"), Err(NextError::OtherRequest));
    assert_eq!(parse("objects c", "match[type]=a"), Err(NextError::OtherRequest));
    assert_eq!(
        parse("objects c", "match[type]=a,b&match[version]=all"),
        Err(NextError::OtherRequest)
    );
    for garbage in
        ["", "x", "AAAA", "not base64!", token.trim_start_matches('A'), &format!("{token}AAAA")]
    {
        let read = Next::parse(garbage, "objects c", &filter("match[type]=a,b"));
        assert_eq!(read, Err(NextError::Unreadable), "{garbage}");
    }
}
