//! Wall time and boot time, behind one handle that tests can hold.
//!
//! The rate limit is counted in boot time, which goes on while the machine is suspended and never
//! goes back; `Instant` stops during suspend on Linux. Wall time is for people and the journal.

use std::ops::{Add, Sub};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::system_file;

/// The clocks of this host and of the server are taken for equal up to this difference: a server's times may
/// have whole seconds only.
pub const SERVER_CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// How far the clock of another host, such as the one that wrote a list, may be ahead of this one's.
pub const HOST_CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

/// Milliseconds since this machine booted, suspend included. Comparable only within one boot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BootTime(pub i64);

impl BootTime {
    /// How long after `earlier` this is; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for BootTime {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(span)))
    }
}

impl Sub<Duration> for BootTime {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(milliseconds(span)))
    }
}

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For people and the journal; may jump.
    pub wall: Timestamp,
    /// For every wait and deadline.
    pub boot: BootTime,
}

/// Where the time comes from.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System {
        boot_id: Arc<str>,
    },
    Manual {
        boot_id: Arc<str>,
        now: Arc<Mutex<Now>>,
        /// When the sleep by this handle ends, if there is one.
        alarm: Arc<Mutex<Option<BootTime>>>,
    },
}

/// The longest sleep. Boot time goes on during suspend and timers don't; and another process may have
/// asked for something meanwhile.
const MAX_SLEEP: Duration = Duration::from_secs(5);

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Self {
        Self(Source::System {
            boot_id: boot_id().into(),
        })
    }

    /// A clock that doesn't move until [`Clock::advance`] or [`Clock::set`] moves it.
    pub fn manual(now: Now) -> Self {
        Self::manual_in("manual", now)
    }

    /// The same, in a boot of this name.
    pub fn manual_in(boot_id: &str, now: Now) -> Self {
        Self(Source::Manual {
            boot_id: boot_id.into(),
            now: Arc::new(Mutex::new(now)),
            alarm: Arc::default(),
        })
    }

    /// The same time, with an alarm of its own.
    #[must_use]
    pub fn with_own_alarm(&self) -> Self {
        let mut clock = self.clone();
        if let Source::Manual { alarm, .. } = &mut clock.0 {
            *alarm = Arc::default();
        }
        clock
    }

    /// When the sleep by this handle of a manual clock ends, if there is one. Nothing wakes the
    /// sleeper: whoever moves the clock there polls it.
    pub fn alarm(&self) -> Option<BootTime> {
        match &self.0 {
            Source::System { .. } => None,
            Source::Manual { alarm, .. } => *alarm.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Sleeps until `until` or, by the system's clock, for a few seconds at most. By a manual clock
    /// a sleep without an end lasts until the sleeper is dropped.
    pub async fn sleep_until(&self, until: Option<BootTime>) {
        match &self.0 {
            Source::System { .. } => {
                let now = self.now().boot;
                let span = until.map_or(MAX_SLEEP, |until| until.since(now).min(MAX_SLEEP));
                tokio::time::sleep(span).await;
            }
            Source::Manual { alarm, .. } => {
                let _set = Alarm::set(alarm, until);
                std::future::poll_fn(|_| match until {
                    Some(until) if until <= self.now().boot => Poll::Ready(()),
                    _ => Poll::Pending,
                })
                .await;
            }
        }
    }

    /// The time.
    pub fn now(&self) -> Now {
        match &self.0 {
            Source::System { .. } => Now {
                wall: Timestamp::now(),
                boot: boot_time(),
            },
            Source::Manual { now, .. } => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock on by `span`; the system's clock moves by itself.
    pub fn advance(&self, span: Duration) {
        if let Source::Manual { now, .. } = &self.0 {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            now.boot = now.boot + span;
            now.wall += span;
        }
    }

    /// Sets a manual clock, each of its two readings by itself; the system's can't be set.
    pub fn set(&self, to: Now) {
        if let Source::Manual { now, .. } = &self.0 {
            *now.lock().unwrap_or_else(PoisonError::into_inner) = to;
        }
    }

    /// Names the boot in which [`BootTime`] readings of this clock can be compared.
    pub fn boot_id(&self) -> &str {
        match &self.0 {
            Source::System { boot_id } | Source::Manual { boot_id, .. } => boot_id,
        }
    }
}

/// The alarm of a manual clock; off again when this is dropped.
struct Alarm<'a>(&'a Mutex<Option<BootTime>>);

impl<'a> Alarm<'a> {
    fn set(alarm: &'a Mutex<Option<BootTime>>, until: Option<BootTime>) -> Self {
        *alarm.lock().unwrap_or_else(PoisonError::into_inner) = until;
        Self(alarm)
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn boot_time() -> BootTime {
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    // Elsewhere the monotonic clock is the nearest; macOS counts suspend in it.
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(id);
    BootTime(
        time.tv_sec
            .saturating_mul(1000)
            .saturating_add(time.tv_nsec / 1_000_000),
    )
}

fn boot_id() -> String {
    // Another time namespace of the same boot has another boot time.
    let offsets = system_file::read("/proc/self/timens_offsets").unwrap_or_default();
    match system_file::read("/proc/sys/kernel/random/boot_id") {
        Ok(id) => in_time_namespace(id.trim(), &offsets),
        // Without a boot ID each process counts as a boot of its own.
        Err(_) => format!("process-{}-{}", std::process::id(), Timestamp::now()),
    }
}

/// The boot's name in the time namespace with these offsets, as `/proc/self/timens_offsets` has them.
fn in_time_namespace(boot: &str, offsets: &str) -> String {
    let offset = offsets.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        (words.next() == Some("boottime")).then(|| words.collect::<Vec<_>>().join("."))
    });
    match offset.as_deref() {
        None | Some("0.0") => boot.to_owned(),
        Some(offset) => format!("{boot} in a time namespace at {offset} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_clock_moves_only_on_request() {
        let start = Now {
            wall: Timestamp::UNIX_EPOCH,
            boot: BootTime(5),
        };
        let clock = Clock::manual(start);
        let shared = clock.clone();
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(2));
        assert_eq!(shared.now().boot, BootTime(2005));
        assert_eq!(shared.now().wall.as_second(), 2);
        clock.set(start);
        assert_eq!(shared.now(), start);
    }

    #[test]
    fn sleep_by_a_manual_clock_ends_where_its_alarm_says() {
        use std::task::{Context, Waker};
        let clock = Clock::manual(Now {
            wall: Timestamp::UNIX_EPOCH,
            boot: BootTime(5),
        });
        let other = clock.with_own_alarm();
        let mut context = Context::from_waker(Waker::noop());
        let mut sleep = Box::pin(clock.sleep_until(Some(BootTime(2005))));
        assert!(sleep.as_mut().poll(&mut context).is_pending());
        assert_eq!((clock.alarm(), other.alarm()), (Some(BootTime(2005)), None));
        other.advance(Duration::from_secs(2));
        assert!(sleep.as_mut().poll(&mut context).is_ready());
        drop(sleep);
        assert_eq!(clock.alarm(), None);
    }

    #[test]
    fn system_clock_knows_its_boot_and_goes_forward() {
        let clock = Clock::system();
        assert!(!clock.boot_id().is_empty());
        let earlier = clock.now().boot;
        assert!(clock.now().boot >= earlier);
    }

    #[test]
    fn time_namespace_is_a_boot_of_its_own() {
        let of = |boottime: &str| {
            in_time_namespace(
                "b1",
                &format!("monotonic           0         0\n{boottime}"),
            )
        };
        assert_eq!(of("boottime            0         0\n"), "b1");
        assert_eq!(of(""), "b1");
        let shifted = of("boottime       -86400       5\n");
        assert_eq!(shifted, "b1 in a time namespace at -86400.5 s");
    }

    #[test]
    fn spans_never_go_below_zero() {
        assert_eq!(BootTime(3).since(BootTime(9)), Duration::ZERO);
        assert_eq!(BootTime(9).since(BootTime(3)), Duration::from_millis(6));
    }
}
