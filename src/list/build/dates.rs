//! Decides the dates whose order of day and month depends on the whole column.

use super::Builder;
use crate::list::Field;
use crate::list::field::FieldSet;
use crate::list::problem::Notice;
use crate::list::seconds::Seconds;

impl Builder {
    /// Decides the order of day and month per column, and records the dates that depended on it.
    pub fn resolve_open_dates(&mut self) {
        for (index, id, date) in std::mem::take(&mut self.open_dates) {
            let Some(column) = self.columns.get_mut(id.index()) else {
                continue;
            };
            let order = column.date_order(&self.options);
            let seconds = match order.map(|order| date.resolve(order)) {
                Some(Some(seconds)) if seconds <= self.horizon => seconds,
                Some(Some(_)) => {
                    column.future += 1;
                    Seconds::UNREADABLE
                }
                Some(None) => {
                    column.unreadable += 1;
                    Seconds::UNREADABLE
                }
                None => Seconds::UNREADABLE,
            };
            if column.field() == Some(Field::Enrolled) {
                let stored = self.store.enrolled(index);
                self.store.record_enrolled(index, seconds);
                if stored != Seconds::default() && stored != seconds {
                    let mut differing = FieldSet::default();
                    differing.add(Field::Enrolled);
                    self.note_differing(index, differing);
                }
            } else {
                self.store.record_last_seen(index, seconds);
            }
        }
        for field in [Field::Seen, Field::Enrolled] {
            self.note_dates_of(field);
        }
    }

    fn note_dates_of(&mut self, field: Field) {
        let columns = self
            .columns
            .iter()
            .filter(|column| column.field() == Some(field));
        let (mut undecided, mut unreadable, mut future) = (false, 0, 0);
        for column in columns {
            undecided |= column.open_dates > 0 && column.date_order(&self.options).is_none();
            unreadable += column.unreadable;
            future += column.future;
        }
        if undecided {
            self.notices.push(Notice::DayOrMonth { field });
        }
        if future > 0 {
            let count = future;
            self.notices.push(Notice::FutureDates { field, count });
        }
        if unreadable > 0 {
            let count = unreadable;
            self.notices.push(Notice::UnreadableDates { field, count });
        }
    }
}
