//! Query strings, read and refused.

use super::{Filter, Versions};
use crate::stix::SpecVersion;

const ID: &str = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";

#[test]
fn every_parameter_is_read() {
    let query = format!(
        "added_after=2020-01-01T00%3A00%3A00.000001Z&limit=5&next=abc&match%5Bid%5D={ID},\
         tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f&match[type]=indicator,x-custom&\
         match[version]=first,2021-01-01T00:00:00Z&match[spec_version]=2.1,2.0&match[x]=?&other=%zz"
    );
    let filter = Filter::parse(&query).unwrap();
    assert_eq!(filter.added_after.unwrap().to_taxii(), "2020-01-01T00:00:00.000001Z");
    assert_eq!((filter.limit, filter.next.as_deref()), (Some(5), Some("abc")));
    assert_eq!(filter.ids[0].to_string(), ID);
    assert_eq!(filter.types, ["indicator", "x-custom"]);
    let at = "2021-01-01T00:00:00Z".parse().unwrap();
    let versions = Versions::Some { first: true, last: false, values: vec![at] };
    assert_eq!(filter.versions, versions);
    assert_eq!(filter.spec_versions, [SpecVersion::V2_0, SpecVersion::V2_1]);
}

#[test]
fn without_parameters_the_last_version_of_everything_is_asked_for() {
    let filter = Filter::parse("").unwrap();
    assert_eq!(filter, Filter::default());
    let last = Versions::Some { first: false, last: true, values: vec![] };
    assert_eq!(filter.versions, last);
    assert_eq!(Filter::parse("match[version]=all").unwrap().versions, Versions::All);
    assert_eq!(Filter::parse(&format!("limit={}", "9".repeat(40))).unwrap().limit, Some(u64::MAX));
    assert!(Filter::parse("match[spec_version]=2.2").unwrap().nothing);
}

#[test]
fn what_is_malformed_is_refused_by_name() {
    let ids = format!("match[id]={}", [ID; 1_001].join(","));
    let table = [
        ("added_after=yesterday", "added_after"),
        ("added_after=", "added_after"),
        ("added_after=2020-01-01T00:00:00Z&added_after=2020-01-01T00:00:00Z", "added_after"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("limit=5&limit=5", "limit"),
        ("limit=%35%", "limit"),
        ("next=", "next"),
        ("match[id]=bad", "match[id]"),
        ("match[id]=%ff", "match[id]"),
        (&ids, "match[id]"),
        ("match[type]=", "match[type]"),
        ("match[type]=a,,b", "match[type]"),
        ("match[version]=garbage", "match[version]"),
        ("match[version]=all,last", "match[version]"),
        ("match[version]=last,last", "match[version]"),
        ("match[version]=last&match%5bversion%5d=first", "match[version]"),
        ("match[spec_version]=two", "match[spec_version]"),
    ];
    for (query, parameter) in table {
        let error = Filter::parse(query).unwrap_err();
        assert_eq!(error.parameter, parameter, "{query:.80}");
    }
    assert!(Filter::parse(&"a".repeat(100_000)).is_err());
}
