use super::*;

fn target() -> Target {
    Target {
        tenant: "https://t.example".to_owned(),
        account: None,
        profile: "lab/1".to_owned(),
    }
}

fn page(device: &str, next: Option<&str>) -> PageAnswer {
    let device =
        serde_json::value::RawValue::from_string(format!("{{\"device_id\":\"{device}\"}}"));
    PageAnswer::Page(Page {
        devices: vec![device.expect("JSON")],
        next: next.map(str::to_owned),
    })
}

#[test]
fn inventory_is_read_by_one_process_and_resumes_after_a_stop() {
    let directory = tempfile::tempdir().expect("a directory");
    let destination = FetchDestination::default_for(directory.path(), "lab/1");
    let now = Timestamp::now();
    let open = || InventoryFetch::open(destination.clone(), target(), now);
    let mut first = open().expect("opened");
    first
        .take(page("h1", Some("p2")), now, None)
        .expect("stored");
    assert_eq!(open().err(), Some(FetchError::Busy("lab/1".to_owned())));
    drop(first);
    let mut second = open().expect("opened");
    assert_eq!((second.devices(), second.next()), (1, Some("p2")));
    second.take(PageAnswer::Beyond, now, None).expect("stored");
    assert!(second.is_complete());
    assert_eq!(second.publish(), Ok((1, destination.path.clone())));
    assert!(destination.path.ends_with("lists/lab%2f1.jsonl"));
}

#[test]
fn inventory_restarts_at_a_forgotten_page_and_refuses_a_cycle() {
    let directory = tempfile::tempdir().expect("a directory");
    let destination = FetchDestination::default_for(directory.path(), "lab");
    let now = Timestamp::now();
    let open = || InventoryFetch::open(destination.clone(), target(), now).expect("opened");
    let mut first = open();
    first
        .take(page("h1", Some("p2")), now, None)
        .expect("stored");
    drop(first);
    let mut again = open();
    again
        .take(PageAnswer::Invalid("unknown".to_owned()), now, None)
        .expect("anew");
    assert_eq!((again.devices(), again.next()), (0, None));
    again
        .take(page("h1", Some("p2")), now, None)
        .expect("stored");
    let circle = again.take(page("h2", Some("p2")), now, None);
    assert!(
        matches!(circle, Err(FetchError::InvalidResponse(_))),
        "{circle:?}"
    );
}

#[test]
fn inventory_has_the_servers_time_if_the_clock_is_wrong() {
    let directory = tempfile::tempdir().expect("a directory");
    let now = Timestamp::now();
    for (off, is_corrected) in [(3_600, true), (-3_600, true), (200, false)] {
        let name = format!("lab{off}");
        let destination = FetchDestination::default_for(directory.path(), &name);
        let server = now + jiff::SignedDuration::from_secs(off);
        let mut inventory = InventoryFetch::open(destination, target(), now).expect("opened");
        let first = page("h1", Some("p2"));
        inventory.take(first, now, Some(server)).expect("stored");
        let end = page("h2", None);
        inventory.take(end, now, Some(server)).expect("stored");
        let (devices, path) = inventory.publish().expect("written");
        let list = crate::list::DeviceList::open(&path, &mut |_| {}).expect("a list");
        let expected = if is_corrected { server } else { now };
        let stamped = list.fetched_at().map(Timestamp::as_second);
        assert_eq!((devices, stamped), (2, Some(expected.as_second())), "{off}");
    }
}

#[test]
fn destination_check_refuses_files_that_offboard_did_not_fetch() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("all.jsonl");
    let destination = FetchDestination::default_for(directory.path(), "lab").at(path.clone());
    assert_eq!(destination.check(), Ok(()));
    std::fs::write(&path, "hwid\nh1\n").expect("written");
    assert!(
        matches!(destination.check(), Err(FetchError::Destination(why)) if why.contains("name another path"))
    );
    std::fs::write(&path, "{\"offboard_list\":1}\n").expect("written");
    assert_eq!(destination.check(), Ok(()));
}

fn page_of(devices: &[&str], next: Option<&str>) -> PageAnswer {
    let raw = |text: &&str| serde_json::value::RawValue::from_string((*text).to_owned());
    let devices = devices.iter().map(raw).collect::<Result<_, _>>();
    PageAnswer::Page(Page {
        devices: devices.expect("JSON"),
        next: next.map(str::to_owned),
    })
}

fn refused(taken: Result<(), FetchError>, with: &str) {
    let Err(FetchError::InvalidResponse(message)) = taken else {
        panic!("{taken:?}")
    };
    assert!(message.contains(with), "{message}");
}

#[test]
fn inventory_refuses_a_page_that_comes_again_after_a_stop_too() {
    let directory = tempfile::tempdir().expect("a directory");
    let destination = FetchDestination::default_for(directory.path(), "lab");
    let now = Timestamp::now();
    let open = || InventoryFetch::open(destination.clone(), target(), now).expect("opened");
    let mut first = open();
    let devices = [r#"{"hwid": "h1"}"#, r#"{"hwid":"h2"}"#];
    first
        .take(page_of(&devices, Some("p2")), now, None)
        .expect("stored");
    // A device that moved to the next page while the first one was read does not repeat the page.
    let moved = [r#"{"hwid":"h2"}"#, r#"{"hwid":"h3"}"#];
    first
        .take(page_of(&moved, Some("p3")), now, None)
        .expect("stored");
    drop(first);
    let again = page_of(&[r#"{"hwid":"h3"}"#, r#"{"hwid":"h1"}"#], Some("p4"));
    refused(open().take(again, now, None), "sent devices again");
    assert_eq!(open().devices(), 0, "the next fetch begins anew");
}

#[test]
fn inventory_refuses_a_page_of_masked_or_missing_identifiers() {
    let directory = tempfile::tempdir().expect("a directory");
    let destination = FetchDestination::default_for(directory.path(), "lab");
    let now = Timestamp::now();
    let mut inventory = InventoryFetch::open(destination, target(), now).expect("opened");
    let masked: Vec<String> = (0..5)
        .map(|number| format!(r#"{{"hwid":"********","hostname":"LT-{number}"}}"#))
        .collect();
    let nameless: Vec<String> = (0..5)
        .map(|number| format!(r#"{{"x":{number}}}"#))
        .collect();
    for devices in [masked, nameless] {
        let devices: Vec<&str> = devices.iter().map(String::as_str).collect();
        let taken = inventory.take(page_of(&devices, None), now, None);
        refused(taken, "only 0 of 5 devices");
    }
}

#[test]
fn empty_inventory_does_not_replace_one_with_devices() {
    let directory = tempfile::tempdir().expect("a directory");
    let destination = FetchDestination::default_for(directory.path(), "lab");
    let now = Timestamp::now();
    let fetch = |devices: &[&str]| {
        let mut inventory =
            InventoryFetch::open(destination.clone(), target(), now).expect("opened");
        inventory
            .take(page_of(devices, None), now, None)
            .expect("stored");
        inventory.publish()
    };
    assert_eq!(
        fetch(&[]),
        Ok((0, destination.path.clone())),
        "none before it"
    );
    fetch(&[r#"{"hwid":"h1"}"#]).expect("written");
    let Err(FetchError::InvalidResponse(message)) = fetch(&[]) else {
        panic!("it replaced the list")
    };
    assert!(message.contains("stays as it is"), "{message}");
    let kept = crate::list::DeviceList::open(&destination.path, &mut |_| {}).expect("a list");
    assert_eq!(kept.len(), 1);
    fetch(&[r#"{"hwid":"h2"}"#]).expect("the next fetch starts anew");
}
