//! Requests fall into closed classes; durations add up.

use super::{Meters, Resource};
use std::time::Duration;

#[test]
fn every_path_belongs_to_a_resource_and_none_brings_its_own_words() {
    let table = [
        ("/taxii2/root/collections/{id}/objects/", Resource::Taxii),
        ("/api/v1/objects/{id}", Resource::Api),
        ("/api/v1/stream", Resource::Stream),
        ("/api/v1/watch", Resource::Telemetry),
        ("/telemetry/_bulk", Resource::Telemetry),
        ("/health/ready", Resource::Operations),
        ("/", Resource::Other),
        ("/Secret Circle", Resource::Other),
    ];
    for (path, resource) in table {
        assert_eq!(Resource::of(path), resource, "{path}");
    }
}

#[test]
fn requests_are_counted_by_resource_and_status_and_durations_cumulate() {
    let meters = Meters::default();
    for (status, millis) in [(200, 1), (200, 3), (404, 700), (200, 120_000)] {
        meters.answered(Resource::Api, status, Duration::from_millis(millis));
    }
    meters.answered(Resource::Taxii, 200, Duration::ZERO);
    let told = meters.requests();
    assert_eq!(
        told,
        [((Resource::Taxii, 200), 1), ((Resource::Api, 200), 3), ((Resource::Api, 404), 1)]
    );
    let (_, api) = meters.durations().find(|(one, _)| *one == Resource::Api).unwrap();
    let steps: Vec<u64> = api.cumulative().map(|(_, count)| count).collect();
    assert_eq!(steps, [1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3]);
    assert_eq!(api.count(), 4, "the last took longer than the last bucket");
    assert!((api.seconds() - 120.704).abs() < 1e-9);
}
