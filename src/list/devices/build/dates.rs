//! Adds the dates, and decides those whose order of day and month depends on the whole column.

use super::Builder;
use crate::list::devices::draft::DateNote;
use crate::list::fields::dates::{Date, DateOrder};
use crate::list::fields::field::FieldSet;
use crate::list::fields::headers::Role;
use crate::list::fields::seconds::Seconds;
use crate::list::report::problem::{DateCount, DateFault, ListNotice};
use crate::list::{ColumnId, Field};

impl Builder {
    /// Adds a date to [`Builder::draft`].
    pub fn put_date(&mut self, id: ColumnId, date: Date, value: &str) {
        let Some(column) = self.columns.get_mut(id.index()) else {
            return;
        };
        let Role::Known(alias) = column.role else {
            return;
        };
        let is_first = match self.draft.put_date(id, alias.meaning, date, self.horizon) {
            DateNote::Fine => false,
            DateNote::Open(open) => {
                column.orders.narrow(open);
                let by_year = open.resolve(DateOrder::YearFirst);
                column.future_by_year += u64::from(by_year.is_some_and(|at| at > self.horizon));
                column.open_dates.add(value)
            }
            DateNote::Unreadable => column.unreadable.add(value),
            DateNote::Future => column.future.add(value),
        };
        if is_first {
            self.first_dates.push(id);
        }
    }

    /// Notes the line of the dates that are the first of their kind.
    pub(super) fn note_line_of_dates(&mut self, line: u64) {
        for id in self.first_dates.drain(..) {
            if let Some(column) = self.columns.get_mut(id.index()) {
                column.open_dates.note_line(line);
                column.unreadable.note_line(line);
                column.future.note_line(line);
            }
        }
    }

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
            .extend(notices.map(|(fault, dates)| ListNotice::Dates {
                field,
                fault,
                dates,
            }));
    }
}
