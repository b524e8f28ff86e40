//! The views of lists that are saved from one start to the next. What another process has saved of the same
//! list meanwhile is kept beside one's own.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::platform::{file, state_dir};
use crate::tui::saved_view::SavedView;

/// What this process knows of the saved views.
#[derive(Default)]
pub(super) struct SavedViews(Mutex<HashMap<PathBuf, Known>>);

/// What is known of a list's file.
#[derive(Default)]
struct Known {
    /// The times of the views that this process has read or written.
    own: Vec<Timestamp>,
    /// What other processes have saved since, newest first.
    of_others: Vec<SavedView>,
}

impl SavedViews {
    /// Reads a saved view; an unreadable one is ignored.
    pub(super) fn read(&self, path: &Path) -> Option<SavedView> {
        let view = read(path)?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(path.to_owned()).or_default();
        known.own.extend(view.times());
        Some(view)
    }

    /// Writes the view with what other processes have saved since this one has read or written the file.
    pub(super) fn write(&self, path: &Path, view: &SavedView) -> std::io::Result<()> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(path.to_owned()).or_default();
        let directory = path.parent().unwrap_or(path);
        state_dir::private_directory(directory)?;
        let _lock = lock(directory);
        if let Some(found) = read(path) {
            let new = found.unknown_to(&known.own);
            if !new.is_empty() {
                known.of_others = new;
            }
        }
        known.own.push(view.at);
        let merged = view.clone().beside(&known.of_others);
        file::replace(path, |out| Ok(serde_json::to_writer(out, &merged)?))
            .map_err(std::io::Error::other)
    }
}

/// How long another process that saves a view is waited for, and how often it is looked whether it is done.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Keeps other processes from saving a view between this one's reading and writing. None where there are no
/// locks, and where another process has had it for long, perhaps because it was stopped: the view is saved
/// nevertheless.
fn lock(directory: &Path) -> Option<File> {
    let file = File::create(directory.join("views.lock")).ok()?;
    let begin = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(TryLockError::WouldBlock) if begin.elapsed() < LONGEST_WAIT => {
                std::thread::sleep(LOOK_EVERY);
            }
            Err(_) => return None,
        }
    }
}

fn read(path: &Path) -> Option<SavedView> {
    SavedView::read(&std::fs::read(path).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A view of this second with these marks.
    fn view(second: i64, marks: &[&str]) -> SavedView {
        let marks: Vec<String> = marks
            .iter()
            .map(|hwid| format!("{{\"hwid\":\"{hwid}\"}}"))
            .collect();
        let at = Timestamp::from_second(second).expect("in range");
        let text = format!(
            "{{\"offboard_screen\":1,\"at\":\"{at}\",\"marks\":[{}],\"filter\":\"\",\"sort\":[],\
             \"columns\":[],\"cursor\":null,\"filters\":[]}}",
            marks.join(",")
        );
        SavedView::read(text.as_bytes()).expect("a view")
    }

    /// The views of the file, newest first, by their seconds.
    fn stored(path: &Path) -> Vec<i64> {
        let view = read(path).expect("a view");
        view.times().map(Timestamp::as_second).collect()
    }

    #[test]
    fn views_of_other_processes_are_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("screens/list.json");
        let (a, b) = (SavedViews::default(), SavedViews::default());
        a.write(&path, &view(1, &["h1"])).expect("written");
        assert!(a.read(&path).is_some() && b.read(&path).is_some());
        b.write(&path, &view(2, &["h1", "h2"])).expect("written");
        assert_eq!(stored(&path), [2], "it has read what it replaces");
        // Without marks it comes after one with marks, however often it is saved.
        a.write(&path, &view(3, &[])).expect("written");
        a.write(&path, &view(4, &[])).expect("written");
        assert_eq!(stored(&path), [2]);
        a.write(&path, &view(5, &["h3"])).expect("written");
        assert_eq!(stored(&path), [5, 2]);
        // What it has saved itself is not kept beside it.
        b.write(&path, &view(6, &["h1", "h2", "h4"]))
            .expect("written");
        assert_eq!(stored(&path), [6, 5]);
        assert_eq!(
            SavedViews::default()
                .read(&path)
                .map(|view| view.at.as_second()),
            Some(6)
        );
    }

    #[test]
    fn view_is_saved_after_the_one_that_another_process_is_saving() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("list.json");
        let locked = lock(directory.path()).expect("a lock");
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| SavedViews::default().write(&path, &view(2, &["h2"])));
            std::thread::sleep(LOOK_EVERY * 5);
            assert!(!writer.is_finished());
            // What the other process saves while it has the lock is kept.
            let text = serde_json::to_vec(&view(1, &["h1"])).expect("text");
            std::fs::write(&path, text).expect("written");
            drop(locked);
            writer.join().expect("no panic").expect("written");
        });
        assert_eq!(stored(&path), [2, 1]);
    }

    #[test]
    fn view_is_saved_though_a_stopped_process_has_the_lock() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("list.json");
        let _locked = lock(directory.path()).expect("a lock");
        let views = SavedViews::default();
        views.write(&path, &view(1, &["h1"])).expect("written");
        assert_eq!(stored(&path), [1]);
    }
}
