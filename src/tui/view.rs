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
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::app::App;
use super::keys::View;
use super::mode::Mode;

mod columns;
mod confirm;
mod detail;
mod failures;
mod fetch;
mod footer;
mod header;
mod help;
mod history;
mod import;
mod plan;
mod popup;
mod run;
mod table;
#[cfg(test)]
mod tests;
pub mod theme;

pub use detail::lines as detail_lines;
pub use failures::last_call;
pub use help::last_line as last_help_line;
pub use table::last_scroll;

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
        (Mode::Detail(detail), _) => detail::render(frame, body, app, detail),
        (Mode::Help(help), _) => help::render(frame, body, app, help),
        (Mode::Delete(dialog), _) => confirm::render(frame, body, app, dialog),
        (Mode::Resume(resume), _) => confirm::render_resume(frame, body, app, resume),
        (Mode::Import(dialog), _) => import::render(frame, body, app, dialog),
        (Mode::Token(entry), _) => confirm::render_token(frame, body, app, entry),
        (_, View::Devices) => table::render(frame, body, app),
        (_, View::Run) => run::render(frame, body, app),
        (_, View::Failures) => failures::render(frame, body, app),
        (_, View::History) => history::render(frame, body, app),
    }
    let [fetch, run] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(run_lines(app))]).areas(run);
    if let Some(reading) = &app.reading {
        fetch::render_line(frame, fetch, app, reading);
    }
    run::render_line(frame, run, app);
    footer::render(frame, footer, app);
    match &app.mode {
        Mode::Columns(at) => columns::render(frame, body, app, *at),
        Mode::Filters(at) => popup::render_filters(frame, body, app, *at),
        Mode::Command(command) => popup::render_command(frame, body, app, command),
        Mode::Find(input) => history::render_find(frame, body, app, input),
        Mode::Write(prompt) => popup::render_write(frame, body, app, prompt),
        Mode::Notices => popup::render_notices(frame, body, app),
        Mode::Kept => popup::render_kept(frame, body, app),
        Mode::Quit => popup::render_quit(frame, body, app),
        Mode::Why(why) => popup::render_why(frame, body, app, why),
        Mode::Fetch(question) => fetch::render_question(frame, body, app, question),
        Mode::Fetched { path, devices } => {
            fetch::render_written(frame, body, app, path, *devices);
        }
        Mode::Vanished { names, at } => fetch::render_vanished(frame, body, app, names, *at),
        Mode::Announce(runs) => history::render_announcement(frame, body, app, runs),
        Mode::Close(closing) => history::render_close(frame, body, app, closing),
        _ => {}
    }
}

/// How many rows of the table, or lines of a list, fit on the screen.
pub fn rows_on_screen(app: &App) -> usize {
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    let [_, body, _, _] = regions(area, app);
    // The table's heading takes a line; the failures' list has none but is no longer.
    usize::from(body.height.saturating_sub(1))
}

/// Which line of the table, from the first on the screen, stands in this row of the screen.
pub fn table_line_at(app: &App, row: u16) -> Option<usize> {
    let area = Rect::new(0, 0, app.size.0, app.size.1);
    let [_, body, _, _] = regions(area, app);
    // The heading takes a line.
    let line = row.checked_sub(body.y + 1)?;
    (line + 1 < body.height).then_some(usize::from(line))
}

fn regions(area: Rect, app: &App) -> [Rect; 4] {
    let run = run_lines(app) + u16::from(app.reading.is_some());
    let mistake = matches!(&app.mode, Mode::Filter(line) if line.error.is_some());
    Layout::vertical([
        Constraint::Length(3 + u16::from(mistake)),
        Constraint::Min(1),
        Constraint::Length(run),
        Constraint::Length(1),
    ])
    .areas(area)
}

fn run_lines(app: &App) -> u16 {
    u16::from(app.run().is_some())
}

fn render_too_small(frame: &mut Frame<'_>, app: &App) {
    let (columns, rows) = app.size;
    let text =
        format!("{columns}×{rows} is too small: offboard needs 60×15. Nothing is confirmed here.");
    let wrapped = Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true });
    frame.render_widget(wrapped, frame.area());
}

/// A bordered area over what is below it.
fn panel(frame: &mut Frame<'_>, area: Rect, app: &App, title: &str) -> Rect {
    let theme = app.facts.theme;
    let block = Block::bordered()
        .border_set(theme.border())
        .border_style(theme.dim())
        .title(Line::from(Span::styled(
            format!(" {title} "),
            theme.strong(),
        )));
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    inner
}
