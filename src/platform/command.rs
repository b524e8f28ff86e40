//! Runs a command of the configuration without a shell, for a limited time.

use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

/// How often the end of the command is checked.
const POLL: Duration = Duration::from_millis(5);

/// Waits for a signal that ends a command which the user waits for. For ever, if signals can't be received.
pub async fn interrupted() {
    let signals = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals.map(signal) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The program: a path, or a name that is looked up in `PATH`.
    pub program: PathBuf,
    pub arguments: Vec<String>,
}

/// What a command reads and may write, and what ends it. Standard error is discarded.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// How long it may take.
    pub limit: Duration,
    /// What it reads on standard input; without it, nothing. A command needn't read it.
    pub input: Option<&'a [u8]>,
    /// The most bytes of standard output; without it, standard output is discarded.
    pub output: Option<u64>,
    /// Environment variables that it doesn't get.
    pub hidden: &'a [String],
    /// Whether it and its children are a process group, which is killed with it. Such a command can't read
    /// from the terminal.
    pub own_group: bool,
    /// Checked all the time: true ends it.
    pub is_cancelled: &'a dyn Fn() -> bool,
}

/// Why a command has no result.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    #[error("can't be run: {0}")]
    Start(io::Error),
    /// How it ended.
    #[error("failed ({0})")]
    Failed(ExitStatus),
    /// It took longer than this.
    #[error("took longer than {} s and was killed", .0.as_secs_f32())]
    Slow(Duration),
    /// It wrote more than it may.
    #[error("wrote too much and was killed")]
    TooLarge,
    /// It was cancelled.
    #[error("was interrupted and killed")]
    Cancelled,
}

impl CommandLine {
    /// Runs the command. Returns its standard output, if that is read. Input and output have threads of
    /// their own, so that neither a hanging command nor a hanging child of it blocks the caller.
    pub fn run(&self, terms: Terms<'_>) -> Result<Vec<u8>, ChildError> {
        let mut child = self.start(&terms).map_err(ChildError::Start)?;
        if let (Some(mut pipe), Some(input)) = (child.stdin.take(), terms.input) {
            let input = input.to_vec();
            // An error means that the command doesn't read it all.
            std::thread::spawn(move || drop(pipe.write_all(&input)));
        }
        let output = terms.output.and_then(|most| reader(&mut child, most));
        let deadline = Instant::now() + terms.limit;
        let is_too_large =
            |bytes: &[u8]| terms.output.is_some_and(|most| bytes.len() as u64 > most);
        let mut read: Option<Vec<u8>> = None;
        let receive = || output.as_ref().and_then(|output| output.try_recv().ok());
        let status = loop {
            read = read.or_else(receive);
            let refusal = if read.as_deref().is_some_and(is_too_large) {
                Some(ChildError::TooLarge)
            } else if (terms.is_cancelled)() {
                Some(ChildError::Cancelled)
            } else {
                None
            };
            // The command may have ended by itself, even if it is over the limit by now.
            if refusal.is_none()
                && let Some(status) = child.try_wait().map_err(ChildError::Start)?
            {
                break status;
            }
            let late = || (Instant::now() >= deadline).then_some(ChildError::Slow(terms.limit));
            if let Some(refusal) = refusal.or_else(late) {
                kill(&mut child, terms.own_group);
                return Err(refusal);
            }
            std::thread::sleep(POLL);
        };
        let read = read.or_else(receive);
        if read.as_deref().is_some_and(is_too_large) {
            return Err(ChildError::TooLarge);
        }
        if !status.success() {
            return Err(ChildError::Failed(status));
        }
        match (read, output) {
            (Some(bytes), _) => Ok(bytes),
            (None, None) => Ok(Vec::new()),
            (None, Some(output)) => output
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                .map_err(|_| ChildError::Slow(terms.limit)),
        }
    }

