//! Host names as a ticket has them, and the devices that they name.

use std::collections::HashMap;

use super::clean::trim;
use crate::list::{DeviceId, DeviceList};

/// The devices by the names that a text asks for; the rest of the list isn't kept.
pub(super) struct Names {
    /// By host name or HWID.
    whole: HashMap<String, Vec<DeviceId>>,
    /// Those whose host name has a domain, by the name before it.
    without_domain: HashMap<String, Vec<DeviceId>>,
}

impl Names {
    /// Of the names in these pieces of a text, and of the words of each.
    pub fn of(list: &DeviceList, pieces: &[&str]) -> Self {
        let mut whole: HashMap<String, Vec<DeviceId>> = HashMap::new();
        let mut without_domain: HashMap<String, Vec<DeviceId>> = HashMap::new();
        for piece in pieces {
            for text in std::iter::once(*piece).chain(piece.split(' ').map(trim)) {
                let text = text.to_lowercase();
                match short(&text) {
                    Some(short) => whole.entry(short.to_owned()).or_default(),
                    None => without_domain.entry(text.clone()).or_default(),
                };
                whole.entry(text).or_default();
            }
        }
        for id in list.ids() {
            let device = list.device(id);
            let hostname = device.hostname().to_lowercase();
            let hwid = device.hwid().unwrap_or_default().to_lowercase();
            for key in [&hostname, &hwid] {
                if !key.is_empty()
                    && let Some(devices) = whole.get_mut(key)
                    && devices.last() != Some(&id)
                {
                    devices.push(id);
                }
            }
            if let Some(devices) = short(&hostname).and_then(|name| without_domain.get_mut(name)) {
                devices.push(id);
            }
        }
        Self {
            whole,
            without_domain,
        }
    }

    /// True if some device has this name.
    pub fn has(&self, text: &str) -> bool {
        !self.find(text).is_empty()
    }

    /// By the whole name; a name with a domain and one without are the same up to the domain, and
    /// two with different domains are two names.
    pub fn find(&self, text: &str) -> Vec<DeviceId> {
        let text = text.to_lowercase();
        let whole = self.whole.get(&text).cloned().unwrap_or_default();
        if let Some(name) = short(&text) {
            if whole.is_empty() {
                return self.whole.get(name).cloned().unwrap_or_default();
            }
            return whole;
        }
        let mut found = whole;
        found.extend(self.without_domain.get(&text).into_iter().flatten());
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The name before the domain, if there is a domain. An address isn't a name.
fn short(name: &str) -> Option<&str> {
    let (first, rest) = name.split_once('.')?;
    let is_name = !first.is_empty()
        && !rest.is_empty()
        && !name.starts_with(|character: char| character.is_ascii_digit());
    is_name.then_some(first)
}
