//! Handles the signals that request a stop, on a thread of their own: a second one ends the program
//! immediately, even while the main thread waits for a reader of standard output.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::OnHangup;
use crate::domain::exit::Exit;
use crate::domain::run::StopCause;

/// The request of a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ShutdownRequest {
    /// Stop after the call in flight, for this cause.
    Stop(StopCause),
    /// Exit immediately; holds the second signal's number.
    Immediate(i32),
    /// The terminal is gone, and the run continues without it.
    Continue,
}

/// How long the main thread has to exit by itself after a second signal.
const GRACE: Duration = Duration::from_secs(1);

/// SIGINT, SIGTERM and SIGHUP.
pub(crate) struct Signals {
    requests: mpsc::Receiver<ShutdownRequest>,
}

impl Signals {
    /// Listens from now on. A SIGHUP that the program was started to ignore, as `nohup` does, stays
    /// ignored.
    pub(crate) fn new(on_hangup: OnHangup) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (sender, requests) = mpsc::channel(4);
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
                        let Some(request) = policy.on_signal(kind.as_raw_value()) else {
                            continue;
                        };
                        let immediate = match request {
                            ShutdownRequest::Immediate(number) => Some(number),
                            ShutdownRequest::Stop(_) | ShutdownRequest::Continue => None,
                        };
                        // The receiver is gone once the run has ended.
                        let _ = sender.send(request).await;
                        if let Some(number) = immediate {
                            tokio::time::sleep(GRACE).await;
                            // The intent of the call in flight is in the journal.
                            std::process::exit(Exit::Signal(number).number().into());
                        }
                    }
                });
            })?;
        Ok(Self { requests })
    }

    /// The next request; pending forever if none can follow.
    pub(crate) async fn next(&mut self) -> ShutdownRequest {
        match self.requests.recv().await {
            Some(request) => request,
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

/// Decides what a signal requests, by the signals before it.
struct SignalPolicy {
    on_hangup: OnHangup,
    stopping: bool,
    /// SIGINT or SIGTERM was received.
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
        let stop = ShutdownRequest::Stop(StopCause::of_signal(number));
        if number == SignalKind::hangup().as_raw_value() {
            // The kernel and the shell may both send one for the same terminal, so that a second one never
            // exits immediately.
            let first = !std::mem::replace(&mut self.hung_up, true);
            return match self.on_hangup {
                OnHangup::Finish => first.then_some(ShutdownRequest::Continue),
                OnHangup::Stop => (!std::mem::replace(&mut self.stopping, true)).then_some(stop),
            };
        }
        if std::mem::replace(&mut self.interrupted, true) {
            return Some(ShutdownRequest::Immediate(number));
        }
        (!std::mem::replace(&mut self.stopping, true)).then_some(stop)
    }
}

/// True if the program was started with SIGHUP ignored. False if the system doesn't report it.
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
    fn second_signal_exits_immediately_but_a_lost_terminal_never_does() {
        use ShutdownRequest::{Continue, Immediate, Stop};
        use StopCause::{Hangup, Interrupt, Terminate};
        let stop = |signals: &[i32]| requests(OnHangup::Stop, signals);
        assert_eq!(stop(&[INT, TERM]), [Stop(Interrupt), Immediate(TERM)]);
        assert_eq!(stop(&[HUP, HUP, HUP]), [Stop(Hangup)]);
        assert_eq!(stop(&[HUP, TERM, TERM]), [Stop(Hangup), Immediate(TERM)]);
        assert_eq!(stop(&[TERM, HUP]), [Stop(Terminate)]);
        let finish = |signals: &[i32]| requests(OnHangup::Finish, signals);
        assert_eq!(finish(&[HUP, HUP]), [Continue]);
        assert_eq!(
            finish(&[HUP, TERM, INT]),
            [Continue, Stop(Terminate), Immediate(INT)]
        );
    }
}
