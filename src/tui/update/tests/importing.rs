//! Marking what a ticket names, filters by name and completion of the filter.

use super::*;
use crate::import::MatchRule;
use crate::query::Query;
use crate::tui::dialogs::{Dialog, ImportDialog, Report};
use crate::tui::error::SaveError;
use crate::tui::file_content::ExportContent;
use crate::tui::import_source::ImportSource;
use crate::tui::job::Job;

const LIST: &str = "hwid,hostname,group,last seen\n\
    h1,LT-1,Sales,2026-11-01T00:00:00Z\n\
    h2,LT-2,Domain controllers,2026-11-02T00:00:00Z\n\
    h3,LT-2,Sales,2026-11-03T00:00:00Z\n\
    h4,WS-4,Lab,\n";

fn on_list() -> Operator {
    operator_on(LIST, (120, 40))
}

fn import(operator: &mut Operator, text: &str) {
    operator.press("I");
    operator.send(Message::Paste(text.to_owned(), operator.now));
    operator.control('d');
}

fn report(operator: &Operator) -> &Report {
    let Some(Dialog::Import(dialog)) = &operator.app.dialog else {
        panic!("no import: {:?}", operator.app.dialog)
    };
    let ImportDialog::Report(report) = &**dialog else {
        panic!("no report")
    };
    report
}

#[test]
fn pasted_ticket_is_shown_before_anything_is_marked() {
    let mut operator = on_list();
    import(&mut operator, "• h1\r\n“ws-4”\nLT-2\nLT-9\n");
    let counts = report(&operator).import.counts();
    assert_eq!(
        (counts.matched, counts.ambiguous, counts.missing),
        (2, 1, 1)
    );
    assert!(operator.marked().is_empty());
    operator.press("\n");
    assert_eq!(
        operator.marked(),
        [0, 3],
        "what is ambiguous is never chosen"
    );
    assert!(operator.app.dialog.is_none());
    operator.press("a");
    assert_eq!(operator.marked(), [0, 3], "it was typed for the report");
    operator.wait(1000);
    operator.press("u");
    assert!(operator.marked().is_empty(), "it is one change");
}

#[test]
fn plan_of_imported_marks_says_where_they_came_from() {
    let selected = |operator: &mut Operator| {
        operator.wait(1000);
        operator.press("dr");
        operator.wait(600);
        let query = operator.confirm().plan.origin.query.clone();
        operator.press("\u{1b}");
        query.expect("a query")
    };
    let mut operator = on_list();
    import(&mut operator, "h1");
    operator.press("\n");
    assert_eq!(selected(&mut operator), "marked from a pasted list");
    operator.press("G ");
    assert_eq!(
        selected(&mut operator),
        "marked from a pasted list, and by hand"
    );
    operator.press("U ");
    assert_eq!(selected(&mut operator), "marked by hand");
    operator.press("UI\tCHG-1.txt\n");
    operator.reads(Ok(b"h3"));
    operator.press("\n");
    assert_eq!(selected(&mut operator), "marked from CHG-1.txt");
}

#[test]
fn candidate_of_an_ambiguous_entry_is_chosen_by_hand() {
    let mut operator = on_list();
    import(&mut operator, "LT-2\nh1");
    operator.press(" ");
    assert_eq!(report(&operator).chosen.len(), 1, "not all of them at once");
    // The most recently seen comes first.
    operator.press("j \n");
    assert_eq!(operator.marked(), [0, 1]);
}

#[test]
fn existing_marks_are_added_to_or_replaced() {
    let mut operator = on_list();
    operator.press("jj ");
    import(&mut operator, "h1");
    operator.press("ma");
    assert_eq!(operator.marked(), [2], "keys of the table do nothing here");
    operator.press("\n");
    assert_eq!(operator.marked(), [0, 2]);
    operator.wait(1000);
    import(&mut operator, "h2");
    operator.press("R");
    assert_eq!(operator.marked(), [1]);
    operator.press("a");
    assert_eq!(operator.marked(), [1], "it was typed for the report");
    operator.wait(1000);
    operator.press("u");
    assert_eq!(operator.marked(), [0, 2]);
}

#[test]
fn paste_into_the_field_is_text_and_never_keys() {
    let mut operator = on_list();
    operator.press("I");
    operator.send(Message::Paste(
        "m\u{202e}\u{1b}[201~\n".to_owned(),
        operator.now,
    ));
    assert!(operator.marked().is_empty());
    operator.control('d');
    let texts: Vec<&str> = report(&operator)
        .import
        .entries
        .iter()
        .map(|entry| entry.text.as_str())
        .collect();
    assert!(
        texts.iter().all(|text| !text.contains('\u{202e}')),
        "{texts:?}"
    );
}

