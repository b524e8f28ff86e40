//! A planned device in a plan file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::unreadable;
use crate::domain::device::{Hwid, Identifier, IdentifierKind, MacAddress};
use crate::domain::run::RunId;
use crate::import::MatchRule;
use crate::plan::PlannedDevice;
use crate::plan::file::PlanFileError;
use crate::text::hex;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileDevice {
    kind: String,
    identifier: String,
    hwid: Option<String>,
    macs: Vec<String>,
    hostname: String,
    nickname: String,
    user: String,
    r#type: String,
    group: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    serial: String,
    last_seen: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrolled: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matched_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    removed_by: Option<String>,
}

impl FileDevice {
    pub(super) fn of(device: &PlannedDevice) -> Self {
        Self {
            kind: device.identifier.kind().as_str().to_owned(),
            identifier: device.identifier.to_string(),
            hwid: device.hwid.as_ref().map(ToString::to_string),
            macs: device.macs.iter().map(ToString::to_string).collect(),
            hostname: device.hostname.clone(),
            nickname: device.nickname.clone(),
            user: device.user.clone(),
            r#type: device.device_type.clone(),
            group: device.group.clone(),
            status: device.status.clone(),
            serial: device.serial.clone(),
            last_seen: device.last_seen,
            enrolled: device.enrolled,
            matched_by: device.matched_by.map(|rule| rule.as_str().to_owned()),
            removed_by: device.removed_by.map(|run| hex(run.bytes())),
        }
    }

    pub(super) fn into_planned(self) -> Result<PlannedDevice, PlanFileError> {
        let kind =
            IdentifierKind::from_name(&self.kind).ok_or_else(|| unreadable("kind", &self.kind))?;
        let identifier = Identifier::parse(kind, &self.identifier)
            .map_err(|_| unreadable("identifier", &self.identifier))?;
        let hwid = self
            .hwid
            .map(|hwid| Hwid::parse(&hwid).map_err(|_| unreadable("hwid", &hwid)))
            .transpose()?;
        let macs: Vec<MacAddress> = self
            .macs
            .iter()
            .map(|mac| MacAddress::parse(mac).map_err(|_| unreadable("mac", mac)))
            .collect::<Result<_, _>>()?;
        // By its identifiers other runs know the device: what is sent must be one of them.
        let is_its_own = match &identifier {
            Identifier::Hwid(sent) => hwid.as_ref() == Some(sent),
            Identifier::Mac(sent) => macs.contains(sent),
        };
        if !is_its_own {
            return Err(unreadable("identifier", &self.identifier));
        }
        let rule = |word: &String| {
            MatchRule::from_name(word).ok_or_else(|| unreadable("matched_by", word))
        };
        let run = |id: &String| RunId::from_hex(id).ok_or_else(|| unreadable("removed_by", id));
        Ok(PlannedDevice {
            enrolled: self.enrolled,
            matched_by: self.matched_by.as_ref().map(rule).transpose()?,
            removed_by: self.removed_by.as_ref().map(run).transpose()?,
            record: None,
            identifier,
            hwid,
            macs,
            hostname: self.hostname,
            nickname: self.nickname,
            user: self.user,
            device_type: self.r#type,
            group: self.group,
            status: self.status,
            serial: self.serial,
            last_seen: self.last_seen,
        })
    }
}
