//! What a journal of a million outcomes costs at the start: opening it, looking a list's devices up, the
//! history, a search.
//!
//! Goals: with any history, a list of 400 devices is looked up within 20 ms and the history and a search
//! take at most 50 ms. `OFFBOARD_BENCH_JOURNAL=DIR` keeps the journals in `DIR/other` and `DIR/own`, for
//! measurements of the program itself.
#![expect(
    clippy::expect_used,
    reason = "a benchmark that can't make its journal has failed"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use offboard::domain::target::Target;
use offboard::journal::Journal;
use offboard::list::DeviceList;
use offboard::plan::ListIdentifiers;
use offboard::platform::clock::Clock;
use rusqlite::{Connection, params};
use tempfile::TempDir;

const RUNS: u64 = 2_000;
const DEVICES_PER_RUN: u64 = 500;
const DEVICES_PER_CALL: u64 = 50;
/// How many devices the list has.
const LISTED: u64 = 400;
const TIME: &str = "2026-01-02T03:04:05Z";

/// Which devices the list has.
#[derive(Clone, Copy, Debug)]
enum Listed {
    /// Devices that no run had.
    Others,
    /// Devices of runs, all of which were accepted.
    Own,
}

/// Where the journals are, unless the environment names a directory.
static TEMPORARY: Mutex<Option<TempDir>> = Mutex::new(None);

fn main() {
    divan::main();
    drop(TEMPORARY.lock().expect("no panic").take());
}

fn base() -> PathBuf {
    if let Some(named) = std::env::var_os("OFFBOARD_BENCH_JOURNAL") {
        return named.into();
    }
    TEMPORARY
        .lock()
        .expect("no panic")
        .get_or_insert_with(|| tempfile::tempdir().expect("a directory"))
        .path()
        .to_owned()
}

/// A journal of a million outcomes, and a list.
struct History {
    directory: PathBuf,
    list: DeviceList,
}

fn history(listed: Listed) -> &'static History {
    static OTHERS: OnceLock<History> = OnceLock::new();
    static OWN: OnceLock<History> = OnceLock::new();
    let (place, name) = match listed {
        Listed::Others => (&OTHERS, "other"),
        Listed::Own => (&OWN, "own"),
    };
    place.get_or_init(|| {
        let directory = base().join(name);
        if !directory.exists() {
            std::fs::create_dir_all(&directory).expect("made");
            write_journal(&directory);
        }
        let list = list(listed);
        std::fs::write(directory.join("list.csv"), &list).expect("written");
        History {
            list: DeviceList::read_bytes("list", list.as_bytes()).expect("a list"),
            directory,
        }
    })
}

/// The identifiers of device `number`: scattered, as real ones are.
fn identifiers(number: u64) -> (String, String) {
    let scattered = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let octets = scattered.to_be_bytes();
    let mac = format!(
        "3c:52:{:02x}:{:02x}:{:02x}:{:02x}",
        octets[0], octets[1], octets[2], octets[3]
    );
    (format!("{scattered:016x}{number:016x}"), mac)
}

fn list(listed: Listed) -> String {
    let mut text = "hwid,mac,hostname\n".to_owned();
    let all = RUNS * DEVICES_PER_RUN;
    for index in 0..LISTED {
        let number = match listed {
            Listed::Others => all + index,
            Listed::Own => index * (all / LISTED),
        };
        let (hwid, mac) = identifiers(number);
        writeln!(text, "{hwid},{mac},LT-{number:07}").expect("written");
    }
    text
}

/// Writes the rows that runs leave behind; the program would need hours for them.
fn write_journal(directory: &Path) {
    let path = Journal::open(directory, Clock::system())
        .expect("a journal")
        .path();
    let mut connection = Connection::open(path).expect("open");
    connection
        .pragma_update(None, "cache_size", -400_000)
        .expect("set");
    let transaction = connection.transaction().expect("begun");
    transaction
        .execute(
            "INSERT INTO accounts (id, tenant, account) VALUES (1, 'http://127.0.0.1:9', '')",
            [],
        )
        .expect("stored");
    let mut identified = Vec::new();
    for run in 1..=RUNS {
        write_run(&transaction, run, &mut identified);
    }
    identified.sort_unstable();
    let mut insert = transaction
        .prepare("INSERT INTO identifiers (account, identifier, kind, run, ordinal) VALUES (1, ?1, ?2, ?3, ?4)")
        .expect("prepared");
    for (identifier, kind, run, ordinal) in identified {
        insert
            .execute(params![identifier, kind, run, ordinal])
            .expect("stored");
    }
    drop(insert);
    transaction.commit().expect("stored");
}

