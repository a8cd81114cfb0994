//! The way out: what names a proxy, who is excepted, and proxies that misbehave.

use super::{NoProxy, Proxy, dial, is_excepted, status};
use crate::settings::Network;
use model::limits::PROXY_ANSWER_BYTES_MAX;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[test]
fn a_proxy_is_named_by_its_address_and_perhaps_a_user() {
    let read = |text: &str| text.parse::<Proxy>();
    let plain = read("http://proxy.example.org:3128/").unwrap();
    assert_eq!((plain.address.as_str(), plain.authorization), ("proxy.example.org:3128", None));
    let known = read("http://us%40er:p%3Aw@[::1]:3128").unwrap();
    assert_eq!(known.authorization.as_deref(), Some("Basic dXNAZXI6cDp3"));
    assert_eq!(known.address, "[::1]:3128");
    assert!(!format!("{known:?}").contains("dXN"));
    let wrong =
        ["proxy:3128", "https://proxy:3128", "http://proxy", "http://u:%zz@p:1", "http://p:0"];
    for text in wrong {
        assert_eq!(read(text), Err(NoProxy), "{text}");
    }
}

#[test]
fn names_suffixes_and_a_star_are_excepted_and_nothing_else() {
    let excepted = |list: &[&str], address| {
        is_excepted(&list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>(), address)
    };
    let list = ["Exact.example", ".inner.example", "::1"];
    for yes in ["exact.example:1", "EXACT.example.:1", "a.b.inner.example:1", "[::1]:1"] {
        assert!(excepted(&list, yes), "{yes}");
    }
    for no in ["an.exact.example:1", "inner.example:1", "notinner.example:1", "127.0.0.1:1"] {
        assert!(!excepted(&list, no), "{no}");
    }
    assert!(excepted(&["*"], "any.example:1"));
}

#[test]
fn the_status_is_the_second_word_of_an_http_1_answer() {
    let table: &[(&[u8], Option<u16>)] = &[
        (b"HTTP/1.1 200 Connection established\r\n\r\n", Some(200)),
        (b"HTTP/1.0 407\r\n\r\n", Some(407)),
        (b"HTTP/2 200\r\n\r\n", None),
        (b"SSH-2.0-x\r\n\r\n", None),
        (b"HTTP/1.1 \xff\r\n\r\n", None),
    ];
    for (head, expected) in table {
        assert_eq!(status(head), *expected);
    }
}

/// A proxy that reads the request and says this.
async fn proxy(says: Vec<u8>) -> (Network, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            asked.push(stream.read_u8().await.unwrap());
        }
        // A client that has heard enough may be gone.
        stream.write_all(&says).await.ok();
        String::from_utf8(asked).unwrap()
    });
    let proxy = Some(format!("http://u:secret@{address}"));
    (Network { proxy, ..Network::default() }, heard)
}

#[tokio::test]
async fn the_tunnel_begins_exactly_behind_the_proxys_answer() {
    let says = b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\nfirst".to_vec();
    let (network, heard) = proxy(says).await;
    let mut stream: TcpStream = dial(&network, "far.example:8441").await.unwrap();
    let mut first = String::new();
    stream.read_to_string(&mut first).await.unwrap();
    assert_eq!(first, "first");
    let asked = heard.await.unwrap();
    assert!(asked.starts_with("CONNECT far.example:8441 HTTP/1.1\r\nHost: far.example:8441\r\n"));
    assert!(asked.contains("\r\nProxy-Authorization: Basic dTpzZWNyZXQ=\r\n"), "{asked}");
}

#[tokio::test]
async fn a_proxy_that_refuses_or_misbehaves_is_named_and_never_its_password() {
    let endless =
        [b"HTTP/1.1 200 OK\r\n".to_vec(), vec![b'x'; 2 * PROXY_ANSWER_BYTES_MAX]].concat();
    let table: [(Vec<u8>, &str); 5] = [
        (b"HTTP/1.1 407 No\r\n\r\n".to_vec(), "user and password"),
        (b"HTTP/1.1 503 No\r\n\r\n".to_vec(), "refused with 503"),
        (b"nonsense\r\n\r\n".to_vec(), "no HTTP/1"),
        (b"HTTP/1.1 200".to_vec(), ""),
        (endless, "no end"),
    ];
    for (says, told) in table {
        let (network, _heard) = proxy(says).await;
        let error = dial(&network, "far.example:8441").await.unwrap_err().to_string();
        assert!(error.contains(told) && !error.contains("secret"), "{error}");
    }
}
