//! Which columns are shown, how wide they are, and what rows are sorted by.

use super::*;
use crate::tui::dialogs::Dialog;
use crate::tui::request::Request;
use crate::tui::screens::devices::columns::Columns;

#[test]
fn order_is_chosen_by_one_key_and_the_columns_menu_opens_at_it() {
    let mut operator = operator();
    operator.press("sh");
    assert_eq!(operator.shown(), [0, 1, 4, 2, 3]);
    operator.press("c");
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::Columns(columns)) if columns.cursor.at == 0)
    );
    operator.press("\n");
    assert_eq!(operator.shown(), [3, 2, 4, 1, 0]);
    operator.press("sh");
    assert_eq!(operator.shown(), [0, 1, 4, 2, 3]);
    operator.press("sx");
    assert!(operator.app.dialog.is_none(), "another key closes the menu");
    operator.press("sf");
    assert_eq!(operator.shown(), [0, 1, 2, 3, 4]);
}

#[test]
fn columns_scroll_no_further_than_there_are_columns() {
    let mut operator = operator();
    operator.send(Message::Resized(60, 20));
    operator.press(&"l".repeat(50));
    let scrolled = operator.app.devices.scrolled;
    assert_eq!(operator.app.devices.layout(60).hidden_right, 0);
    operator.press("h");
    assert_eq!(operator.app.devices.scrolled, scrolled - 1);
    assert_ne!(operator.app.devices.layout(60).hidden_right, 0);
    operator.press("0");
    assert_eq!(operator.app.devices.scrolled, 0);
    operator.press("$");
    assert_eq!(operator.app.devices.scrolled, scrolled);
}

