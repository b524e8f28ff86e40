//! `c` in the history: which devices of a run the open list has.

use crate::domain::outcome::{DeviceState, Outcome};
use crate::list::{DeviceId, DeviceList};
use crate::plan::PlannedDevice;
use crate::query::Query;
use crate::text::{counted, grouped};
use crate::tui::app::App;
use crate::tui::effect::Effect;
use crate::tui::input::commands::View;
use crate::tui::screens::history::state::RecalledRun;
use crate::tui::screens::run::state::RunView;

impl App {
    /// Filters the table to the devices of the run, and says how many the list has.
    pub(in crate::tui) fn compare_with_list(&mut self, run: RecalledRun) -> Vec<Effect> {
        let id = run.past.record.id;
        let all = run.devices.len();
        let states: Vec<DeviceState> = run.devices.iter().map(|device| device.state).collect();
        let planned: Vec<PlannedDevice> = run
            .devices
            .into_iter()
            .map(|device| device.device)
            .collect();
        let list = &self.context.list.devices;
        let sources = RunView::sources_of(list, &planned);
        let found: Vec<DeviceId> = sources.iter().flatten().copied().collect();
        let Some(query) = query_of(list, &found) else {
            let devices = counted(all as u64, "device");
            self.context.status = Some(format!("Run {id}: none of its {devices} in this list"));
            return Vec::new();
        };
        let query = match Query::parse(&query) {
            Ok(query) => query,
            Err(error) => {
                self.context.show_error(&error);
                return Vec::new();
            }
        };
        let is_accepted = |state: &DeviceState| *state == DeviceState::Ended(Outcome::Accepted);
        let accepted = states.iter().filter(|state| is_accepted(state)).count();
        let still = states.iter().zip(&sources);
        let still = still.filter(|(state, source)| is_accepted(state) && source.is_some());
        let mut said = format!(
            "Run {id}: {} of {} in this list",
            grouped(found.len() as u64),
            counted(all as u64, "device")
        );
        if accepted > 0 {
            let dot = self.context.settings.theme.dot();
            let still = grouped(still.count() as u64);
            said.push_str(&format!(
                "{dot}of {} accepted, {still} still in it",
                grouped(accepted as u64)
            ));
        }
        self.context.status = Some(said);
        self.view = View::Devices;
        self.devices.remember_filter();
        let search = self.devices.filter_by(query, &mut self.context.list);
        search.into_iter().collect()
    }
}

/// The query that selects these devices: by HWID, those without one by MAC address. None without any.
fn query_of(list: &DeviceList, devices: &[DeviceId]) -> Option<String> {
    let (mut hwids, mut macs) = (Vec::new(), Vec::new());
    for &id in devices {
        let device = list.device(id);
        match (device.hwid(), device.macs().next()) {
            (Some(hwid), _) => hwids.push(format!("\"{hwid}\"")),
            (None, Some(mac)) => macs.push(mac.to_string()),
            (None, None) => {}
        }
    }
    let by_hwid = (!hwids.is_empty()).then(|| format!("hwid={}", hwids.join(",")));
    // Another machine with the MAC address may have a HWID.
    let by_mac = (!macs.is_empty()).then(|| format!("hwid:none mac={}", macs.join(",")));
    match (by_hwid, by_mac) {
        (Some(by_hwid), Some(by_mac)) => Some(format!("({by_hwid} or ({by_mac}))")),
        (by_hwid, by_mac) => by_hwid.or(by_mac),
    }
}
