//! What lookups ask: which devices by which identifiers, and what their answers may decide.

use std::collections::HashSet;

use super::series::PendingLookup;
use crate::domain::device::Identifier;
use crate::domain::run::RunId;
use crate::engine::lookup_verdict::{Attempt, LookupKey, LookupQuestion};
use crate::journal::JournalError;
use crate::plan::Candidate;
use crate::runner::failure::LookupEnd;
use crate::runner::session::Session;
use crate::runner::transport::Transport;

/// What lookups of a run's devices ask.
pub(super) struct Questions {
    pub(super) pending: Vec<PendingLookup>,
    /// The identifiers of the devices that the run has sent, in normal form: none of them is a reference device.
    pub(super) sent: HashSet<Identifier>,
    /// The devices that it has not sent, which the tenant should have.
    pub(super) unsent: Vec<Identifier>,
}

pub(super) fn questions<T: Transport>(
    session: &Session<T>,
    run: RunId,
    ordinals: &[u32],
    by: LookupKey,
) -> Result<Questions, LookupEnd> {
    let journal = &session.setup.journal;
    let record = journal.run(&run.short())?;
    // Refuse another tenant's run: its 404 would wrongly decide these devices.
    session
        .setup
        .target
        .check(&record.target)
        .map_err(|reason| LookupEnd::OtherTarget { run, reason })?;
    let devices = journal.devices(&run)?;
    let mut asked = Vec::new();
    for &ordinal in ordinals {
        let Some(device) = devices.get(ordinal as usize) else {
            continue;
        };
        let Some(identifier) = by.identifier(&device.device) else {
            continue;
        };
        asked.push(PendingLookup {
            run,
            ordinal,
            by,
            was_sent: identifier == device.device.identifier,
            identifier,
        });
    }
    let (sent, unsent): (Vec<_>, Vec<_>) = devices.iter().partition(|record| record.call.is_some());
    let sent = sent.into_iter();
    let unsent = unsent
        .into_iter()
        .filter_map(|record| record.device.hwid.clone());
    Ok(Questions {
        pending: asked,
        sent: sent
            .flat_map(|record| Candidate::from(&record.device).keys())
            .collect(),
        unsent: unsent.map(Identifier::Hwid).collect(),
    })
}

/// The question about the device's last attempt as it is now: it may have been sent again
/// since it was asked about.
pub(super) fn question<T: Transport>(
    session: &Session<T>,
    asked: &PendingLookup,
) -> Result<Option<LookupQuestion>, JournalError> {
    let journal = &session.setup.journal;
    let record = journal.run(&asked.run.short())?;
    let devices = journal.devices(&asked.run)?;
    let Some(device) = devices.get(asked.ordinal as usize) else {
        return Ok(None);
    };
    let calls = journal.calls(&asked.run)?;
    // What was never sent has no outcome that could be settled.
    let Some(call) = calls.iter().find(|call| Some(call.call) == device.call) else {
        return Ok(None);
    };
    let timeout = session.setup.api.request_timeout;
    // A call that ran out of time under a longer limit was due when it ended.
    let ran = call
        .ended_at
        .and_then(|ended| ended.duration_since(call.intent_at).try_into().ok());
    let boot_id = session.setup.clock.boot_id();
    Ok(Some(LookupQuestion {
        action: record.action,
        hwid: device.device.hwid.clone(),
        attempt: Attempt {
            intent: call.intent_at,
            intent_boot: call
                .intent_boot
                .as_ref()
                .and_then(|(boot, time)| (boot == boot_id).then_some(*time)),
            lasted: timeout.max(ran.unwrap_or_default()),
        },
    }))
}
