//! Durations as text.

use std::time::Duration;

/// How long something took, in a unit that fits: `298 ms`, `1.9 s`, `42 s`.
pub(in crate::tui) fn took(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    match milliseconds {
        ..1_000 => format!("{milliseconds} ms"),
        1_000..10_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        10_000..120_000 => format!("{} s", milliseconds / 1_000),
        _ => format!("{} min", milliseconds / 60_000),
    }
}

/// Minutes and seconds, with hours before them where there are any: `0:08`, `1:02:07`.
pub(in crate::tui) fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// In seconds, rounded up: for what is waited for.
pub(in crate::tui) fn whole_seconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

/// The steps of times that only say about how long something takes. Shown to the second, each would be
/// written once a second beside the countdown to the next call.
pub(in crate::tui) const STEP: Duration = Duration::from_secs(10);

/// The time in whole steps, rounded up: for what is left. The last few seconds are exact.
pub(in crate::tui) fn step_up(duration: Duration) -> Duration {
    let seconds = whole_seconds(duration);
    let step = STEP.as_secs();
    let stepped = seconds.div_ceil(step).saturating_mul(step);
    Duration::from_secs(if seconds < step { seconds } else { stepped })
}

/// The time in whole steps, rounded down: for what has passed.
pub(in crate::tui) fn step_down(duration: Duration) -> Duration {
    let step = STEP.as_secs();
    Duration::from_secs(duration.as_secs() / step * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_in_every_unit() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_900, "1.9 s"),
            (42_000, "42 s"),
            (180_000, "3 min"),
        ] {
            assert_eq!(took(Duration::from_millis(milliseconds)), expected);
        }
        assert_eq!(clock(Duration::from_secs(8)), "0:08");
        for (milliseconds, up, down) in [
            (0, 0, 0),
            (1, 1, 0),
            (8_001, 9, 0),
            (9_001, 10, 0),
            (12_000, 20, 10),
            (30_000, 30, 30),
        ] {
            let exact = Duration::from_millis(milliseconds);
            assert_eq!(step_up(exact), Duration::from_secs(up), "{milliseconds}");
            assert_eq!(
                step_down(exact),
                Duration::from_secs(down),
                "{milliseconds}"
            );
        }
    }
}
