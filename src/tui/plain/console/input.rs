//! What is typed, as it arrives: read on a thread of its own.

use std::io;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc;

/// The longest line, in bytes. A terminal takes no longer one; of a longer one from a pipe, the rest
/// is dropped.
const LINE: usize = 64 * 1024;

#[derive(Debug)]
pub(in crate::tui::plain) enum Input {
    /// Bytes, and when they arrived.
    Bytes(Vec<u8>, Instant),
    /// The end: ctrl-d at a terminal, which goes on; the last input of a pipe.
    End,
    /// The terminal is gone.
    Gone,
}

/// A line that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui::plain) enum Line {
    /// Text without its line feed.
    Text(String),
    /// ctrl-d, or the end of a pipe.
    End,
}

/// Reads standard input on a thread of its own.
pub(super) fn listen() -> io::Result<mpsc::Receiver<Input>> {
    use std::io::IsTerminal as _;
    let (sender, receiver) = mpsc::channel(64);
    let is_terminal = io::stdin().is_terminal();
    std::thread::Builder::new()
        .name("dialogue input".to_owned())
        .spawn(move || {
            let mut buffer = vec![0; 4096];
            loop {
                let input = match read(&mut buffer) {
                    Ok(0) => Input::End,
                    Ok(count) => Input::Bytes(buffer[..count].to_vec(), Instant::now()),
                    Err(_) => Input::Gone,
                };
                let is_last = match input {
                    Input::Bytes(..) => false,
                    Input::End => !is_terminal,
                    Input::Gone => true,
                };
                // The receiver is gone once the dialogue has ended.
                if sender.blocking_send(input).is_err() || is_last {
                    return;
                }
            }
        })?;
    Ok(receiver)
}

/// Waits, then reads what there is. A change of the terminal's modes while it waits counts for what is
/// read.
fn read(buffer: &mut [u8]) -> io::Result<usize> {
    let stdin = io::stdin();
    loop {
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut watched, None) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        match rustix::io::read(&stdin, &mut *buffer) {
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
            Ok(count) => return Ok(count),
        }
    }
}

/// Puts lines together.
#[derive(Debug, Default)]
pub(super) struct LineReader {
    partial: Vec<u8>,
}

impl LineReader {
    /// The lines that these bytes complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                lines.push(self.end());
            } else if self.partial.len() < LINE {
                self.partial.push(byte);
            }
        }
        lines
    }

    fn end(&mut self) -> Line {
        let bytes = std::mem::take(&mut self.partial);
        let text = String::from_utf8_lossy(&bytes);
        Line::Text(text.trim_end_matches('\r').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_put_together_from_what_arrives() {
        let text = |text: &str| Line::Text(text.to_owned());
        let mut reader = LineReader::default();
        assert_eq!(reader.feed(b"filter uns"), []);
        assert_eq!(
            reader.feed(b"een>90d\r\nshow\n\nma"),
            [text("filter unseen>90d"), text("show"), text("")]
        );
        assert_eq!(reader.feed(b"rk\xff\n"), [text("mark\u{fffd}")]);
    }

    #[test]
    fn line_that_is_too_long_is_cut() {
        let mut reader = LineReader::default();
        let mut bytes = vec![b'x'; LINE + 10];
        bytes.push(b'\n');
        assert_eq!(reader.feed(&bytes), [Line::Text("x".repeat(LINE))]);
    }
}
