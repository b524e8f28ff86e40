//! Writes to standard output on a thread of its own: a terminal that takes nothing for a while, as
//! after ctrl-s, must not keep a second signal from ending the program.

use std::io::{self, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::oneshot;

/// How long the end of the program, or its suspension, waits for what was printed.
const PATIENCE: Duration = Duration::from_secs(1);

enum Job {
    Write(String),
    /// Calls the function once everything before it was written.
    Flush(Box<dyn FnOnce() + Send>),
}

pub(super) struct Printer {
    jobs: mpsc::Sender<Job>,
}

impl Printer {
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, received) = mpsc::channel();
        std::thread::Builder::new()
            .name("dialogue output".to_owned())
            .spawn(move || {
                let mut out = io::stdout();
                for job in received {
                    // A closed pipe or a terminal that is gone: the input says so.
                    match job {
                        Job::Write(text) => drop(out.write_all(text.as_bytes())),
                        Job::Flush(done) => {
                            drop(out.flush());
                            done();
                        }
                    }
                }
            })?;
        Ok(Self { jobs })
    }

    /// Writes text. A prompt has no line feed, so that each is flushed.
    pub(super) fn write(&self, text: &str) {
        let _ = self.jobs.send(Job::Write(text.to_owned()));
        self.flush(|| ());
    }

    /// Resolves once everything written so far was handed to the terminal.
    pub(super) fn flushed(&self) -> oneshot::Receiver<()> {
        let (done, flushed) = oneshot::channel();
        // Without its thread the receiver resolves at once.
        self.flush(move || {
            let _ = done.send(());
        });
        flushed
    }

    /// Waits a moment until everything written so far was handed to the terminal.
    pub(super) fn wait(&self) {
        let (done, flushed) = mpsc::channel();
        self.flush(move || {
            let _ = done.send(());
        });
        // Without its thread this returns at once.
        let _ = flushed.recv_timeout(PATIENCE);
    }

    fn flush(&self, done: impl FnOnce() + Send + 'static) {
        let _ = self.jobs.send(Job::Flush(Box::new(done)));
    }
}