#[test]
fn file_is_read_and_what_was_not_matched_can_be_written() {
    let mut operator = on_list();
    operator.press("I\tids.txt\n");
    let Some(Effect::Job(Job::ReadIds { ids, .. })) = operator.effects.last() else {
        panic!("no file is asked for: {:?}", operator.effects.last())
    };
    assert_eq!(*ids, ImportSource::File("ids.txt".into()));
    operator.reads(Err("ids.txt: not there"));
    assert!(matches!(&operator.app.dialog, Some(Dialog::Import(_))));
    operator.press("\n");
    operator.reads(Ok(b"h1\nLT-9\n"));
    operator.press("e\n");
    let written = Effect::Job(Job::Write {
        path: "unmatched.txt".into(),
        content: ExportContent::Unmatched("LT-9\n".to_owned()),
    });
    assert_eq!(operator.effects.last(), Some(&written));
    operator.send(Answer::Wrote(Err(SaveError::RunFormat)));
    assert!(matches!(&operator.app.dialog, Some(Dialog::SaveFile(_))));
    operator.press("2\n");
    operator.send(Answer::Wrote(Ok("unmatched.txt2 written".to_owned())));
    assert_eq!(report(&operator).import.counts().matched, 1, "it goes back");
}

#[test]
fn tab_completes_names_and_values_that_occur() {
    let mut operator = on_list();
    operator.press("/gr\tdom\t\n");
    assert_eq!(
        operator.app.devices.query.text(),
        "group:\"Domain controllers\""
    );
    assert_eq!(operator.shown(), [1]);
}

#[test]
fn filters_of_the_configuration_are_chosen_by_name() {
    let mut operator = on_list();
    operator.press("F\u{1b}");
    let query = |text: &str| Query::parse(text).expect("a query");
    operator.app.context.settings.filters = vec![
        ("all".to_owned(), query("hwid:h")),
        ("sales".to_owned(), query("group:sales")),
    ];
    operator.wait(300);
    operator.press("Fj\n");
    assert_eq!(operator.shown(), [0, 2]);
}

#[test]
fn import_matches_and_does_not_choose_removed_or_unusable_devices() {
    let list = "hwid,hostname,mac\nh1,a,\n,b,\nh3,c,\n";
    let mut operator = operator_on(list, (120, 40));
    let removed = (DeviceId::from_index(2), archived());
    operator.app.context.list.removed.extend([removed]);
    import(&mut operator, "a\nb\nc\n");
    assert_eq!(report(&operator).import.counts().matched, 3);
    assert_eq!(report(&operator).chosen.len(), 1);
    operator.press("jj ");
    assert_eq!(report(&operator).chosen.len(), 2, "by hand it may be");
    operator.press("k ");
    assert_eq!(
        report(&operator).chosen.len(),
        2,
        "what can't be used never"
    );
    operator.press("\n");
    assert_eq!(operator.marked(), [0, 2]);
}

#[test]
fn esc_goes_back_to_the_text_and_marking_nothing_loses_nothing() {
    let mut operator = on_list();
    import(&mut operator, "LT-9\nLT-8");
    operator.press("\nR");
    assert_eq!(report(&operator).import.counts().missing, 2);
    operator.press("\u{1b}");
    let Some(Dialog::Import(dialog)) = &operator.app.dialog else {
        panic!("it was left: {:?}", operator.app.dialog)
    };
    let ImportDialog::Text(text, _) = &**dialog else {
        panic!("no text")
    };
    assert_eq!(text.area.lines(), ["LT-9", "LT-8"]);
    operator.press("\u{1b}");
    assert!(operator.app.dialog.is_none());
}

const INVENTORY: &str = "hwid,serial,hostname,user,last seen\n\
    h1,PF-0001,LT-1,CORP\\ada,2026-11-01T00:00:00Z\n\
    h2,PF-0002,LT-2,CORP\\bob,2026-11-02T00:00:00Z\n\
    h3,PF-0003,LT-3,bob@corp.example,2026-11-03T00:00:00Z\n\
    h4,PF-0004,LT-4,CORP\\eve,\n\
    h5,PF-0005,LT-5,LAB\\eve,\n";

const LEAVERS: &str = "Name,E-Mail\n\
    Ada Lovelace,ada@corp.example\n\
    Bob Ross,bob@corp.example\n\
    Mallory,mallory@corp.example\n\
    Eve Doe,eve@mail.example\n";

fn rules(operator: &Operator) -> Vec<(usize, Option<MatchRule>)> {
    let marks = &operator.app.context.list.marks;
    let rule = |id| marks.found_by(id).map(|by| by.rule);
    marks.iter().map(|id| (id.index(), rule(id))).collect()
}

