use super::*;
use crate::domain::trend::{TrendPoint, TrendRun};

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + day * 86_400).expect("a time")
}

fn trend(days: &[(i64, u64, Option<u64>)], runs: &[(i64, u64)]) -> Trend {
    Trend {
        points: days
            .iter()
            .map(|&(day, devices, used)| TrendPoint {
                at: at(day),
                devices,
                unseen: devices / 4,
                licences: used.map(|used| (used, 500)),
            })
            .collect(),
        fetches: days.len() as u64,
        runs: runs
            .iter()
            .map(|&(day, accepted)| TrendRun {
                at: at(day),
                action: Action::Remove,
                accepted,
            })
            .collect(),
    }
}

fn lines(trend: &Trend, ascii: bool) -> Vec<String> {
    let style = ChartStyle {
        width: 30,
        rows: 2,
        ascii,
    };
    chart(trend, style)
        .into_iter()
        .map(|(_, line)| line)
        .collect()
}

#[test]
fn chart_shows_each_series_and_the_runs_on_one_axis() {
    let trend = trend(
        &[
            (0, 1204, None),
            (10, 1204, Some(487)),
            (20, 1093, Some(376)),
        ],
        &[(15, 111), (15, 0), (24, 5)],
    );
    let shown = lines(&trend, false);
    assert_eq!(
        shown,
        [
            " devices        1,204 → 1,093 (−111)",
            " 1,204 ▏█████████████████",
            " 1,093 ▏█████████████████▁",
            " unseen > 90 d  301 → 273 (−28)",
            "   301 ▏█████████████████",
            "   273 ▏█████████████████▁",
            " licences used  487 → 376 (−111)",
            "   487 ▏        █████████",
            "   376 ▏        █████████▁",
            "                     2       ▲",
            "        2026-01-01  2026-01-25",
            " 3 fetches, 3 runs (▲), accepted: remove 116",
        ]
    );
    assert!(
        shown
            .iter()
            .take(11)
            .skip(1)
            .all(|line| line.chars().count() <= 36)
    );
}

#[test]
fn chart_is_ascii_where_it_must_be() {
    let trend = trend(&[(0, 10, None), (9, 5, None)], &[(3, 5)]);
    let shown = lines(&trend, true);
    assert!(shown.iter().all(|line| line.is_ascii()), "{shown:#?}");
    assert_eq!(shown[0], " devices        10 -> 5 (-5)");
    assert!(
        shown[1].ends_with('#') && shown[6].trim() == "^",
        "{shown:#?}"
    );
}

#[test]
fn chart_of_one_fetch_or_none_is_no_error() {
    let one = lines(&trend(&[(0, 7, Some(7))], &[]), false);
    assert_eq!(one[0], " devices        7");
    assert_eq!(
        one.last().map(String::as_str),
        Some(" 1 fetch, no run meanwhile")
    );
    assert!(lines(&Trend::default(), false).is_empty());
    for width in 0..12 {
        let style = ChartStyle {
            width,
            rows: 0,
            ascii: false,
        };
        assert!(!chart(&trend(&[(0, 1, None), (1, 2, None)], &[(1, 1)]), style).is_empty());
    }
}
