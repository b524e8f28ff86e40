//! x
use super::*;
pub(super) fn run(_: &Global, _: Option<&std::path::Path>) -> Result<Exit, Failure> {
    Err(Failure::usage("x"))
}
