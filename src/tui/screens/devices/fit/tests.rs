use proptest::prelude::*;

use super::*;

const DEFAULT: [&str; 9] = [
    "hostname", "hwid", "status", "group", "seen", "type", "os", "user", "mac",
];

const LIST: &str = "hostname,hwid,mac,os,status,group,type,user,last seen\n\
    MAC-1029,1c2167121e90387d,1c:21:67:12:1e:90,Windows Server 2022,out_of_license_usage,Domain controllers,laptop,m.rossi,2026-01-01\n\
    LT-1,a,,Windows 11,compliant,Lab,vm,k,2026-01-02\n";

fn laid_out(text: &str, names: &[&str], scrolled: usize, room: u16) -> TableLayout {
    let list = DeviceList::read_bytes("l.csv", text.as_bytes()).expect("a list");
    let mut columns = Columns::from_names(names.iter().copied());
    columns.set_list(&list);
    let widths = ContentWidths::measure(&list, &columns);
    lay_out(&columns, &widths, |_| false, |_| None, scrolled, room)
}

fn described(layout: &TableLayout) -> Vec<String> {
    let places = layout.places.iter();
    places
        .map(|place| format!("{}:{}", place.column.name(), place.width))
        .collect()
}

#[test]
fn columns_that_decide_are_whole_at_80_and_60_cells() {
    let wide = laid_out(LIST, &DEFAULT, 0, 120);
    assert_eq!(
        described(&wide),
        [
            "hostname:8",
            "hwid:16",
            "status:20",
            "group:18",
            "seen:9",
            "type:7",
            "os:19",
            "user:8"
        ]
    );
    assert_eq!(wide.hidden_right, 1);
    let usual = laid_out(LIST, &DEFAULT, 0, 80);
    assert_eq!(
        described(&usual),
        ["hostname:8", "hwid:16", "status:20", "group:18", "seen:9"]
    );
    assert_eq!((usual.hidden_left, usual.hidden_right), (0, 4));
    let narrow = laid_out(LIST, &DEFAULT, 0, 61);
    assert_eq!(
        described(&narrow),
        ["hostname:8", "status:20", "group:18", "seen:9"]
    );
}

#[test]
fn columns_that_catch_a_mistake_are_shown_by_their_least_widths() {
    let name = "N".repeat(24);
    let text = format!(
        "hostname,hwid,status,group,last seen\n{name},{name},out_of_license_usage,{name},2026-01-01\n"
    );
    let layout = laid_out(&text, &DEFAULT, 0, 50);
    let names: Vec<&str> = layout
        .places
        .iter()
        .map(|place| match &place.column {
            Column::Field(field) => field.name(),
            _ => "another",
        })
        .collect();
    assert_eq!(names, ["hostname", "status", "group", "seen"]);
    let widths: Vec<u16> = layout.places.iter().map(|place| place.width).collect();
    assert_eq!(widths, [17, 10, 8, 9], "the host name is widened first");
}

#[test]
fn heading_of_a_sorted_column_has_room_for_its_arrow() {
    let list = DeviceList::read_bytes("l.csv", LIST.as_bytes()).expect("a list");
    let mut columns = Columns::from_names(DEFAULT);
    columns.set_list(&list);
    let widths = ContentWidths::measure(&list, &columns);
    for field in [Field::Hostname, Field::Seen, Field::Type] {
        let sorted = Column::Field(field);
        for room in [60, 80, 120] {
            let is_sorted = |column: &Column| *column == sorted;
            let layout = lay_out(&columns, &widths, is_sorted, |_| None, 0, room);
            let place = layout.places.iter().find(|place| place.column == sorted);
            let heading = text::width(&sorted.heading()) + text::width(" ↑");
            let has_room = place.is_none_or(|place| usize::from(place.width) >= heading);
            assert!(has_room, "{field:?} in {room}: {layout:?}");
        }
    }
}

#[test]
fn host_name_stays_while_the_others_scroll() {
    let layout = laid_out(LIST, &DEFAULT, 3, 60);
    assert_eq!(
        described(&layout),
        ["hostname:8", "seen:9", "type:7", "os:19", "user:8"]
    );
    assert_eq!((layout.hidden_left, layout.hidden_right), (3, 1));
}

