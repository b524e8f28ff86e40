//! Plan files: written for later, checked before they are sent.
//!
//! A hash in the file shows an accident, not an intent: whoever changes the file can compute it anew.
//! So the journal remembers the digest of each file that is written, and only such a file is sent, or
//! one that carries the signatures of approvers.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use super::inventory::{AvailableInventory, InventoryCache};
use super::print_note;
use super::workspace::Workspace;
use super::{CommandError, full_records};
use crate::config::permissions::{self, Rule, TrustedReadError};
use crate::export;
use crate::journal::{Journal, Operator};
use crate::list::{DeviceList, ListError};
use crate::plan::{Approvals, Approvers, Plan, PlanFile, Planner, Provenance, entries_of};
use crate::platform::file;
use crate::text;

/// Writes a plan to a new file, and its digest to the journal.
pub(super) fn write(
    journal: &mut Journal,
    list: &DeviceList,
    plan: &Plan,
    allowed: &[String],
    path: &Path,
) -> Result<(), CommandError> {
    let rows = plan
        .sources
        .iter()
        .flatten()
        .map(|&id| export::known_object(list, &list.device(id)).map(|row| row.get().to_owned()))
        .collect::<Result<Vec<_>, _>>()?;
    let operator = Operator::current();
    let planner = planner(&operator);
    let frozen = plan
        .clone()
        .into_file(allowed.to_vec(), rows, planner)
        .map_err(CommandError::internal)?;
    file::check_new(path)?;
    // First the journal: a file that it doesn't know is refused.
    journal.remember_plan_file(&plan.id, frozen.digest(), &operator)?;
    Ok(file::write_new(path, |out| frozen.write(out))?)
}

/// Who plans, by all that is known of them.
fn planner(operator: &Operator) -> Planner {
    let users = std::iter::once(operator.os_user.clone()).chain(operator.sudo_user.clone());
    Planner {
        users: users.collect(),
        keys: own_fingerprints().unwrap_or_default(),
    }
}

/// The fingerprints of the public keys in `~/.ssh`; none without a home.
fn own_fingerprints() -> Option<Vec<String>> {
    let home = directories::BaseDirs::new()?;
    let files = std::fs::read_dir(home.home_dir().join(".ssh")).ok()?;
    let mut keys: Vec<String> = files
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pub"))
        .filter_map(|path| ssh_key::PublicKey::read_openssh_file(&path).ok())
        .map(|key| key.fingerprint(ssh_key::HashAlg::Sha256).to_string())
        .collect();
    keys.sort_unstable();
    Some(keys)
}

/// The bytes of a plan file that nobody else can write, and what they hold.
pub(super) fn read(
    workspace: &Workspace,
    path: &Path,
) -> Result<(Vec<u8>, PlanFile), CommandError> {
    let name = text::visible_path(path);
    let refused =
        |problem: String| CommandError::refused(format!("nothing was sent: {name}: {problem}"));
    let bytes = permissions::read(path, Rule::Config, u64::MAX).map_err(|error| match error {
        TrustedReadError::Io(error) => CommandError::usage(format!("{name}: {error}")),
        TrustedReadError::Problem(problem) => refused(problem.to_string()),
    })?;
    let frozen = PlanFile::read(&bytes, workspace.clock.now().wall, workspace.sizes())
        .map_err(|error| refused(error.to_string()))?;
    workspace
        .target
        .check(&frozen.plan.target)
        .map_err(|problem| CommandError::refused(format!("nothing was sent: {name} {problem}")))?;
    Ok((bytes, frozen))
}

/// Reads a plan file to send it: it must be authentic, and nothing in it protected by now. By the inventory,
/// that is left to the recheck, if one by the inventory follows. The plan carries who approved it. Prints
/// which signatures don't count.
pub(super) fn open(
    workspace: &Workspace,
    path: &Path,
    rechecks_by_inventory: bool,
    cache: &InventoryCache,
) -> Result<(Plan, Vec<String>), CommandError> {
    let name = text::visible_path(path);
    let (_, frozen) = read(workspace, path)?;
    let refuse =
        |problem: String| CommandError::refused(format!("nothing was sent: {name}: {problem}"));
    let journal = workspace.journal()?;
    // Before anything is read from the tenant for a recheck.
    if let Some(run) = journal.confirmed(&frozen.plan.id)? {
        return Err(refuse(format!(
            "it was already used, by run {} on {} ({}), and a plan is used once: plan again",
            run.id,
            run.confirmed_at.strftime("%Y-%m-%d %H:%M"),
            export::counts(run.tally)
        )));
    }
    let known = journal.plan_file_digest(&frozen.plan.id)?;
    let sender = planner(&Operator::current());
    let approvals = approvals(workspace, &frozen, Some(&sender))?;
    for reason in &approvals.ignored {
        print_note(format_args!("{name}: {reason}"));
    }
    let written_by = frozen
        .check_origin(known.as_deref(), approvals.counted.len())
        .map_err(|forged| refuse(forged.to_string()))?;
    let (rules_hash, count) = (&frozen.plan.origin.rules_hash, frozen.plan.devices.len());
    workspace
        .policy_of_plans()
        .check(rules_hash, count as u64)
        .map_err(|refusal| refuse(refusal.to_string()))?;
    let inventory = (!rechecks_by_inventory).then_some(cache);
    if let Some(problem) = protected_now(workspace, &frozen, inventory) {
        return Err(refuse(problem));
    }
    let mut plan = frozen.plan;
    full_records::attach_carried(&mut plan, &frozen.rows, &workspace.keep)?;
    if written_by == Provenance::Approved {
        // Slots of another journal say nothing about this one's.
        plan.origin.known_slot = None;
    }
    plan.origin.approvals = approvals.counted;
    Ok((plan, frozen.allowed))
}

