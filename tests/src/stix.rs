//! Small STIX objects for tests, numbered so that each is told from every other. They say only what
//! the standard demands.

/// A UUID that carries a number; the first part tells series apart.
#[must_use]
pub fn uuid(series: u32, number: u64) -> String {
    format!("{series:08x}-0000-4000-8000-{number:012x}")
}

/// The id of an indicator of a series.
#[must_use]
pub fn indicator_id(series: u32, number: u64) -> String {
    format!("indicator--{}", uuid(series, number))
}

/// An indicator for a domain name.
#[must_use]
pub fn indicator(series: u32, number: u64, domain: &str) -> String {
    marked(series, number, domain, None)
}

/// The fixed ids of TLP 2.0's markings.
pub const CLEAR: &str = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
/// GREEN.
pub const GREEN: &str = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
/// AMBER.
pub const AMBER: &str = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
/// RED.
pub const RED: &str = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";

/// An indicator for a domain name under a marking.
#[must_use]
pub fn marked(series: u32, number: u64, domain: &str, marking: Option<&str>) -> String {
    let id = indicator_id(series, number);
    let marking = marking.map(|id| format!(r#","object_marking_refs":["{id}"]"#));
    let marking = marking.unwrap_or_default();
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"number {number}","pattern":"[domain-name:value = '{domain}']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"{marking}}}"#
    )
}

/// An envelope of these objects.
#[must_use]
pub fn envelope(objects: &[String]) -> String {
    format!(r#"{{"objects":[{}]}}"#, objects.join(","))
}
