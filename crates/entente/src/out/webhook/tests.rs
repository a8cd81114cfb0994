//! What a receiver checks, and where findings may go.

use super::*;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

#[test]
fn the_signature_is_hmac_sha256_over_time_point_and_body() {
    // By `printf '1800000000.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of some length'`.
    let signed = signature("a secret of some length", 1_800_000_000, b"{\"a\":1}");
    let expected =
        "t=1800000000,v1=107a6fae5b2201c22462186ccbcbaf7c072a800b8e525490330dd7e353e475df";
    assert_eq!(signed, expected);
    let other = signature("a secret of some length", 1_800_000_000, b"{\"a\":2}");
    assert_ne!(other, expected, "another body");
    let later = signature("a secret of some length", 1_800_000_001, b"{\"a\":1}");
    assert_ne!(later.split_once("v1="), expected.split_once("v1="), "another time");
}

#[test]
fn findings_leave_the_machine_by_https_alone() {
    for good in ["https://soc.example/hook", "http://127.0.0.1:9000/x", "http://localhost/x"] {
        assert!(address(good).is_ok(), "{good}");
    }
    for bad in ["http://soc.example/hook", "http://10.0.0.5/x", "ftp://soc.example", "soc"] {
        let problem = address(bad).expect_err(bad);
        assert_eq!(problem.code, "E-HOOK-003", "{bad}");
    }
}

#[tokio::test]
async fn one_that_hangs_up_on_a_finding_may_take_another_and_one_that_is_away_may_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let address = address(&url).expect("an address");
    let patience = Patience { connect: HOOK_SECONDS, answer: HOOK_SECONDS, idle: HOOK_SECONDS };
    let client = Client::new(&Network::default(), &address, None, patience).expect("a client");
    let media_type = "application/json";
    let mut hook = Hook { client, address, secret: String::new(), media_type };
    let hangs_up = async {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 16];
        stream.read_exact(&mut request).await.expect("a request");
    };
    let (sent, ()) = tokio::join!(hook.send("key", b"{}"), hangs_up);
    let failed = sent.expect_err("no answer");
    assert_eq!((failed.problem.code, failed.answered), ("E-HOOK-012", true));
    drop(listener);
    let failed = hook.send("key", b"{}").await.expect_err("nobody is there");
    assert_eq!((failed.problem.code, failed.answered), ("E-HOOK-010", false));
    let unreached = crate::source::PullFailure::Slow(crate::source::A_CONNECTION, HOOK_SECONDS);
    assert!(!NotTaken::from(unreached).answered);
}
