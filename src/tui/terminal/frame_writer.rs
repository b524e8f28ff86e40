//! Writes frames on a thread of its own: a slow line holds up neither keys nor signals nor the
//! engine.

use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::mpsc as queue;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::TAKEN;

/// How long leaving waits for the frame that is being written.
const LEAVE: Duration = Duration::from_secs(2);

struct Flushed {
    result: io::Result<()>,
    took: Duration,
}

/// See the module. One frame at a time.
pub(super) struct FrameWriter {
    frames: queue::Sender<Vec<u8>>,
    flushed: mpsc::Receiver<Flushed>,
    /// The size of the frame that is being written.
    writing: Option<usize>,
}

impl FrameWriter {
    pub(super) fn start() -> io::Result<Self> {
        let (frames, queued) = queue::channel::<Vec<u8>>();
        let (sender, flushed) = mpsc::channel(1);
        std::thread::Builder::new()
            .name("terminal output".to_owned())
            .spawn(move || {
                for frame in queued {
                    let begun = Instant::now();
                    let result = write(&frame);
                    let took = begun.elapsed();
                    // The receiver is gone once the screen has closed.
                    if sender.blocking_send(Flushed { result, took }).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            frames,
            flushed,
            writing: None,
        })
    }

    /// True until the frame that was handed over last is written.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    pub(super) fn write(&mut self, frame: Vec<u8>) -> io::Result<()> {
        let size = frame.len();
        self.frames.send(frame).map_err(|_| ended())?;
        self.writing = Some(size);
        Ok(())
    }

    /// The size of the frame, and how long it took, once it is written. Waits for ever if there is
    /// none.
    pub(super) async fn flushed(&mut self) -> io::Result<(usize, Duration)> {
        let Some(size) = self.writing else {
            return std::future::pending().await;
        };
        let flushed = self.flushed.recv().await;
        self.writing = None;
        let flushed = flushed.ok_or_else(ended)?;
        flushed.result.map(|()| (size, flushed.took))
    }

    /// Waits a moment for the frame that is being written. False if the line doesn't take it.
    pub(super) fn finish(&mut self) -> bool {
        let begun = Instant::now();
        while self.writing.is_some() {
            match self.flushed.try_recv() {
                Err(mpsc::error::TryRecvError::Empty) if begun.elapsed() < LEAVE => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(mpsc::error::TryRecvError::Empty) => return false,
                Ok(_) | Err(mpsc::error::TryRecvError::Disconnected) => self.writing = None,
            }
        }
        true
    }
}

/// Writes to the terminal, as long as it is taken over: under the lock of standard output, which
/// giving the terminal back takes too.
fn write(frame: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if !TAKEN.load(Ordering::SeqCst) {
        return Ok(());
    }
    out.write_all(frame)?;
    out.flush()
}

fn ended() -> io::Error {
    io::Error::other("the thread that writes frames has ended")
}
