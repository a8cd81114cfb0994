//! How a message looks, and how it goes over a stream.

use super::*;
use tokio::net::TcpListener;

#[test]
fn a_message_is_one_line_with_the_header_of_rfc_5424() {
    let at = Instant::from_micros(1_500_000);
    let message = message("CERT-Alpha", at, b"{\"a\":\n1}");
    let message = String::from_utf8(message).expect("text");
    let words: Vec<&str> = message.splitn(8, ' ').collect();
    assert_eq!(words[0], "<132>1");
    assert_eq!(words[1], at.to_string());
    assert_eq!((words[2], words[3], words[5], words[6]), ("CERT-Alpha", "entente", "finding", "-"));
    assert_eq!(words[7], "{\"a\": 1}");
}

#[test]
fn a_name_with_spaces_is_one_word() {
    let table = [("CERT Alpha", "CERT-Alpha"), ("Ä\n<1>", "--<1>"), ("", "-")];
    for (name, host) in table {
        assert_eq!(host_name(name), host);
    }
    assert_eq!(host_name(&"x".repeat(400)).len(), HOST_CHARS_MAX);
}

#[test]
fn a_target_has_a_transport_a_host_and_a_port() {
    for good in ["udp://10.0.0.1:514", "tcp://siem.example:601", "tls://[::1]:6514"] {
        assert!(good.parse::<Target>().is_ok(), "{good}");
    }
    for bad in ["siem.example:514", "http://siem.example:514", "tcp://siem.example", "udp://"] {
        assert!(bad.parse::<Target>().is_err(), "{bad}");
    }
    let loopback = |text: &str| text.parse::<Target>().expect("a target").is_loopback();
    assert!(loopback("tls://[::1]:6514") && loopback("udp://localhost:1"));
    assert!(!loopback("udp://10.0.0.1:514"));
}

/// One message with its length before it.
async fn frame(stream: &mut TcpStream) -> String {
    let mut length = String::new();
    loop {
        match stream.read_u8().await.expect("a frame") {
            b' ' => break,
            digit => length.push(char::from(digit)),
        }
    }
    let mut message = vec![0; length.parse().expect("a length")];
    stream.read_exact(&mut message).await.expect("a message");
    String::from_utf8(message).expect("text")
}

#[tokio::test]
async fn a_server_that_hung_up_is_asked_anew_and_nothing_is_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("tcp://{}", listener.local_addr().expect("an address"));
    let mut syslog = Syslog::open(&Network::default(), "n", &url).expect("a way");
    let at = Instant::from_micros(0);
    for payload in ["one", "two"] {
        let (sent, accepted) = tokio::join!(syslog.send(at, payload.as_bytes()), listener.accept());
        sent.expect("taken");
        let (mut stream, _) = accepted.expect("a connection");
        assert!(frame(&mut stream).await.ends_with(&format!(" finding - {payload}")));
        // It hangs up, and that arrives before the next message is sent.
        drop(stream);
        let open = syslog.open.as_mut().expect("kept open");
        while !open.is_closed().await {
            tokio::task::yield_now().await;
        }
    }
    drop(listener);
    let failed = syslog.send(at, b"three").await.expect_err("nobody is there");
    assert_eq!((failed.problem.code, failed.answered), ("E-HOOK-010", false));
}

#[tokio::test]
async fn what_no_datagram_holds_silences_nobody() {
    let server = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("udp://{}", server.local_addr().expect("an address"));
    let mut syslog = Syslog::open(&Network::default(), "n", &url).expect("a way");
    let at = Instant::from_micros(0);
    let header = message(&syslog.host, at, b"").len();
    let most = vec![b'x'; SYSLOG_OUT_DATAGRAM_BYTES_MAX - header];
    syslog.send(at, &most).await.expect("as much as a datagram holds");
    let failed = syslog.send(at, &[&most[..], b"x"].concat()).await.expect_err("one byte more");
    assert_eq!((failed.problem.code, failed.answered), ("E-HOOK-017", true));
    syslog.send(at, b"the next").await.expect("taken");
}
