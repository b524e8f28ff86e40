//! A read-only view of one entry of a list.

use std::borrow::Cow;

use jiff::Timestamp;

use super::store::PackedDevice;
use crate::domain::device::{Hwid, MacAddress};
use crate::list::fields::values;
use crate::list::{ColumnId, DeviceId, DeviceList, Field, Problem};

/// A view of one entry: a device or an unusable row. Texts are as they were read, not safe to show,
/// and empty if there is no value.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a> {
    pub(in crate::list) list: &'a DeviceList,
    pub(in crate::list) id: DeviceId,
    pub(in crate::list) block: PackedDevice<'a>,
}

impl<'a> Device<'a> {
    /// The entry's ID.
    pub fn id(&self) -> DeviceId {
        self.id
    }

    /// The hardware ID, which is valid and can be sent.
    pub fn hwid(&self) -> Option<&'a str> {
        Some(self.block.text(Field::Hwid)).filter(|hwid| !hwid.is_empty())
    }

    /// The hardware ID as it would be sent.
    pub fn sent_hwid(&self) -> Option<Hwid> {
        Hwid::parse(self.hwid()?).ok()
    }

    /// The usable MAC addresses, in reading order.
    pub fn macs(&self) -> impl Iterator<Item = MacAddress> + use<'a> {
        self.block.macs()
    }

    /// The machine's own name.
    pub fn hostname(&self) -> &'a str {
        self.block.text(Field::Hostname)
    }

    /// The name in the console.
    pub fn nickname(&self) -> &'a str {
        self.block.text(Field::Nickname)
    }

    /// Operating system and version.
    pub fn os(&self) -> &'a str {
        self.block.text(Field::Os)
    }

    /// Laptop, desktop, server …
    pub fn device_type(&self) -> &'a str {
        self.block.text(Field::Type)
    }

    /// Compliant, non-compliant …
    pub fn status(&self) -> &'a str {
        self.block.text(Field::Status)
    }

    pub fn group(&self) -> &'a str {
        self.block.text(Field::Group)
    }

    /// The owner or the logged-in user.
    pub fn user(&self) -> &'a str {
        self.block.text(Field::User)
    }

    /// All values of text fields and other columns in one pass, the fastest way to search them. MAC
    /// addresses, numbers and dates are not included.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let fields = self.block.texts().map(|(_, values)| values);
        let others = self.block.others().map(|(_, values)| values);
        fields.chain(others).flat_map(values::all)
    }

    /// All values of a text field, the shown one first. Empty for MAC addresses,
    /// numbers and dates.
    pub fn values(&self, field: Field) -> impl Iterator<Item = &'a str> + use<'a> {
        values::all(self.block.all_values(field))
    }

    /// The first value of each other column that isn't empty.
    pub fn others(&self) -> impl Iterator<Item = (ColumnId, &'a str)> + use<'a> {
        let others = self.block.others();
        others.map(|(column, joined)| (column, values::first(joined)))
    }

    /// The first value in another column of the list.
    pub fn other(&self, column: ColumnId) -> &'a str {
        self.other_values(column).next().unwrap_or_default()
    }

    /// All values in another column of the list.
    pub fn other_values(&self, column: ColumnId) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut others = self.block.others();
        let found = others.find(|(other, _)| *other == column);
        values::all(found.map_or("", |(_, joined)| joined))
    }

    /// All values in the list's other columns, by column, in one pass.
    pub fn all_others(
        &self,
    ) -> impl Iterator<Item = (ColumnId, impl Iterator<Item = &'a str> + use<'a>)> + use<'a> {
        let others = self.block.others();
        others.map(|(column, joined)| (column, values::all(joined)))
    }

    /// Any field as text. Several MAC addresses are separated by spaces; dates are ISO 8601 in UTC.
    pub fn text(&self, field: Field) -> Cow<'a, str> {
        if field.is_text() {
            return Cow::Borrowed(self.values(field).next().unwrap_or_default());
        }
        let shown = match field {
            Field::Mac => {
                let macs: Vec<String> = self.macs().map(|mac| mac.to_string()).collect();
                Some(macs.join(" "))
            }
            Field::Issues => self.issues().map(|issues| issues.to_string()),
            date => self.time(date).map(|time| time.to_string()),
        };
        Cow::Owned(shown.unwrap_or_default())
    }

    /// True if `field` has no value.
    pub fn lacks(&self, field: Field) -> bool {
        match field {
            Field::Mac => self.macs().next().is_none(),
            Field::Issues => self.issues().is_none(),
            Field::Seen => self.last_seen().is_none(),
            Field::Enrolled => self.enrolled_at().is_none(),
            text => self.values(text).next().is_none(),
        }
    }

    /// True if the device's rows differ in `field`, of which the first value is shown.
    pub fn differs(&self, field: Field) -> bool {
        self.list.differing(self.id).has(field)
    }

    /// True if a value of `field` is an error of a spreadsheet, which hides the true value.
    pub fn has_error(&self, field: Field) -> bool {
        self.list.unreadable(self.id).has(field)
    }

    /// The number of issues that the agent reports.
    pub fn issues(&self) -> Option<u32> {
        self.block.issues()
    }

    /// The last-seen time, to the second; the newest of the device's rows.
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.list.store.seen(self.id.0).timestamp()
    }

    /// The enrolment time, to the second.
    pub fn enrolled_at(&self) -> Option<Timestamp> {
        self.list.store.enrolled(self.id.0).timestamp()
    }

    /// The time of a field that is a date.
    pub fn time(&self, field: Field) -> Option<Timestamp> {
        match field {
            Field::Enrolled => self.enrolled_at(),
            Field::Seen => self.last_seen(),
            _ => None,
        }
    }

    /// The line on which the first row begins, from 1.
    pub fn line(&self) -> u64 {
        self.list.store.line(self.id.0)
    }

    /// The number of merged rows beyond the first.
    pub fn repeats(&self) -> u32 {
        u32::try_from(self.list.folded_rows(self.id).len()).unwrap_or(u32::MAX)
    }

    /// Why the entry is unusable: a problem of its row, or nothing that `auto` could send.
    pub fn problem(&self) -> Option<&'a Problem> {
        self.list.problem(self.id)
    }
}
