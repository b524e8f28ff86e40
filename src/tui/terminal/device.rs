//! The device behind standard input and output: what keys are read from, and what is left once it is gone.

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc;

use crate::tui::terminal::TuiError;

/// Replaces a terminal that is gone: nothing is read or written from now on. Returns the end of the
/// pipe that has to stay open.
pub(in crate::tui) fn replace_stdio() -> Option<OwnedFd> {
    // Whatever of this fails leaves a dead descriptor, which is where we are already.
    let pipe = rustix::pipe::pipe().ok();
    let kept = pipe.map(|(read, write)| {
        let _ = rustix::stdio::dup2_stdin(&read);
        write
    });
    if let Ok(null) = std::fs::OpenOptions::new().write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdout(&null);
        let _ = rustix::stdio::dup2_stderr(&null);
    }
    kept
}

/// Puts the controlling terminal in the place of standard input, which a list was piped to: keys,
/// the terminal's mode and the watch on its end are all read from there.
pub(in crate::tui) fn read_keys_from_terminal_device() -> Result<(), TuiError> {
    let terminal = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|_| {
            TuiError::NoTerminal(
                "standard input is not a terminal, and no terminal device can be opened to read keys from",
            )
        })?;
    rustix::stdio::dup2_stdin(&terminal).map_err(io::Error::from)?;
    Ok(())
}

/// Reports when the terminal goes away. SIGHUP says so too, but `nohup` and `sudo` swallow it, and
/// the library's reader would then spin on the dead terminal for ever. The thread sleeps until then.
pub(in crate::tui) fn watch() -> io::Result<mpsc::Receiver<()>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new()
        .name("terminal watch".to_owned())
        .spawn(move || {
            let stdin = io::stdin();
            loop {
                // No event is requested: what is reported is the end or an error.
                let mut watched = [PollFd::new(&stdin, PollFlags::empty())];
                match poll(&mut watched, None) {
                    Err(rustix::io::Errno::INTR) => {}
                    Ok(_) if watched[0].revents().contains(PollFlags::HUP) => {
                        // The receiver is gone once the screen has closed.
                        let _ = sender.blocking_send(());
                        return;
                    }
                    // A system that can't watch terminals this way: SIGHUP has to do.
                    Ok(_) | Err(_) => return,
                }
            }
        })?;
    Ok(receiver)
}
