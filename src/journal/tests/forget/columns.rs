//! Every text in the schema either stays when a run is forgotten, or is replaced.

use std::collections::BTreeSet;

use crate::journal::tests::fixture;

/// Texts that have no names of devices and their users, and stay as they are.
const KEPT: &str = "
    accounts: tenant account
    runs: id short profile action identify_by hash list_time os_user sudo_user ssh_connection host version closed_by
        planned_at confirmed_at started_at ended_at state rules_hash retry_of approvals stop_requested_by
    resumes: resumed_at os_user sudo_user ssh_connection host
    run_devices: kind identifier hwid macs device_type group_name last_seen outcome reason decided_at
        matched_by enrolled removed_by status serial
    identifiers: identifier kind
    calls: kind origin ordinals body_hash intent_at ended_at verdict result boot
    lookups: looked_at hwid last_seen enrolled_at identifier
    slots: boot purpose
    caps: boot source
    first_seen: observer kind name
    plan_files: id written_at os_user host
    outcome_counts: outcome
    holds: hwid macs until added_at boot os_user sudo_user ssh_connection host
    hold_identifiers: identifier kind
    hold_ends: ended_at os_user sudo_user ssh_connection host
    server_times: boot server
    licences: measured_at
    verifications: source seen_at inventory_hash verified_at os_user sudo_user ssh_connection host
    verified_devices: state recognised_by hwid macs last_seen enrolled
    fetch_totals: profile fetched_at list_hash by_status by_type by_age
    rechecks: checked_at list_time planned_hash
    dropped_devices: kind identifier hwid macs reason_kind
    forgets: forgotten_at before_day os_user sudo_user ssh_connection host
";

const REPLACED: &str = "
    runs: query note reason list_name list_hash matched_name matched_hash warnings left_out_why
    run_devices: hostname nickname user_name
    run_records: data
    search_blocks: text
    calls: words
    lookups: hostname
    verified_devices: hostname
    rechecks: list_name list_hash dropped_why
    dropped_devices: hostname reason
    plan_files: digest
    holds: hostname reason owner
";

#[test]
fn forget_knows_every_text_of_the_journal() {
    let known = |list: &str| -> BTreeSet<String> {
        let mut columns = BTreeSet::new();
        let mut table = "";
        for word in list.split_whitespace() {
            match word.strip_suffix(':') {
                Some(name) => table = name,
                None => drop(columns.insert(format!("{table}.{word}"))),
            }
        }
        columns
    };
    let fixture = fixture();
    let connection = &fixture.journal.connection;
    let mut statement = connection
        .prepare(
            "SELECT t.name || '.' || c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type IN ('TEXT', 'BLOB')",
        )
        .expect("prepared");
    let texts: BTreeSet<String> = statement
        .query_map([], |row| row.get(0))
        .and_then(Iterator::collect)
        .expect("read");
    let (kept, replaced) = (known(KEPT), known(REPLACED));
    assert!(kept.is_disjoint(&replaced));
    let all: BTreeSet<String> = kept.union(&replaced).cloned().collect();
    let unknown: Vec<_> = texts.symmetric_difference(&all).collect();
    assert!(
        unknown.is_empty(),
        "does forget.rs replace names in these columns, or are there none? {unknown:?}"
    );
}
