//! Withdrawals by number: what is written is read, and nothing else is.

use super::*;

fn text(ranges: &str) -> String {
    format!("entente/withdraw-range/1\nepoch {}\n{ranges}", "07".repeat(16))
}

#[test]
fn a_withdrawal_by_number_reads_as_it_was_written() {
    let ranges = vec![(0, 1), (5, 3), (8, 1), (4_000_000, 10)];
    let statement = WithdrawRange { epoch: Epoch::new([7; 16]), ranges };
    assert_eq!(statement.write(), text("range 0 1\nrange 5 3\nrange 8 1\nrange 4000000 10\n"));
    assert_eq!(WithdrawRange::read(&statement.write()), Ok(statement));
}

#[test]
fn a_withdrawal_that_is_out_of_form_order_or_bounds_is_refused() {
    let many = "range 1 1\n".replace('1', "{}");
    let many: String = (0..=WITHDRAWN_RANGES_MAX)
        .map(|n| many.replacen("{}", &(n * 2).to_string(), 1).replacen("{}", "1", 1))
        .collect();
    let wide = format!("range 0 {}\n", WITHDRAWN_NUMBERS_MAX + 1);
    for bad in [
        "",
        "range 5\n",
        "range 5 0\n",
        "range 5 3\nrange 7 1\n",
        "range 5 1\nrange 4 1\n",
        "range 05 1\n",
        "range +5 1\n",
        "range -1 1\n",
        "range 18446744073709551615 1\n",
        "range 5 1\nmore yes\n",
        &many,
        &wide,
    ] {
        assert!(WithdrawRange::read(&text(bad)).is_err(), "{bad}");
    }
}
