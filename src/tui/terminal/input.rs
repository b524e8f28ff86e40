//! What the terminal sends, read on a thread of its own. On the screen's own thread the library waits
//! within a sequence or a paste whose end hasn't come, and on a terminal that has gone it spins for
//! ever: neither may keep the event loop from signals, the engine and [`super::watch`].
//!
//! The library decodes what arrives, except while the terminal's reply to a question is awaited: it
//! would swallow that. Then each byte is a key of its own, as on a line that splits every sequence,
//! and the filter of split sequences reads the reply and drops the others.
//!
//! The library leaves bytes behind that it wasn't notified of: what doesn't fit into its buffer, and what comes
//! at once with a new size. It may hold the beginning of the sequence that they end, whose rest must not
//! act as keys. So it has to decode them itself, with whatever comes next, unless it holds nothing for sure.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;

use crate::tui::terminal::probe::Replies;

/// How many bytes the library reads at once. A sequence at the end of so many may be cut.
const LIBRARY_BUFFER: u64 = 1024;
/// How late the rest of a sequence may come that the line has split.
const LATEST_REST: Duration = Duration::from_secs(3);

/// An event, and when it arrived.
pub(in crate::tui) type Arrival = (io::Result<Event>, Instant);

/// What controls the thread that reads.
pub(in crate::tui) struct Input {
    replies: Arc<Replies>,
    wake: OwnedFd,
}

impl Input {
    /// Starts to read. `replies` says whether each byte is a key of its own.
    pub(in crate::tui) fn start(
        replies: Arc<Replies>,
    ) -> io::Result<(Self, mpsc::Receiver<Arrival>)> {
        let (sender, receiver) = mpsc::channel(64);
        let (woken, wake) = rustix::pipe::pipe()?;
        let reader = Reader {
            sender,
            replies: replies.clone(),
            last: RefCell::default(),
            woken,
            held: Cell::default(),
        };
        std::thread::Builder::new()
            .name("terminal input".to_owned())
            .spawn(move || {
                // The receiver is gone once the screen has closed.
                let Err(Stop::Failed(error)) = reader.read() else {
                    return;
                };
                let _ = reader.sender.blocking_send((Err(error), Instant::now()));
            })?;
        Ok((Self { replies, wake }, receiver))
    }

    /// The terminal was resized. The library has noted it too, and gives that out before the next key:
    /// it is fetched now, because the library may lose a key that comes at once with it.
    pub(in crate::tui) fn on_resized(&self) {
        if !self.replies.reads_bytes() {
            let _ = rustix::io::write(&self.wake, &[0]);
        }
    }
}

/// Why nothing more is read.
enum Stop {
    Failed(io::Error),
    Closed,
}

struct Reader {
    sender: mpsc::Sender<Arrival>,
    replies: Arc<Replies>,
    /// The last bytes that may begin a reply.
    last: RefCell<Vec<u8>>,
    woken: OwnedFd,
    held: Cell<Held>,
}

/// What the library may hold of a sequence whose rest it hasn't read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Held {
    #[default]
    Nothing,
    /// A beginning that the line has split, until this moment.
    Until(Instant),
    /// A beginning that its buffer has cut: the rest is there.
    Cut,
}

impl Held {
    /// The library has read. There were so many bytes `before`, and so many are `left`: if `is_for_size`,
    /// because a new size came with them.
    fn after_read(before: u64, left: u64, is_for_size: bool, now: Instant) -> Self {
        if before >= LIBRARY_BUFFER || (left > 0 && !is_for_size) {
            Self::Cut
        } else {
            Self::Until(now + LATEST_REST)
        }
    }

    /// How long the library has to wait for the next byte, so that it decodes what it left behind; none for
    /// ever.
    fn wait(self, now: Instant) -> Option<Duration> {
        match self {
            Self::Nothing => Some(Duration::ZERO),
            Self::Until(moment) => Some(moment.saturating_duration_since(now)),
            Self::Cut => None,
        }
    }
}

/// What there is to read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ready {
    Nothing,
    Keys,
    Woken,
    /// This system can't wait for this terminal: the library has to.
    Unknown,
}

impl Reader {
    fn read(&self) -> Result<(), Stop> {
        let mut arrived = Instant::now();
        loop {
            let mut ready = self.wait(Some(Timespec::default()))?;
            if ready == Ready::Nothing {
                ready = self.wait(None)?;
                // What came in one burst counts as such, however busy the screen is meanwhile.
                arrived = Instant::now();
            }
            match ready {
                Ready::Nothing => {}
                Ready::Keys if self.replies.reads_bytes() => self.bytes(arrived)?,
                Ready::Keys => {
                    if !self.drain(arrived)? {
                        self.left_behind(arrived)?;
                    }
                }
                Ready::Woken => {
                    let _ = rustix::io::read(&self.woken, &mut [0; 64]);
                    self.drain(arrived)?;
                }
                Ready::Unknown => {
                    let event = event::read();
                    self.send(event, Instant::now())?;
                }
            }
        }
    }

    fn wait(&self, timeout: Option<Timespec>) -> Result<Ready, Stop> {
        let stdin = io::stdin();
        let mut watched = [
            PollFd::new(&stdin, PollFlags::IN),
            PollFd::new(&self.woken, PollFlags::IN),
        ];
        match poll(&mut watched, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => return Ok(Ready::Nothing),
            Err(_) => return Ok(Ready::Unknown),
            Ok(_) => {}
        }
        let [keys, woken] = watched.map(|fd| fd.revents());
        Ok(if keys.contains(PollFlags::HUP) {
            return Err(Stop::Failed(io::ErrorKind::UnexpectedEof.into()));
        } else if keys.intersects(PollFlags::NVAL | PollFlags::ERR) {
            Ready::Unknown
        } else if woken.contains(PollFlags::IN) {
            Ready::Woken
        } else if keys.contains(PollFlags::IN) {
            Ready::Keys
        } else {
            Ready::Nothing
        })
    }

