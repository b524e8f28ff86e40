//! What an operator sees, and what the engine reports to them.

use super::*;

impl Operator {
    pub(crate) fn marked(&self) -> Vec<usize> {
        self.app
            .context
            .list
            .marks
            .iter()
            .map(DeviceId::index)
            .collect()
    }

    pub(super) fn shown(&self) -> Vec<usize> {
        self.app
            .context
            .list
            .rows
            .iter()
            .map(|id| id.index())
            .collect()
    }

    pub(crate) fn screen(&self) -> String {
        let (columns, rows) = self.app.context.size;
        let backend = ratatui::backend::TestBackend::new(columns, rows);
        let mut terminal = ratatui::Terminal::new(backend).expect("a terminal");
        let drawn = terminal.draw(|frame| crate::tui::render::render(frame, &self.app));
        drawn.expect("drawn");
        terminal.backend().to_string()
    }

    pub(super) fn started(&self) -> Option<&crate::plan::Plan> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Start(plan) => Some(plan.plan()),
            _ => None,
        })
    }

    pub(super) fn controls(&self) -> Vec<Control> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Control(control) => Some(control.clone()),
                _ => None,
            })
            .collect()
    }

    pub(super) fn confirm(&self) -> &Confirmation {
        match &self.app.dialog {
            Some(Dialog::Delete(dialog)) => match &**dialog {
                DeleteDialog::Confirm(confirm) => confirm,
                other => panic!("not confirming: {other:?}"),
            },
            other => panic!("no dialog: {other:?}"),
        }
    }

    /// Marks all, chooses remove, and confirms.
    pub(crate) fn start_run(&mut self) {
        self.press("adr");
        self.wait(600);
        self.press("4\n");
        assert!(self.started().is_some());
    }

    pub(crate) fn news(&mut self, news: News) {
        let run = self.app.context.runs.views.last().map(|run| run.id);
        self.send(Message::Update(Update { run, news }, self.now));
    }

    pub(crate) fn report(&mut self, report: Report) {
        self.news(News::Report(report));
    }

    pub(crate) fn outcomes(&mut self, call: u32, outcomes: &[(u32, Outcome)]) {
        let devices = outcomes
            .iter()
            .map(|&(ordinal, outcome)| (ordinal, DeviceState::Ended(outcome)));
        self.calls.push(CallDetail {
            call,
            origin: crate::journal::CallOrigin::Fresh,
            at: self.now.wall,
            took: Some(Duration::from_millis(312)),
            status: Some(200),
            message: String::new(),
            devices: outcomes.iter().map(|&(ordinal, _)| ordinal).collect(),
        });
        self.report(Report::Changed {
            call,
            status: Some(200),
            devices: devices.collect(),
        });
    }

    pub(crate) fn state(&mut self, state: RunState, pause: Option<PauseReason>) {
        self.report(Report::State { state, pause });
    }
}
