//! The text files in which the system lists its users, groups and boot.

/// The content of the system's file at this absolute path. A debug build reads it below the
/// directory `OFFBOARD_TEST_ROOT`, if that is set: a test can't choose the machine's users or boot.
#[cfg(debug_assertions)]
pub(crate) fn read(path: &str) -> std::io::Result<String> {
    let root = std::env::var("OFFBOARD_TEST_ROOT").unwrap_or_default();
    std::fs::read_to_string(root + path)
}

/// The content of the system's file at this absolute path.
#[cfg(not(debug_assertions))]
pub(crate) fn read(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}