#[test]
fn column_that_the_filter_matched_is_drawn_until_another_filter() {
    let list = "hwid,hostname,status,group,last seen,type,os,user,mac,shelf,agent version\n\
        h1,LT-1,compliant,Sales,2026-11-01,laptop,Windows 11,ada,00:0c:29:00:00:01,north 7,7.6\n\
        h2,LT-2,pending,Lab,2026-11-02,laptop,Windows 10,grace,00:0c:29:00:00:02,north 8,7.6\n\
        h3,LT-3,pending,Sales,2026-11-03,server,Windows 10,ada,00:0c:29:00:00:03,south 7,7.7\n";
    let drawn = |filter: &str| {
        let mut operator = operator_on(list, (80, 24));
        operator.press("/").press(filter);
        let places = |operator: &Operator| {
            let places = operator.app.devices.layout(80).places.into_iter();
            places
                .map(|place| place.column.name().into_owned())
                .collect::<Vec<_>>()
        };
        let typed = places(&operator);
        operator.press("\n");
        let applied = places(&operator);
        assert!(applied.iter().any(|name| name == "hwid"), "{applied:?}");
        operator.press("\u{1b}");
        let default = [
            "hostname", "hwid", "status", "group", "seen", "type", "os", "user",
        ];
        assert_eq!(typed, default, "no column comes while {filter} is typed");
        assert_eq!(places(&operator), default, "and it goes with {filter}");
        let extra = applied
            .into_iter()
            .filter(|name| !default.contains(&name.as_str()));
        extra.collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(drawn("0c:29:00:00:02"), ["mac"]);
    assert_eq!(drawn("agent:7"), ["agent"], "its values differ");
    assert_eq!(drawn("7.6"), ["agent"], "a bare word names no column");
    assert_eq!(drawn("user:ada,grace"), none, "the column is there");
    assert_eq!(drawn("north"), ["@shelf"]);
    assert_eq!(
        drawn("@shelf:7"),
        ["@shelf"],
        "a column that was not chosen"
    );
    assert_eq!(drawn("agent:7.6"), none, "the filter names the only value");
    assert_eq!(drawn("LT"), none, "the host name shows it");
    assert_eq!(drawn("-user:ada"), none);
    assert_eq!(drawn("unseen>1d"), none);
}

#[test]
fn columns_are_shown_hidden_ordered_and_sized_in_their_dialog() {
    let mut operator = operator_on("hwid,hostname\nh1,LT-1\nh2,LT-2\n", (120, 40));
    let names = |operator: &Operator| operator.app.devices.columns.names();
    operator.press("cj>>K");
    assert_eq!(names(&operator)[..2], ["hwid:11", "hostname"]);
    operator.press("0");
    assert_eq!(names(&operator)[0], "hwid");
    operator.press(" ");
    assert_eq!(names(&operator)[0], "hostname");
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn further_column_decides_among_equals() {
    let text = "hwid,hostname,group\nh1,b,x\nh2,a,y\nh3,a,x\n";
    let mut operator = operator_on(text, (120, 40));
    let line = |operator: &Operator, name: &str| {
        let all = operator.app.devices.columns.all();
        all.iter()
            .position(|column| column.name() == name)
            .expect("a column")
    };
    let group = line(&operator, "group");
    operator.press("c");
    operator.press(&"j".repeat(group));
    operator.press("s");
    operator.press(&"k".repeat(group - line(&operator, "hostname")));
    operator.press("s\u{1b}");
    assert_eq!(operator.shown(), [2, 0, 1]);
    operator.press("S");
    assert_eq!(operator.shown(), [1, 0, 2]);
}

#[test]
fn another_column_of_the_list_is_shown_sorted_by_and_sized_like_a_field() {
    let text = "hwid,hostname,Cost Centre\nh1,b,20\nh2,a,\nh3,a,10\n";
    let mut operator = operator_on(text, (120, 40));
    let all = operator.app.devices.columns.all();
    let last = all.last().expect("a column").clone();
    assert_eq!(last.name(), "@Cost Centre");
    operator.press("c");
    operator.press(&"j".repeat(all.len() - 1));
    operator.press(" >");
    let names = operator.app.devices.columns.names();
    assert_eq!(names.last().map(String::as_str), Some("@Cost Centre:12"));
    operator.press("\n");
    assert_eq!(operator.shown(), [2, 0, 1]);
    operator.press("S");
    assert_eq!(operator.shown(), [0, 2, 1], "a missing value stays last");
}

#[test]
fn hidden_column_of_outcomes_does_not_come_back() {
    let outcome = |operator: &Operator| {
        let names = operator.app.devices.columns.names();
        names.iter().any(|name| name == "outcome")
    };
    let operator = operator_on("hwid,hostname\nh1,LT-1\nh2,LT-2\n", (120, 40));
    assert!(!outcome(&operator), "there is none");
    // Why a row is unusable is there from the start.
    let mut operator = super::operator();
    assert!(outcome(&operator));
    operator.start_run();
    assert!(outcome(&operator));
    operator.press("cj \u{1b}");
    assert!(!outcome(&operator));
    operator.outcomes(1, &[(0, Outcome::Accepted)]);
    assert!(!outcome(&operator));
}

#[test]
fn columns_of_one_value_are_known_from_the_start_and_of_new_columns_too() {
    let list = "hwid,hostname,os,group\nh1,LT-1,Windows 11,Lab\nh2,LT-2,Windows 11,Lab\n";
    let mut operator = operator_on(list, (120, 40));
    let constants = |operator: &Operator| -> Vec<String> {
        let constants = operator.app.devices.constants.iter();
        constants
            .map(|(column, _)| column.name().into_owned())
            .collect()
    };
    let all = constants(&operator);
    assert!(all.contains(&"group".to_owned()), "{all:?}");
    let show = |operator: &mut Operator, names: &[&str]| {
        let mut columns = Columns::from_names(names.to_vec());
        columns.set_list(&operator.app.context.list.devices);
        let request = Request::ShowColumns(columns);
        operator.send(Message::Request(request, operator.now));
    };
    show(&mut operator, &["hostname"]);
    assert!(constants(&operator).is_empty());
    show(&mut operator, &["hostname", "group"]);
    assert_eq!(constants(&operator), ["group"]);
}
