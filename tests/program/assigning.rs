//! Columns that are assigned on the screen, and the offer to match a list with the inventory, in a
//! pseudo-terminal.

use std::time::Duration;

use super::matching;
use super::terminal::Terminal;

#[test]
fn column_is_assigned_remembered_at_the_next_start_and_left_to_the_options_by_commands() {
    let bench = matching::bench();
    let hwids = matching::HWID;
    let rows = hwids.map(|hwid| format!("{hwid},BOX-{}\n", &hwid[18..]));
    bench.write("odd.csv", &format!("hwid,Kiste\n{}", rows.concat()));
    let mut terminal = Terminal::start(&bench, &["odd.csv"], 120, 40);
    terminal.wait_for("5 shown");
    terminal.press(" i");
    terminal.wait_for("5 by HWID, ");
    // Two hardware IDs in a row: no row could be sent.
    terminal.press("j\r");
    terminal.wait_for("read Kiste as");
    terminal.press("gjjj\r");
    terminal.wait_for(
        "not read so: only 0 devices could be sent, 5 before: 5 left out, two different HWIDs",
    );
    terminal.press("\rgj");
    terminal.wait_for("hostname  any text");
    terminal.press("\r");
    terminal.wait_for("assigned here, and remembered for these headers: --column 'hostname=Kiste'");
    terminal.press("\u{1b}");
    let screen = terminal.wait_for("BOX-a4");
    assert!(screen.contains("1 marked"), "{screen}");
    terminal.press("Uq");
    assert_eq!(terminal.exit_code(), 0);

    // Another list with these headers.
    bench.write("other.csv", &format!("Kiste,hwid\nBOX-9,{}\n", hwids[0]));
    let mut terminal = Terminal::start(&bench, &["other.csv"], 120, 40);
    let screen = terminal.wait_for("columns are read as assigned here on");
    assert!(screen.contains("BOX-9"), "{screen}");
    let plan = [
        "plan",
        "other.csv",
        "--action",
        "remove",
        "--where",
        "hostname:box",
    ];
    let output = bench.run(&plan);
    output.says("give --column 'hostname=Kiste'");
    assert!(!output.stdout.contains("BOX-9"), "{}", output.stdout);
    let output = bench.run(&[&plan[..], &["--column", "hostname=Kiste"]].concat());
    assert!(
        output.stdout.contains("BOX-9"),
        "{} {}",
        output.stdout,
        output.stderr
    );
    assert!(
        !output.stderr.contains("give --column"),
        "{}",
        output.stderr
    );
    terminal.press("\r");
    terminal.wait("the table alone", |screen| {
        !screen.contains("about this list")
    });
    terminal.press_until("i", "the report", |screen| screen.contains("as assigned"));
    terminal.press("D");
    terminal.wait_for("Kiste  not used");
    terminal.press("\u{1b}");
    terminal.wait("the table alone", |screen| {
        !screen.contains("Kiste  not used")
    });
    terminal.leave("q");
    let mut terminal = Terminal::start(&bench, &["other.csv"], 120, 40);
    let screen = terminal.wait_for("1 shown");
    assert!(!screen.contains("as assigned here"), "{screen}");
    terminal.press("q");
    terminal.exit_code();
}

#[test]
fn list_of_names_is_matched_with_the_inventory_by_one_key_and_back() {
    let bench = matching::bench();
    bench.write(
        "leavers.csv",
        "Hostname,Room\nLT-1,2.01\nlt-3.corp.example,2.02\nNOPE,2.03\n",
    );
    let mut terminal = Terminal::start(&bench, &["leavers.csv"], 120, 40);
    terminal.wait_for("3 shown");
    // The message about the list goes with the next key.
    terminal.press("j");
    terminal.wait_for("3 without an identifier · M matches them with the inventory");
    terminal.press("M");
    let screen = terminal.wait_for("2 devices chosen");
    assert!(screen.contains("NOPE"), "{screen}");
    assert!(
        !screen.contains("gone"),
        "the lists aren't compared: {screen}"
    );
    // At the report, esc goes back, and nothing is marked.
    terminal.press("\u{1b}");
    let screen = terminal.wait("the list of names", |screen| {
        screen.contains("back to") && screen.contains("3 shown")
    });
    assert!(screen.contains("leavers.csv"), "{screen}");
    assert!(!screen.contains("marked"), "{screen}");
    terminal.press("M");
    terminal.wait_for("2 devices chosen");
    // A dialog that opens late drops keys that may have been meant for the table.
    std::thread::sleep(Duration::from_millis(400));
    terminal.press("\r");
    let screen = terminal.wait_for("Marked 2 ");
    assert!(screen.contains("5 shown"), "{screen}");
    terminal.press_until("\u{1b}", "the offer", |screen| {
        screen.contains("M goes back to leavers.csv")
    });
    terminal.press("qy");
    terminal.exit_code();
}
