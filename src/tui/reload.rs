//! `:fetch` and `:reload`: the inventory is read again, and a list that was read takes the place of
//! the open one and keeps its marks.

use std::path::{Path, PathBuf};

use crate::api::PAGE;
use crate::fetch::{FetchError, InventoryChanges};
use crate::runner::FetchNews;
use crate::text::{counted, grouped, visible};
use crate::tui::answer::Answer;
use crate::tui::app::App;
use crate::tui::dialogs::{Dialog, FetchPrompt, ImportDialog, OpenFetched, VanishedMarks};
use crate::tui::effect::Effect;
use crate::tui::error::BackendError;
use crate::tui::fetch_progress::FetchWait;
use crate::tui::holds_watch::HoldsWatch;
use crate::tui::import_source::Matched;
use crate::tui::job::{Job, RunJob};
use crate::tui::opened_list::{FetchNote, PendingList, Reloaded};
use crate::tui::saved_view::SavedViewOffer;

impl App {
    /// `:fetch` shows what it costs first. While a fetch is under way, it ends it.
    pub(in crate::tui) fn ask_to_fetch(&mut self) -> Vec<Effect> {
        if self.context.runs.fetch_progress.is_some() {
            return self.cancel_fetch();
        }
        let is_broken = self.context.runs.is_broken();
        let broken = is_broken.then(|| self.context.refusal()).flatten();
        if let Some(reason) = broken.or_else(|| self.context.fetch_refusal()) {
            self.context.status = Some(reason);
            return Vec::new();
        }
        let devices = self.context.list.devices.len() as u64;
        // The last page is known by its end.
        let calls = devices.div_ceil(u64::from(PAGE)).max(1);
        let seconds = self.context.seconds_for(calls);
        self.open(FetchPrompt {
            devices,
            calls,
            seconds,
        });
        Vec::new()
    }

    pub(in crate::tui) fn cancel_fetch(&mut self) -> Vec<Effect> {
        self.context.status = Some("Fetch will stop after the current call".to_owned());
        vec![Effect::CancelFetch]
    }

    pub(in crate::tui) fn fetch_news(&mut self, news: FetchNews) -> Vec<Effect> {
        if let FetchNews::Ended(ended) = news {
            self.context.runs.fetch_progress = None;
            let was_for_recheck = self.recheck_fetched(&ended);
            return self.fetch_ended(ended, was_for_recheck);
        }
        let Some(fetch) = &mut self.context.runs.fetch_progress else {
            return Vec::new();
        };
        match news {
            FetchNews::Resumed(devices) => {
                fetch.devices = devices;
                let devices = counted(devices, "device");
                self.context
                    .show(&format!("resuming after {devices} that were read before"));
            }
            FetchNews::Read(devices) => {
                fetch.devices = devices;
                fetch.waiting = None;
            }
            FetchNews::Waiting(wait) => fetch.waiting = Some(FetchWait::Until(wait)),
            FetchNews::Yielding => fetch.waiting = Some(FetchWait::Run),
            FetchNews::Probed(_) | FetchNews::Ended(_) => {}
        }
        Vec::new()
    }

    /// A fetch ended. One that a recheck needed asks nothing.
    fn fetch_ended(
        &mut self,
        ended: Result<(u64, PathBuf), FetchError>,
        was_for_recheck: bool,
    ) -> Vec<Effect> {
        match ended {
            Ok((_, path)) if self.context.info.path.as_ref() == Some(&path) => {
                self.pending.fetch_note = FetchNote::Awaited;
                vec![self.verify_fetched(&path), Effect::Job(Job::Reload(path))]
            }
            Ok((_, path)) if was_for_recheck => vec![self.verify_fetched(&path)],
            Ok((devices, path)) => {
                let verify = self.verify_fetched(&path);
                self.pending.list = Some(PendingList::Written { path, devices });
                vec![verify]
            }
            Err(reason) => {
                self.context.show(&format!("fetch: {reason}"));
                Vec::new()
            }
        }
    }

    /// Shows what a list that was read has more and less, with what the verification by it found.
    fn announce_read(&mut self, message: String) {
        let note = std::mem::take(&mut self.pending.fetch_note);
        let status = match note {
            FetchNote::Verified(summary) => format!("{message}; {summary}"),
            FetchNote::Awaited => {
                self.pending.fetch_note = FetchNote::Read(message.clone());
                message
            }
            FetchNote::Read(_) | FetchNote::Nothing => message,
        };
        self.context.status = Some(status);
    }

