//! `offboard approve`: adds a second person's signature to a plan file.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Args;
use ssh_key::{PrivateKey, PublicKey};

use super::plan::{PreparedPlan, describe, describe_devices};
use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, Exit, Global, plan_file};
use crate::journal::Operator;
use crate::plan::{Approvers, NAMESPACE, PlanFile};
use crate::platform::file;
use crate::text;

#[derive(Debug, Args)]
pub(in crate::cli) struct ApproveArgs {
    /// The plan file; the signature is added to it
    plan: PathBuf,
    /// The exact number of devices of the plan; without it, the plan is shown and not signed
    #[arg(long, value_name = "N")]
    expect_count: Option<u64>,
    /// The key that signs: a private key, or the public half of one that the SSH agent or a hardware
    /// key holds; else the first that `~/.ssh` has of `id_ed25519`, `id_ecdsa` and `id_rsa`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &ApproveArgs) -> Result<Exit, CommandError> {
    let workspace = Workspace::open(global)?;
    let (_, frozen) = plan_file::read(&workspace, &args.plan)?;
    let plan = &frozen.plan;
    let mut out = std::io::stdout();
    let shown = PreparedPlan::of_file(plan.clone(), frozen.allowed.clone());
    out.write_all(describe(&workspace, &shown).as_bytes())?;
    out.write_all(describe_devices(plan).as_bytes())?;
    let count = plan.devices.len() as u64;
    match args.expect_count {
        Some(expected) if expected == count => {}
        Some(expected) => {
            return Err(CommandError::refused(format!(
                "not approved: expected {expected} devices, but the plan has {count}"
            )));
        }
        None => {
            return Err(CommandError::refused(format!(
                "not approved: pass --expect-count {count} to sign the plan above"
            )));
        }
    }
    let key = match &args.key {
        Some(key) => key.clone(),
        None => usual_key()?,
    };
    check_key(&workspace, &frozen, &key)?;
    let signature = sign(&frozen, &key)?;
    add(&workspace, &args.plan, &frozen, signature)?;
    writeln!(
        out,
        "approved {}: signed {} of {}",
        text::visible_path(&args.plan),
        text::counted(count, "device"),
        plan.target.host()
    )?;
    report(&workspace, &args.plan)
}

/// Adds the signature to the plan file as it is now: somebody else may have signed meanwhile.
fn add(
    workspace: &Workspace,
    path: &Path,
    frozen: &PlanFile,
    signature: String,
) -> Result<(), CommandError> {
    let _lock = lock(path)?;
    let (bytes, now) = plan_file::read(workspace, path)?;
    if now.digest() != frozen.digest() {
        return Err(CommandError::refused(
            "not approved: the plan file was changed while it was signed: look at it again",
        ));
    }
    let signed = PlanFile::with_signature(&bytes, signature).map_err(CommandError::internal)?;
    file::replace(path, |out| out.write_all(&signed))?;
    Ok(())
}

/// Waits until no other process adds a signature. Each replaces the file, so that the lock counts only
/// if it is on the file that the path names.
fn lock(path: &Path) -> std::io::Result<File> {
    loop {
        let file = File::open(path)?;
        file.lock()?;
        let (locked, named) = (file.metadata()?, path.metadata()?);
        if (locked.dev(), locked.ino()) == (named.dev(), named.ino()) {
            return Ok(file);
        }
    }
}

/// Refuses a key whose signature would not count, where the profile knows its approvers.
fn check_key(workspace: &Workspace, frozen: &PlanFile, key: &Path) -> Result<(), CommandError> {
    let Some(approvers) = plan_file::approvers(workspace)? else {
        return Ok(());
    };
    let public = public_half(key).ok_or_else(|| {
        let key = text::visible_path(key);
        CommandError::usage(format!(
            "not approved: the public half of {key} can't be read: put it into {key}.pub, as ssh-keygen writes it"
        ))
    })?;
    let checked = approvers.check_signer(frozen, &public, workspace.clock.now().wall);
    checked.map_err(|reason| {
        CommandError::refused(format!(
            "not approved, nothing signed: this key's signature would not count: {}; {}",
            text::visible(&reason.to_string()),
            remedy(workspace, &approvers, frozen, &public)
        ))
    })
}

