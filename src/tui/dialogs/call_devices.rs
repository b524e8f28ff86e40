//! `enter` in the run: a call, and what it left each of its devices.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::domain::outcome::DeviceState;
use crate::domain::run::RunId;
use crate::journal::CallOrigin;
use crate::text::{clip, counted, visible, width, wrap};
use crate::tui::call_detail::CallDetail;
use crate::tui::component::{Component, Response};
use crate::tui::context::Context;
use crate::tui::input::dialog_keys::{
    DialogKey, ENTER, ESC_OR_Q, Hint, MOTION, Section, command, hints, key,
};
use crate::tui::request::{DialogRequest, Request};
use crate::tui::screens::run::state::RunView;
use crate::tui::widgets::duration::took;
use crate::tui::widgets::layout::rows_on_screen;
use crate::tui::widgets::list_cursor::ListCursor;
use crate::tui::widgets::panel::{continues, side_panel};

/// How wide the host names and the identifiers are at most.
const NAME_MAX: usize = 24;
const IDENTIFIER_MAX: usize = 34;

#[derive(Clone, Debug)]
pub struct CallDevices {
    run: RunId,
    /// The call's number in the run.
    call: u32,
    cursor: ListCursor,
}

#[derive(Clone, Copy)]
enum Command {
    Move,
    Device,
    Back,
}

const KEYS: &[DialogKey<Command>] = &[
    key("↑↓", MOTION, Command::Move, "move", "move the cursor"),
    key(
        "enter",
        ENTER,
        Command::Device,
        "device",
        "everything about the device",
    ),
    key("esc", ESC_OR_Q, Command::Back, "back", "back to the run"),
];

impl CallDevices {
    pub(super) const HELP: Section = Section {
        title: "devices of a call (enter in the run)",
        hints: || hints(KEYS),
    };

    pub fn new(run: RunId, call: u32) -> Self {
        Self {
            run,
            call,
            cursor: ListCursor::default(),
        }
    }

    /// The run, with the place of the call among its calls.
    fn call<'a>(&self, context: &'a Context) -> Option<(&'a RunView, usize, &'a CallDetail)> {
        let run = context.runs.find(self.run)?;
        let mut calls = run.call_details.iter();
        let place = calls.position(|call| call.call == self.call)?;
        Some((run, place, run.call_details.get(place)?))
    }
}

/// When the call was sent, and what the server answered.
fn facts<'a>(
    context: &Context,
    (run, place, call): (&RunView, usize, &CallDetail),
    width: usize,
) -> Vec<Line<'a>> {
    let theme = &context.settings.theme;
    let origin = match call.origin {
        CallOrigin::Fresh if run.is_canary(place) => Some("the small first call"),
        CallOrigin::Fresh => None,
        CallOrigin::Half => Some("half of a batch that was refused as a whole"),
        CallOrigin::Resend => Some("sent again what was in doubt"),
    };
    let answer = match call.status {
        Some(status) => format!("status {status}"),
        None => "no answer".to_owned(),
    };
    let sent = call.at.strftime("sent %Y-%m-%d %H:%M:%S UTC").to_string();
    let duration = call.took.map(|duration| format!("took {}", took(duration)));
    let parts = [
        Some(sent),
        Some(answer),
        duration,
        origin.map(str::to_owned),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut texts = vec![(parts.join(theme.dot()), theme.strong())];
    if !call.message.is_empty() {
        let said = match call.status {
            Some(_) => format!("The server said: {}", visible(&call.message)),
            None => visible(&call.message).into_owned(),
        };
        texts.push((said, theme.dim()));
    }
    let lines = texts.into_iter().flat_map(|(text, style)| {
        let wrapped = wrap(&text, width.saturating_sub(2)).into_iter();
        wrapped.map(move |text| Line::from(Span::styled(format!(" {text}"), style)))
    });
    lines.collect()
}

/// The devices, each with the state in which the call left it.
struct Rows<'a> {
    context: &'a Context,
    run: &'a RunView,
    /// The call's place among those of the run, and its number in it.
    place: usize,
    call: u32,
    name: usize,
    identifier: usize,
}

impl<'a> Rows<'a> {
    fn new(context: &'a Context, run: &'a RunView, place: usize, call: &CallDetail) -> Self {
        let devices = || {
            let devices = call.devices.iter();
            devices.filter_map(|&ordinal| run.devices.get(ordinal as usize))
        };
        let longest = |widths: &mut dyn Iterator<Item = usize>, heading: &str, most| {
            widths.max().unwrap_or(0).clamp(width(heading), most)
        };
        let mut names = devices().map(|device| width(&visible(&device.hostname)));
        let mut identifiers = devices().map(|device| width(&device.identifier.to_string()));
        Self {
            context,
            run,
            place,
            call: call.call,
            name: longest(&mut names, "host name", NAME_MAX),
            identifier: longest(&mut identifiers, "sent as", IDENTIFIER_MAX),
        }
    }