#[test]
fn persons_devices_are_chosen_together_or_one_by_one_and_never_by_themselves() {
    let mut operator = operator_on(INVENTORY, (120, 40));
    operator.press("I\tleavers.csv\n");
    operator.reads(Ok(LEAVERS.as_bytes()));
    let people = report(&operator).import.people().expect("persons");
    assert_eq!((people.with_several, people.without), (1, 1));
    assert_eq!(report(&operator).chosen.len(), 1, "only Ada has one device");
    operator.press("j ");
    assert_eq!(report(&operator).chosen.len(), 3, "both of Bob's");
    operator.press("kkk ");
    assert_eq!(report(&operator).chosen.len(), 1, "again takes it back");
    operator.press("kk ");
    assert_eq!(report(&operator).chosen.len(), 2, "one of Bob's");
    operator.press("jj");
    operator.press(" ");
    assert_eq!(report(&operator).chosen.len(), 2, "no one knows whose");
    operator.press("\n");
    let user = Some(MatchRule::User);
    assert_eq!(rules(&operator), [(0, user), (2, user)]);
}

#[test]
fn file_of_any_shape_is_read() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(b"Serial number\nPF-0002\nPF-0004\n")
        .expect("packed");
    let packed = encoder.finish().expect("packed");
    let mut operator = operator_on(INVENTORY, (120, 40));
    operator.press("I\tassets.csv.gz\n");
    operator.reads(Ok(&packed));
    operator.press("\n");
    let serial = Some(MatchRule::Serial);
    assert_eq!(rules(&operator), [(1, serial), (3, serial)]);
}

#[test]
fn answer_that_is_not_waited_for_any_more_is_dropped() {
    let mut operator = operator_on(INVENTORY, (120, 40));
    operator.press("I\ta.csv\n\u{1b}");
    assert!(
        matches!(operator.app.dialog, Some(Dialog::Import(_))),
        "still there"
    );
    operator.reads(Ok(b"h1"));
    operator.press("\u{1b}I\tb.csv\n");
    let Some(Dialog::Import(dialog)) = &operator.app.dialog else {
        panic!("no import: {:?}", operator.app.dialog)
    };
    assert!(matches!(**dialog, ImportDialog::Text { .. }));
    operator.reads(Ok(b"h2"));
    operator.press("\n");
    assert_eq!(operator.marked(), [1]);
}

#[test]
fn plan_of_imported_marks_records_the_rule_of_each_device() {
    let mut operator = operator_on(INVENTORY, (120, 40));
    import(&mut operator, "PF-0001\nlt-2\nh4");
    operator.press("\n");
    operator.wait(1000);
    operator.press("G ");
    operator.press("gj u");
    let plan = |operator: &mut Operator| {
        operator.wait(1000);
        operator.press("dr");
        operator.wait(600);
        let plan = operator.confirm().plan.clone();
        operator.press("\u{1b}");
        let rules: Vec<_> = plan
            .devices
            .iter()
            .map(|device| device.matched_by)
            .collect();
        (rules, plan.origin.matched_from.map(|from| from.name))
    };
    let pasted = Some("a pasted list".to_owned());
    let (hwid, serial) = (Some(MatchRule::Hwid), Some(MatchRule::Serial));
    let hostname = Some(MatchRule::Hostname);
    assert_eq!(
        plan(&mut operator),
        (vec![serial, hostname, hwid, None], pasted.clone())
    );
    operator.press("I\tassets.csv\n");
    operator.reads(Ok(b"Serial number\nPF-0005\n"));
    operator.press("\n");
    let both = Some("a pasted list, assets.csv".to_owned());
    assert_eq!(
        plan(&mut operator),
        (vec![serial, hostname, hwid, serial], both)
    );
    operator.press("U ");
    assert_eq!(plan(&mut operator), (vec![None], None));
}

#[test]
fn list_that_is_read_anew_keeps_how_its_marks_were_found() {
    let mut operator = operator_on(INVENTORY, (120, 40));
    import(&mut operator, "PF-0002\nlt-4");
    operator.press("\n");
    let (serial, hostname) = (Some(MatchRule::Serial), Some(MatchRule::Hostname));
    assert_eq!(rules(&operator), [(1, serial), (3, hostname)]);
    let saved = operator.app.view_to_save().expect("saved");
    let written = serde_json::to_vec(&saved).expect("written");
    let read = crate::tui::saved_view::SavedView::read(&written).expect("read");
    assert!(read.same_content(&saved));
    // The first device of what is read anew was removed.
    let (header, rows) = INVENTORY.split_once('\n').expect("rows");
    let anew = format!("{header}\nh0,,LT-0,,\n{rows}");
    let message = fetching::read_anew(&operator, &anew, "/lists/devices.csv");
    operator.send(message);
    assert_eq!(rules(&operator), [(2, serial), (4, hostname)]);
    operator.press("U");
    let (list, columns) = (
        &operator.app.context.list.devices,
        &operator.app.context.info.columns,
    );
    let mut offer = crate::tui::saved_view::SavedViewOffer::new(Some(read), list, columns);
    offer.was_shown = true;
    operator.app.pending.saved_view = offer;
    operator.press("R");
    assert_eq!(rules(&operator), [(2, serial), (4, hostname)]);
}
