//! Decides the dates whose order of day and month depends on the whole column.

use super::Builder;
use crate::list::Field;
use crate::list::field::FieldSet;
use crate::list::problem::{DateCount, DateFault, Notice};
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
                    column.future.count += 1;
                    Seconds::UNREADABLE
                }
                Some(None) => {
                    column.unreadable.count += 1;
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
        let [mut ambiguous, mut unreadable, mut future] = [(); 3].map(|()| DateCount::default());
        for column in columns {
            if column.date_order(&self.options).is_none() {
                ambiguous.add_all(&column.open_dates);
            }
            unreadable.add_all(&column.unreadable);
            future.add_all(&column.future);
        }
        let notices = [
            (DateFault::DayOrMonth, ambiguous),
            (DateFault::Future, future),
            (DateFault::Unreadable, unreadable),
        ];
        let notices = notices.into_iter().filter(|(_, dates)| dates.count > 0);
        self.notices
            .extend(notices.map(|(fault, dates)| Notice::Dates {
                field,
                fault,
                dates,
            }));
    }
}
