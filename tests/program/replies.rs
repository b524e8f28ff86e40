//! How the terminal of a test answers the question whether a frame has arrived.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const QUESTION: &[u8] = b"\x1b[5n";
const REPLY: &[u8] = b"\x1b[0n";

/// What the keyboard and the terminal itself send.
pub type Keys = Arc<Mutex<Option<Box<dyn Write + Send>>>>;

/// When a terminal answers.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    /// As terminals do.
    AtOnce,
    /// Only so long after the question.
    After(Duration),
    /// With so much time before each byte.
    Split(Duration),
    Never,
}

/// Finds the questions in what the program writes, and answers them.
pub struct Replies {
    keys: Keys,
    reply: Arc<Mutex<Reply>>,
    /// The last bytes that were written.
    last: Vec<u8>,
}

impl Replies {
    pub fn new(keys: Keys, reply: Arc<Mutex<Reply>>) -> Self {
        Self {
            keys,
            reply,
            last: Vec::new(),
        }
    }

    /// The program wrote this.
    pub fn answer(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.last.push(byte);
            if !self.last.ends_with(QUESTION) {
                continue;
            }
            self.last.clear();
            let reply = *self.reply.lock().unwrap_or_else(PoisonError::into_inner);
            let (before, pace) = match reply {
                Reply::AtOnce => (Duration::ZERO, Duration::ZERO),
                Reply::After(delay) => (delay, Duration::ZERO),
                Reply::Split(pace) => (Duration::ZERO, pace),
                Reply::Never => continue,
            };
            if before.is_zero() && pace.is_zero() {
                send(&self.keys, REPLY);
                continue;
            }
            let keys = self.keys.clone();
            std::thread::spawn(move || {
                std::thread::sleep(before);
                for part in REPLY.chunks(if pace.is_zero() { REPLY.len() } else { 1 }) {
                    std::thread::sleep(pace);
                    send(&keys, part);
                }
            });
        }
    }
}

/// The terminal may be gone by now.
fn send(keys: &Keys, bytes: &[u8]) {
    let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(keys) = keys.as_mut() {
        let _ = keys.write_all(bytes).and_then(|()| keys.flush());
    }
}
