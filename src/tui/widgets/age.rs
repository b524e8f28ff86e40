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

/// How long before the time of a list a moment in it was, in words. A list that is a day old or more
/// says nothing of the present.
pub(in crate::tui) fn before(list_time: Timestamp, now: Timestamp, then: Timestamp) -> String {
    let age = age(list_time, then);
    if is_present(list_time, now) {
        format!("{age} ago")
    } else {
        format!("{age} before the list")
    }
}

/// True if the ages of a list of this time are those of the present, to a day.
pub(in crate::tui) fn is_present(list_time: Timestamp, now: Timestamp) -> bool {
    now.duration_since(list_time).as_hours() < 24
}

/// How long ago a moment was, in words, where `now` is the present.
pub(in crate::tui) fn ago(now: Timestamp, then: Timestamp) -> String {
    if now.duration_since(then).as_mins() < 1 {
        "just now".to_owned()
    } else {
        format!("{} ago", age(now, then))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_says_of_an_old_list_what_its_times_are_compared_with() {
        let time = |text: &str| -> Timestamp { text.parse().expect("a time") };
        let (list, then) = (time("2026-11-20T10:00:00Z"), time("2026-11-20T04:00:00Z"));
        assert_eq!(before(list, time("2026-11-21T09:59:00Z"), then), "6 h ago");
        assert_eq!(
            before(list, time("2026-11-21T10:00:00Z"), then),
            "6 h before the list"
        );
    }
}
