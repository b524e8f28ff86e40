//! The section `[journal]`: what is kept of planned devices.

use super::problem::{Checked, refuse};
use super::{JournalSettings, raw};
use crate::list::Field;
use crate::plan::Keep;
use crate::text::visible;

pub(super) fn check(raw: raw::Journal) -> Checked<JournalSettings> {
    let Some(names) = raw.keep else {
        return Ok(JournalSettings::default());
    };
    let (mut fields, mut headers) = (Vec::new(), Vec::new());
    for name in names.into_inner() {
        let text = name.get_ref();
        if let Some(field) = Field::from_name(text) {
            fields.push(field);
        } else if let Some(header) = text.strip_prefix('@').filter(|header| !header.is_empty()) {
            headers.push(header.to_owned());
        } else {
            let allowed = Field::ALL.map(Field::name).join(", ");
            let message = format!(
                "keep names no field '{}': choose of {allowed}, or \"@Header\" for another column of the list; \
                 leave keep out to keep everything",
                visible(text)
            );
            return refuse(&name, message);
        }
    }
    Ok(JournalSettings {
        keep: Keep::Only { fields, headers },
    })
}
