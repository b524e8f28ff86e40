//! What the terminal sends, read on a thread of its own. On the screen's own thread the library waits
//! within a sequence or a paste whose end hasn't come, and on a terminal that has gone it spins for
//! ever: neither may keep the event loop from signals, the engine and [`super::watch`].
//!
//! The library decodes what arrives, except while the terminal's reply to a question is awaited: it
//! would swallow that. Then each byte is a key of its own, as on a line that splits every sequence,
//! and the filter of split sequences reads the reply and drops the others.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::mpsc;

/// An event, and when it arrived.
pub(in crate::tui) type Arrival = (io::Result<Event>, Instant);

/// What controls the thread that reads.
pub(in crate::tui) struct Input {
    reads_bytes: Arc<AtomicBool>,
    wake: OwnedFd,
}

impl Input {
    /// Starts to read. `reads_bytes` is true while each byte is a key of its own.
    pub(in crate::tui) fn start(
        reads_bytes: Arc<AtomicBool>,
    ) -> io::Result<(Self, mpsc::Receiver<Arrival>)> {
        let (sender, receiver) = mpsc::channel(64);
        let (woken, wake) = rustix::pipe::pipe()?;
        let reader = Reader {
            sender,
            reads_bytes: reads_bytes.clone(),
            woken,
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
        Ok((Self { reads_bytes, wake }, receiver))
    }

    /// The terminal was resized. The library has noted it too, and gives that out before the next key:
    /// it is fetched now, because the library may lose a key that comes at once with it.
    pub(in crate::tui) fn on_resized(&self) {
        if !self.reads_bytes.load(Ordering::SeqCst) {
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
    reads_bytes: Arc<AtomicBool>,
    woken: OwnedFd,
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
                Ready::Keys if self.reads_bytes.load(Ordering::SeqCst) => self.bytes(arrived)?,
                Ready::Keys => {
                    // The library doesn't know of these bytes, and leaves them behind.
                    if !self.drain(arrived)? {
                        self.bytes(arrived)?;
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
        let mut any = false;
        while event::poll(Duration::ZERO).map_err(Stop::Failed)? {
            any = true;
            self.send(event::read(), arrived)?;
        }
        Ok(any)
    }

    fn bytes(&self, arrived: Instant) -> Result<(), Stop> {
        let mut bytes = [0; 1024];
        let read = match rustix::io::read(io::stdin(), &mut bytes) {
            Err(rustix::io::Errno::INTR) => return Ok(()),
            read => read.map_err(|error| Stop::Failed(error.into()))?,
        };
        for key in keys_of(bytes.get(..read).unwrap_or_default()) {
            self.send(Ok(Event::Key(key)), arrived)?;
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
