//! The signals that ask to stop, heard on a thread of their own: a second one ends the program at
//! once, even while the first thread waits for a reader that doesn't read.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::OnHangup;
use crate::domain::exit::Exit;

/// What a signal asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShutdownRequest {
    /// Stop after the call in flight.
    Stop,
    /// Leave at once; holds the second signal's number.
    AtOnce(i32),
    /// The terminal is gone, and the run goes on without it.
    GoOn,
}

/// How long the first thread has to leave by itself after a second signal.
const GRACE: Duration = Duration::from_secs(1);

/// SIGINT, SIGTERM and SIGHUP.
pub(crate) struct Signals {
    asked: mpsc::Receiver<ShutdownRequest>,
}

impl Signals {
    /// Listens from now on. A SIGHUP that the program was started to ignore, as `nohup` does, stays
    /// ignored.
    pub(crate) fn new(on_hangup: OnHangup) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (heard, asked) = mpsc::channel(4);
        let mut policy = SignalPolicy::new(on_hangup);
        let entered = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = if ignores_hangup() {
            None
        } else {
            Some(signal(SignalKind::hangup())?)
        };
        drop(entered);
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    loop {
                        let kind = tokio::select! {
                            _ = interrupt.recv() => SignalKind::interrupt(),
                            _ = terminate.recv() => SignalKind::terminate(),
                            () = next(&mut hangup) => SignalKind::hangup(),
                        };
                        let Some(asked) = policy.on_signal(kind.as_raw_value()) else {
                            continue;
                        };
                        // Nobody is left to hear of it once the run has ended.
                        let _ = heard.send(asked).await;
                        if let ShutdownRequest::AtOnce(number) = asked {
                            tokio::time::sleep(GRACE).await;
                            // What is in flight has its intent in the journal.
                            std::process::exit(Exit::Signal(number).number().into());
                        }
                    }
                });
            })?;
        Ok(Self { asked })
    }

    /// The next thing asked.
    pub(crate) async fn next(&mut self) -> ShutdownRequest {
        match self.asked.recv().await {
            Some(asked) => asked,
            None => std::future::pending().await,
        }
    }
}

async fn next(hangup: &mut Option<tokio::signal::unix::Signal>) {
    match hangup {
        Some(hangup) => {
            hangup.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// What each signal asks after those before it.
struct SignalPolicy {
    on_hangup: OnHangup,
    stopping: bool,
    /// SIGINT or SIGTERM came.
    interrupted: bool,
    hung_up: bool,
}

impl SignalPolicy {
    fn new(on_hangup: OnHangup) -> Self {
        Self {
            on_hangup,
            stopping: false,
            interrupted: false,
            hung_up: false,
        }
    }

    fn on_signal(&mut self, number: i32) -> Option<ShutdownRequest> {
        if number == SignalKind::hangup().as_raw_value() {
            // The kernel and the shell may both tell of one terminal: it never leaves at once.
            let first = !std::mem::replace(&mut self.hung_up, true);
            return match self.on_hangup {
                OnHangup::Finish => first.then_some(ShutdownRequest::GoOn),
                OnHangup::Stop => {
                    (!std::mem::replace(&mut self.stopping, true)).then_some(ShutdownRequest::Stop)
                }
            };
        }
        if std::mem::replace(&mut self.interrupted, true) {
            return Some(ShutdownRequest::AtOnce(number));
        }
        (!std::mem::replace(&mut self.stopping, true)).then_some(ShutdownRequest::Stop)
    }
}

/// True if the program was started with SIGHUP ignored. A system that doesn't tell counts as no.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is signal 1, the lowest bit.
    ignored.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUP: i32 = 1;
    const INT: i32 = 2;
    const TERM: i32 = 15;

    fn requests(on_hangup: OnHangup, signals: &[i32]) -> Vec<ShutdownRequest> {
        let mut policy = SignalPolicy::new(on_hangup);
        signals
            .iter()
            .filter_map(|&number| policy.on_signal(number))
            .collect()
    }

    #[test]
    fn a_second_signal_leaves_at_once_but_a_lost_terminal_never_does() {
        use ShutdownRequest::{AtOnce, GoOn, Stop};
        let stop = |signals: &[i32]| requests(OnHangup::Stop, signals);
        assert_eq!(stop(&[INT, TERM]), [Stop, AtOnce(TERM)]);
        assert_eq!(stop(&[HUP, HUP, HUP]), [Stop]);
        assert_eq!(stop(&[HUP, TERM, TERM]), [Stop, AtOnce(TERM)]);
        assert_eq!(stop(&[TERM, HUP]), [Stop]);
        let finish = |signals: &[i32]| requests(OnHangup::Finish, signals);
        assert_eq!(finish(&[HUP, HUP]), [GoOn]);
        assert_eq!(finish(&[HUP, TERM, INT]), [GoOn, Stop, AtOnce(INT)]);
    }
}
