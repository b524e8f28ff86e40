//! Explains why a device of a list is, or isn't, selected, protected, usable and planned.
//!
//! [`explain`] builds the plan of this one device with [`build`], so that its result can't differ
//! from a plan's. Text and JSON are renderings of the [`Explanation`].

#[cfg(test)]
mod tests;

use super::build::{PlanRequest, build};
use super::earlier::{EarlierDevice, ListIdentifiers};
use super::protection::Rules;
use super::{LeftOutReason, Plan};
use crate::domain::device::{Identifier, IdentifierKind, IdentifyBy, MacAddress};
use crate::list::{DeviceId, DeviceList, Field, Problem};
use crate::query::{Key, Matcher, NoStatus, Node, Query, QueryError, StatusSource, sharing};

/// Everything that decides whether one device is sent.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub device: DeviceId,
    /// Why its row is unusable, if it is.
    pub problem: Option<Problem>,
    /// The query, if there is one, with its answer for the device.
    pub query: Option<Node>,
    /// Each `protect` rule, in the order of the configuration.
    pub rules: Vec<RuleAnswer>,
    /// Why the device is protected, if it is. That may be another device's rule, if they share a MAC
    /// address. Safe to show.
    pub protected: Option<String>,
    /// The identifier that would be sent, or why there is none.
    pub identifier: Result<Identifier, Problem>,
    /// Why it is that identifier.
    pub identifier_reason: Option<&'static str>,
    /// The devices that share its host name or a MAC address.
    pub twins: Vec<Twin>,
    /// What earlier runs did with it, the oldest call first.
    pub earlier: Vec<EarlierDevice>,
    /// The result.
    pub fate: Fate,
    /// The plan of this device alone. Of its warnings, `recent`, `new` and `not-in-inventory` are about the
    /// device, the others about the list.
    pub plan: Plan,
}

/// A `protect` rule and its answer for a device.
#[derive(Clone, Debug)]
pub struct RuleAnswer {
    /// The rule. Not safe to show.
    pub rule: String,
    /// Its terms. A rule takes any of several values, so that `answer` counts a value that may match.
    pub node: Node,
    /// Whether it protects the device.
    pub verdict: RuleVerdict,
}

/// Whether a rule protects a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleVerdict {
    Matches,
    /// A value that it reads is not certain, for this reason; the device is protected. Safe to show.
    Uncertain(String),
    /// It doesn't match.
    No,
}

/// A device that shares a value with the explained one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The shared field: host name or MAC address.
    pub field: Field,
    /// The other device.
    pub device: DeviceId,
}

/// What becomes of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The query doesn't select it.
    NotSelected,
    /// It is selected and left out.
    LeftOut(LeftOutReason),
    /// It is sent by this identifier.
    Planned(Identifier),
}

/// Explains `device`. The request has to be one that the device could be planned by; its selection is
/// ignored. Fails if the query or a rule can't be evaluated on the list.
pub fn explain(
    device: DeviceId,
    query: Option<&Query>,
    states: &dyn StatusSource,
    request: &PlanRequest<'_>,
) -> Result<Explanation, QueryError> {
    let list = request.list;
    let entry = list.device(device);
    let query = query
        .map(|query| Ok(Matcher::new(query, list, states)?.explain(device)))
        .transpose()?;
    let rules = request.rules.iter().map(|rule| {
        let node = Matcher::of_rule(rule, list)?.explain(device);
        let verdict = match Rules::uncertainty(rule, list, &entry) {
            _ if node.answer == Some(true) => RuleVerdict::Matches,
            Some(doubt) => RuleVerdict::Uncertain(doubt),
            None => RuleVerdict::No,
        };
        Ok(RuleAnswer {
            rule: rule.text().to_owned(),
            node,
            verdict,
        })
    });
    let rules = rules.collect::<Result<Vec<_>, QueryError>>()?;
    let identifier = list.identify(device, request.identify_by);
    let identifiers = ListIdentifiers::of(entry);
    let mut candidate = identifiers.candidate();
    candidate.sent = identifier.as_ref().ok();
    let plan = build(&PlanRequest {
        selection: &[device],
        bare_identifiers: &[],
        retry_targets: &[],
        ..*request
    });
    let is_selected = query.as_ref().is_none_or(|node| node.answer == Some(true));
    let fate = match (plan.devices.first(), plan.left_out.first()) {
        _ if !is_selected => Fate::NotSelected,
        (Some(planned), _) => Fate::Planned(planned.identifier.clone()),
        (None, Some(row)) => Fate::LeftOut(row.reason.clone()),
        (None, None) => Fate::NotSelected,
    };
    Ok(Explanation {
        device,
        problem: entry.problem().copied(),
        query,
        rules,
        protected: request.protection.reason(device).map(str::to_owned),
        identifier_reason: identifier
            .as_ref()
            .ok()
            .map(|identifier| reason(request.identify_by, identifier.kind())),
        earlier: request
            .earlier
            .concerning(candidate)
            .into_iter()
            .cloned()
            .collect(),
        identifier,
        twins: twins(list, device),
        fate,
        plan,
    })
}

fn reason(by: IdentifyBy, kind: IdentifierKind) -> &'static str {
    match (by, kind) {
        (IdentifyBy::Auto, IdentifierKind::Hwid) => "it has a hardware ID, which is sent first",
        (IdentifyBy::Auto, IdentifierKind::Mac) => {
            "it has no hardware ID, and no other entry has this MAC address"
        }
        (_, IdentifierKind::Hwid) => "devices are to be sent by hardware ID",
        (_, IdentifierKind::Mac) => {
            "devices are to be sent by MAC address, and no other entry has this one"
        }
    }
}

fn twins(list: &DeviceList, device: DeviceId) -> Vec<Twin> {
    let shared = |field| {
        let others = sharing(list, &Key::Field(field), device);
        others.into_iter().map(move |device| Twin { field, device })
    };
    shared(Field::Hostname).chain(shared(Field::Mac)).collect()
}

/// The entries that `name` names: the device with this HWID; else the entries with this MAC address in
/// any notation; else those with this host name or, but for its case, this HWID, and the unusable rows
/// that name it. In list order.
pub fn find(list: &DeviceList, name: &str) -> Vec<DeviceId> {
    let name = name.trim();
    if let Some(id) = list.find_hwid(name) {
        return vec![id];
    }
    if let Ok(mac) = MacAddress::parse(name) {
        let found = list.find_mac(mac);
        if !found.is_empty() {
            return found;
        }
    }
    // As a query, which ignores case and Unicode form like `hostname=` does. A name that can't be
    // quoted is compared as it is.
    let query = Query::parse(&format!("hostname=\"{name}\" or hwid=\"{name}\"")).ok();
    let matcher = query
        .as_ref()
        .and_then(|query| Matcher::new(query, list, &NoStatus).ok());
    let mut found = match matcher {
        Some(matcher) => matcher.select(),
        None => list
            .ids()
            .filter(|&id| {
                list.device(id)
                    .values(Field::Hostname)
                    .any(|host| host == name)
            })
            .collect(),
    };
    let claims = list
        .claims()
        .filter(|(_, hwid)| hwid.eq_ignore_ascii_case(name));
    found.extend(claims.map(|(id, _)| id));
    found.sort_unstable();
    found.dedup();
    found
}
