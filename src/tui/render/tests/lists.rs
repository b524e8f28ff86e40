//! The list: fetching it, its columns and filters, imports, files and the saved view.

use super::*;
use crate::runner::ReadingWait;
use crate::tui::saved_view::SavedViewOffer;

#[test]
fn what_reading_the_inventory_costs() {
    every_screen("fetch", |operator| {
        operator.press(":fetch\n");
    });
}

#[test]
fn inventory_is_being_read() {
    every_screen("fetching", |operator| {
        run(operator);
        operator.state(RunState::Paused, Some(PauseReason::Operator));
        operator.press(":fetch\n\n");
        operator.news(News::Fetch(FetchNews::Read(50)));
        let until = operator.app.context.now.boot + Duration::from_secs(4);
        let next = "next call".to_owned();
        operator.news(News::Fetch(FetchNews::Waiting(ReadingWait { until, next })));
    });
}

#[test]
fn inventory_is_another_list() {
    every_screen("fetched", |operator| {
        let place =
            FetchDestination::default_for("/home/kim/.local/state/offboard".as_ref(), "production");
        operator.news(News::Fetch(FetchNews::Ended(Ok((12_408, place.path)))));
    });
}

#[test]
fn marked_devices_that_vanished() {
    every_screen("vanished", |operator| {
        operator.press("a");
        let now = "2026-11-20T10:00:00Z".parse().expect("a time");
        let anew = Fleet::generate(2, 100, now).list(Shape::V2);
        let message = read_anew(operator, &anew, "/lists/devices.csv");
        operator.send(message);
    });
}

#[test]
fn every_key() {
    every_screen("help", |operator| {
        operator.press("?");
    });
}

#[test]
fn choosing_a_column() {
    every_screen("sort", |operator| {
        operator.press("s");
    });
}

/// An operator who looks at how a list of another system was read.
fn list_info(operator: &mut Operator) {
    open_list(
        operator,
        "Kennung;Kiste;MAC Address;Last Contact\n\
        k1;LT-1;00:0c:29:aa:bb:cc;2026-01-01\n\
        k2;LT-2;nomac;yesterday\n\
        k3;LT-3;00:0c:29:aa:bb:cd;2026-01-03\n",
    );
    operator.app.context.info.notices = vec!["one date can't be read".to_owned()];
    let assigned = crate::list::parse_column("hostname=Kiste");
    operator.app.context.info.assigned = vec![assigned.expect("an assignment")];
    operator.press("i");
    let report = operator.app.context.list.devices.report();
    operator.send(Answer::ListDescribed(Box::new(report)));
}

#[test]
fn how_the_list_was_read() {
    every_screen("list_info", list_info);
}

#[test]
fn what_a_column_could_be_read_as() {
    every_screen("list_info_fields", |operator| {
        list_info(operator);
        // On the smallest screen the cursor begins at the notices.
        while !shown(&operator.app).contains("enter assign") {
            operator.press("j");
        }
        operator.press("jj\n");
    });
}

#[test]
fn offer_to_match_a_list_of_names() {
    every_screen("match_offer", |operator| {
        open_list(operator, "Hostname,Room\nLT-1,2.01\nLT-2,2.02\n");
    });
}

#[test]
fn what_completes_the_filter() {
    every_screen("completion", |operator| {
        operator.press("/unseen>10d status:");
        operator.wait(400);
        operator.press("\t\t");
        operator.wait(200);
    });
}

#[test]
fn what_is_still_counted_for_the_filter() {
    every_screen("completion_counting", |operator| {
        operator.counts_late = true;
        operator.press("/is:");
        operator.wait(400);
    });
}

#[test]
fn saved_filters_and_suggestions() {
    every_screen("filters", |operator| {
        let stale = Query::parse("unseen>90d type:laptop").expect("a query");
        operator.app.context.settings.filters = vec![("stale-laptops".to_owned(), stale)];
        operator.press("/sales\n/\u{8}\u{8}\u{8}\u{8}\u{8}\nFj");
    });
}

#[test]
fn name_of_a_filter_to_save() {
    every_screen("save_filter", |operator| {
        operator.press("/unseen>90d type:laptop\nFSstale-laptops");
    });
}

#[test]
fn what_the_filter_matched_is_underlined_with_and_without_colours() {
    for (base, depth) in [
        (BaseTheme::Dark, ColourDepth::Indexed),
        (BaseTheme::Mono, ColourDepth::None),
    ] {
        let mut operator = operator((120, 40));
        operator.app.context.settings.theme = Theme::new(base, depth, false);
        operator.press("/lt-1 -type:laptop or group:sal or group:lab\n");
        let size = operator.app.context.size;
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal");
        let drawn = terminal.draw(|frame| render(frame, &operator.app));
        let buffer = drawn.expect("drawn").buffer.clone();
        let mut words: Vec<String> = Vec::new();
        let mut before = None;
        for y in 3..size.1 {
            for x in 0..size.0 {
                let cell = &buffer[(x, y)];
                if !cell.modifier.contains(Modifier::UNDERLINED) {
                    continue;
                }
                if before != Some((x.wrapping_sub(1), y)) {
                    words.push(String::new());
                }
                before = Some((x, y));
                if let Some(word) = words.last_mut() {
                    word.push_str(cell.symbol());
                }
            }
        }
        words.sort();
        words.dedup();
        assert_eq!(words, ["LT-1", "Lab", "Sal"], "{base:?}");
    }
}

