//! Wall time and boot time, behind one handle that tests can hold.
//!
//! The rate limit is counted in boot time, which goes on while the machine is suspended and never
//! goes back; `Instant` stops during suspend on Linux. Wall time is for people and the journal.

use std::ops::{Add, Sub};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

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
    },
}

impl Clock {
    /// The machine's clocks.
    pub fn system() -> Self {
        Self(Source::System {
            boot_id: boot_id().into(),
        })
    }

    /// A clock that stands still until [`Clock::advance`] or [`Clock::set`] moves it.
    pub fn manual(now: Now) -> Self {
        Self::manual_in("manual", now)
    }

    /// The same, in a boot of this name.
    pub fn manual_in(boot_id: &str, now: Now) -> Self {
        Self(Source::Manual {
            boot_id: boot_id.into(),
            now: Arc::new(Mutex::new(now)),
        })
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
    // Without a boot id each process counts as a boot of its own: the budget's window is then
    // taken as full at the start, which is slow and safe.
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(
        |_| format!("process-{}-{}", std::process::id(), Timestamp::now()),
        |id| id.trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
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
    fn the_system_clock_knows_its_boot_and_goes_forward() {
        let clock = Clock::system();
        assert!(!clock.boot_id().is_empty());
        let earlier = clock.now().boot;
        assert!(clock.now().boot >= earlier);
    }

    #[test]
    fn spans_never_go_below_zero() {
        assert_eq!(BootTime(3).since(BootTime(9)), Duration::ZERO);
        assert_eq!(BootTime(9).since(BootTime(3)), Duration::from_millis(6));
    }
}