fn write_run(
    connection: &Connection,
    run: u64,
    identified: &mut Vec<(String, &'static str, u64, u64)>,
) {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&run.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    connection
        .execute(
            "INSERT INTO runs (number, id, short, account, profile, action, identify_by, devices, left_out,
                 repeated, batch, canary, hash, list_name, list_hash, list_time, os_user, host, version,
                 planned_at, confirmed_at, started_at, ended_at, state, left_out_why, warnings)
             VALUES (?1, ?2, ?3, 1, 'p', 'archive', 'auto', ?4, 0, 0, ?5, 5, '', 'list.csv', '', ?6, 'ada', 'h',
                 '0', ?6, ?6, ?6, ?6, 'finished', '[]', '[]')",
            params![run, id, format!("r{run:07}"), DEVICES_PER_RUN, DEVICES_PER_CALL, TIME],
        )
        .expect("stored");
    for call in 1..=DEVICES_PER_RUN / DEVICES_PER_CALL {
        connection
            .prepare_cached(
                "INSERT INTO calls (run, call, kind, origin, ordinals, body_hash, slot, intent_at, ended_at,
                     verdict, status)
                 VALUES (?1, ?2, 'hwid', 'fresh', '[]', '', ?1 * 10 + ?2, ?3, ?3, 'answered', 200)",
            )
            .and_then(|mut insert| insert.execute(params![run, call, TIME]))
            .expect("stored");
    }
    let mut text = String::new();
    for ordinal in 0..DEVICES_PER_RUN {
        let number = (run - 1) * DEVICES_PER_RUN + ordinal;
        let (hwid, mac) = identifiers(number);
        let call = ordinal / DEVICES_PER_CALL + 1;
        connection
            .prepare_cached(
                "INSERT INTO run_devices (run, ordinal, kind, identifier, hwid, macs, hostname, nickname,
                     user_name, device_type, group_name, last_seen, outcome, reason, call, decided_at)
                 VALUES (?1, ?2, 'hwid', ?3, ?3, ?4, ?5, '', ?6, 'laptop', 'Sales', ?7, 'accepted', '', ?8, ?7)",
            )
            .and_then(|mut insert| {
                let (host, user) = (format!("LT-{number:07}"), format!("user{:05}", number % 60_000));
                let stored = insert.execute(params![run, ordinal, hwid, mac, host, user, TIME, call]);
                writeln!(text, "{}\n{user}\n{hwid}\n{mac}", host.to_lowercase()).expect("written");
                stored
            })
            .expect("stored");
        if text.len() > 3_700 || ordinal + 1 == DEVICES_PER_RUN {
            write_block(connection, run, ordinal, &mut text);
        }
        identified.push((hwid, "hwid", run, ordinal));
        identified.push((mac, "mac", run, ordinal));
    }
    connection
        .execute(
            "INSERT INTO outcome_counts (run, outcome, devices) VALUES (?1, 'accepted', ?2)",
            params![run, DEVICES_PER_RUN],
        )
        .expect("stored");
}

/// Writes a block for the search, which begins after the run's last one.
fn write_block(connection: &Connection, run: u64, last: u64, text: &mut String) {
    connection
        .prepare_cached(
            "INSERT INTO search_blocks (run, first_ordinal, last_ordinal, text)
             SELECT ?1, coalesce(max(last_ordinal) + 1, 0), ?2, ?3 FROM search_blocks WHERE run = ?1",
        )
        .and_then(|mut insert| insert.execute(params![run, last, &*text]))
        .expect("stored");
    text.clear();
}

fn open(history: &History) -> Journal {
    Journal::open(&history.directory, Clock::system()).expect("a journal")
}

fn target() -> Target {
    Target {
        tenant: "http://127.0.0.1:9".to_owned(),
        account: None,
        profile: "p".to_owned(),
    }
}

/// What decides which devices a plan may have, before the first frame and for a plan.
#[divan::bench(args = [Listed::Others, Listed::Own], sample_count = 20, sample_size = 1)]
fn open_and_read_earlier_devices(bencher: divan::Bencher<'_, '_>, listed: Listed) {
    let history = history(listed);
    let list = &history.list;
    bencher.bench(|| {
        let keys = list
            .ids()
            .flat_map(|id| ListIdentifiers::of(list.device(id)).into_keys());
        open(history)
            .earlier_devices(&target(), list.len(), keys)
            .expect("read")
    });
}

/// The column of outcomes, and queries such as `is:accepted`.
#[divan::bench(args = [Listed::Others, Listed::Own], sample_count = 20, sample_size = 1)]
fn open_and_read_earlier_states(bencher: divan::Bencher<'_, '_>, listed: Listed) {
    let history = history(listed);
    bencher.bench(|| {
        open(history)
            .earlier_states(&target(), &history.list)
            .expect("read")
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn open_and_read_runs(bencher: divan::Bencher<'_, '_>) {
    let history = history(Listed::Own);
    bencher.bench(|| open(history).runs().expect("read"));
}

/// One device of the oldest run, one of none, and the newest ten thousand.
#[divan::bench(args = ["lt-0000007", "nowhere", "lt-"], sample_count = 20, sample_size = 1)]
fn open_and_find(bencher: divan::Bencher<'_, '_>, text: &str) {
    let history = history(Listed::Own);
    bencher.bench(|| open(history).find(text).expect("read"));
}
