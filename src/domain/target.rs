//! The target of a plan, and the limits of a profile.

use crate::text::visible;

/// The target of a plan. Budget, overlap and resume are keyed by tenant and account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The tenant's origin, such as `https://gears.opswat.com`.
    pub tenant: String,
    /// The account's name from the configuration. Without it, all profiles of an origin share one
    /// account.
    pub account: Option<String>,
    /// The profile's name, for display.
    pub profile: String,
}

impl Target {
    /// The tenant's host, for display.
    pub fn host(&self) -> &str {
        self.tenant
            .split_once("://")
            .map_or(self.tenant.as_str(), |(_, host)| host)
    }

    /// `gears.opswat.com (profile production)`, safe to show.
    pub fn label(&self) -> String {
        format!("{} (profile {})", self.host(), visible(&self.profile))
    }

    /// Fails if a plan was confirmed for another tenant or account.
    pub fn check(&self, confirmed_for: &Self) -> Result<(), OtherTarget> {
        if (&self.tenant, &self.account) == (&confirmed_for.tenant, &confirmed_for.account) {
            return Ok(());
        }
        Err(OtherTarget {
            tenant: confirmed_for.tenant.clone(),
            account: confirmed_for.account.clone(),
        })
    }
}

/// The limits of a profile for plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The hash of the `protect` rules; empty without rules.
    pub rules_hash: String,
    /// The maximum number of devices per plan.
    pub max_devices: u64,
    /// The maximum number of devices in all runs of the account in 24 hours.
    pub max_per_day: u64,
    /// How many other people must have approved a plan.
    pub approvals: usize,
}

impl Policy {
    /// Fails if the plan was made under other rules or has too many devices.
    pub fn check(&self, rules_hash: &str, devices: u64) -> Result<(), PlanRefusal> {
        if self.rules_hash != rules_hash {
            return Err(PlanRefusal::OtherRules);
        }
        if devices > self.max_devices {
            return Err(PlanRefusal::TooMany {
                devices,
                most: self.max_devices,
            });
        }
        Ok(())
    }

    /// Refuses `devices` more devices, where `sent` were sent in the last 24 hours or are in open runs.
    pub fn check_day(&self, sent: u64, devices: u64) -> Result<(), PlanRefusal> {
        if sent.saturating_add(devices) > self.max_per_day {
            return Err(PlanRefusal::TooManyInADay {
                devices,
                sent,
                most: self.max_per_day,
            });
        }
        Ok(())
    }

    /// Refuses a plan that fewer people approved than must.
    pub fn check_approvals(&self, given: usize) -> Result<(), PlanRefusal> {
        if given < self.approvals {
            return Err(PlanRefusal::Unapproved {
                given,
                required: self.approvals,
            });
        }
        Ok(())
    }
}

/// What an account may send in 24 hours, and what it has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// How many devices were sent, or are in open runs.
    pub sent: u64,
    /// `max_per_day`.
    pub most: u64,
}

impl DayUse {
    /// How many devices are left, once `devices` more are sent.
    pub fn left_after(self, devices: u64) -> u64 {
        self.most.saturating_sub(self.sent).saturating_sub(devices)
    }

    /// What a plan of `devices` devices leaves, in a sentence; none where that doesn't matter: nothing else
    /// was sent, and the plan takes less than half of what is allowed.
    pub fn sentence(self, devices: u64) -> Option<String> {
        use crate::text::grouped;
        let matters = self.sent > 0 || devices.saturating_mul(2) >= self.most;
        matters.then(|| {
            format!(
                "{} of max_per_day = {} used in the last 24 hours, {} left after this plan",
                grouped(self.sent),
                grouped(self.most),
                grouped(self.left_after(devices))
            )
        })
    }
}

