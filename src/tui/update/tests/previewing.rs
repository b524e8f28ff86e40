//! What the text of an import matches while it is typed.

use super::*;
use crate::tui::dialogs::{Dialog, ImportDialog};
use crate::tui::job::Job;

const LIST: &str = "hwid,hostname,group\nh1,LT-1,Sales\nh2,LT-2,Lab\nh3,LT-2,Sales\n";

fn looked_up(operator: &Operator) -> Vec<&str> {
    let effects = operator.effects.iter();
    let texts = effects.filter_map(|effect| match effect {
        Effect::Job(Job::ReadIds {
            ids: ImportSource::Pasted(text),
            ..
        }) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn text_of_an_import_is_looked_up_once_the_hands_rest() {
    let mut operator = operator_on(LIST, (120, 40));
    operator.press("I");
    for key in ["L", "T", "-", "1"] {
        operator.press(key);
        operator.wait(200);
    }
    assert!(looked_up(&operator).is_empty(), "{:?}", operator.effects);
    operator.wait(100);
    assert_eq!(looked_up(&operator), ["LT-1"]);
    assert!(
        operator.screen().contains("1 matched"),
        "{}",
        operator.screen()
    );
    operator.wait(1_000);
    assert_eq!(looked_up(&operator).len(), 1, "it is looked up once");
    let at = operator.now;
    operator.send(Message::Paste("\nLT-2\nnobody".to_owned(), at));
    operator.wait(300);
    let screen = operator.screen();
    for shown in [
        "1 matched · 1 ambiguous · 1 missing",
        "✗ nobody",
        "2 devices have this name",
    ] {
        assert!(screen.contains(shown), "{shown}: {screen}");
    }
    assert!(operator.marked().is_empty());
    assert!(
        matches!(&operator.app.dialog, Some(Dialog::Import(import)) if matches!(**import, ImportDialog::Text(..))),
        "the matches don't take the place of the text"
    );
    for _ in 0..20 {
        operator.code(KeyCode::Backspace);
    }
    operator.wait(300);
    assert!(
        !operator.screen().contains("matched"),
        "an empty text matches nothing"
    );
    assert_eq!(looked_up(&operator).len(), 2);
}

#[test]
fn matches_of_an_import_are_counted_below_the_text_where_there_is_no_room_beside_it() {
    let mut operator = operator_on(LIST, (80, 24));
    operator.press("I");
    let at = operator.now;
    operator.send(Message::Paste("LT-1\nnobody".to_owned(), at));
    operator.wait(300);
    let screen = operator.screen();
    assert!(screen.contains("│ 1 matched · 1 missing"), "{screen}");
}

#[test]
fn matches_that_are_requested_open_after_those_beside_the_text() {
    let mut operator = operator_on(LIST, (120, 40));
    operator.press("I");
    let at = operator.now;
    operator.send(Message::Paste("LT-1".to_owned(), at));
    operator.wait(300);
    operator.press("\n");
    operator.control('d');
    let Some(Dialog::Import(import)) = &operator.app.dialog else {
        panic!("no import")
    };
    assert!(matches!(**import, ImportDialog::Report(_)));
}

#[test]
fn line_feed_of_an_unmarked_paste_ends_a_line() {
    let mut operator = operator();
    operator.press("ILT-1");
    operator.control('j');
    operator.press("LT-2");
    let screen = operator.screen();
    assert!(
        screen.contains("LT-1 ") && screen.contains("LT-2 "),
        "{screen}"
    );
}
