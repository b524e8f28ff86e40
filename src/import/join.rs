//! Looks up entries in an inventory by identifiers, names and users.
//!
//! One pass over the inventory indexes only the requested keys: with a million devices that takes a
//! second and little memory.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::account::{Account, UserName};
use super::keys;
use super::rule::MatchRule;
use crate::domain::device::MacAddress;
use crate::list::{DeviceId, DeviceList, Field};

/// The values by which the device of one entry is looked up, as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupValues {
    /// The hardware ID.
    pub hwid: Option<String>,
    /// Known constants are never looked up.
    pub macs: Vec<MacAddress>,
    /// Placeholders are never looked up.
    pub serials: Vec<String>,
    /// Placeholders and default names are never looked up.
    pub hostnames: Vec<String>,
    /// Placeholders and default names are never looked up.
    pub nicknames: Vec<String>,
    /// Accounts and display names.
    pub users: Vec<String>,
    /// An account without a domain matches only users without a domain: it may be any word of a
    /// text.
    pub users_as_written: bool,
    /// The clues are one text that may be of any kind: if different rules find different devices, it
    /// is ambiguous. Otherwise the first rule that finds something decides.
    pub is_of_any_kind: bool,
}

/// The result of a lookup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinResult {
    /// No rule found anything.
    Nothing,
    /// One device.
    One(MatchRule, DeviceId),
    /// One of these, the most recently seen first.
    Ambiguous(MatchRule, Vec<DeviceId>),
    /// All of these belong to one person, the most recently seen first; at least two.
    Account(Vec<DeviceId>),
}

/// An index of an inventory by the requested keys.
pub struct Join<'a> {
    inventory: &'a DeviceList,
    hwids: RequestedKeys,
    serials: RequestedKeys,
    /// By the whole host name.
    hostnames: RequestedKeys,
    /// Those whose host name has a domain, by the name before it.
    short_names: RequestedKeys,
    nicknames: RequestedKeys,
    users: HashMap<UserKey, Vec<UserOf>>,
}

