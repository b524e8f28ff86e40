//! What is known of an entry, looked up in an inventory: the only place where that is decided.
//!
//! Only what is asked for is indexed, in one walk over the inventory, so that a million devices cost
//! a second and next to no memory.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::account::{Account, UserName};
use super::keys;
use super::rule::MatchRule;
use crate::domain::device::MacAddress;
use crate::list::{DeviceId, DeviceList, Field};

/// What is known of one entry, to find its device by. Texts are as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clues {
    /// The hardware ID.
    pub hwid: Option<String>,
    /// Known constants among them are never looked up.
    pub macs: Vec<MacAddress>,
    /// Fillers among them are never looked up.
    pub serials: Vec<String>,
    /// Names for nothing or for many among them are never looked up.
    pub hostnames: Vec<String>,
    /// As of host names.
    pub nicknames: Vec<String>,
    /// Accounts and display names.
    pub users: Vec<String>,
    /// An account without a domain means only users that are written without one, too: it may be
    /// any word of a text.
    pub users_as_written: bool,
    /// The clues are one text that may be of any kind: if different rules find different devices, it
    /// is ambiguous. Otherwise the first rule that finds something decides.
    pub is_of_any_kind: bool,
}

/// What an entry was joined with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// No rule found anything.
    Nothing,
    /// One device.
    One(MatchRule, DeviceId),
    /// Any one of these, the most recently seen first.
    Ambiguous(MatchRule, Vec<DeviceId>),
    /// Each of these is the person's, the most recently seen first; two at the least.
    Account(Vec<DeviceId>),
}

/// The devices of an inventory by what entries ask for.
pub struct Join<'a> {
    inventory: &'a DeviceList,
    hwids: Keyed,
    serials: Keyed,
    /// By the whole host name.
    hostnames: Keyed,
    /// Those whose host name has a domain, by the name before it.
    short_names: Keyed,
    nicknames: Keyed,
    users: HashMap<UserKey, Vec<UserOf>>,
}

