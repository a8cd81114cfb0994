//! A word to the processor that a place in memory is asked for soon. It changes nothing but the time
//! that this takes.

/// Begins to bring a place near, and waits for nothing.
#[inline]
pub(crate) fn bring<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    safe_arch::prefetch_t0(place);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
