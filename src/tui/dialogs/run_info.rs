//! `i` in the run and in the history: who confirmed a run, of which list, and what came of it.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::run::RunId;
use crate::platform::clock::BootTime;
use crate::query::Query;
use crate::text::{counted, visible};
use crate::tui::answer::Answer;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::input::dialog_keys::{Hint, Section, VIEWER_KEYS, hints};
use crate::tui::job::RunJob;
use crate::tui::runs::REFRESH;
use crate::tui::screens::history::facts;
use crate::tui::screens::history::state::DescribedRun;
use crate::tui::widgets::layout::{body, rows_on_screen};
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{continues, paragraph, side_panel};

/// What the journal says of a run.
#[derive(Clone, Debug)]
pub struct RunInfo {
    run: RunId,
    described: Option<Box<DescribedRun>>,
    /// Why it can't be read; safe to show.
    error: Option<String>,
    /// The first line that is shown.
    top: ListCursor,
    /// When it was last asked for.
    asked_at: BootTime,
}

impl RunInfo {
    pub(super) const HELP: Section = Section {
        title: "about a run (i in the run and in the history)",
        hints: || hints(VIEWER_KEYS),
    };

    /// About this run, which the effect reads.
    pub fn new(run: RunId, context: &Context) -> (Self, Effect) {
        let info = Self {
            run,
            described: None,
            error: None,
            top: ListCursor::default(),
            asked_at: context.now.boot,
        };
        let read = info.read();
        (info, read)
    }

    /// Reads it again, if it is about this run.
    pub fn read_if_of(&self, run: RunId) -> Option<Effect> {
        (run == self.run).then(|| self.read())
    }

    fn read(&self) -> Effect {
        Effect::Runs(RunJob::Describe(self.run))
    }

    /// The run was read, or couldn't be. What is about another run is dropped.
    fn on_described(&mut self, run: RunId, described: Result<Box<DescribedRun>, BackendError>) {
        if run != self.run {
            return;
        }
        match described {
            Ok(described) => {
                self.described = Some(described);
                self.error = None;
            }
            Err(error) => self.error = Some(visible(&error.to_string()).into_owned()),
        }
    }

    /// How many lines have no room below the others.
    fn hidden(&self, context: &Context) -> usize {
        let area = body(context);
        let described = self.described.as_ref();
        let lines = described.map_or(0, |described| lines(context, described, area).len());
        lines.saturating_sub(usize::from(facts::columns(area)[0].height))
    }
}

/// The lines of the left column, or of the only one.
fn lines<'a>(context: &Context, described: &DescribedRun, area: Rect) -> Vec<Line<'a>> {
    let [left, right] = facts::columns(area);
    let width = usize::from(left.width);
    let mut lines = facts::all_facts(context, &described.past, left.width, false);
    lines.extend(facts::fact_lines(context, audit_facts(described), width));
    if right.is_empty() {
        lines.push(Line::default());
        lines.extend(results(context, described, usize::MAX));
    }
    lines
}

/// What only an auditor asks for: who continued it, and the hashes of its list and its plan.
fn audit_facts(described: &DescribedRun) -> Vec<facts::Fact> {
    let resumes = described.resumes.iter().map(|resume| {
        let at = resume.at.strftime("%Y-%m-%d %H:%M:%S UTC");
        let devices = counted(resume.devices, "device");
        let by = visible(&resume.operator.to_string()).into_owned();
        ("resumed", format!("{at} for {devices} by {by}"))
    });
    let record = &described.past.record;
    let hashes = [
        ("list hash", record.list_hash.clone()),
        ("plan hash", record.hash.clone()),
    ];
    let hashes = hashes.into_iter().filter(|(_, hash)| !hash.is_empty());
    resumes.chain(hashes).collect()
}

/// What came of the run, in so many lines.
fn results<'a>(context: &Context, described: &DescribedRun, room: usize) -> Vec<Line<'a>> {
    let counts = Some(&described.counts);
    facts::results(context, &described.past, counts, room)
}

impl Component for RunInfo {
    fn on_interrupted_work(&mut self, reason: &str) {
        self.error = Some(visible(reason).into_owned());
    }

    fn due(&self) -> Option<BootTime> {
        let described = self.described.as_ref();
        let is_open = described.is_some_and(|described| described.past.state.is_open());
        (is_open || self.error.is_some()).then_some(self.asked_at + REFRESH)
    }

    fn on_due(&mut self, context: &mut Context) -> Response {
        self.asked_at = context.now.boot;
        Response::stay().with([self.read()])
    }

    fn footer(&self, context: &Context) -> Vec<Hint> {
        let mut hints = hints(VIEWER_KEYS);
        if self.hidden(context) == 0 {
            hints.retain(|hint| hint.press.is_some());
        }
        hints
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let last = self.hidden(context);
        Response::of_viewer(key, &mut self.top, last, rows_on_screen(context))
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn only_informs(&self) -> bool {
        true
    }

    fn on_answer(
        &mut self,
        answer: Answer,
        _: &Context,
        _: &Query,
    ) -> Result<Vec<Effect>, Box<Answer>> {
        let Answer::RunDescribed(run, described) = answer else {
            return Err(Box::new(answer));
        };
        self.on_described(run, described);
        Ok(Vec::new())
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let theme = &context.settings.theme;
        let title = format!("run {}", self.run);
        let inner = side_panel(frame, area, context, &title, "esc closes", true);
        if let Some(error) = &self.error {
            let lines = paragraph(error, inner.width);
            frame.render_widget(Paragraph::new(lines).style(theme.danger()), inner);
            return;
        }
        let Some(described) = &self.described else {
            let line = Line::from(Span::styled(" Reading the journal…", theme.dim()));
            frame.render_widget(Paragraph::new(line), inner);
            return;
        };
        let [left, right] = facts::columns(area);
        let lines = lines(context, described, area);
        let hidden = lines.len().saturating_sub(usize::from(left.height));
        let above = self.top.at.min(hidden);
        let shown: Vec<Line<'_>> = lines.into_iter().skip(above).collect();
        frame.render_widget(Paragraph::new(shown), left);
        let room = usize::from(right.height);
        frame.render_widget(Paragraph::new(results(context, described, room)), right);
        continues(frame, area, context, [above, hidden - above]);
    }
}