#[test]
fn tickets_list() {
    every_screen("import_text", |operator| {
        operator.press("I");
        let text = "- LT-4411\nsrv-dc-01.corp.example\nnobody".to_owned();
        operator.send(Message::Paste(text, operator.now));
        operator.wait(300);
    });
    every_screen("import", |operator| {
        operator.press("I");
        let hwid = operator
            .app
            .context
            .list
            .devices
            .device(DeviceId::from_index(0))
            .hwid()
            .unwrap_or_default()
            .to_owned();
        let text = format!("- {hwid}\nlt-4411\nnobody\nwho@corp\n{hwid}");
        operator.send(Message::Paste(text, operator.now));
        operator.control('d');
        operator.press("j");
    });
}

#[test]
fn actions_by_name() {
    every_screen("command", |operator| {
        operator.press(":mark");
    });
}

#[test]
fn where_a_file_is_written() {
    every_screen("write", |operator| {
        operator.press("I");
        operator.send(Message::Paste("nobody".to_owned(), operator.now));
        operator.control('d');
        operator.press("e\n");
        let error = WriteError::Exists("unmatched.txt".into());
        operator.send(Answer::Wrote(Err(error.into())));
    });
}

#[test]
fn which_rows_are_exported() {
    every_screen("export", |operator| {
        operator.press("/type:laptop\njj a e\t");
    });
}

#[test]
fn as_it_was_left() {
    every_screen("kept", |operator| {
        operator.press("/type:laptop\na");
        operator.press("S");
        let saved = operator.app.view_to_save();
        operator.press("U\u{1b}S");
        operator.app.pending.saved_view = SavedViewOffer::new(
            saved,
            &operator.app.context.list.devices,
            &operator.app.context.info.columns,
        );
        operator.app.offer_saved_view_once(false);
    });
}

#[test]
fn lists_age_stays_whatever_else_the_header_must_leave_out() {
    let list = "hwid,hostname,last seen\nh1,a,2026-11-20T10:00:00Z\nh1,A,\n,c,\nh2,d,\nh3,e,\n";
    for size in [(80, 24), (60, 15)] {
        let mut operator = operator_on(list, size);
        operator.press("a/zzz\n");
        let screen = shown(&operator.app);
        let line = screen.lines().nth(1).expect("a line");
        assert!(line.contains("ages as of 2026-11-20"), "{line}");
        assert!(line.contains("● 3 (3 hidden)"), "{line}");
    }
}

#[test]
fn help_tells_the_keys_of_dialogs() {
    let mut operator = operator((80, 24));
    for (wanted, message) in [
        ("immediately", "ctrl-c"),
        ("narrower", "<"),
        ("hides", "D"),
        ("chosen devices", "mark devices from a ticket (I)"),
    ] {
        operator.press(&format!("?/{wanted}\n"));
        let screen = shown(&operator.app);
        assert!(screen.contains(message), "{screen}");
        operator.press("\u{1b}\u{1b}");
    }
}

#[test]
fn other_columns_are_shown_safely_in_the_table_the_dialog_and_the_detail() {
    let text = "hwid,hostname,group,groups,\"Shelf\u{202e}\"\nh1,a,g1,g2,\"x\u{1b}[2J\"\n";
    let mut operator = operator_on(text, (120, 40));
    operator.press("oc");
    operator.press(&"j".repeat(operator.app.devices.columns.all().len() - 1));
    operator.press(" KKKKKKKKKKKK");
    assert!(shown(&operator.app).contains("@Shelf"));
    operator.press("\u{1b}");
    let table = shown(&operator.app);
    assert!(
        table.contains("Shelf") && table.contains("x\\u{1b}[2J"),
        "{table}"
    );
    operator.press("\n");
    let detail = shown(&operator.app);
    for part in ["group      g1", "           g2", "x\\u{1b}[2J"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    for screen in [table, detail] {
        assert!(!screen.contains(['\u{1b}', '\u{202e}']), "{screen}");
    }
}

#[test]
fn filter_without_matches_counts_each_of_its_terms() {
    let mut operator = operator((120, 40));
    operator.press("/windows zebras\n");
    let screen = shown(&operator.app);
    assert!(screen.contains("zebras    no device"), "{screen}");
    let windows = screen.lines().find(|line| line.contains(" windows   "));
    let is_counted =
        windows.is_some_and(|line| line.contains(" devices") && !line.contains("no device"));
    assert!(is_counted, "{screen}");
    assert!(screen.contains("age: unseen>90d"), "{screen}");
    operator.press("\u{1b}/type:zebra status:compliant\n");
    let screen = shown(&operator.app);
    assert!(screen.contains("type:zebra         no device"), "{screen}");
    assert!(!screen.contains("age: unseen>90d"), "{screen}");
    assert!(
        screen.contains("tab after type: lists its values"),
        "{screen}"
    );
}