/// The approvals of a plan file, by the approvers of the profile. Those of its sender don't count.
pub(super) fn approvals(
    workspace: &Workspace,
    frozen: &PlanFile,
    sender: Option<&Planner>,
) -> Result<Approvals, CommandError> {
    Ok(match approvers(workspace)? {
        Some(approvers) => approvers.verify(frozen, sender, workspace.clock.now().wall),
        None => Approvals::default(),
    })
}

/// The approvers of the profile; none if it names no file.
pub(super) fn approvers(workspace: &Workspace) -> Result<Option<Approvers>, CommandError> {
    let Some(path) = &workspace.profile.approvers else {
        return Ok(None);
    };
    let name = text::visible_path(path);
    let unusable =
        |problem: &dyn Display| CommandError::usage(format!("approvers = {name}: {problem}"));
    let lines = permissions::read(path, Rule::Config, u64::MAX);
    let lines = lines.map_err(|error| unusable(&error))?;
    let lines = file::text_of(lines).map_err(|error| unusable(&error))?;
    let approvers = Approvers::parse(&lines).map_err(|error| unusable(&error))?;
    Ok(Some(approvers))
}

/// Why the plan may not be sent yet, if it lacks approvals.
pub(super) fn missing_approvals(workspace: &Workspace, plan: &Plan) -> Option<String> {
    let given = plan.origin.approvals.len();
    let checked = workspace.policy_of_plans().check_approvals(given);
    checked.err().map(|refusal| refusal.to_string())
}

/// Writes a plan that needs approvals to a file in the working directory, and says what to do with it.
pub(super) fn write_for_approval(
    workspace: &Workspace,
    list: &DeviceList,
    plan: &Plan,
    allowed: &[String],
) -> Result<String, CommandError> {
    let path = PathBuf::from(format!("plan-{}.json", plan.id));
    write(&mut workspace.journal()?, list, plan, allowed, &path)?;
    let name = path.display();
    let required = text::counted(workspace.profile.approvals as u64, "approval");
    // It is the same for whoever has another default.
    let profile = &workspace.target.profile;
    Ok(format!(
        "{required} of other people required: wrote {name}; each of them runs \
         `offboard --profile {profile} approve {name} --expect-count {}`, and then \
         `offboard --profile {profile} run --plan {name}` sends it",
        plan.devices.len()
    ))
}

/// Why the rules forbid a device of the plan, by what the file carries of it or by the last fetched
/// inventory, if that is given.
fn protected_now(
    workspace: &Workspace,
    frozen: &PlanFile,
    inventory: Option<&InventoryCache>,
) -> Option<String> {
    let rules = &workspace.profile.protect;
    if rules.is_empty() {
        return None;
    }
    let carried = match carried_list(frozen) {
        Ok(list) => list,
        Err(problem) => return Some(problem.to_string()),
    };
    let inventory = match inventory.map(|cache| cache.last_fetched(workspace)) {
        Some(AvailableInventory::Whole(inventory)) => Some(inventory),
        Some(AvailableInventory::None | AvailableInventory::Unusable(_)) | None => None,
    };
    for (list, is_complete) in [(Some(&carried), true), (inventory.as_deref(), false)] {
        let Some(list) = list else { continue };
        let protection = match rules.apply(list) {
            Ok(protection) => protection,
            Err(error) => return Some(error.to_string()),
        };
        for device in &frozen.plan.devices {
            let found = entries_of(list, device);
            let reason = if found.is_empty() && is_complete {
                rules.bare()
            } else {
                let reason = found.into_iter().find_map(|id| protection.reason(id));
                reason.map(str::to_owned)
            };
            if let Some(reason) = reason {
                let name = text::visible(&device.hostname);
                let identifier = &device.identifier;
                return Some(format!(
                    "{name} ({identifier}) is protected: {reason}; plan again"
                ));
            }
        }
    }
    None
}

/// The rows that the file carries, as the list of ours that they were.
fn carried_list(frozen: &PlanFile) -> Result<DeviceList, ListError> {
    let header = serde_json::json!({
        "offboard_list": 1,
        "fetched_at": frozen.plan.origin.list_time,
        "complete": true,
    });
    let lines: Vec<String> = std::iter::once(header.to_string())
        .chain(frozen.rows.iter().cloned())
        .collect();
    DeviceList::read_bytes("the plan file's rows", lines.join("\n").as_bytes())
}
