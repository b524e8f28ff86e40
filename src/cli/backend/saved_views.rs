//! The views of lists that are saved from one start to the next. What another process has saved of the same
//! list meanwhile is kept beside one's own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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
        if let Some(found) = read(path) {
            let new = found.unknown_to(&known.own);
            if !new.is_empty() {
                known.of_others = new;
            }
        }
        known.own.push(view.at);
        let merged = view.clone().beside(&known.of_others);
        state_dir::private_directory(path.parent().unwrap_or(path))?;
        file::replace(path, |out| Ok(serde_json::to_writer(out, &merged)?))
            .map_err(std::io::Error::other)
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
}
