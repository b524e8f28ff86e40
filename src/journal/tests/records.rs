//! What the full records of a large plan cost.

use std::time::Instant;

use super::*;
use crate::list::DeviceList;
use crate::plan::{FullRecord, RecordWriter, Records};
use crate::simulator::{Fleet, Shape};

const DEVICES: usize = 10_000;

/// How long it takes to store the plan, and how many bytes the journal has then.
fn admitted(plan: &Plan) -> (Duration, u64) {
    let mut fixture = fixture();
    let policy = Policy {
        max_devices: DEVICES as u64,
        max_per_day: DEVICES as u64,
        ..policy()
    };
    let confirmed = plan.confirm(DEVICES as u64).expect("confirmed");
    let begun = Instant::now();
    let admission = fixture
        .journal
        .admit(&confirmed, &Operator::default(), &policy);
    let took = begun.elapsed();
    assert_eq!(admission.expect("stored"), Admission::Admitted);
    let pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let connection = &fixture.journal.connection;
    let bytes = connection.query_row(pages, [], |row| row.get(0));
    (took, bytes.expect("counted"))
}

/// Run it with `cargo test --release --lib -- --ignored --nocapture full_records_of_10_000`.
#[test]
#[ignore = "measures time: run it alone, in a release build"]
#[expect(clippy::print_stderr, reason = "a measurement says what it found")]
fn full_records_of_10_000_devices_cost_at_most_3_mb_and_200_ms() {
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    for shape in [Shape::V2, Shape::V3, Shape::Csv] {
        let text = Fleet::generate(7, DEVICES + DEVICES / 4, now).list(shape);
        let list = DeviceList::read_bytes("list", text.as_bytes()).expect("a list");
        let ids = list.ids().filter(|&id| list.device(id).hwid().is_some());
        let ids: Vec<_> = ids.take(DEVICES).collect();
        let hwids: Vec<&str> = ids
            .iter()
            .filter_map(|&id| list.device(id).hwid())
            .collect();
        let mut plan = plan(1, &hwids);
        let (without, bytes_without) = admitted(&plan);

        let begun = Instant::now();
        let mut rows = list.records();
        let mut writer = RecordWriter::default();
        for (device, &id) in plan.devices.iter_mut().zip(&ids) {
            let record = FullRecord::of_rows(rows.read(id).expect("readable"));
            device.record = Some(writer.push(&record).expect("compressed"));
        }
        let blocks = writer.finish().expect("compressed");
        let made = begun.elapsed();
        let compressed: usize = blocks.iter().map(|block| block.data.len()).sum();
        plan.origin.records = Records {
            blocks: Some(blocks),
            ..Records::default()
        };
        let (with, bytes_with) = admitted(&plan);
        let stored = with.saturating_sub(without);
        let bytes = bytes_with - bytes_without;
        eprintln!(
            "{shape:?}: {} rows of {} bytes: {compressed} bytes compressed, {bytes} in the journal; \
             made in {made:?}, stored in {stored:?}",
            ids.len(),
            text.len(),
        );
        assert!(bytes <= 3_000_000, "{bytes}");
        // Without optimization it says nothing.
        if !cfg!(debug_assertions) {
            let took = made + stored;
            assert!(took <= Duration::from_millis(200), "{took:?}");
        }
    }
}
