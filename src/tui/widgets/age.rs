//! How long ago something was, in a few characters.

use jiff::Timestamp;

/// How long before `now` a moment was, in its largest unit.
pub(in crate::tui) fn age(now: Timestamp, then: Timestamp) -> String {
    let minutes = now.duration_since(then).as_mins();
    match minutes {
        ..1 => "0 min".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

/// The same in words, where `now` is the present: not of dates that are as old as their list.
pub(in crate::tui) fn ago(now: Timestamp, then: Timestamp) -> String {
    if now.duration_since(then).as_mins() < 1 {
        "just now".to_owned()
    } else {
        format!("{} ago", age(now, then))
    }
}
