//! Drawing: one file a region of the screen. Nothing in here changes the app.
//!
//! ```text
//! header     three lines: where, what, which filter; one more for a mistake in the filter
//! body       the table, the run, or the failures
//! run line   while there is a run; one more while the inventory is read
//! footer     one line: the keys, or what just happened
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::Paragraph;

use crate::tui::app::App;
use crate::tui::dialogs::{columns, delete, device_detail, fetch, help, import, small};
use crate::tui::input::commands::View;
use crate::tui::mode::Mode;
use crate::tui::screens::{devices, failures, history, run};
use crate::tui::widgets::layout::{regions, run_lines};
use crate::tui::widgets::{footer, header};

#[cfg(test)]
mod tests;

/// Draws the app.
pub fn render(frame: &mut Frame<'_>, app: &App) {
    render_regions(frame, app);
    if app.facts.theme.is_ascii() {
        in_ascii(frame.buffer_mut());
    }
}

/// The marks that sentences and hints are set with, for terminals that have ASCII only. Identifiers
/// are ASCII, so that none of them is touched.
fn in_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let ascii = match cell.symbol() {
            "·" | "–" => "-",
            "…" => "~",
            "▏" => "|",
            "↑" => "^",
            "↓" => "v",
            "←" => "<",
            "→" => ">",
            "×" => "x",
            _ => continue,
        };
        cell.set_symbol(ascii);
    }
}

fn render_regions(frame: &mut Frame<'_>, app: &App) {
    let area = frame.area();
    if app.is_too_small() {
        render_too_small(frame, app);
        return;
    }
    let [header, body, run, footer] = regions(area, app);
    header::render(frame, header, app);
    match (&app.mode, app.view) {
        (Mode::Detail(detail), _) => device_detail::render::render(frame, body, app, detail),
        (Mode::Help(help), _) => help::render(frame, body, app, help),
        (Mode::Delete(dialog), _) => delete::render::render(frame, body, app, dialog),
        (Mode::Resume(resume), _) => delete::render::render_resume(frame, body, app, resume),
        (Mode::Import(dialog), _) => import::render::render(frame, body, app, dialog),
        (Mode::Token(entry), _) => delete::render::render_token(frame, body, app, entry),
        (_, View::Devices) => devices::table::render(frame, body, app),
        (_, View::Run) => run::render::render(frame, body, app),
        (_, View::Failures) => failures::render(frame, body, app),
        (_, View::History) => history::render::render(frame, body, app),
    }
    let [fetch, run] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(run_lines(app))]).areas(run);
    if let Some(reading) = &app.reading {
        fetch::render::render_line(frame, fetch, app, reading);
    }
    run::render::render_line(frame, run, app);
    footer::render(frame, footer, app);
    match &app.mode {
        Mode::Columns(at) => columns::render::render(frame, body, app, *at),
        Mode::Filters(at) => small::render_filters(frame, body, app, *at),
        Mode::Command(command) => small::render_command(frame, body, app, command),
        Mode::Find(input) => history::render::render_find(frame, body, app, input),
        Mode::Write(prompt) => small::render_write(frame, body, app, prompt),
        Mode::Notices => small::render_notices(frame, body, app),
        Mode::Kept => small::render_kept(frame, body, app),
        Mode::Quit => small::render_quit(frame, body, app),
        Mode::Why(why) => small::render_why(frame, body, app, why),
        Mode::Fetch(question) => fetch::render::render_question(frame, body, app, question),
        Mode::Fetched { path, devices } => {
            fetch::render::render_written(frame, body, app, path, *devices);
        }
        Mode::Vanished { names, at } => {
            fetch::render::render_vanished(frame, body, app, names, *at);
        }
        Mode::Announce(runs) => history::render::render_announcement(frame, body, app, runs),
        Mode::Close(closing) => history::render::render_close(frame, body, app, closing),
        _ => {}
    }
}

fn render_too_small(frame: &mut Frame<'_>, app: &App) {
    let (columns, rows) = app.size;
    let text =
        format!("{columns}×{rows} is too small: offboard needs 60×15. Nothing is confirmed here.");
    let wrapped = Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true });
    frame.render_widget(wrapped, frame.area());
}
