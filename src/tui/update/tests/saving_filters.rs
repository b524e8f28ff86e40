//! Saving the current filter in the configuration, from the menu of filters.

use super::*;
use crate::config::edit::EditError;
use crate::query::Query;

/// The names and texts of the filters that these keys save.
fn saved(operator: &mut Operator, keys: &str) -> Vec<(String, String)> {
    operator.effects.clear();
    operator.press(keys);
    let effects = operator.effects.iter();
    effects
        .filter_map(|effect| match effect {
            Effect::Job(Job::SaveFilter { name, query }) => {
                Some((name.clone(), query.text().to_owned()))
            }
            _ => None,
        })
        .collect()
}

fn answer(name: &str, query: &str, saved: Result<(), BackendError>) -> Answer {
    Answer::FilterSaved {
        name: name.to_owned(),
        query: Query::parse(query).expect("a query"),
        saved,
    }
}

#[test]
fn current_filter_is_saved_under_a_name_and_the_menu_has_it() {
    let mut operator = operator();
    let other = Query::parse("group:lab").expect("a query");
    operator.app.context.settings.filters = vec![("a lab".to_owned(), other)];
    operator.press("/group:sales\nFS");
    assert!(matches!(operator.app.dialog, Some(Dialog::SaveFilter(_))));
    assert_eq!(saved(&mut operator, "\n"), [], "it needs a name");
    let expected = ("our sales".to_owned(), "group:sales".to_owned());
    assert_eq!(saved(&mut operator, "our sales\n"), [expected]);
    assert_eq!(saved(&mut operator, "\n"), [], "it is being saved");
    operator.send(answer("our sales", "group:sales", Ok(())));
    assert!(matches!(operator.app.dialog, Some(Dialog::Filters(_))));
    assert_eq!(operator.status(), "Saved the filter our sales");
    let screen = operator.screen();
    assert!(screen.contains("   our sales  "), "{screen}");
    let menu = format!("{:?}", operator.app.dialog);
    assert!(
        menu.contains("ListCursor { at: 1 }"),
        "it is under the cursor: {menu}"
    );
}

#[test]
fn filter_that_cannot_be_saved_keeps_its_name_in_the_field_with_the_reason() {
    let mut operator = operator();
    operator.press("/group:sales\nFSold\n");
    let taken = EditError::NameTaken("old".to_owned());
    operator.send(answer("old", "group:sales", Err(taken.into())));
    let screen = operator.screen();
    assert!(
        screen.contains("there is a filter named old already: choose another name"),
        "{screen}"
    );
    assert!(operator.app.context.settings.filters.is_empty());
    let expected = ("older".to_owned(), "group:sales".to_owned());
    assert_eq!(saved(&mut operator, "er\n"), [expected]);
}

#[test]
fn nothing_is_saved_without_a_filter_or_a_configuration() {
    let mut operator = operator();
    operator.press("FS");
    assert!(matches!(operator.app.dialog, Some(Dialog::Filters(_))));
    let status = operator.status();
    assert!(status.starts_with("No filter is set"), "{status}");
    operator.press("\u{1b}");
    operator.app.context.settings.target = None;
    operator.wait(1000);
    operator.press("/group:sales\nFS");
    assert!(matches!(operator.app.dialog, Some(Dialog::Filters(_))));
    let status = operator.status();
    assert!(status.contains("`offboard init`"), "{status}");
    let screen = operator.screen();
    assert!(!screen.contains("save current"), "{screen}");
}
