//! Memory of the process.

/// Returns the resident memory of the process, in bytes; `None` if the system does not report it.
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

/// Page size of the measured systems with `/proc/self/statm`.
const PAGE: u64 = 4096;
