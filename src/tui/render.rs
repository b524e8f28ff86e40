//! Drawing: one file per region of the screen. Nothing in here changes the app.
//!
//! ```text
//! header     three lines: where, what, which filter; one more for a mistake in the filter, and on a
//!            low screen one less without a filter
//! body       the table, the run, or the failures
//! run line   while there is a run; one more while the inventory is read
//! footer     one line: the keys, or what just happened
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::Paragraph;

use crate::tui::app::App;
use crate::tui::component::Component;
use crate::tui::context::MIN_SIZE;
use crate::tui::dialogs::{DeviceDetail, Dialog};
use crate::tui::input::commands::View;
use crate::tui::screens::{devices, failures, history, run};
use crate::tui::widgets::fetch_line;
use crate::tui::widgets::footer::{self, Label};
use crate::tui::widgets::header::{FilterState, Header, HeaderSubject};
use crate::tui::widgets::layout::{detail_width, regions, run_lines};

#[cfg(test)]
pub(crate) mod tests;

/// Draws the app.
pub fn render(frame: &mut Frame<'_>, app: &App) {
    render_regions(frame, app);
    if app.context.settings.theme.is_ascii() {
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
            "←" | "‹" => "<",
            "→" | "›" => ">",
            "⇄" => "/",
            "×" => "x",
            _ => continue,
        };
        cell.set_symbol(ascii);
    }
}

fn render_regions(frame: &mut Frame<'_>, app: &App) {
    let area = frame.area();
    if app.context.is_too_small() {
        render_too_small(frame, app);
        return;
    }
    let context = &app.context;
    let [header, mut body, mut run, footer] = regions(area, context);
    let covers = app
        .dialog
        .as_ref()
        .is_some_and(|dialog| dialog.component().covers_screen());
    let is_run = app.view == View::Run && !covers;
    if is_run {
        // The run's own screen says what the line would say.
        let lines = run_lines(context).min(run.height);
        body.height += lines;
        run.height -= lines;
        run.y += lines;
    }
    self::header(app).render(frame, header, context);
    let dialog = app.dialog.as_ref().map(Dialog::component);
    let covering = dialog.filter(|dialog| dialog.covers_screen());
    match (covering, app.view) {
        (Some(dialog), _) => dialog.render(frame, body, context),
        (None, View::Devices) => {
            let detail = detail_beside(app).and_then(|_| detail_width(area.width));
            let has_keys = !matches!(app.dialog, Some(Dialog::Overview(_)));
            devices::table::render(frame, body, &app.devices, context, detail, has_keys);
        }
        (None, View::Run) => run::render::render(frame, body, context),
        (None, View::Failures) => failures::render::render(frame, body, &app.failures, context),
        (None, View::History) => history::render::render(frame, body, &app.history, context),
    }
    let run_lines = if is_run { 0 } else { run_lines(context) };
    let [fetch, run] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(run_lines)]).areas(run);
    if let Some(progress) = &context.runs.fetch_progress {
        fetch_line::render(frame, fetch, context, progress);
    }
    run::line::render(frame, run, context);
    footer::render(frame, footer, context, &footer_labels(app));
    // A menu that was opened from the detail leaves it in sight.
    if let Some(Dialog::DeviceDetail(detail)) = &app.covered_dialog
        && !detail.covers_screen()
    {
        detail.render(frame, body, context);
    }
    if let Some(dialog) = dialog.filter(|dialog| !dialog.covers_screen()) {
        dialog.render(frame, body, context);
    }
}

/// What the header shows.
pub(in crate::tui) fn header(app: &App) -> Header<'_> {
    let filter = match &app.dialog {
        Some(Dialog::Filter(line)) => FilterState::Edited {
            field: &line.field,
            error: line.error.as_ref(),
            hint: line.hint.as_deref(),
        },
        _ => FilterState::InForce(&app.devices.query),
    };
    let subject = match (app.view, app.reviewed(), &app.history.runs) {
        (View::Failures, Some(run), _) => HeaderSubject::Run(run),
        (View::History, _, Some(runs)) if !runs.is_empty() => HeaderSubject::History {
            runs,
            search: app.history.search.as_ref().map(|search| &*search.text),
        },
        _ => HeaderSubject::List,
    };
    Header {
        view: app.view,
        subject,
        reviewed: app.reviewed_in_tabs(),
        filter,
        marked_only: app.devices.marked_only,
    }
}

/// The keys in the last line.
pub(in crate::tui) fn footer_labels(app: &App) -> Vec<Label> {
    match &app.dialog {
        Some(dialog) => {
            let component = dialog.component();
            let offers_help = component.offers_help() && app.covered_dialog.is_none();
            footer::of_dialog(component.footer(&app.context), &app.context, offers_help)
        }
        None => footer::of_screen(&app.scene(), app.type_ahead.first_key.as_ref()),
    }
}

/// The detail of a device beside the table, if it is open.
pub(in crate::tui) fn detail_beside(app: &App) -> Option<&DeviceDetail> {
    let dialogs = [&app.dialog, &app.covered_dialog];
    let detail = dialogs.into_iter().find_map(|dialog| match dialog {
        Some(Dialog::DeviceDetail(detail)) => Some(&**detail),
        _ => None,
    });
    detail.filter(|detail| detail.is_beside_table())
}

fn render_too_small(frame: &mut Frame<'_>, app: &App) {
    let (columns, rows) = app.context.size;
    let text = format!(
        "Terminal too small: {columns}×{rows}. offboard needs at least {}×{}.",
        MIN_SIZE.0, MIN_SIZE.1
    );
    let wrapped = Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true });
    frame.render_widget(wrapped, frame.area());
}
