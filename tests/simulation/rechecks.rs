//! Plan files that are rechecked before they are sent, by one process or two.

use std::collections::HashSet;

use jiff::Timestamp;
use offboard::domain::device::{Hwid, Identifier};
use offboard::plan::protection::Rules;
use offboard::plan::{
    ConfirmedPlan, Plan, PlannedDevice, Recheck, RecheckError, RecheckRequest, keys_of,
    known_until, recheck,
};
use offboard::query::NoStatus;

use super::inventories::{Fetched, Taken};
use super::process::Asked;
use super::truth::Run;
use super::world::World;

/// What a process hands over of a plan: all of it, or what a recheck left.
pub struct Variant {
    pub plan: Plan,
    /// The ordinals that a recheck dropped, if there was one.
    pub dropped: Option<Vec<u32>>,
}

impl World {
    /// Somebody rechecks a plan file and sends the rest. Another process may do so, too.
    pub fn send_rechecked(&mut self, index: usize, account: usize) {
        let Some(plan) = self.genuine_plan(index, account) else {
            return;
        };
        self.recheck(index, account, &plan);
        let other = self.random.usize(..self.processes.len());
        if self.random.u8(..3) == 0 && self.account_of(other) == account {
            self.recheck(other, account, &plan);
        }
    }

    fn recheck(&mut self, index: usize, account: usize, plan: &Plan) {
        let confirmed = plan.confirm(plan.devices.len() as u64).expect("the number");
        let Some(taken) = self.take_inventory(index, account) else {
            return;
        };
        let found = match self.find_dropped(index, account, plan, &taken) {
            Some(Ok(found)) => found,
            Some(Err(why)) => return self.note(format!("plan {} isn't rechecked: {why}", plan.id)),
            None => return,
        };
        assert!(
            !taken.is_partial,
            "rechecked against a part of the inventory"
        );
        self.check_dropped(account, plan, &found, &taken.fetched);
        self.note(format!(
            "process {index} rechecks plan {}: {} of {} dropped",
            plan.id,
            found.dropped.len(),
            plan.devices.len()
        ));
        if self.chance(10) {
            return self.kill(index);
        }
        let dropped: Vec<u32> = found
            .dropped
            .iter()
            .map(|dropped| dropped.ordinal)
            .collect();
        let other = self.plan_files.len();
        let of_another = Recheck {
            planned_hash: format!("of plan {other}"),
            ..found.clone()
        };
        assert!(
            confirmed.clone().rechecked(of_another).is_none(),
            "rechecked as another plan"
        );
        let Some(left) = confirmed.rechecked(found) else {
            assert_eq!(
                dropped.len(),
                plan.devices.len(),
                "nothing is sent of the rest"
            );
            return;
        };
        self.hand_over(index, account, plan, left, Some(dropped));
    }

    /// What the program's recheck says. None without the process.
    fn find_dropped(
        &mut self,
        index: usize,
        account: usize,
        plan: &Plan,
        Taken { list, .. }: &Taken,
    ) -> Option<Result<Recheck, RecheckError>> {
        let process = self.processes[index].as_ref()?;
        let keys = keys_of(plan, list);
        let journal = &process.journal;
        let earlier = journal.earlier_devices(&self.targets[account], keys.len(), keys.into_iter());
        Some(recheck(&RecheckRequest {
            plan,
            query: None,
            list,
            states: &NoStatus,
            rules: &Rules::default(),
            earlier: &earlier.expect("readable"),
            retried_runs: &[],
            now: self.clock.now().wall,
        }))
    }

    /// Dropped are at least those that the tenant doesn't have or has seen since, and those that are held.
    fn check_dropped(&self, account: usize, plan: &Plan, found: &Recheck, fetched: &Fetched) {
        assert_eq!(
            found.planned_hash,
            plan.hash(),
            "the recheck of another plan"
        );
        let dropped: HashSet<u32> = found
            .dropped
            .iter()
            .map(|dropped| dropped.ordinal)
            .collect();
        for (ordinal, device) in (0..).zip(&plan.devices) {
            let seen_since = |seen: Timestamp| seen > known_until(plan);
            let reason = match fetched.last_seen(device) {
                None => Some("not in the tenant"),
                Some(seen) if seen_since(seen) => Some("seen since the plan"),
                Some(_) => self.is_held(account, device).then_some("held"),
            };
            assert!(
                reason.is_none() || dropped.contains(&ordinal),
                "{} is {reason:?}, and the recheck of plan {} leaves it in",
                device.identifier,
                plan.id
            );
        }
    }

    /// Hands a plan over, whole or rechecked. It may have been before.
    pub fn hand_over(
        &mut self,
        index: usize,
        account: usize,
        plan: &Plan,
        confirmed: ConfirmedPlan,
        dropped: Option<Vec<u32>>,
    ) {
        let left: Vec<&PlannedDevice> = (0..)
            .zip(&plan.devices)
            .filter(|(ordinal, _)| !dropped.iter().flatten().any(|dropped| dropped == ordinal))
            .map(|(_, device)| device)
            .collect();
        let handed_over: Vec<&PlannedDevice> = confirmed.plan().devices.iter().collect();
        assert_eq!(handed_over, left, "not the plan without what was dropped");
        let variant = Variant {
            plan: confirmed.plan().clone(),
            dropped,
        };
        match self.runs.iter_mut().find(|run| run.id == plan.id) {
            Some(run) => run.variants.push(variant),
            None => self.runs.push(Run::new(plan, account, variant)),
        }
        self.ask(index, Asked::Plan(Box::new(confirmed)));
    }

    /// The journal has taken one of the variants in: exactly that one, with what was dropped, under the
    /// hash that was confirmed.
    pub fn admit_variant(&mut self, index: usize, hash: &str) {
        let run = &mut self.runs[index];
        let variants = std::mem::take(&mut run.variants);
        let stored = self.auditor.recheck(&run.id);
        let is_it = |variant: &Variant| {
            let dropped = variant.dropped.as_ref();
            variant.plan.hash() == hash && dropped == stored.as_ref().map(|stored| &stored.dropped)
        };
        let admitted = variants.into_iter().find(is_it);
        let admitted = admitted.expect("what was admitted is none of what was confirmed");
        if let Some(stored) = stored {
            assert_eq!(
                stored.planned_hash, run.planned_hash,
                "another plan was confirmed than was rechecked"
            );
        }
        run.take_plan(admitted.plan);
    }
}

impl Fetched {
    /// When the tenant's record of the device was last seen; of several the newest.
    fn last_seen(&self, device: &PlannedDevice) -> Option<Timestamp> {
        let records = self.records();
        match &device.identifier {
            Identifier::Hwid(hwid) => Some(records.get(Hwid::as_str(hwid))?.last_seen),
            Identifier::Mac(mac) => records
                .values()
                .filter(|record| record.macs.contains(mac))
                .map(|record| record.last_seen)
                .max(),
        }
    }
}