    fn heading(&self) -> Line<'a> {
        let (name, identifier) = (self.name, self.identifier);
        let text = format!(
            "   {:<name$}  {:<identifier$}  outcome",
            "host name", "sent as"
        );
        Line::from(Span::styled(text, self.context.settings.theme.strong()))
    }

    fn row(&self, ordinal: u32, is_current: bool, room: usize) -> Line<'a> {
        let theme = &self.context.settings.theme;
        let cursor = if is_current {
            theme.glyph("▌", ">")
        } else {
            " "
        };
        let device = self.run.devices.get(ordinal as usize);
        let name = device.map_or("", |device| &device.hostname);
        let identifier = device.map_or(String::new(), |device| device.identifier.to_string());
        let cell = |text: &str, cells: usize| {
            let shown = visible(text);
            let shown = clip(&shown, cells);
            let gap = " ".repeat(cells.saturating_sub(width(&shown)));
            format!("{shown}{gap}  ")
        };
        let mut spans = vec![
            Span::styled(format!(" {cursor} "), theme.accent()),
            Span::raw(cell(name, self.name)),
            Span::styled(cell(&identifier, self.identifier), theme.dim()),
        ];
        let used: usize = spans.iter().map(Span::width).sum();
        let (outcome, style) = self.outcome(ordinal);
        spans.push(Span::styled(
            clip(&outcome, room.saturating_sub(used)).into_owned(),
            style,
        ));
        let line = Line::from(spans);
        if is_current {
            line.patch_style(theme.selection())
        } else {
            line
        }
    }

    /// What the call left the device, and which later call carried it again.
    fn outcome(&self, ordinal: u32) -> (String, Style) {
        let theme = &self.context.settings.theme;
        let Some(state) = self.run.state_left_by(self.place, ordinal) else {
            return (String::new(), Style::new());
        };
        // It was answered as a whole, and in a way that leaves the devices to be sent.
        let left = match state {
            DeviceState::Planned => format!("{} not taken", theme.sign(state)),
            state => theme.state_text(state),
        };
        let last = self.run.last_call(ordinal);
        let again = last.filter(|last| last.call > self.call);
        let next = match again {
            Some(later) => format!("sent again in call {}", later.call),
            None if state != DeviceState::Planned => return (left, theme.state(state)),
            None if self.run.state.is_open() => "still to be sent".to_owned(),
            None => "not sent again".to_owned(),
        };
        (format!("{left}{}{next}", theme.dot()), theme.state(state))
    }
}

impl Component for CallDevices {
    fn footer(&self, _: &Context) -> Vec<Hint> {
        hints(KEYS)
    }

    fn on_key(&mut self, key: &KeyEvent, context: &mut Context) -> Response {
        let devices = self
            .call(context)
            .map_or(&[][..], |(.., call)| &call.devices);
        match command(KEYS, key) {
            Some(Command::Move) => {
                let page = rows_on_screen(context);
                self.cursor.on_key_by(key, devices.len(), page);
                Response::stay()
            }
            Some(Command::Device) => match devices.get(self.cursor.at) {
                Some(&ordinal) => {
                    let request = DialogRequest::DeviceOfRun(self.run, ordinal);
                    Response::stay().request(Request::Open(request))
                }
                None => Response::stay(),
            },
            Some(Command::Back) => Response::close(),
            None => Response::stay(),
        }
    }

    fn covers_screen(&self) -> bool {
        true
    }

    fn only_informs(&self) -> bool {
        true
    }

    fn render(&self, frame: &mut Frame<'_>, area: Rect, context: &Context) {
        let title = format!("call {} of run {}", self.call, self.run);
        let Some(found @ (run, place, call)) = self.call(context) else {
            side_panel(frame, area, context, &title, "esc closes", true);
            return;
        };
        let devices = counted(call.devices.len() as u64, "device");
        let title = format!("{title}{}{devices}", context.settings.theme.dot());
        let inner = side_panel(frame, area, context, &title, "esc closes", true);
        let mut above = facts(context, found, usize::from(inner.width));
        // The devices have to stay in sight, however much the server said.
        above.truncate((usize::from(inner.height) / 2).saturating_sub(2).max(1));
        let rows = Rows::new(context, run, place, call);
        above.extend([Line::default(), rows.heading()]);
        let height = u16::try_from(above.len()).unwrap_or(u16::MAX);
        let areas = [Constraint::Length(height), Constraint::Min(1)];
        let [top, list] = Layout::vertical(areas).areas(inner);
        frame.render_widget(Paragraph::new(above), top);
        let height = usize::from(list.height);
        let first = self.cursor.top(height);
        let room = usize::from(list.width);
        let ordinals = call.devices.iter().enumerate().skip(first).take(height);
        let lines = ordinals.map(|(at, &ordinal)| rows.row(ordinal, at == self.cursor.at, room));
        frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), list);
        let below = call.devices.len().saturating_sub(first + height);
        continues(frame, area, context, [first, below]);
    }
}