/// Devices by the keys that are asked for; others aren't kept.
#[derive(Default)]
struct Keyed(HashMap<String, Vec<DeviceId>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum UserKey {
    /// The name without its domain.
    Account(String),
    Display(String),
}

/// A device, and the account by which it was found.
struct UserOf {
    device: DeviceId,
    account: Option<Account>,
}

impl Keyed {
    fn ask(&mut self, key: String) {
        self.0.entry(key).or_default();
    }

    fn offer(&mut self, key: &str, device: DeviceId) {
        if let Some(devices) = self.0.get_mut(key)
            && devices.last() != Some(&device)
        {
            devices.push(device);
        }
    }

    fn find(&self, key: &str) -> &[DeviceId] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}

impl UserKey {
    fn of(name: &UserName) -> Self {
        match name {
            UserName::Account(account) => Self::Account(account.local.clone()),
            UserName::Display(name) => Self::Display(name.clone()),
        }
    }
}

impl<'a> Join<'a> {
    /// Prepares to look these clues, and no others, up in `inventory`.
    pub fn over(inventory: &'a DeviceList, clues: impl Iterator<Item = Clues>) -> Self {
        let mut join = Self {
            inventory,
            hwids: Keyed::default(),
            serials: Keyed::default(),
            hostnames: Keyed::default(),
            short_names: Keyed::default(),
            nicknames: Keyed::default(),
            users: HashMap::new(),
        };
        for clues in clues {
            join.ask(&clues);
        }
        join.walk();
        join
    }

    fn ask(&mut self, clues: &Clues) {
        if let Some(hwid) = &clues.hwid
            && self.inventory.find_hwid(hwid).is_none()
        {
            self.hwids.ask(keys::fold(hwid));
        }
        for serial in clues.serials.iter().filter_map(|text| keys::serial(text)) {
            self.serials.ask(serial);
        }
        for name in clues.hostnames.iter().filter_map(|text| keys::name(text)) {
            match keys::short(&name) {
                Some(short) => self.hostnames.ask(short.to_owned()),
                None => self.short_names.ask(name.clone()),
            }
            self.hostnames.ask(name);
        }
        for name in clues.nicknames.iter().filter_map(|text| keys::name(text)) {
            self.nicknames.ask(name);
        }
        for user in clues.users.iter().filter_map(|text| UserName::parse(text)) {
            self.users.entry(UserKey::of(&user)).or_default();
        }
    }

    /// Goes through the inventory once.
    fn walk(&mut self) {
        for id in self.inventory.ids() {
            let device = self.inventory.device(id);
            if !self.hwids.0.is_empty()
                && let Some(hwid) = device.hwid()
            {
                self.hwids.offer(&keys::fold(hwid), id);
            }
            if !self.serials.0.is_empty() {
                for serial in device.values(Field::Serial) {
                    self.serials.offer(&keys::fold(serial), id);
                }
            }
            if !self.hostnames.0.is_empty() {
                for hostname in device.values(Field::Hostname) {
                    let folded = keys::fold(hostname);
                    let name = keys::without_dot(&folded);
                    self.hostnames.offer(name, id);
                    if let Some(short) = keys::short(name) {
                        self.short_names.offer(short, id);
                    }
                }
            }
            if !self.nicknames.0.is_empty() {
                for nickname in device.values(Field::Nickname) {
                    let folded = keys::fold(nickname);
                    self.nicknames.offer(keys::without_dot(&folded), id);
                }
            }
            if !self.users.is_empty() {
                for user in device.values(Field::User) {
                    self.offer_user(user, id);
                }
            }
        }
    }

    fn offer_user(&mut self, user: &str, device: DeviceId) {
        let Some(name) = UserName::parse(user) else {
            return;
        };
        if let Some(devices) = self.users.get_mut(&UserKey::of(&name)) {
            let account = match name {
                UserName::Account(account) => Some(account),
                UserName::Display(_) => None,
            };
            devices.push(UserOf { device, account });
        }
    }

    /// The devices that these clues mean. They must be among those that were
    /// [prepared](Self::over).
    pub fn find(&self, clues: &Clues) -> Joined {
        let mut first = None;
        let mut all = Vec::new();
        for rule in MatchRule::ALL {
            let found = match rule {
                MatchRule::Hwid => self.by_hwid(clues),
                MatchRule::Mac => self.by_mac(clues),
                MatchRule::Serial => self.by_serial(clues),
                MatchRule::Hostname => self.by_hostname(clues),
                MatchRule::Nickname => self.by_nickname(clues),
                MatchRule::User => break,
            };
            if !found.is_empty() {
                first = first.or(Some(rule));
                all.extend(found);
                if !clues.is_of_any_kind {
                    break;
                }
            }
        }
        let Some(rule) = first else {
            return self.by_user(clues);
        };
        let all = self.newest_first(all);
        match all.as_slice() {
            [one] => Joined::One(rule, *one),
            _ => Joined::Ambiguous(rule, all),
        }
    }

    fn newest_first(&self, mut found: Vec<DeviceId>) -> Vec<DeviceId> {
        found.sort_unstable();
        found.dedup();
        found.sort_by_key(|&id| Reverse(self.inventory.device(id).last_seen()));
        found
    }

    fn by_hwid(&self, clues: &Clues) -> Vec<DeviceId> {
        let Some(hwid) = &clues.hwid else {
            return Vec::new();
        };
        match self.inventory.find_hwid(hwid) {
            Some(id) => vec![id],
            None => self.hwids.find(&keys::fold(hwid)).to_vec(),
        }
    }

    fn by_mac(&self, clues: &Clues) -> Vec<DeviceId> {
        let own = clues.macs.iter().filter(|mac| !mac.is_known_constant());
        own.flat_map(|&mac| self.inventory.find_mac(mac)).collect()
    }

    fn by_serial(&self, clues: &Clues) -> Vec<DeviceId> {
        let serials = clues.serials.iter().filter_map(|text| keys::serial(text));
        serials
            .flat_map(|serial| self.serials.find(&serial).to_vec())
            .collect()
    }

    /// By the whole name; a name with a domain and one without are the same up to the domain, and
    /// two with different domains are two names.
    fn by_hostname(&self, clues: &Clues) -> Vec<DeviceId> {
        let mut found = Vec::new();
        for name in clues.hostnames.iter().filter_map(|text| keys::name(text)) {
            let whole = self.hostnames.find(&name);
            match keys::short(&name) {
                Some(short) if whole.is_empty() => found.extend(self.hostnames.find(short)),
                Some(_) => found.extend(whole),
                None => {
                    found.extend(whole);
                    found.extend(self.short_names.find(&name));
                }
            }
        }
        found
    }

    fn by_nickname(&self, clues: &Clues) -> Vec<DeviceId> {
        let names = clues.nicknames.iter().filter_map(|text| keys::name(text));
        names
            .flat_map(|name| self.nicknames.find(&name).to_vec())
            .collect()
    }

    /// By accounts; by display names only if no account finds anything.
    fn by_user(&self, clues: &Clues) -> Joined {
        let names = || clues.users.iter().filter_map(|text| UserName::parse(text));
        let mut found = Vec::new();
        let mut is_clear = true;
        for name in names() {
            if let UserName::Account(account) = &name {
                let (devices, clear) = self.of_account(account, clues.users_as_written);
                found.extend(devices);
                is_clear &= clear;
            }
        }
        if found.is_empty() {
            for name in names() {
                if let UserName::Display(_) = &name {
                    let devices = self.users_of(&name).map(|user| user.device);
                    let devices: Vec<DeviceId> = devices.collect();
                    is_clear &= self.are_of_one_account(&devices);
                    found.extend(devices);
                }
            }
        }
        let found = self.newest_first(found);
        match found.as_slice() {
            [] => Joined::Nothing,
            [one] if is_clear => Joined::One(MatchRule::User, *one),
            _ if is_clear => Joined::Account(found),
            _ => Joined::Ambiguous(MatchRule::User, found),
        }
    }

    fn users_of(&self, name: &UserName) -> impl Iterator<Item = &UserOf> {
        self.users.get(&UserKey::of(name)).into_iter().flatten()
    }

    /// The devices of an account, and whether it is one. An account that the inventory has under
    /// two domains is two, unless the entry's own domain is exactly one of them; then devices on
    /// which it has no domain are nobody's for sure.
    fn of_account(&self, wanted: &Account, as_written: bool) -> (Vec<DeviceId>, bool) {
        let name = UserName::Account(wanted.clone());
        let users: Vec<(DeviceId, &Account)> = self
            .users_of(&name)
            .filter_map(|user| Some((user.device, user.account.as_ref()?)))
            .filter(|(_, account)| {
                !as_written || wanted.domain.is_some() || account.domain.is_none()
            })
            .collect();
        let devices = |users: &[(DeviceId, &Account)]| users.iter().map(|(id, _)| *id).collect();
        if are_one(users.iter().map(|(_, account)| *account)) {
            return (devices(&users), true);
        }
        let own: Vec<(DeviceId, &Account)> = users
            .iter()
            .filter(|(_, account)| {
                wanted.domain.is_some()
                    && account.domain.is_some()
                    && wanted.may_share_domain(account)
            })
            .copied()
            .collect();
        if !own.is_empty() && are_one(own.iter().map(|(_, account)| *account)) {
            return (devices(&own), true);
        }
        (devices(&users), false)
    }

    /// Whether the same one account stands on each of these devices, and no other.
    fn are_of_one_account(&self, devices: &[DeviceId]) -> bool {
        let mut all = Vec::new();
        for &id in devices {
            let users = self.inventory.device(id).values(Field::User);
            let before = all.len();
            all.extend(users.filter_map(|user| match UserName::parse(user) {
                Some(UserName::Account(account)) => Some(account),
                _ => None,
            }));
            if all.len() == before {
                return false;
            }
        }
        let Some(first) = all.first() else {
            return true;
        };
        all.iter().all(|account| account.local == first.local) && are_one(all.iter())
    }
}

/// Whether accounts of one name can all be of one domain.
fn are_one<'a>(accounts: impl Iterator<Item = &'a Account>) -> bool {
    let mut domains: Vec<&Account> = Vec::new();
    for account in accounts {
        if domains.iter().any(|known| !known.may_share_domain(account)) {
            return false;
        }
        if !domains.iter().any(|known| known.domain == account.domain) {
            domains.push(account);
        }
    }
    true
}

#[cfg(test)]
mod tests;