#[derive(Default)]
struct RequestedKeys(HashMap<String, Vec<DeviceId>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum UserKey {
    /// The name without its domain.
    Account(String),
    Display(String),
}

/// A device and the account by which it was found.
struct UserOf {
    device: DeviceId,
    account: Option<Account>,
}

impl RequestedKeys {
    fn request(&mut self, key: String) {
        self.0.entry(key).or_default();
    }

    fn record(&mut self, key: &str, device: DeviceId) {
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
    /// Indexes `inventory` for these clues, the only ones that can be looked up.
    pub fn over(inventory: &'a DeviceList, clues: impl Iterator<Item = LookupValues>) -> Self {
        let mut join = Self {
            inventory,
            hwids: RequestedKeys::default(),
            serials: RequestedKeys::default(),
            hostnames: RequestedKeys::default(),
            short_names: RequestedKeys::default(),
            nicknames: RequestedKeys::default(),
            users: HashMap::new(),
        };
        for clues in clues {
            join.request(&clues);
        }
        join.index_inventory();
        join
    }

    fn request(&mut self, clues: &LookupValues) {
        if let Some(hwid) = &clues.hwid
            && self.inventory.find_hwid(hwid).is_none()
        {
            self.hwids.request(keys::fold(hwid));
        }
        for serial in clues.serials.iter().filter_map(|text| keys::serial(text)) {
            self.serials.request(serial);
        }
        for name in clues.hostnames.iter().filter_map(|text| keys::name(text)) {
            match keys::short(&name) {
                Some(short) => self.hostnames.request(short.to_owned()),
                None => self.short_names.request(name.clone()),
            }
            self.hostnames.request(name);
        }
        for name in clues.nicknames.iter().filter_map(|text| keys::name(text)) {
            self.nicknames.request(name);
        }
        for user in clues.users.iter().filter_map(|text| UserName::parse(text)) {
            self.users.entry(UserKey::of(&user)).or_default();
        }
    }

    fn index_inventory(&mut self) {
        for id in self.inventory.ids() {
            let device = self.inventory.device(id);
            if !self.hwids.0.is_empty()
                && let Some(hwid) = device.hwid()
            {
                self.hwids.record(&keys::fold(hwid), id);
            }
            if !self.serials.0.is_empty() {
                for serial in device.values(Field::Serial) {
                    self.serials.record(&keys::fold(serial), id);
                }
            }
            if !self.hostnames.0.is_empty() {
                for hostname in device.values(Field::Hostname) {
                    let folded = keys::fold(hostname);
                    let name = keys::without_dot(&folded);
                    self.hostnames.record(name, id);
                    if let Some(short) = keys::short(name) {
                        self.short_names.record(short, id);
                    }
                }
            }
            if !self.nicknames.0.is_empty() {
                for nickname in device.values(Field::Nickname) {
                    let folded = keys::fold(nickname);
                    self.nicknames.record(keys::without_dot(&folded), id);
                }
            }
            if !self.users.is_empty() {
                for user in device.values(Field::User) {
                    self.record_user(user, id);
                }
            }
        }
    }

    fn record_user(&mut self, user: &str, device: DeviceId) {
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

    /// The devices that these clues mean. The clues must be among those passed to
    /// [`over`](Self::over).
    pub fn find(&self, clues: &LookupValues) -> JoinResult {
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
            [one] => JoinResult::One(rule, *one),
            _ => JoinResult::Ambiguous(rule, all),
        }
    }

    fn newest_first(&self, mut found: Vec<DeviceId>) -> Vec<DeviceId> {
        found.sort_unstable();
        found.dedup();
        found.sort_by_key(|&id| Reverse(self.inventory.device(id).last_seen()));
        found
    }

    fn by_hwid(&self, clues: &LookupValues) -> Vec<DeviceId> {
        let Some(hwid) = &clues.hwid else {
            return Vec::new();
        };
        match self.inventory.find_hwid(hwid) {
            Some(id) => vec![id],
            None => self.hwids.find(&keys::fold(hwid)).to_vec(),
        }
    }

    fn by_mac(&self, clues: &LookupValues) -> Vec<DeviceId> {
        let own = clues.macs.iter().filter(|mac| !mac.is_known_constant());
        own.flat_map(|&mac| self.inventory.find_mac(mac)).collect()
    }

    fn by_serial(&self, clues: &LookupValues) -> Vec<DeviceId> {
        let serials = clues.serials.iter().filter_map(|text| keys::serial(text));
        serials
            .flat_map(|serial| self.serials.find(&serial).to_vec())
            .collect()
    }

    /// Compares whole names. A name without a domain matches one with a domain; two different domains
    /// do not match.
    fn by_hostname(&self, clues: &LookupValues) -> Vec<DeviceId> {
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

    fn by_nickname(&self, clues: &LookupValues) -> Vec<DeviceId> {
        let names = clues.nicknames.iter().filter_map(|text| keys::name(text));
        names
            .flat_map(|name| self.nicknames.find(&name).to_vec())
            .collect()
    }

    /// Looks up accounts, and display names only if no account finds anything.
    fn by_user(&self, clues: &LookupValues) -> JoinResult {
        let names = || clues.users.iter().filter_map(|text| UserName::parse(text));
        let mut found = Vec::new();
        let mut is_one_account = true;
        for name in names() {
            if let UserName::Account(account) = &name {
                let (devices, is_one) = self.of_account(account, clues.users_as_written);
                found.extend(devices);
                is_one_account &= is_one;
            }
        }
        if found.is_empty() {
            for name in names() {
                if let UserName::Display(_) = &name {
                    let devices = self.users_of(&name).map(|user| user.device);
                    let devices: Vec<DeviceId> = devices.collect();
                    is_one_account &= self.are_of_one_account(&devices);
                    found.extend(devices);
                }
            }
        }
        let found = self.newest_first(found);
        match found.as_slice() {
            [] => JoinResult::Nothing,
            [one] if is_one_account => JoinResult::One(MatchRule::User, *one),
            _ if is_one_account => JoinResult::Account(found),
            _ => JoinResult::Ambiguous(MatchRule::User, found),
        }
    }

    fn users_of(&self, name: &UserName) -> impl Iterator<Item = &UserOf> {
        self.users.get(&UserKey::of(name)).into_iter().flatten()
    }

    /// The devices of an account, and whether they belong to one account. An account that the
    /// inventory has under two domains is two accounts, unless the entry's domain is exactly one of
    /// them; devices on which the account has no domain are left out then.
    fn of_account(&self, requested: &Account, as_written: bool) -> (Vec<DeviceId>, bool) {
        let name = UserName::Account(requested.clone());
        let users: Vec<(DeviceId, &Account)> = self
            .users_of(&name)
            .filter_map(|user| Some((user.device, user.account.as_ref()?)))
            .filter(|(_, account)| {
                !as_written || requested.domain.is_some() || account.domain.is_none()
            })
            .collect();
        let devices = |users: &[(DeviceId, &Account)]| users.iter().map(|(id, _)| *id).collect();
        if are_one(users.iter().map(|(_, account)| *account)) {
            return (devices(&users), true);
        }
        let own: Vec<(DeviceId, &Account)> = users
            .iter()
            .filter(|(_, account)| {
                requested.domain.is_some()
                    && account.domain.is_some()
                    && requested.may_share_domain(account)
            })
            .copied()
            .collect();
        if !own.is_empty() && are_one(own.iter().map(|(_, account)| *account)) {
            return (devices(&own), true);
        }
        (devices(&users), false)
    }

    /// True if all these devices have the same account and no other.
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

/// True if accounts with the same name can all belong to one domain.
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