    fn start(&self, terms: &Terms<'_>) -> io::Result<Child> {
        let pipe = |is_used| {
            if is_used {
                Stdio::piped()
            } else {
                Stdio::null()
            }
        };
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .stdin(pipe(terms.input.is_some()))
            .stdout(pipe(terms.output.is_some()))
            .stderr(Stdio::null());
        for name in terms.hidden {
            command.env_remove(name);
        }
        if terms.own_group {
            command.process_group(0);
        }
        command.spawn()
    }
}

/// Reads standard output on a thread of its own, up to one byte more than `most`.
fn reader(child: &mut Child, most: u64) -> Option<mpsc::Receiver<Vec<u8>>> {
    let stdout = child.stdout.take()?;
    let (sender, output) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut limited = stdout.take(most + 1);
        // If reading fails, the output is incomplete, which its reader notices.
        let _ = limited.read_to_end(&mut bytes);
        // Before the pipe closes, which ends a command that writes more.
        let _ = sender.send(bytes);
    });
    Some(output)
}

fn kill(child: &mut Child, group: bool) {
    // The command may have ended by itself.
    if group {
        let group = rustix::process::Pid::from_child(child);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    } else {
        let _ = child.kill();
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms<'a>(limit: Duration) -> Terms<'a> {
        Terms {
            limit,
            input: None,
            output: Some(1 << 16),
            hidden: &[],
            own_group: true,
            is_cancelled: &|| false,
        }
    }

    fn shell(script: &str) -> CommandLine {
        CommandLine {
            program: PathBuf::from("/bin/sh"),
            arguments: vec!["-c".to_owned(), script.to_owned()],
        }
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn input_is_read_and_output_returned() {
        let terms = Terms {
            input: Some(b"one line\n"),
            ..terms(LONG)
        };
        assert_eq!(shell("cat").run(terms).expect("output"), b"one line\n");
        let discarded = Terms {
            output: None,
            ..terms
        };
        assert_eq!(
            shell("cat; yes | head -c 1000000")
                .run(discarded)
                .expect("ended"),
            b""
        );
    }

    #[test]
    fn input_that_is_not_read_is_no_error() {
        // More than a pipe holds.
        let input = vec![b'x'; 1 << 20];
        let terms = Terms {
            input: Some(&input),
            ..terms(LONG)
        };
        assert_eq!(
            shell("exec <&-; echo done").run(terms).expect("ended"),
            b"done\n"
        );
    }

    #[test]
    fn children_are_killed_with_the_command() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("child");
        let script = format!("sleep 60 & echo $! > {}; wait", file.display());
        let late = shell(&script).run(terms(Duration::from_millis(300)));
        assert!(matches!(late, Err(ChildError::Slow(_))), "{late:?}");
        let child = std::fs::read_to_string(&file).expect("a process");
        let proc = format!("/proc/{}/stat", child.trim());
        let begun = Instant::now();
        let is_dead = || match std::fs::read_to_string(&proc) {
            Err(_) => true,
            // Nobody has waited for it yet.
            Ok(stat) => stat.contains(") Z "),
        };
        while !is_dead() {
            assert!(begun.elapsed() < LONG, "the child lives");
            std::thread::sleep(POLL);
        }
    }

    #[test]
    fn cancelling_ends_the_command_early() {
        let begun = Instant::now();
        let terms = Terms {
            is_cancelled: &|| begun.elapsed() > Duration::from_millis(50),
            ..terms(LONG)
        };
        let cancelled = shell("sleep 60").run(terms);
        assert!(matches!(cancelled, Err(ChildError::Cancelled)));
        assert!(begun.elapsed() < LONG);
    }

    #[test]
    fn hidden_variables_are_not_inherited() {
        let hidden = ["PATH".to_owned()];
        let terms = Terms {
            hidden: &hidden,
            ..terms(LONG)
        };
        let path = std::env::var("PATH").expect("set");
        let seen = shell("echo \"$PATH\"").run(terms).expect("output");
        assert_ne!(String::from_utf8_lossy(&seen).trim(), path);
    }
}
