//! What every node knows to be good without being told, and what the lists that MISP publishes are
//! for. It reads no file.

use detect::known_good::{Effect, List};

/// Addresses that mean another machine in every network, the hashes of nothing, and the resolvers
/// that half the world asks.
const EVERYWHERE: &str = "
0.0.0.0/8 # this network, RFC 791
10.0.0.0/8 # private, RFC 1918
100.64.0.0/10 # shared by carriers, RFC 6598
127.0.0.0/8 # loopback
169.254.0.0/16 # this link, RFC 3927
172.16.0.0/12 # private
192.168.0.0/16 # private
224.0.0.0/4 # to many, RFC 5771
255.255.255.255
::
::1
fc00::/7 # private, RFC 4193
fe80::/10 # this link
ff00::/8 # to many
localhost
localdomain
8.8.8.8 # Google's resolvers
8.8.4.4
2001:4860:4860::8888
2001:4860:4860::8844
1.1.1.1 # Cloudflare's
1.0.0.1
2606:4700:4700::1111
2606:4700:4700::1001
9.9.9.9 # Quad9's
149.112.112.112
2620:fe::fe
2620:fe::9
d41d8cd98f00b204e9800998ecf8427e # nothing, by MD5
da39a3ee5e6b4b0d3255bfef95601890afd80709 # by SHA-1
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 # by SHA-256
68b329da9893e34099c7d8ad5cb9c940 # a line feed
adc83b19e793491b1c6ea0fd8b46cd9f32e592fc
01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b
";

/// The name of that list.
pub(super) const NAME: &str = "everywhere";

/// It.
pub(super) fn everywhere() -> List {
    let (mut list, _) = List::of_lines(NAME, Effect::Silences, EVERYWHERE);
    "Private networks, empty files, large resolvers; part of the program"
        .clone_into(&mut list.about);
    list
}

/// Published lists whose values are good and misused all the same: clouds, networks of delivery and
/// of many tenants, short addresses, names that anybody gets. They warn, and silence nothing.
const MISUSED: [&str; 36] = [
    "akamai",
    "amazon-aws",
    "bunny-net",
    "cloudflare",
    "digitalside",
    "disposable-email",
    "dynamic-dns",
    "fastly",
    "findip-host",
    "github",
    "google-gcp",
    "icloud-private-relay",
    "link-in-bio",
    "lots-project",
    "microsoft-attack-simulator",
    "microsoft-azure",
    "microsoft-azure-china",
    "microsoft-azure-germany",
    "microsoft-azure-us-gov",
    "oracle-oci",
    "ovh-cluster",
    "palo-alto-networks-cortex-cloud",
    "parking-domain",
    "parking-domain-ns",
    "public-dns-hostname",
    "public-ipfs-gateways",
    "second-level-tlds",
    "sinkholes",
    "smtp-receiving-ips",
    "smtp-sending-ips",
    "stackpath",
    "telegram-ips",
    "url-shortener",
    "vpn-ipv4",
    "vpn-ipv6",
    "zscaler",
];

/// Published lists of names below which are names of strangers.
const HOSTERS: [&str; 5] =
    ["dynamic-dns", "link-in-bio", "lots-project", "public-ipfs-gateways", "url-shortener"];

/// What a published list of this name does unless its operator says otherwise.
pub(crate) fn usual_effect(name: &str) -> Effect {
    if MISUSED.contains(&name) { Effect::Flags } else { Effect::Silences }
}

/// Whether a list of this name is of those who give names to strangers.
pub(super) fn is_of_hosters(name: &str) -> bool {
    HOSTERS.contains(&name)
}
