//! The small messages as the first version of the protocol spelt them, read for ever.

use super::*;

#[test]
fn what_the_first_version_wrote_is_read_and_written_alike() {
    let request = r#"{"secret":"BwcHBwcHBwcHBwcHBwcHBw==","name":"Bravo"}"#;
    let read: JoinRequest = serde_json::from_str(request).unwrap();
    assert_eq!((read.name.as_str(), read.secret.as_str()), ("Bravo", "BwcHBwcHBwcHBwcHBwcHBw=="));
    assert_eq!(serde_json::to_string(&read).unwrap(), request);

    let answer = concat!(
        r#"{"name":"Alpha","trusted":false,"circles":["#,
        r#"{"id":"9b1e6f0a-52c4-4d0b-9c3e-2f7a11d0c4e5","#,
        r#""convener":"34750f98bd59fcfc946da45aaabe933b"}]}"#
    );
    let read: JoinAnswer = serde_json::from_str(answer).unwrap();
    assert_eq!((read.name.as_str(), read.trusted, read.circles.len()), ("Alpha", false, 1));
    assert_eq!(serde_json::to_string(&read).unwrap(), answer);
    // A later program may add fields to answers.
    let later = answer.replacen('{', r#"{"new":[1],"#, 1);
    assert!(serde_json::from_str::<JoinAnswer>(&later).is_ok());

    let table = [
        (409, r#"{"status":409,"code":"E-LINK-006","detail":"these entries came before"}"#),
        (429, r#"{"status":429,"code":"E-QUOTA-001","detail":"over","hint":"later"}"#),
        (403, r#"{"status":403,"code":"E-LINK-037","detail":"ended","new":true}"#),
    ];
    for (status, text) in table {
        let read = ProblemBody::read(status, text.as_bytes());
        assert_eq!(read.status, status);
        assert!(text.contains(&read.code) && read.code.starts_with("E-"), "{text}");
    }
}
