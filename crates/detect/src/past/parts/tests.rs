//! Which values rules name.

use super::*;

fn texts(language: Language, text: &str) -> Vec<String> {
    let parts = parts(&Rule { language, text: text.to_owned() });
    parts.into_iter().map(|part| format!("{:?} {}", part.kind, part.text)).collect()
}

fn sigma(detection: &str) -> Vec<String> {
    let text = format!(
        "title: T\nlogsource:\n    product: windows\n    category: process_creation\n\
         detection:\n    s:\n{detection}    f:\n        Image|endswith: '\\excluded.exe'\n    \
         condition: s and not f\n"
    );
    texts(Language::Sigma, &text)
}

#[test]
fn a_pattern_names_the_values_of_all_its_parts() {
    let pattern = "[domain-name:value = 'Evil.example'] FOLLOWEDBY \
                   [file:name = 'x.exe' AND file:size > 5] WITHIN 60 SECONDS";
    assert_eq!(texts(Language::Stix, pattern), ["Domain evil.example", "FileName x.exe"]);
    assert!(texts(Language::Stix, "[domain-name:value LIKE 'evil%']").is_empty());
    assert!(texts(Language::Stix, "no pattern").is_empty());
}

#[test]
fn a_sigma_rule_names_what_can_be_asked_for_and_not_what_it_excludes() {
    let cases = [
        ("        Image|endswith: '\\Evil.exe'\n", vec!["FileName evil.exe"]),
        ("        Image: 'C:\\Temp\\Evil.exe'\n", vec!["FilePath c:\\temp\\evil.exe"]),
        ("        Image|contains: '\\evil'\n", vec![]),
        ("        QueryName|endswith: '.evil.example'\n", vec!["Domain evil.example"]),
        (
            "        QueryName:\n            - 'a.example'\n            - 'b.example'\n",
            vec!["Domain a.example", "Domain b.example"],
        ),
        ("        DestinationIp|cidr: '192.0.2.0/24'\n", vec!["Ipv4 192.0.2.0/24"]),
        ("        DestinationIp: '192.0.2.7'\n", vec!["Ipv4 192.0.2.7"]),
        (
            "        Hashes|contains: 'MD5=0123456789ABCDEF0123456789abcdef'\n",
            vec!["Md5 0123456789abcdef0123456789abcdef"],
        ),
        ("        CommandLine|contains: 'evil.example'\n", vec![]),
        ("        CommandLine|re: 'evil.*'\n", vec![]),
        // Capitals mean something there, and the rule's letters have none.
        ("        User: 'Mallory'\n", vec![]),
        ("        User|cased: 'Mallory'\n", vec!["Account Mallory"]),
    ];
    for (detection, wanted) in cases {
        assert_eq!(sigma(detection), wanted, "{detection}");
    }
}
