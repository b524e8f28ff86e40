//! How fast a list is read, and what a device takes in memory.
//!
//! Goals: a workbook of 100,000 rows is read within 3 s, and the largest list needs at most 120 MB,
//! which `max alloc` shows.
#![expect(
    clippy::expect_used,
    reason = "a benchmark that can't make its list has failed"
)]

use std::fmt::Write as _;
use std::io::Write as _;

use divan::AllocProfiler;
use divan::counter::{BytesCount, ItemsCount};
use offboard::list::DeviceList;
use rust_xlsxwriter::Workbook;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const DEVICES: u32 = 100_000;
/// The devices of the list whose memory is measured.
const MANY_DEVICES: u32 = 300_000;

fn main() {
    for (shape, text) in [("v2 JSON", v2_json(DEVICES)), ("CSV", csv())] {
        let file = file_of(&text);
        let before = resident_kilobytes();
        if let Ok(list) = DeviceList::open(file.path(), &mut |_| {}) {
            let grown = resident_kilobytes().saturating_sub(before) * 1024;
            let bytes = grown / list.len().max(1);
            // A benchmark without its note is no harm.
            let _ = writeln!(
                std::io::stderr(),
                "{shape}: the process grew by {bytes} bytes a device"
            );
        }
    }
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn read_v2_json(bencher: divan::Bencher<'_, '_>) {
    read(bencher, &v2_json(DEVICES));
}

#[divan::bench(sample_count = 10)]
fn read_csv(bencher: divan::Bencher<'_, '_>) {
    read(bencher, &csv());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_workbook(bencher: divan::Bencher<'_, '_>) {
    let file = workbook();
    bencher
        .counter(ItemsCount::new(DEVICES))
        .bench(|| DeviceList::read_bytes("bench", &file).expect("a list"));
}

/// Some 147 MB on disk.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn open_large_v2_json(bencher: divan::Bencher<'_, '_>) {
    let file = file_of(&v2_json(MANY_DEVICES));
    bencher
        .counter(ItemsCount::new(MANY_DEVICES))
        .bench(|| DeviceList::open(file.path(), &mut |_| {}).expect("a list"));
}

fn file_of(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

/// The resident memory of this process; 0 where the kernel doesn't tell it.
fn resident_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = resident.and_then(|value| value.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

fn read(bencher: divan::Bencher<'_, '_>, text: &str) {
    bencher
        .counter(BytesCount::of_str(text))
        .counter(ItemsCount::new(DEVICES))
        .bench(|| DeviceList::read_bytes("bench", text.as_bytes()));
}

/// Some 490 bytes a device, as the tenant answers.
fn v2_json(devices: u32) -> String {
    let mut text = "[".to_owned();
    for number in 0..devices {
        let separator = if number == 0 { "" } else { ",\n" };
        let device = Device::new(number);
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "{separator}{{\"hwid\":\"{hwid}\",\"hostname\":\"LT-{number:06}\",\"nickname\":\"\",\"agent_version\":\"7.6.{patch}\",\
             \"last_seen\":\"{seen}\",\"machine_type\":\"laptop\",\"country\":\"US\",\"active\":1,\"total_issue\":{patch},\
             \"user_info\":{{\"username\":\"user{number}\",\"domain\":\"CORP\"}},\
             \"os_info\":{{\"family\":\"Windows\",\"name\":\"Windows 11 Enterprise\",\"version\":\"10.0.22631\",\"architecture\":\"64-Bit\"}},\
             \"network_info\":[{{\"mac_addr\":\"{mac}\",\"ipv4_addr\":\"{ip}\",\"ipv6_addr\":\"\"}},{{\"mac_addr\":\"\",\"ipv4_addr\":\"\"}}]}}",
            hwid = device.hwid,
            seen = device.seen,
            mac = device.mac,
            ip = device.ip,
            patch = number % 7,
        );
    }
    text.push(']');
    text
}

/// Some 140 bytes a device, as a spreadsheet has them.
fn csv() -> String {
    let mut text = "HWID,Hostname,MAC Address,IP,OS,Type,Status,Group,User,Last Seen\n".to_owned();
    for number in 0..DEVICES {
        let Device {
            hwid,
            seen,
            mac,
            ip,
        } = Device::new(number);
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "{hwid},LT-{number:06},{mac},{ip},Windows 11,laptop,non_compliant,Sales,user{number},{seen}"
        );
    }
    text
}

/// An `.xlsx` file with six columns.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let headers = ["HWID", "Hostname", "MAC Address", "IP", "User", "Last Seen"];
    let rows = (0..DEVICES).map(|number| {
        let device = Device::new(number);
        let (name, user) = (format!("LT-{number:06}"), format!("user{number}"));
        [device.hwid, name, device.mac, device.ip, user, device.seen]
    });
    let rows = std::iter::once(headers.map(str::to_owned)).chain(rows);
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(cells) {
            sheet.write_string(row, column, text).expect("a cell");
        }
    }
    book.save_to_buffer().expect("in memory")
}

struct Device {
    hwid: String,
    seen: String,
    mac: String,
    ip: String,
}

impl Device {
    fn new(number: u32) -> Self {
        let [_, a, b, c] = number.to_be_bytes();
        let scattered = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self {
            hwid: format!("{scattered:016x}{number:08x}"),
            seen: format!(
                "2026-{:02}-{:02}T08:59:00Z",
                number % 12 + 1,
                number % 28 + 1
            ),
            mac: format!("00:0c:29:{a:02x}:{b:02x}:{c:02x}"),
            ip: format!("10.{a}.{b}.{c}"),
        }
    }
}
