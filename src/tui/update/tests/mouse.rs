//! What a click does.

use ratatui::layout::Position;

use super::*;
use crate::list::Field;
use crate::tui::dialogs::{DeleteDialog, Dialog};
use crate::tui::render::tests::shown;

impl Operator {
    pub(crate) fn click(&mut self, column: u16, row: u16) {
        self.send(Message::Click(Position::new(column, row), self.now));
    }

    /// Clicks the last place of the screen with this text.
    fn click_on(&mut self, text: &str) {
        let screen = shown(&self.app);
        let lines = screen.lines().enumerate();
        let places = lines.filter_map(|(row, line)| {
            let before = line.split_once(text)?.0;
            // Each line is in quotation marks.
            Some((before.chars().count() - 1, row))
        });
        let (column, row) = places
            .last()
            .unwrap_or_else(|| panic!("no {text}:\n{screen}"));
        let cells = [column, row].map(|at| u16::try_from(at).expect("on the screen"));
        self.click(cells[0], cells[1]);
    }

    fn query(&self) -> &str {
        self.app.devices.query.text()
    }
}

fn operator_of_size(columns: u16) -> Operator {
    let mut operator = operator_on(LIST, (columns, 40));
    operator.send(Message::Tick(operator.now));
    operator
}

#[test]
fn click_on_a_row_moves_the_cursor_and_marks_nothing() {
    let mut operator = operator_of_size(120);
    operator.click_on("SRV-4");
    assert_eq!(operator.app.devices.cursor, 3);
    operator.click(10, 30);
    assert_eq!(operator.app.devices.cursor, 3, "below the last row");
    assert!(operator.marked().is_empty());
    operator.press("\n");
    operator.click_on("LT-2");
    assert_eq!(operator.app.devices.cursor, 1);
    assert!(
        shown(&operator.app).contains("┌ LT-2"),
        "the detail follows"
    );
    operator.click_on("not marked");
    assert_eq!(operator.app.devices.cursor, 1, "the detail isn't the table");
}

#[test]
fn click_on_a_tab_opens_its_screen() {
    for columns in [60, 80, 120] {
        let mut operator = operator_of_size(columns);
        for (tab, view) in [
            (" 2 ", View::Run),
            (" 4 ", View::History),
            (" 3 ", View::Failures),
            (" 1 ", View::Devices),
        ] {
            // Only the first line has them.
            let line = shown(&operator.app)
                .lines()
                .next()
                .expect("a line")
                .to_owned();
            let tab = if line.contains(tab) {
                tab
            } else {
                tab.trim_end()
            };
            let column = line.rsplit_once(tab).expect("a tab").0.chars().count();
            operator.click(u16::try_from(column).expect("a column"), 0);
            assert_eq!(operator.app.view, view, "{columns}: {line}");
        }
    }
}

#[test]
fn click_on_a_heading_sorts_and_again_reverses() {
    let mut operator = operator_of_size(120);
    operator.click_on("hwid");
    let hwid = Column::Field(Field::Hwid);
    let reversed = |operator: &Operator| {
        let key = operator.app.devices.sort.key(&hwid);
        key.map(|(_, key)| key.reversed)
    };
    assert_eq!(reversed(&operator), Some(false));
    operator.click_on("hwid");
    assert_eq!(reversed(&operator), Some(true));
    operator.click(119, 3);
    assert_eq!(reversed(&operator), Some(true), "beside the headings");
}

#[test]
fn click_on_a_value_of_the_overview_filters_to_it() {
    for columns in [80, 120, 200] {
        let mut operator = operator_of_size(columns);
        operator.press(if columns == 80 { "o" } else { "" });
        operator.click_on(" Finance");
        assert_eq!(operator.query(), "group:Finance", "{columns}");
        // A heading filters nothing.
        operator.click_on(" group ");
        assert_eq!(operator.query(), "group:Finance", "{columns}");
        operator.click_on(" pending");
        assert_eq!(
            operator.query(),
            "group:Finance status:pending",
            "{columns}"
        );
    }
}

#[test]
fn click_on_the_table_leaves_the_overview() {
    let mut operator = operator_of_size(120);
    operator.press("\t");
    operator.click_on("LT-5");
    assert!(operator.app.dialog.is_none());
    assert_eq!(operator.app.devices.cursor, 4);
}

#[test]
fn click_on_the_footer_presses_the_key() {
    let mut operator = operator_of_size(160);
    operator.click_on("mark shown");
    assert_eq!(operator.marked().len(), 4);
    operator.click_on("sort");
    operator.wait(400);
    operator.click_on("seen");
    assert!(
        operator
            .app
            .devices
            .sort
            .key(&Column::Field(Field::Seen))
            .is_some()
    );
    operator.wait(400);
    operator.click_on("help");
    operator.wait(400);
    assert!(matches!(operator.app.dialog, Some(Dialog::Help(_))));
    operator.click_on("next mark");
    assert!(
        operator.app.dialog.is_some(),
        "the help lies over the table"
    );
    operator.click_on("back");
    assert!(operator.app.dialog.is_none());
    operator.wait(400);
    operator.click(0, 39);
    assert!(operator.app.dialog.is_none(), "before the first key");
}

#[test]
fn second_click_of_a_double_click_presses_no_key_of_the_dialog_that_the_first_opened() {
    let mut operator = operator_of_size(120);
    operator.click_on("mark shown");
    operator.click_on("help");
    operator.click_on("back");
    assert!(matches!(operator.app.dialog, Some(Dialog::Help(_))));
    operator.wait(400);
    operator.click_on("back");
    assert!(operator.app.dialog.is_none());
}

#[test]
fn click_does_nothing_in_the_delete_dialog() {
    let mut operator = operator_of_size(120);
    operator.press(" ");
    operator.click_on("delete 1");
    let is_choice = |operator: &Operator| matches!(&operator.app.dialog, Some(Dialog::Delete(dialog)) if matches!(**dialog, DeleteDialog::Action { .. }));
    assert!(is_choice(&operator));
    operator.wait(600);
    for row in 0..40 {
        for column in 0..120 {
            operator.click(column, row);
        }
    }
    assert!(is_choice(&operator));
    assert_eq!(operator.app.view, View::Devices);
}

#[test]
fn click_soon_after_a_dialog_closed_by_itself_is_dropped() {
    let mut operator = operator_of_size(120);
    operator.app.type_ahead.pause.begin();
    operator.send(Message::Drawn(operator.now));
    operator.click_on("mark shown");
    operator.click_on("4 History");
    assert!(operator.marked().is_empty());
    assert_eq!(operator.app.view, View::Devices);
    operator.wait(400);
    operator.click_on("mark shown");
    assert_eq!(operator.marked().len(), 4);
}
