//! What happens when: the one place that knows what comes next.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::network::Request;
use super::transport::Returned;

/// Milliseconds since the world began, by a clock that nothing can set.
pub type Moment = u64;

/// Something that is due.
pub enum Due {
    /// A process does its next step, if it still holds this ticket.
    Step { process: usize, ticket: u64 },
    /// A call reaches the tenant.
    Arrival(Box<Request>),
    /// A call comes back to the process, if that still waits for it.
    Return {
        process: usize,
        call: u64,
        with: Box<Returned>,
    },
    /// A process is killed, if it still waits for this call.
    Kill { process: usize, call: u64 },
    /// The operator does something.
    Operator,
    /// Something befalls the machine.
    Weather,
}

/// A queue in order of time. What is due at the same moment comes in an order of chance.
#[derive(Default)]
pub struct Schedule(BTreeMap<(Moment, u64), Due>);

impl Schedule {
    pub fn at(&mut self, moment: Moment, due: Due, random: &mut Rng) {
        let mut chance = random.u64(..);
        while self.0.contains_key(&(moment, chance)) {
            chance = random.u64(..);
        }
        self.0.insert((moment, chance), due);
    }

    pub fn next(&mut self) -> Option<(Moment, Due)> {
        let ((moment, _), due) = self.0.pop_first()?;
        Some((moment, due))
    }

    /// The machine goes down: what is on the wire arrives now or never.
    pub fn cut_wires(&mut self, now: Moment, random: &mut Rng) {
        let all = std::mem::take(&mut self.0);
        for ((moment, chance), due) in all {
            match due {
                Due::Arrival(_) if random.bool() => self.at(now, due, random),
                Due::Arrival(_) | Due::Step { .. } | Due::Return { .. } | Due::Kill { .. } => {}
                Due::Operator | Due::Weather => {
                    self.0.insert((moment, chance), due);
                }
            }
        }
    }
}