    /// Shows what the verification by a fetched list found, with what that list has more and less if it takes
    /// the place of the open one.
    pub(in crate::tui) fn announce_verified(&mut self, summary: String) {
        let note = std::mem::take(&mut self.pending.fetch_note);
        self.context.status = match note {
            FetchNote::Awaited => {
                self.pending.fetch_note = FetchNote::Verified(summary);
                return;
            }
            FetchNote::Read(message) if self.context.status.as_ref() == Some(&message) => {
                Some(format!("{message}; {summary}"))
            }
            _ => Some(summary),
        };
    }

    /// Verifies earlier runs by the list that was fetched to this path.
    fn verify_fetched(&self, path: &Path) -> Effect {
        let runs = self.context.runs.views.iter().map(|run| run.id);
        Effect::Runs(RunJob::VerifyFetched(path.to_owned(), runs.collect()))
    }

    /// `:reload`: the list is read again from its file.
    pub(in crate::tui) fn reload(&mut self) -> Vec<Effect> {
        let Some(path) = self.context.info.path.clone() else {
            self.context.status =
                Some("This list was not read from a file: it can't be read again".to_owned());
            return Vec::new();
        };
        self.context.status = Some("Reading the list again".to_owned());
        vec![Effect::Job(Job::Reload(path))]
    }

    /// The list is read again as if no column had been assigned on the screen.
    pub(in crate::tui) fn drop_columns(&mut self) -> Vec<Effect> {
        match &self.context.info.path {
            Some(path) if !self.context.info.assigned.is_empty() => {
                let effect = Effect::Job(Job::AssignColumns(path.clone(), Vec::new()));
                self.context.status = Some("Reading the list again".to_owned());
                vec![effect]
            }
            _ => {
                self.context.status = Some("Nothing was assigned here".to_owned());
                Vec::new()
            }
        }
    }

    /// A list was read that may take the place of the open one.
    pub(in crate::tui) fn on_list_read(&mut self, read: Answer) -> Vec<Effect> {
        match read {
            Answer::Reloaded(read) => self.reloaded(read),
            Answer::Reassigned(read) => return self.reassigned(read),
            Answer::MatchedWithInventory(read) => return self.matched_with_inventory(read),
            _ => {}
        }
        Vec::new()
    }

    /// A list was read. It is shown as soon as no dialog is open.
    fn reloaded(&mut self, read: Result<Box<Reloaded>, BackendError>) {
        match read {
            Ok(reloaded) => self.pending.list = Some(PendingList::Reloaded(reloaded)),
            Err(error) => {
                let reason = visible(&error.to_string()).into_owned();
                self.pending.fetch_note = FetchNote::Nothing;
                self.context.status = Some(format!("The list stays as it was read: {reason}"));
            }
        }
    }

    /// The list was read again with other assignments of its columns, or is kept as it was.
    fn reassigned(
        &mut self,
        read: Result<(Box<Reloaded>, Option<BackendError>), BackendError>,
    ) -> Vec<Effect> {
        let (reloaded, unsaved) = match read {
            Ok(read) => read,
            Err(error) => {
                match &mut self.dialog {
                    Some(Dialog::ListInfo(info)) => info.on_error(&error.to_string()),
                    _ => self.reloaded(Err(error)),
                }
                return Vec::new();
            }
        };
        if !matches!(self.dialog, Some(Dialog::ListInfo(_))) {
            // The operator does something else by now.
            self.reloaded(Ok(reloaded));
            if let Some(error) = unsaved {
                self.context
                    .keep_message(visible(&error.to_string()).into_owned());
            }
            return Vec::new();
        }
        let mut report = self.dialog.take();
        if let Some(Dialog::ListInfo(info)) = &mut report {
            info.on_read();
        }
        // Another list that waits was compared with the one that is replaced here.
        self.pending.list = None;
        let mut effects = self.reopen(*reloaded);
        if let Some(report) = report {
            self.open_below(report);
        }
        if let Some(error) = unsaved {
            self.context.show_error(&error);
        }
        effects.push(Effect::Job(Job::DescribeList));
        effects
    }

