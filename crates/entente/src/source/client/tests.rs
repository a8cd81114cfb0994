//! A client against servers of a few lines: slow, silent, hanging up, behind a proxy, behind TLS.

use super::*;
use model::time::Instant;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use std::sync::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

const QUICK: Patience = Patience { connect: 5, answer: 1, idle: 1 };
const GET: Asking<'static> = Asking { method: Method::GET, headers: &[], body: Bytes::new() };
const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";

async fn listen() -> (TcpListener, Address) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, Address::read(&format!("http://127.0.0.1:{port}/x")).expect("a URL"))
}

/// The head of a request.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), reply: &str) -> String {
    let head = head(stream).await;
    stream.write_all(reply.as_bytes()).await.ok();
    stream.flush().await.ok();
    head
}

fn client(at: &Address, network: &Network) -> Client {
    Client::new(network, at, None, QUICK).expect("a client")
}

async fn fetched(client: &mut Client, at: &Address) -> Result<Vec<u8>, PullFailure> {
    let answer = client.get(at, &[]).await?;
    answer.flow(1_000, 2)?.whole().await.map(|whole| whole.bytes().to_vec())
}

/// What a server that answers with `reply` and then stays silent makes of a pull.
async fn against(reply: &'static str) -> Result<Vec<u8>, PullFailure> {
    let (listener, at) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        answer(&mut stream, reply).await;
        // Held open until the client has gone.
        stream.read_u8().await.ok();
    });
    let result = fetched(&mut client(&at, &Network::default()), &at).await;
    server.abort();
    result
}

#[tokio::test]
async fn silence_is_given_up_before_the_answer_and_within_it() {
    assert!(matches!(against("").await, Err(PullFailure::Slow("an answer", 1))));
    let some = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nsome";
    assert!(matches!(against(some).await, Err(PullFailure::Slow("more", 1))));
    assert_eq!(against(FINE).await.expect("fine"), b"fine");
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_in_the_end() {
    let (listener, at) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        answer(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n").await;
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        while stream.write_all(b"x").await.is_ok() {
            tick.tick().await;
        }
    });
    let result = fetched(&mut client(&at, &Network::default()), &at).await;
    assert!(matches!(result, Err(PullFailure::Slow("the answer", 2))), "{result:?}");
    server.await.expect("the server");
}

#[tokio::test]
async fn too_much_is_refused_packed_or_not() {
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{}", "x".repeat(5_000));
    let result = against(long.leak()).await;
    assert!(matches!(result, Err(PullFailure::TooLarge(1_000))), "{result:?}");
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut bomb, &vec![0; 64 << 20]).expect("memory");
    let bomb = bomb.finish().expect("memory");
    let (listener, at) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let length = bomb.len();
        let coding = "Content-Encoding: gzip";
        answer(
            &mut stream,
            &format!("HTTP/1.1 200 OK\r\n{coding}\r\nContent-Length: {length}\r\n\r\n"),
        )
        .await;
        stream.write_all(&bomb).await.ok();
    });
    let result = fetched(&mut client(&at, &Network::default()), &at).await;
    assert!(matches!(result, Err(PullFailure::TooLarge(1_000))), "{result:?}");
    server.abort();
}

#[tokio::test]
async fn a_packed_body_that_breaks_off_is_no_end() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, b"a.example\nb.example\n").expect("memory");
    let packed = packed.finish().expect("memory");
    let half = packed.get(..packed.len() - 9).expect("longer").to_vec();
    let (listener, at) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let length = half.len();
        answer(&mut stream, &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")).await;
        stream.write_all(&half).await.ok();
    });
    let result = fetched(&mut client(&at, &Network::default()), &at).await;
    assert!(matches!(result, Err(PullFailure::Cut(_))), "{result:?}");
    server.abort();
}

#[tokio::test]
async fn a_connection_is_kept_and_one_that_was_closed_is_made_anew() {
    let (listener, at) = listen().await;
    let server = tokio::spawn(async move {
        let mut answered = Vec::new();
        for requests in [2, 1] {
            let (mut stream, _) = listener.accept().await.expect("a client");
            for _ in 0..requests {
                answered.push(answer(&mut stream, FINE).await);
            }
        }
        answered
    });
    let mut client = client(&at, &Network::default());
    for _ in 0..3 {
        assert_eq!(fetched(&mut client, &at).await.expect("fine"), b"fine");
    }
    let heads = server.await.expect("the server");
    assert_eq!(heads.len(), 3);
    assert!(heads.iter().all(|head| head.starts_with("GET /x HTTP/1.1\r\n")), "{heads:?}");
}

