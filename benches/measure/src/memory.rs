//! How much memory the process has.

/// Bytes of memory that the process has in RAM; none where the system does not tell.
#[must_use]
pub fn resident() -> Option<u64> {
    let pages: u64 = std::fs::read_to_string("/proc/self/statm")
        .ok()?
        .split(' ')
        .nth(1)?
        .parse()
        .ok()?;
    Some(pages * PAGE)
}

/// Size of a page on the systems that have `/proc/self/statm` and are measured on.
const PAGE: u64 = 4096;