/// Why a profile doesn't allow a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefusal {
    /// The `protect` rules have changed since the plan was made.
    #[error("the protect rules have changed since it was planned: plan again")]
    OtherRules,
    /// More than `max_devices`.
    #[error(
        "{} are more than max_devices = {} allows: raise limits.max_devices, or give --max-devices {devices}",
        crate::text::counted(*devices, "device"), crate::text::grouped(*most)
    )]
    TooMany {
        /// The number of devices.
        devices: u64,
        /// The maximum number.
        most: u64,
    },
    /// More than `max_per_day`.
    #[error(
        "{} and {} of the last 24 hours and of open runs are more than max_per_day = {} allows: wait, \
         close open runs, or raise limits.max_per_day",
        crate::text::counted(*devices, "device"), crate::text::grouped(*sent), crate::text::grouped(*most)
    )]
    TooManyInADay {
        /// The number of devices.
        devices: u64,
        /// How many were sent, or are in open runs.
        sent: u64,
        /// The maximum number.
        most: u64,
    },
    /// Fewer approvals than `approvals`.
    #[error(
        "{} of other people required, and the plan has {given}: have its file, as `offboard plan -o FILE` \
         writes it, approved with `offboard approve FILE`, and send it with `offboard run --plan FILE`",
        crate::text::counted(*required as u64, "approval")
    )]
    Unapproved {
        /// How many count.
        given: usize,
        /// How many are required.
        required: usize,
    },
}

/// A plan or run belongs to another tenant or account. The message continues after its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: use the profile that it was confirmed with", self.owner())]
pub struct OtherTarget {
    tenant: String,
    account: Option<String>,
}

impl OtherTarget {
    /// `belongs to https://gears.opswat.com, account anna`.
    pub fn owner(&self) -> String {
        let account = self.account.as_deref().unwrap_or("none");
        format!("belongs to {}, account {account}", self.tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_refuses_other_rules_and_too_many() {
        let policy = Policy {
            rules_hash: "0123".to_owned(),
            max_devices: 5,
            max_per_day: 20,
            approvals: 0,
        };
        assert_eq!(policy.check("0123", 5), Ok(()));
        assert_eq!(policy.check("", 5), Err(PlanRefusal::OtherRules));
        let too_many = policy.check("0123", 6).expect_err("too many").to_string();
        assert!(too_many.contains("--max-devices 6"), "{too_many}");
    }

    #[test]
    fn policy_refuses_more_than_a_day_allows() {
        let policy = Policy {
            rules_hash: String::new(),
            max_devices: 5,
            max_per_day: 20,
            approvals: 0,
        };
        assert_eq!(policy.check_day(15, 5), Ok(()));
        let refusal = policy.check_day(16, 5).expect_err("too many").to_string();
        assert!(
            refusal.contains("5 devices and 16 of the last 24 hours")
                && refusal.contains("raise limits.max_per_day"),
            "{refusal}"
        );
    }

    #[test]
    fn use_of_a_day_is_told_once_it_matters() {
        let day = DayUse {
            sent: 0,
            most: 2000,
        };
        assert_eq!(day.sentence(999), None);
        assert!(day.sentence(1000).is_some());
        let used = DayUse { sent: 1200, ..day };
        assert_eq!(
            used.sentence(37).as_deref(),
            Some(
                "1,200 of max_per_day = 2,000 used in the last 24 hours, 763 left after this plan"
            )
        );
        assert_eq!(used.left_after(1000), 0);
    }

    #[test]
    fn policy_counts_approvals() {
        let policy = Policy {
            rules_hash: String::new(),
            max_devices: 5,
            max_per_day: 20,
            approvals: 2,
        };
        assert_eq!(policy.check_approvals(2), Ok(()));
        assert_eq!(policy.check_approvals(3), Ok(()));
        let refusal = policy.check_approvals(1).expect_err("too few").to_string();
        assert!(
            refusal.starts_with("2 approvals of other people required, and the plan has 1"),
            "{refusal}"
        );
    }

    #[test]
    fn target_is_a_tenant_and_an_account_under_any_profile() {
        let target = |tenant: &str, account: Option<&str>, profile: &str| Target {
            tenant: tenant.to_owned(),
            account: account.map(str::to_owned),
            profile: profile.to_owned(),
        };
        let ours = target("https://a.example.com", Some("emea"), "one");
        assert_eq!(ours.host(), "a.example.com");
        assert_eq!(target("a.example.com", None, "").host(), "a.example.com");
        let same = target("https://a.example.com", Some("emea"), "two");
        assert_eq!(ours.check(&same), Ok(()));
        for (tenant, account, said) in [
            (
                "https://b.example.com",
                Some("emea"),
                "https://b.example.com, account emea",
            ),
            (
                "https://a.example.com",
                Some("apac"),
                "https://a.example.com, account apac",
            ),
            (
                "https://a.example.com",
                None,
                "https://a.example.com, account none",
            ),
        ] {
            let other = ours.check(&target(tenant, account, "one"));
            let other = other.expect_err("another").to_string();
            assert!(other.contains(said), "{other}");
        }
    }
}
