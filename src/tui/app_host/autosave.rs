//! Saves the view while the program runs, so that a kill loses no more than a few seconds.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::tui::backend::Backend;
use crate::tui::saved_view::SavedView;

/// A change of the view is saved after this.
const DELAY: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Autosave {
    /// Since when the view may have changed.
    touched: Option<Instant>,
    /// The path and the view that were saved last.
    written: Option<(PathBuf, Arc<SavedView>)>,
    writing: Option<JoinHandle<()>>,
}

impl Autosave {
    /// The view may have changed.
    pub(super) fn touch(&mut self) {
        self.touched.get_or_insert_with(Instant::now);
    }

    /// The view is about to be saved.
    pub(super) fn clear(&mut self) {
        self.touched = None;
    }

    /// How long until it is to be saved, if it may have changed.
    pub(super) fn wait(&self) -> Option<Duration> {
        self.touched
            .map(|since| DELAY.saturating_sub(since.elapsed()))
    }

    /// Saves a view on a thread of its own, unless that is what was saved last.
    pub(super) fn save(&mut self, view: SavedView, path: PathBuf, backend: &Arc<dyn Backend>) {
        if let Some(writing) = &self.writing
            && !writing.is_finished()
        {
            self.touch();
            return;
        }
        if let Some((place, written)) = &self.written
            && (*place == path && written.same_content(&view))
        {
            return;
        }
        let view = Arc::new(view);
        self.written = Some((path.clone(), view.clone()));
        let backend = backend.clone();
        self.writing = Some(tokio::task::spawn_blocking(move || {
            // An error is reported when the program is left, which saves again.
            drop(backend.save_view(&path, &view));
        }));
    }

    /// Waits for what is being written.
    pub(super) async fn finish(self) {
        if let Some(writing) = self.writing {
            // The view is saved once more afterwards.
            drop(writing.await);
        }
    }
}
