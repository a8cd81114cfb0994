//! Who is let in without TLS, and whose word about others is believed.

use super::{Gate, Peer};
use crate::settings::Http;
use axum::http::{HeaderMap, HeaderValue};
use std::net::{IpAddr, SocketAddr};
use tokio::net::{TcpListener, TcpStream};

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn headers(values: &[&'static str]) -> HeaderMap {
    let name = |value| ("x-forwarded-for".parse().unwrap(), HeaderValue::from_static(value));
    values.iter().map(|value| name(value)).collect()
}

#[test]
fn plain_http_beyond_loopback_needs_proxies() {
    let at = |text: &str| -> SocketAddr { text.parse().unwrap() };
    let alone = Http::default();
    let behind = Http { trusted_proxies: vec![ip("10.0.0.5")], ..Http::default() };
    for (http, listener, served) in [
        (&alone, "127.0.0.1:1", true),
        (&alone, "[::1]:1", true),
        (&alone, "0.0.0.0:1", false),
        (&alone, "10.0.0.2:1", false),
        (&behind, "0.0.0.0:1", true),
    ] {
        assert_eq!(Gate::of(http, None, at(listener)).is_ok(), served, "{listener}");
    }
}

#[test]
fn only_a_trusted_proxy_is_believed_and_only_its_last_word() {
    let peer = |trusted| Peer { address: ip("10.0.0.5"), trusted, alone: false };
    let table: &[(&[&'static str], &str)] = &[
        (&[], "10.0.0.5"),
        (&["192.0.2.7"], "192.0.2.7"),
        (&["127.0.0.1, 192.0.2.7"], "192.0.2.7"),
        (&["127.0.0.1", "192.0.2.7"], "192.0.2.7"),
        (&["nonsense"], "10.0.0.5"),
    ];
    for (values, client) in table {
        assert_eq!(peer(true).client(&headers(values)), ip(client), "{values:?}");
        assert_eq!(peer(false).client(&headers(values)), ip("10.0.0.5"), "{values:?}");
    }
}

#[tokio::test]
async fn who_comes_by_a_proxy_is_not_nearby() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let enter = async |http: &Http| {
        let gate = Gate::of(http, None, address).unwrap();
        let (_client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
        gate.enter(server.unwrap().0).await.unwrap().1
    };
    let alone = enter(&Http::default()).await;
    assert!(alone.is_nearby(&headers(&[])));
    assert!(!alone.is_nearby(&headers(&["127.0.0.1"])));
    let behind = Http { trusted_proxies: vec![ip("127.0.0.1")], ..Http::default() };
    let behind = enter(&behind).await;
    assert!(!behind.is_nearby(&headers(&[])));
    assert_eq!(behind.client(&headers(&["192.0.2.7"])), ip("192.0.2.7"));
}
