//! What people see of a partner's quota.

use super::*;

#[test]
fn a_quota_is_said_in_one_cell_and_no_bound_is_said_too() {
    let bounds = |records_held, records_per_hour, bytes_per_hour| {
        quota(&QuotaView { records_per_hour, bytes_per_hour, records_held })
    };
    assert_eq!(bounds(2_000_000, 100_000, 1 << 30), "2000000 held, 100000 and 1GiB an hour");
    assert_eq!(bounds(u64::MAX, u64::MAX, u64::MAX), "any held, any and any an hour");
    assert_eq!(bounds(0, 0, 1_500), "0 held, 0 and 1500B an hour");
}