    /// The inventory takes the place of a list that was matched with it; what was matched is shown.
    fn matched_with_inventory(
        &mut self,
        read: Result<Box<(Reloaded, Matched)>, BackendError>,
    ) -> Vec<Effect> {
        let (reloaded, matched) = match read {
            Ok(read) => *read,
            Err(error) => {
                self.context.show_error(&error);
                return Vec::new();
            }
        };
        if self.dialog.is_some() {
            // The operator does something else by now.
            self.context.status = Some("The list was not matched: a dialog is open".to_owned());
            return Vec::new();
        }
        let matched_from = self.context.info.path.clone();
        let effects = self.reopen(reloaded);
        // The two lists are of different systems: what one has more says nothing.
        self.context.status = None;
        self.context.info.matched_from = matched_from;
        self.open_below(ImportDialog::matched(matched, &self.context));
        effects
    }

    /// Opens a dialog, below the one that says which marks were lost.
    fn open_below(&mut self, dialog: impl Into<Dialog>) {
        if self.dialog.is_some() {
            self.covered_dialog = Some(dialog.into());
        } else {
            self.open(dialog);
        }
    }

    /// What waited for the dialog's end.
    pub(in crate::tui) fn apply_pending_list(&mut self) -> Vec<Effect> {
        if self.dialog.is_some() {
            return Vec::new();
        }
        match self.pending.list.take() {
            Some(PendingList::Written { path, devices }) => {
                self.open(OpenFetched::new(path, devices));
                Vec::new()
            }
            Some(PendingList::Reloaded(reloaded)) => self.reopen(*reloaded),
            None => Vec::new(),
        }
    }

    /// Puts a list in the place of the open one.
    fn reopen(&mut self, reloaded: Reloaded) -> Vec<Effect> {
        let Reloaded {
            opened,
            changes,
            gone_by,
        } = reloaded;
        let is_same_file = opened.path == self.context.info.path;
        let matched_from = self.context.info.matched_from.take();
        let is_back = opened.path.is_some() && opened.path == matched_from;
        let vanished = changes.vanished.iter();
        let marked = vanished
            .filter(|&&id| self.context.list.marks.contains(id))
            .count();
        let before = self.devices.save_view(&self.context);
        self.context.list.pinned_device = self.current();

        let holds = HoldsWatch::since(opened.holds_version);
        let (list, info, saved_view) =
            opened.split(&self.context.settings.columns, self.context.now.wall);
        let (list, unmarked) = self.context.list.remap(list, &mut self.context.runs.views);
        self.context.list = list;
        self.context.holds = holds;
        self.context.overview.reset();
        self.context.info = info;
        let rows = self.context.list.rows.len();
        let devices = self.context.list.devices.counts().devices;
        self.devices.cursor = self.devices.cursor.min(rows.saturating_sub(1));
        let is_filter_dropped = self.devices.restore_table(&before, &self.context).is_err();
        // Plans and imports of the other list are outdated.
        self.context.next_request_id();
        // What was typed ahead was meant for the rows that were on the screen.
        self.type_ahead.clear();
        let mut message = match matched_from.as_deref().and_then(Path::file_name) {
            Some(name) if is_back => format!("back to {}", visible(&name.to_string_lossy())),
            _ => summary(devices, &changes, gone_by.as_deref(), marked),
        };
        if is_same_file {
            self.context.info.matched_from = matched_from;
        }
        if is_filter_dropped {
            message.push_str("; the filter can't be evaluated on this list");
        }
        self.announce_read(message);
        if !is_same_file {
            // Asked once the notices have been read.
            let info = &self.context.info;
            self.pending.saved_view =
                SavedViewOffer::new(saved_view, &self.context.list.devices, &info.columns);
        }
        if !unmarked.is_empty() {
            self.open(VanishedMarks::new(unmarked));
        }
        let search = self.devices.search(&self.context.list);
        vec![search, Effect::Job(Job::ReadJournalStates)]
    }
}

fn summary(
    devices: u64,
    changes: &InventoryChanges,
    gone_by: Option<&str>,
    marked: usize,
) -> String {
    let mut message = format!(
        "{} read: {} new, {} gone",
        counted(devices, "device"),
        grouped(changes.new),
        grouped(changes.vanished.len() as u64)
    );
    if let Some(gone_by) = gone_by {
        message.push_str(&format!(", {gone_by}"));
    }
    if marked > 0 {
        message.push_str(&format!("; {} of them marked", grouped(marked as u64)));
    }
    message
}
