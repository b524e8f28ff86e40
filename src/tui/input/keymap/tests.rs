use super::*;

fn setting(action: &str, key: &str, line: usize) -> KeySetting {
    KeySetting {
        action: action.to_owned(),
        key: key.to_owned(),
        line,
    }
}

fn press(character: char) -> KeyEvent {
    KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE)
}

#[test]
fn no_key_does_two_things_in_a_view() {
    let map = KeyMap::default();
    let lines = vec![Some(1); map.0.len()];
    assert_eq!(map.check(&lines), Ok(()));
}

#[test]
fn every_action_has_a_key() {
    for (command, name) in ACTIONS {
        assert!(View::ALL.iter().any(|&view| command.is_in(view)), "{name}");
        assert_eq!(action(name), Some(*command));
    }
}

#[test]
fn keys_belong_to_views() {
    let map = KeyMap::default();
    assert_eq!(
        map.command(View::Devices, &press('d')),
        Some(Command::Delete)
    );
    assert_eq!(map.command(View::Failures, &press('d')), None);
    let control = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
    assert_eq!(map.command(View::Devices, &control), Some(Command::Redo));
    assert_eq!(map.command(View::Devices, &press('r')), None);
}

#[test]
fn configuration_gives_other_keys() {
    let settings = [
        setting("mark", "b", 3),
        setting("up", "w", 4),
        setting("sort", "f5", 5),
    ];
    // w looks up, but not among the devices… where up is everywhere, so it clashes.
    let clash = KeyMap::new(&settings).expect_err("a clash");
    assert_eq!(clash.line, 4);
    let map = KeyMap::new(&[settings[0].clone(), settings[2].clone()]).expect("fine");
    assert_eq!(map.command(View::Devices, &press('b')), Some(Command::Mark));
    assert_eq!(map.command(View::Devices, &press(' ')), None);
    assert_eq!(map.command(View::Devices, &press('s')), None);
    let f5 = KeyEvent::new(KeyCode::F(5), KeyModifiers::NONE);
    assert_eq!(map.command(View::Devices, &f5), Some(Command::Sort));
}

#[test]
fn letter_takes_the_place_of_the_letter_and_arrows_stay() {
    let map = KeyMap::new(&[setting("up", "z", 1)]).expect("fine");
    assert_eq!(map.command(View::Devices, &press('z')), Some(Command::Up));
    assert_eq!(map.command(View::Devices, &press('k')), None);
    let up = KeyEvent::new(KeyCode::Up, KeyModifiers::NONE);
    assert_eq!(map.command(View::Devices, &up), Some(Command::Up));
}

#[test]
fn two_keys_act_together_and_neither_alone() {
    let settings = [setting("top", "g g", 1), setting("mark-shown", "z a", 2)];
    let map = KeyMap::new(&settings).expect("fine");
    let in_devices = |first: Option<char>, last: char| {
        let first = first.map(press);
        map.press(View::Devices, first.as_ref(), &press(last))
    };
    assert_eq!(in_devices(None, 'g'), Pressed::First);
    assert_eq!(in_devices(Some('g'), 'g'), Pressed::Command(Command::Top));
    assert_eq!(
        in_devices(Some('z'), 'a'),
        Pressed::Command(Command::MarkShown)
    );
    assert_eq!(
        in_devices(None, 'a'),
        Pressed::Nothing,
        "the letter was moved away"
    );
    // The key that is pressed by mistake doesn't act alone: `z d` deletes nothing.
    assert_eq!(in_devices(Some('z'), 'd'), Pressed::Nothing);
    assert_eq!(in_devices(None, 'd'), Pressed::Command(Command::Delete));
    let names: Vec<&str> = map
        .seconds(View::Devices, &press('z'))
        .map(|key| &*key.name)
        .collect();
    assert_eq!(names, ["z a"]);
    // Only where the action is: failures have no marking of all.
    assert_eq!(
        map.press(View::History, None, &press('z')),
        Pressed::Nothing
    );
}

#[test]
fn key_that_begins_two_keys_clashes_with_them() {
    let error = |settings: &[KeySetting]| {
        let error = KeyMap::new(settings).expect_err("a clash");
        error.in_file("config.toml")
    };
    assert_eq!(
        error(&[setting("top", "d d", 3)]),
        "config.toml:3: the key 'd d' for top begins with 'd', which is taken by delete (its usual key): \
         choose another for one of them"
    );
    let both = error(&[setting("mark", "z", 3), setting("top", "z z", 8)]);
    assert_eq!(
        both,
        "config.toml:3: the key 'z' for mark begins 'z z' for top (config.toml:8): choose another for one of them"
    );
    let same = error(&[setting("mark", "z z", 3), setting("top", "z z", 8)]);
    assert!(
        same.contains("'z z' for mark is taken by top (config.toml:8)"),
        "{same}"
    );
    // In different views, or with different seconds, they don't meet.
    assert!(KeyMap::new(&[setting("mark", "z z", 3), setting("top", "z a", 8)]).is_ok());
    assert!(KeyMap::new(&[setting("sort", "w w", 3)]).is_ok());
}

#[test]
fn clashes_and_mistakes_name_both_places() {
    let error = |settings: &[KeySetting]| {
        let error = KeyMap::new(settings).expect_err("wrong");
        error.in_file("config.toml")
    };
    let two = [setting("mark", "b", 3), setting("range", "b", 8)];
    let said = error(&two);
    assert_eq!(
        said,
        "config.toml:3: the key 'b' for mark is taken by range (config.toml:8): choose another for one of them"
    );
    let usual = error(&[setting("mark", "d", 3)]);
    assert!(usual.contains("delete (its usual key)"), "{usual}");
    assert!(error(&[setting("mark", "ctrl-i", 3)]).contains("the same for tab"));
    assert_eq!(
        error(&[setting("marc", "m", 3)]),
        "config.toml:3: unknown action 'marc': did you mean 'mark'?"
    );
    assert!(error(&[setting("unmarkall", "m", 3)]).contains("did you mean 'unmark-all'?"));
    let far = error(&[setting("explode", "m", 3)]);
    assert!(
        far.contains("unknown action 'explode': use one of up, down"),
        "{far}"
    );
    for key in [
        "", "mm", " g", "g ", "g g g", "g esc", "g ctrl-c", "ctrl-c", "ctrl-1", "f13", "esc",
        "\u{202e}", "ctrl-i", "ctrl-m", "ctrl-h", "ctrl-[",
    ] {
        assert!(
            error(&[setting("mark", key, 3)]).contains("is not a key"),
            "{key}"
        );
    }
    // What was moved away is free.
    assert!(KeyMap::new(&[setting("delete", "X", 1), setting("mark", "d", 2)]).is_ok());
}

#[test]
fn configured_key_is_that_of_the_action_in_every_view() {
    let map = KeyMap::new(&[setting("quit", "Q", 1)]).expect("fine");
    for view in View::ALL {
        assert_eq!(
            map.command(view, &press('Q')),
            Some(Command::Quit),
            "{view:?}"
        );
        assert_eq!(map.command(view, &press('q')), None, "{view:?}");
    }
}