#[tokio::test]
async fn what_is_elsewhere_is_reached_through_the_proxy_and_this_machine_is_not() {
    let (proxy, at) = listen().await;
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let server = tokio::spawn(async move {
        let (mut stream, _) = proxy.accept().await.expect("a client");
        let connect = answer(&mut stream, "HTTP/1.1 200 Connected\r\n\r\n").await;
        let get = answer(&mut stream, FINE).await;
        seen.lock().expect("nobody panicked").extend([connect, get]);
    });
    let proxy = format!("http://{}", at.authority());
    let network = Network { proxy: Some(proxy), ..Network::default() };
    let away = Address::read("http://lists.example/a?b=c").expect("a URL");
    assert_eq!(fetched(&mut client(&away, &network), &away).await.expect("fine"), b"fine");
    server.await.expect("the server");
    let heads = heads.lock().expect("nobody panicked").clone();
    assert!(heads[0].starts_with("CONNECT lists.example:80 HTTP/1.1\r\n"), "{heads:?}");
    assert!(heads[1].starts_with("GET /a?b=c HTTP/1.1\r\nhost: lists.example\r\n"), "{heads:?}");
    let (listener, here) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        answer(&mut stream, FINE).await
    });
    assert_eq!(fetched(&mut client(&here, &network), &here).await.expect("fine"), b"fine");
    server.abort();
}

#[tokio::test]
async fn tls_is_believed_when_an_authority_signed_it_that_somebody_named() {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
    let parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a server");
    let (listener, at) = listen().await;
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let server = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a client");
            if let Ok(mut stream) = acceptor.accept(stream).await {
                answer(&mut stream, FINE).await;
            }
        }
    });
    let port = at.authority();
    let port = port.rsplit(':').next().expect("a port");
    let at = Address::read(&format!("https://localhost:{port}/x")).expect("a URL");
    let stranger = fetched(&mut client(&at, &Network::default()), &at).await;
    assert!(matches!(stranger, Err(PullFailure::Tls(..))), "{stranger:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("authority.pem");
    std::fs::write(&path, certificate.pem()).expect("a file");
    let network = Network { authorities: Some(path.clone()), ..Network::default() };
    assert_eq!(fetched(&mut client(&at, &network), &at).await.expect("fine"), b"fine");
    std::fs::write(&path, "no certificate").expect("a file");
    let wrong = Client::new(&network, &at, None, QUICK).err().expect("a failure");
    assert!(matches!(wrong, PullFailure::Settings(_)), "{wrong:?}");
    server.abort();
}

#[tokio::test]
async fn tls_never_leads_to_none_and_nobody_answers_where_nobody_is() {
    let (listener, at) = listen().await;
    drop(listener);
    let nobody = fetched(&mut client(&at, &Network::default()), &at).await;
    assert!(matches!(nobody, Err(PullFailure::Connect(..))), "{nobody:?}");
    let secure = Address::read("https://a.example/x").expect("a URL");
    let down = "HTTP/1.1 302 Found\r\nLocation: http://a.example/x\r\nContent-Length: 0\r\n\r\n";
    let (listener, at) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        answer(&mut stream, down).await
    });
    let mut client = client(&at, &Network::default());
    let answer = client.once(&at, &GET).await.expect("an answer");
    assert!(matches!(onwards(&secure, &answer), Err(PullFailure::Redirect(_))));
    server.abort();
}

#[test]
fn patience_is_read_in_both_forms_and_bounded() {
    let now: Instant = "1994-11-06T08:49:37Z".parse().expect("a time");
    for (text, seconds) in [
        ("120", 120),
        ("0", 1),
        ("999999999", 3_600),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 1),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 3_600),
        ("soon", REST),
        ("", REST),
    ] {
        assert_eq!(rest(text, now), seconds, "{text}");
    }
}

#[tokio::test]
async fn what_is_posted_arrives_whole_over_one_connection_and_follows_no_redirection() {
    let (listener, at) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut came = Vec::new();
        for reply in [FINE, "HTTP/1.1 307 Elsewhere\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"] {
            let head = head(&mut stream).await;
            let mut body = [0; 7];
            stream.read_exact(&mut body).await.expect("a body");
            stream.write_all(reply.as_bytes()).await.expect("an answer");
            came.push((head, body));
        }
        came
    });
    let mut client = client(&at, &Network::default());
    let body = Bytes::from_static(b"{\"a\":1}");
    client.post(&at, &[], body.clone()).await.expect("taken");
    let failed = client.post(&at, &[], body).await;
    assert!(matches!(failed, Err(PullFailure::Redirect(_))), "{failed:?}");
    for (head, body) in server.await.expect("both came") {
        assert!(head.starts_with("POST /x HTTP/1.1"), "{head}");
        assert_eq!(&body, b"{\"a\":1}");
    }
}
