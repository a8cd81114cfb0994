//! Host and path of a request, apart and in one text.

use super::{request_into, url_into};

/// Whatever host and path are, they are the URL that they make in one text.
#[test]
fn a_request_has_the_url_of_its_host_and_path_in_one_text() {
    let labels = ["www", "WWW", "site", "x_y", "-", "", "192", "0", "1", "münchen", "a b", "é"];
    let mut hosts: Vec<String> = Vec::new();
    for one in labels {
        hosts.push(one.to_owned());
        for two in labels {
            hosts.push(format!("{one}.{two}"));
            hosts.push(format!("{one}.{two}.example.com"));
        }
    }
    let others =
        ["192.0.2.1", "192.0.2.256", "[2001:db8::1]", "2001:db8::1", "a@b.com", "b.com:80"];
    let more = ["b.com:8080", "b.com.", "*.b.com", "http://b.com", "b.com/x", "b.com?x", "b.com#x"];
    hosts.extend(others.iter().chain(&more).map(|host| (*host).to_owned()));
    hosts.push(format!("{}.com", "a".repeat(63)));
    hosts.push(format!("{}.com", "a".repeat(64)));
    hosts.push(format!("{}com", "a.".repeat(126)));
    let paths = ["/", "/x", "/x?y=1", "/x#y", "/x?u=http://c.com/#y", "//", "/a:b@c", "/ ", "/\"#"];
    let odd = ["", "x", "?x", "#", "/é", "/\u{7f}", "/x\u{0}", "/#\u{1}", ":80/", "@c.com/"];
    let (mut joined, mut out, mut whole) = (String::new(), String::new(), String::new());
    for host in &hosts {
        for path in paths.iter().chain(&odd) {
            let text = format!("{host}{path}");
            let made = request_into(host, path, &mut joined, &mut out).then_some(&out);
            let wanted = url_into(&text, &mut whole).map(|_| &whole);
            assert_eq!(made, wanted, "{host:?} {path:?}");
        }
    }
}
