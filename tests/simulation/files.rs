//! Plan files: written now, sent later, and forged in between.

use offboard::domain::action::Action;
use offboard::journal::Operator;
use offboard::plan::{CallSizes, Plan, PlanFile, Planner, Provenance};

use super::world::World;

/// A plan file as it is on the disk.
#[derive(Clone)]
pub struct Saved {
    account: usize,
    bytes: Vec<u8>,
    is_forged: bool,
}

impl World {
    /// Plans, and writes the plan to a file for later.
    pub fn save_plan(&mut self, index: usize, account: usize) {
        let Some(plan) = self.make_plan(index, account, None) else {
            return;
        };
        let Some(process) = &mut self.processes[index] else {
            return;
        };
        let (id, file) = (plan.id, file_of(plan));
        process
            .journal
            .remember_plan_file(&id, file.digest(), &Operator::default())
            .expect("stored");
        self.plan_files.push(Saved {
            account,
            bytes: bytes_of(&file),
            is_forged: false,
        });
        self.note(format!("process {index} writes plan {id} to a file"));
    }

    /// Somebody changes what a plan file sends, and computes its hashes anew.
    pub fn forge_plan_file(&mut self) {
        // Another change could undo the first one.
        let genuine = (0..self.plan_files.len()).filter(|&at| !self.plan_files[at].is_forged);
        let genuine: Vec<usize> = genuine.collect();
        let Some(at) = self.random.choice(genuine) else {
            return;
        };
        let mut plan = read(&self.plan_files[at].bytes, self.clock.now().wall).plan;
        match self.random.u8(..3) {
            0 => {
                let others = Action::ALL.into_iter();
                let others: Vec<Action> = others.filter(|&other| other != plan.action).collect();
                plan.action = others[self.random.usize(..others.len())];
            }
            1 if plan.devices.len() > 1 => {
                plan.devices.pop();
            }
            // Another plan than was written, which the journal can't know.
            _ => plan.id = self.run_id(),
        }
        let saved = &mut self.plan_files[at];
        saved.bytes = bytes_of(&file_of(plan));
        saved.is_forged = true;
        self.note("a plan file is forged");
    }

    /// Sends a plan file, as `run --plan` does.
    pub fn send_plan_file(&mut self, index: usize, account: usize) {
        if let Some(plan) = self.genuine_plan(index, account) {
            self.confirm(index, account, &plan);
        }
    }

    /// The plan of a plan file of the account, unless that was forged.
    pub fn genuine_plan(&mut self, index: usize, account: usize) -> Option<Plan> {
        let mut files = self.plan_files.iter();
        let at = files.position(|saved| saved.account == account)?;
        let process = self.processes[index].as_ref()?;
        // It may be sent again, which must not happen.
        let saved = if self.random.bool() {
            self.plan_files.swap_remove(at)
        } else {
            self.plan_files[at].clone()
        };
        let file = read(&saved.bytes, self.clock.now().wall);
        let remembered = process.journal.plan_file_digest(&file.plan.id);
        let remembered = remembered.expect("readable");
        let origin = file.check_origin(remembered.as_deref(), 0);
        assert_eq!(
            origin.is_err(),
            saved.is_forged,
            "a forged plan file is sent, or a genuine one isn't: {origin:?}"
        );
        (origin == Ok(Provenance::ThisJournal)).then_some(file.plan)
    }
}

fn file_of(plan: Plan) -> PlanFile {
    let file = plan.into_file(vec![], vec![], Planner::default());
    file.expect("no value without JSON")
}

fn bytes_of(file: &PlanFile) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.write(&mut bytes).expect("in memory");
    bytes
}

/// Its hashes agree, whether or not it was forged.
fn read(bytes: &[u8], now: jiff::Timestamp) -> PlanFile {
    let sizes = CallSizes {
        batch: 50,
        canary: 5,
    };
    PlanFile::read(bytes, now, sizes).expect("it holds together")
}
