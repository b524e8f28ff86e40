//! The invariants of the terminal UI's input.

use std::sync::{Arc, LazyLock};

use offboard::fuzzing::{Happened, Key, Keyboard};
use offboard::list::DeviceList;

/// Keys, pastes, sizes and frames at any pace. A run starts only by the number of the plan's devices,
/// typed by hand while the plan was on the screen, and only with the devices that it showed.
pub fn keys(bytes: &[u8]) {
    static LIST: LazyLock<Arc<DeviceList>> = LazyLock::new(|| {
        let header = "hwid,mac,hostname,user,type".to_owned();
        let rows =
            (1..=12).map(|n| format!("h{n},00:0c:29:cd:c7:{n:02x},LT-{n},u{},laptop", n % 3));
        let text = std::iter::once(header)
            .chain(rows)
            .collect::<Vec<_>>()
            .join("\n");
        Arc::new(DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list"))
    });
    let mut keyboard = Keyboard::new(&LIST, (120, 40));
    let mut watched = Watched::default();
    let mut pressed = Vec::new();
    let mut delivered = 0;
    for pair in bytes.chunks_exact(2) {
        let (code, pace) = (pair[0], pair[1]);
        let paces = [0, 1, 20, 79, 80, 100, 300, 520];
        let milliseconds = paces[usize::from(pace & 7)];
        keyboard.wait(milliseconds);
        watched.now += milliseconds;
        if pace & 8 != 0 {
            keyboard.draw();
            watched.drawn();
        }
        let happened = match key_of(code) {
            Some(key) => {
                pressed.push(key);
                keyboard.press(key)
            }
            None => {
                match code {
                    0x90 => keyboard.resize(80, 24),
                    0x91 => keyboard.resize(120, 40),
                    0x92 => keyboard.resize(59, 14),
                    0x93 => keyboard.resize(1, 1),
                    0x94 => keyboard.paste("12\n"),
                    0x95 => keyboard.paste("LT-1\nLT-2\n"),
                    // Only the time passes.
                    _ => continue,
                }
                watched.interrupted();
                Vec::new()
            }
        };
        for happened in happened {
            if let Happened::Delivered(key) = happened {
                let rest = &pressed[delivered..];
                let at = rest.iter().position(|pressed| *pressed == key);
                delivered += at.expect("a key that was pressed, in its order") + 1;
            }
            watched.see(happened);
        }
    }
    keyboard.draw();
}

/// What a run needs before it starts, worked out from the keys alone.
#[derive(Default)]
struct Watched {
    /// In milliseconds.
    now: u64,
    /// The devices of the plan that came last.
    shown: Vec<String>,
    /// Since when the plan is on the screen as it is.
    drawn_since: Option<u64>,
    /// The keys that the app received, with their times.
    keys: Vec<(Key, u64)>,
}

impl Watched {
    fn drawn(&mut self) {
        self.drawn_since.get_or_insert(self.now);
    }

    fn interrupted(&mut self) {
        self.drawn_since = None;
    }

    fn see(&mut self, happened: Happened) {
        match happened {
            Happened::Delivered(key) => self.keys.push((key, self.now)),
            Happened::Planned(devices) => {
                self.shown = devices;
                self.drawn_since = None;
            }
            Happened::Started(devices) => {
                assert_eq!(devices, self.shown, "other devices than were shown");
                self.assert_confirmed(devices.len());
                self.drawn_since = None;
            }
        }
    }

    fn assert_confirmed(&self, count: usize) {
        let drawn = self.drawn_since.expect("the plan was on the screen");
        let [before @ .., (Key::Enter, at)] = &self.keys[..] else {
            panic!("without enter: {:?}", self.keys);
        };
        let &(_, last) = before.last().expect("the number");
        assert!(at - last >= 80, "faster than by hand");
        let mut erased = 0;
        let mut missing: Vec<char> = count.to_string().chars().collect();
        for &(key, at) in before.iter().rev() {
            let Some(&digit) = missing.last() else {
                return;
            };
            match key {
                Key::Backspace | Key::Control('h') => erased += 1,
                Key::Character('0'..='9') if erased > 0 => erased -= 1,
                key => {
                    assert_eq!(key, Key::Character(digit), "not {count}: {before:?}");
                    assert!(at >= drawn + 500, "typed before it could be read");
                    missing.pop();
                }
            }
        }
        assert!(missing.is_empty(), "not all of {count}: {before:?}");
    }
}

/// A key by its byte, as a terminal would send most of them.
fn key_of(code: u8) -> Option<Key> {
    let special = [
        Key::Up,
        Key::Down,
        Key::Left,
        Key::Right,
        Key::PageDown,
        Key::Home,
        Key::End,
        Key::Alt('a'),
        Key::Alt('1'),
    ];
    Some(match code {
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        0x1b => Key::Escape,
        0x7f => Key::Backspace,
        1..=26 => Key::Control(char::from(b'a' + code - 1)),
        0x20..=0x7e => Key::Character(char::from(code)),
        0x80.. => *special.get(usize::from(code - 0x80))?,
        _ => return None,
    })
}