    /// Has the library read what there is. False if it finds nothing.
    fn drain(&self, arrived: Instant) -> Result<bool, Stop> {
        let before = available();
        let (mut any, mut any_key, mut is_for_size) = (false, false, false);
        while event::poll(Duration::ZERO).map_err(Stop::Failed)? {
            let event = event::read();
            is_for_size = matches!(event, Ok(Event::Resize(..)));
            any_key |= !is_for_size;
            any = true;
            self.send(event, arrived)?;
        }
        if any_key {
            let now = Instant::now();
            let held = Held::after_read(before, available(), is_for_size, now);
            self.held.set(held);
        }
        Ok(any)
    }

    /// Reads what the library left behind.
    fn left_behind(&self, arrived: Instant) -> Result<(), Stop> {
        let is_more = match self.held.get().wait(Instant::now()) {
            Some(wait) => event::poll(wait).map_err(Stop::Failed)?,
            None => true,
        };
        if is_more {
            self.send(event::read(), arrived)?;
            self.drain(arrived)?;
            return Ok(());
        }
        self.held.set(Held::Nothing);
        self.bytes(arrived)
    }

    fn bytes(&self, arrived: Instant) -> Result<(), Stop> {
        let mut bytes = [0; 1024];
        let read = match rustix::io::read(io::stdin(), &mut bytes) {
            Err(rustix::io::Errno::INTR) => return Ok(()),
            read => read.map_err(|error| Stop::Failed(error.into()))?,
        };
        let bytes = bytes.get(..read).unwrap_or_default();
        for &byte in bytes {
            self.replies.read(&mut self.last.borrow_mut(), byte);
        }
        for key in keys_of(bytes) {
            match self.send(Ok(Event::Key(key)), arrived) {
                // The screen has closed, and waits for the rest of the reply.
                Err(Stop::Closed) if self.replies.are_unread() => return Ok(()),
                sent => sent?,
            }
        }
        Ok(())
    }

    fn send(&self, event: io::Result<Event>, arrived: Instant) -> Result<(), Stop> {
        let is_last = event.is_err();
        let sent = self.sender.blocking_send((event, arrived));
        if sent.is_err() || is_last {
            return Err(Stop::Closed);
        }
        Ok(())
    }
}

/// How many bytes there are to read; all that fit if that can't be known.
fn available() -> u64 {
    rustix::io::ioctl_fionread(io::stdin()).unwrap_or(LIBRARY_BUFFER)
}

/// Each character as the key that sends it.
fn keys_of(bytes: &[u8]) -> Vec<KeyEvent> {
    let text = String::from_utf8_lossy(bytes);
    let keys = text.chars().map(|character| {
        let control = |byte: u8, first: char, offset: u8| {
            let letter = (u32::from(byte) - u32::from(offset)) + u32::from(first);
            let letter = char::from_u32(letter).unwrap_or(first);
            KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
        };
        match u8::try_from(character).unwrap_or(b'x') {
            b'\x1b' => KeyCode::Esc.into(),
            b'\r' => KeyCode::Enter.into(),
            b'\t' => KeyCode::Tab.into(),
            b'\x7f' => KeyCode::Backspace.into(),
            0 => control(0, ' ', 0),
            byte @ 1..=0x1a => control(byte, 'a', 1),
            byte @ 0x1c..=0x1f => control(byte, '4', 0x1c),
            _ if character.is_uppercase() => {
                KeyEvent::new(KeyCode::Char(character), KeyModifiers::SHIFT)
            }
            _ => KeyCode::Char(character).into(),
        }
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_may_end_a_sequence_of_the_library_are_left_to_it() {
        let now = Instant::now();
        assert_eq!(Held::default().wait(now), Some(Duration::ZERO));
        let whole = Held::after_read(1, 0, false, now);
        assert_eq!(whole.wait(now), Some(LATEST_REST), "the line may split it");
        assert_eq!(whole.wait(now + LATEST_REST), Some(Duration::ZERO));
        for (before, left, is_for_size) in [
            (1024, 2, false),
            (1024, 0, false),
            (900, 200, false),
            (1026, 2, true),
        ] {
            let cut = Held::after_read(before, left, is_for_size, now);
            assert_eq!(cut.wait(now + LATEST_REST), None, "{before} {left}");
        }
        let with_size = Held::after_read(2, 1, true, now);
        assert_eq!(with_size.wait(now + LATEST_REST), Some(Duration::ZERO));
    }

    #[test]
    fn bytes_are_the_keys_that_send_them() {
        let keys = keys_of("\u{3}\u{1a}\r\t\u{7f}\0\u{1b}[0nD\u{fc}".as_bytes());
        let control = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL);
        let plain = |letter| KeyEvent::from(KeyCode::Char(letter));
        assert_eq!(
            keys,
            [
                control('c'),
                control('z'),
                KeyCode::Enter.into(),
                KeyCode::Tab.into(),
                KeyCode::Backspace.into(),
                control(' '),
                KeyCode::Esc.into(),
                plain('['),
                plain('0'),
                plain('n'),
                KeyEvent::new(KeyCode::Char('D'), KeyModifiers::SHIFT),
                plain('\u{fc}'),
            ]
        );
    }
}
