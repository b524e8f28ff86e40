//! Keys of the configuration.

use super::*;

#[test]
fn suspending_follows_its_key() {
    let mut operator = operator();
    operator.app.context.settings.keys = KeyMap::new(&[
        crate::config::KeySetting {
            action: "suspend".to_owned(),
            key: "ctrl-x".to_owned(),
            line: 1,
        },
        crate::config::KeySetting {
            action: "mark".to_owned(),
            key: "ctrl-z".to_owned(),
            line: 2,
        },
    ])
    .expect("keys");
    operator.control('z');
    assert_eq!(operator.marked(), [0]);
    operator.press("/");
    operator.control('x');
    assert_eq!(operator.effects, [Effect::Suspend], "in a dialog too");
}

#[test]
fn texts_name_keys_as_they_are_configured() {
    let mut operator = operator();
    let settings = [
        ("failures", "f3"),
        ("undo", "z"),
        ("delete", "K"),
        ("mark", "M"),
    ];
    let settings = settings.map(|(action, key)| crate::config::KeySetting {
        action: action.to_owned(),
        key: key.to_owned(),
        line: 1,
    });
    // Of two actions one has to give its key up.
    let others = [("match", "ctrl-t")].map(|(action, key)| crate::config::KeySetting {
        action: action.to_owned(),
        key: key.to_owned(),
        line: 2,
    });
    let settings: Vec<_> = settings.into_iter().chain(others).collect();
    operator.app.context.settings.keys = KeyMap::new(&settings).expect("keys");
    assert!(
        operator.screen().contains("f3 Failures"),
        "{}",
        operator.screen()
    );
    operator.press("a");
    assert!(
        operator.status().contains("z undoes"),
        "{}",
        operator.status()
    );
    operator.press("2");
    let screen = operator.screen();
    assert!(
        screen.contains("Mark devices with M, then press K."),
        "{screen}"
    );
}
