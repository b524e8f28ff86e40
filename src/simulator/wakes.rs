//! Devices that report again after a long time, so that a plan of yesterday is wrong today.

/// Which devices report between two reads of the inventory. It depends on the seed, the device and the
/// number of reads alone.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    seed: u64,
    percent: u8,
    /// How often the inventory was read.
    reads: u64,
}

/// Those that report before one read.
pub(super) struct Round {
    seed: u64,
    percent: u8,
}

impl Wakes {
    /// `percent` of the devices each time.
    pub fn new(seed: u64, percent: u8) -> Self {
        Self {
            seed,
            percent,
            reads: 0,
        }
    }

    /// The inventory is read. Nothing has changed before the first time.
    pub fn begin_read(&mut self) -> Round {
        let percent = if self.reads == 0 { 0 } else { self.percent };
        let seed = self.seed ^ self.reads.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.reads += 1;
        Round { seed, percent }
    }
}

impl Round {
    /// True if the device of this number reports.
    pub fn is_awake(&self, device: usize) -> bool {
        let device = (device as u64).wrapping_mul(0xd1b5_4a32_d192_ed03);
        fastrand::Rng::with_seed(self.seed ^ device).u8(..100) < self.percent
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::Value;

    use crate::simulator::{Fleet, Tenant};

    /// The devices that were seen at this time, of a read of the inventory at that time.
    fn awake(tenant: &mut Tenant, now: Timestamp) -> Vec<String> {
        tenant.report_again_due(now);
        let (devices, _) = tenant.page(0, 1000);
        let seen = |device: &&Value| device["last_seen"] == now.to_string();
        let awake = devices.iter().filter(seen);
        awake
            .map(|device| device["device_id"].to_string())
            .collect()
    }

    #[test]
    fn devices_wake_between_reads_and_each_time_others() {
        let start = "2026-11-01T00:00:00Z".parse::<Timestamp>().expect("a time");
        let read = |seed| {
            let mut tenant = Tenant::new(&Fleet::generate(1, 500, start)).with_wakes(seed, 10);
            [1, 2, 3]
                .map(|hours| awake(&mut tenant, start + jiff::SignedDuration::from_hours(hours)))
        };
        let [first, second, third] = read(7);
        assert!(first.is_empty(), "nothing was read before: {first:?}");
        assert!((5..100).contains(&second.len()), "{}", second.len());
        assert!((5..100).contains(&third.len()), "{}", third.len());
        assert!(third.iter().all(|device| !second.contains(device)));
        assert_eq!(read(7)[1], second, "of a seed the same");
        assert_ne!(read(8)[1], second, "of another seed others");
    }
}
