//! Writes to standard output on a thread of its own: a terminal that takes nothing for a while, as
//! after ctrl-s, must not keep a second signal from ending the program.

use std::io::{self, Write as _};
use std::sync::mpsc;
use std::time::Duration;

use tokio::sync::oneshot;

/// How long the end of the program waits for what was printed.
const PATIENCE: Duration = Duration::from_secs(1);

enum Job {
    Write(String),
    Flush(oneshot::Sender<()>),
    Finish(mpsc::Sender<()>),
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
                            let _ = done.send(());
                        }
                        Job::Finish(done) => {
                            drop(out.flush());
                            let _ = done.send(());
                            return;
                        }
                    }
                }
            })?;
        Ok(Self { jobs })
    }

    /// Writes text. A prompt has no line feed, so that each is flushed.
    pub(super) fn write(&self, text: &str) {
        if self.jobs.send(Job::Write(text.to_owned())).is_ok() {
            let (done, _) = oneshot::channel();
            let _ = self.jobs.send(Job::Flush(done));
        }
    }

    /// Resolves once everything written so far was handed to the terminal.
    pub(super) fn flushed(&self) -> oneshot::Receiver<()> {
        let (done, flushed) = oneshot::channel();
        // Without its thread the receiver resolves at once.
        let _ = self.jobs.send(Job::Flush(done));
        flushed
    }

    /// Waits a moment for what was written.
    pub(super) fn finish(&self) {
        let (done, finished) = mpsc::channel();
        if self.jobs.send(Job::Finish(done)).is_ok() {
            let _ = finished.recv_timeout(PATIENCE);
        }
    }
}