/// Who can approve instead, by which file, and what that file lacks of this key.
fn remedy(
    workspace: &Workspace,
    approvers: &Approvers,
    frozen: &PlanFile,
    key: &PublicKey,
) -> String {
    /// How many names are listed.
    const MOST_NAMES: usize = 5;
    let names = approvers.names_for(frozen, workspace.clock.now().wall);
    let more = names.len().saturating_sub(MOST_NAMES);
    let mut names: Vec<String> = names
        .into_iter()
        .take(MOST_NAMES)
        .map(str::to_owned)
        .collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let file = workspace
        .profile
        .approvers
        .as_deref()
        .unwrap_or(Path::new(""));
    let file = file.display();
    let others = if names.is_empty() {
        format!(
            "{file} names nobody who can approve it: add another person's name and public key to it"
        )
    } else {
        format!("those who can approve it by {file}: {}", names.join(", "))
    };
    let line = || {
        let key = PublicKey::from(key.key_data().clone()).to_openssh().ok()?;
        let user = Operator::current().os_user;
        Some(format!(
            "; if you may approve, it lacks the line: {user} {key}"
        ))
    };
    let missing = (!approvers.knows(key)).then(line).flatten();
    text::visible(&format!("{others}{}", missing.unwrap_or_default())).into_owned()
}

/// The public half of a key, of its own file or of the one beside it, as `ssh-keygen` looks for it. None of a
/// pipe, which can be read once.
fn public_half(key: &Path) -> Option<PublicKey> {
    let is_file = std::fs::metadata(key).is_ok_and(|metadata| metadata.is_file());
    let beside = || {
        let mut name = key.as_os_str().to_owned();
        name.push(".pub");
        PublicKey::read_openssh_file(Path::new(&name)).ok()
    };
    let private = || PrivateKey::read_openssh_file(key).ok();
    let of_private = || private().map(|key| key.public_key().clone());
    let own = || of_private().or_else(|| PublicKey::read_openssh_file(key).ok());
    is_file.then(own).flatten().or_else(beside)
}

/// Says how many approvals the plan has now, where the profile knows its approvers.
fn report(workspace: &Workspace, path: &Path) -> Result<Exit, CommandError> {
    if workspace.profile.approvers.is_none() {
        return Ok(Exit::Accepted);
    }
    let (_, frozen) = plan_file::read(workspace, path)?;
    let approvals = plan_file::approvals(workspace, &frozen, None)?;
    let names: Vec<&str> = approvals
        .counted
        .iter()
        .map(|approval| approval.name.as_str())
        .collect();
    let names = if names.is_empty() {
        "nobody whose approval counts".to_owned()
    } else {
        text::visible(&names.join(", ")).into_owned()
    };
    writeln!(std::io::stdout(), "approved by {names}")?;
    for reason in approvals.ignored {
        writeln!(std::io::stdout(), "not counted: {reason}")?;
    }
    Ok(Exit::Accepted)
}

fn usual_key() -> Result<PathBuf, CommandError> {
    let ssh = directories::BaseDirs::new().map(|home| home.home_dir().join(".ssh"));
    ["id_ed25519", "id_ecdsa", "id_rsa"]
        .iter()
        .filter_map(|name| Some(ssh.as_ref()?.join(name)))
        .find(|path| path.exists())
        .ok_or_else(|| CommandError::usage("there is no key in ~/.ssh: name one with --key FILE"))
}

/// Signs with OpenSSH's own program, so that agents, passphrases and hardware keys work.
fn sign(frozen: &PlanFile, key: &Path) -> Result<String, CommandError> {
    let failed = |error: std::io::Error| CommandError::internal(format!("ssh-keygen: {error}"));
    let mut child = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        // One that has ended already says why on standard error.
        let _ = input.write_all(&frozen.message());
    }
    let output = child.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err(CommandError::internal(format!(
            "not approved: ssh-keygen could not sign with {}",
            text::visible_path(key)
        )));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| CommandError::internal("not approved: ssh-keygen's signature is not a text"))
}
