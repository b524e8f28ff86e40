//! `w`: asking the tenant why devices were not accepted.

use crate::domain::run::RunId;
use crate::engine::lookup_verdict::LookupKey;
use crate::runner::LookupNews;
use crate::text::counted;
use crate::tui::app::App;
use crate::tui::dialogs::LookUpPrompt;
use crate::tui::effect::Effect;
use crate::tui::screens::failures::lookup_state::LookupProgress;
use crate::tui::screens::run::state::FailureLine;

impl App {
    /// `w`: what it would cost is shown first. While lookups are under way it ends them.
    pub(in crate::tui) fn ask_why(&mut self) -> Vec<Effect> {
        if self.context.runs.lookup_progress.is_some() {
            self.context.status = Some("lookups will stop after the current call".to_owned());
            return vec![Effect::CancelLookups];
        }
        let devices = self.chosen_failures();
        let Some(run) = self.reviewed() else {
            self.context.status = Some("there is no run to ask about".to_owned());
            return Vec::new();
        };
        let id = run.id;
        if let Some(reason) = self.foreign(id, &run.target) {
            self.context.status = Some(reason);
            return Vec::new();
        }
        if devices.is_empty() {
            self.context.status = Some("mark devices, or go to a row or a group".to_owned());
            return Vec::new();
        }
        if self.context.settings.target.is_none() {
            self.context.status.clone_from(&self.context.info.forbidden);
            return Vec::new();
        }
        self.ask_to_look(id, devices, LookupKey::SentIdentifier);
        Vec::new()
    }

    /// Tells what lookups would cost, and asks.
    pub(in crate::tui) fn ask_to_look(&mut self, run: RunId, devices: Vec<u32>, by: LookupKey) {
        let seconds = self.context.seconds_for(devices.len() as u64);
        self.open(LookUpPrompt {
            run,
            devices,
            by,
            seconds,
        });
    }

    /// Starts the lookups that the operator confirmed.
    pub(in crate::tui) fn begin_lookups(&mut self, prompt: &LookUpPrompt) -> Effect {
        let LookUpPrompt {
            run, devices, by, ..
        } = prompt.clone();
        self.context.runs.lookup_progress = Some(LookupProgress {
            run,
            devices: devices.clone(),
            by,
            done: 0,
            unclear: 0,
            until: None,
            yields: false,
        });
        Effect::LookUp(run, devices, by)
    }

    /// The devices that an action of the failures' view is about: the marked ones, else the row or
    /// the group under the cursor.
    pub(in crate::tui) fn chosen_failures(&self) -> Vec<u32> {
        let lines = self.failure_lines();
        let ordinals = lines.iter().filter_map(|line| match line {
            FailureLine::Device(ordinal) => Some(*ordinal),
            FailureLine::Group(..) => None,
        });
        if !self.failures.marks.is_empty() {
            return ordinals
                .filter(|ordinal| self.failures.marks.contains(ordinal))
                .collect();
        }
        let rest = lines.get(self.failures.cursor..).unwrap_or_default();
        match rest.first() {
            Some(FailureLine::Device(ordinal)) => vec![*ordinal],
            Some(FailureLine::Group(..)) => rest[1..]
                .iter()
                .map_while(|line| match line {
                    FailureLine::Device(ordinal) => Some(*ordinal),
                    FailureLine::Group(..) => None,
                })
                .collect(),
            None => Vec::new(),
        }
    }

    /// `space`: marks the row under the cursor, or all of the group, and moves on.
    pub(in crate::tui) fn mark_failure(&mut self) {
        let marks = std::mem::take(&mut self.failures.marks);
        let chosen = self.chosen_failures();
        self.failures.marks = marks;
        let all_marked = chosen
            .iter()
            .all(|ordinal| self.failures.marks.contains(ordinal));
        for ordinal in chosen {
            if all_marked {
                self.failures.marks.remove(&ordinal);
            } else {
                self.failures.marks.insert(ordinal);
            }
        }
        self.move_by(1);
    }

    pub(in crate::tui) fn looked_up(
        &mut self,
        run: Option<RunId>,
        news: LookupNews,
    ) -> Vec<Effect> {
        match news {
            LookupNews::Seen {
                ordinal,
                by,
                finding,
                state,
                ..
            } => {
                if let Some(run) = self
                    .context
                    .runs
                    .views
                    .iter_mut()
                    .find(|known| Some(known.id) == run)
                {
                    let device = run.devices.get(ordinal as usize);
                    let sent = device.is_some_and(|device| {
                        by.identifier(device).as_ref() == Some(&device.identifier)
                    });
                    if by == LookupKey::AlternateIdentifier {
                        run.alternate_findings.insert(ordinal, finding.clone());
                    }
                    if sent {
                        run.findings.insert(ordinal, finding);
                    }
                }
                self.changed(run, &[(ordinal, state)]);
                self.count_lookup(false);
            }
            LookupNews::Unclear { words: message, .. } => {
                self.context.status = Some(format!("the tenant's answer can't be read: {message}"));
                self.count_lookup(true);
            }
            LookupNews::Waiting(until) => {
                if let Some(looking) = &mut self.context.runs.lookup_progress {
                    looking.until = Some(until);
                    looking.yields = false;
                }
            }
            LookupNews::Yielding => {
                if let Some(looking) = &mut self.context.runs.lookup_progress {
                    looking.yields = true;
                }
            }
            LookupNews::Ended(reason) => {
                let looked = self.context.runs.lookup_progress.clone();
                self.end_lookups(reason);
                // What was settled may be of a run of the journal.
                let mut effects = vec![Effect::ReadJournalStates];
                if let Some(looked) =
                    looked.filter(|looked| looked.by == LookupKey::AlternateIdentifier)
                {
                    effects.extend(self.others_seen(looked.run, &looked.devices));
                }
                return effects;
            }
        }
        Vec::new()
    }

    fn count_lookup(&mut self, unclear: bool) {
        if let Some(looking) = &mut self.context.runs.lookup_progress {
            looking.done += 1;
            looking.unclear += usize::from(unclear);
            looking.until = None;
            looking.yields = false;
        }
    }

    /// Nothing more is looked up.
    pub(in crate::tui) fn end_lookups(&mut self, reason: Option<String>) {
        let Some(looking) = self.context.runs.lookup_progress.take() else {
            return;
        };
        let seen = counted((looking.done - looking.unclear) as u64, "device");
        let mut message = format!("{seen} looked up");
        let left = looking.total() - looking.done;
        if left > 0 {
            message.push_str(&format!(", {left} not"));
        }
        if looking.unclear > 0 {
            message.push_str(&format!(", {} without a readable answer", looking.unclear));
        }
        if let Some(reason) = reason {
            message.push_str(&format!(": {reason}"));
        }
        self.context.status = Some(message);
    }
}