#[test]
fn chosen_width_is_kept() {
    let layout = laid_out(LIST, &["hwid:30", "hostname:5"], 0, 120);
    assert_eq!(described(&layout), ["hwid:30", "hostname:5"]);
}

#[test]
fn one_long_name_in_many_does_not_widen_its_column() {
    let mut text = String::from("hostname,hwid\n");
    for row in 0..600 {
        let name = if row == 300 {
            "N".repeat(24)
        } else {
            format!("LT-{row}")
        };
        text.push_str(&format!("{name},h{row}\n"));
    }
    let layout = laid_out(&text, &["hostname"], 0, 120);
    assert_eq!(described(&layout), ["hostname:8"]);
}

proptest! {
    #[test]
    fn columns_never_overlap_or_leave_the_screen(
        names in prop::sample::subsequence(DEFAULT.to_vec(), 1..=9).prop_shuffle(),
        chosen in prop::collection::vec(prop::option::of(4_u16..90), 9),
        scrolled in 0_usize..12,
        room in 20_u16..300,
    ) {
        let names: Vec<String> = names.iter().zip(&chosen).map(|(name, width)| match width {
            Some(width) => format!("{name}:{width}"),
            None => (*name).to_owned(),
        }).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let layout = laid_out(LIST, &names, scrolled, room);
        prop_assert!(!layout.places.is_empty());
        let drawn = layout.places.len();
        prop_assert_eq!(drawn + layout.hidden_left + layout.hidden_right, names.len());
        let mut end = GUTTER - 1;
        for place in &layout.places {
            prop_assert!(place.at > end);
            end = place.at + place.width;
        }
        prop_assert!(end <= room, "{} of {}", end, room);
    }
}

#[test]
fn column_with_one_value_goes_first_where_room_is_short() {
    let text = "hostname,hwid,status,group,type,os\n\
                lt-1,1c2167121e90387d,pending,Lab,laptop,Windows 11\n\
                lt-2,17f2f687775cea1c,pending,Sales,laptop,Windows 10\n";
    let list = DeviceList::read_bytes("test", text.as_bytes()).expect("a list");
    let names = ["hostname", "status", "group", "hwid", "type", "os"];
    let mut columns = Columns::from_names(names);
    columns.set_list(&list);
    let rows: Vec<DeviceId> = list.ids().collect();
    let constants = constants(&list, &columns, &rows);
    let found: Vec<(String, &str)> = constants
        .iter()
        .map(|(column, value)| (column.name().into_owned(), value.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("status".to_owned(), "pending"),
            ("type".to_owned(), "laptop")
        ]
    );
    let widths = ContentWidths::measure(&list, &columns);
    let drawn = |room: u16, priority: &dyn Fn(&Column) -> Option<u8>| -> Vec<String> {
        let layout = lay_out(&columns, &widths, |_| false, priority, 0, room);
        let names = layout.places.iter().map(|place| place.column.name());
        names.map(std::borrow::Cow::into_owned).collect()
    };
    let is_known = |column: &Column| constants.iter().any(|(known, _)| known == column);
    let known = |column: &Column| is_known(column).then_some(u8::MAX);
    assert!(drawn(40, &|_| None).contains(&"status".to_owned()));
    assert!(!drawn(40, &known).contains(&"status".to_owned()));
    assert_eq!(drawn(120, &known), names, "with room all are drawn");
    let one = rows.get(..1).expect("a row");
    assert!(
        super::constants(&list, &columns, one).is_empty(),
        "one row tells nothing"
    );
}

#[test]
fn value_that_all_of_very_many_rows_have_is_found() {
    let mut text = String::from("hostname,hwid,type,group\n");
    for row in 0..COMPARED * 3 {
        text.push_str(&format!("lt-{row},h{row},laptop,g{}\n", row % 7));
    }
    let list = DeviceList::read_bytes("test", text.as_bytes()).expect("a list");
    let mut columns = Columns::from_names(["hostname", "type", "group"]);
    columns.set_list(&list);
    let rows: Vec<DeviceId> = list.ids().collect();
    let found = constants(&list, &columns, &rows);
    assert_eq!(
        found,
        [(Column::Field(Field::Type), "laptop".to_owned())],
        "of a list that isn't compared whole"
    );
}
