//! What the runner works with, from the workspace.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use super::inventory::{AvailableInventory, InventoryCache};
use super::workspace::{Workspace, test_window};
use crate::api;
use crate::config::{CredentialError, OnDoubt};
use crate::journal::{Journal, Operator};
use crate::runner::{self, CredentialSource, Setup};

/// The runtime in which a command waits for its engine.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// What an engine's driver works with.
pub(super) fn setup(workspace: &Workspace, journal: Journal) -> Setup {
    let setting = workspace.profile.credential.clone();
    let credential: CredentialSource = Arc::new(move || match &setting {
        Some(setting) => setting.load(),
        None => Err(CredentialError::None),
    });
    let profile = &workspace.profile;
    let of_inventory = workspace.clone();
    Setup {
        journal,
        clock: workspace.clock.clone(),
        target: workspace.target.clone(),
        api: api::ClientSettings {
            base_url: profile.base_url.clone(),
            proxy: profile.proxy.clone(),
            ca_file: profile.ca_file.clone(),
            connect_timeout: workspace.limits.connect_timeout,
            request_timeout: workspace.limits.request_timeout,
            read_only: workspace.read_only,
        },
        reference_devices: Arc::new(move || {
            match InventoryCache::default().last_fetched(&of_inventory) {
                AvailableInventory::Whole(inventory) => runner::reference_devices(&inventory),
                AvailableInventory::None | AvailableInventory::Unusable(_) => Vec::new(),
            }
        }),
        credential,
        budget: workspace.budget,
        licences: workspace.policy.licences,
        resend_once: workspace.policy.on_doubt == OnDoubt::ResendOnce,
        minute: test_window(),
        operator: Operator::current(),
        policy: workspace.policy_of_plans(),
    }
}
