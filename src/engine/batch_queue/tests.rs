use super::*;
use proptest::prelude::*;

const NOW: BootTime = BootTime(1_000_000);
const HWID: IdentifierKind = IdentifierKind::Hwid;

fn queue(devices: u32, batch: usize, canary: usize) -> BatchQueue {
    BatchQueue::new(
        CallSizes { batch, canary },
        (0..devices).map(|device| (device, HWID)),
    )
}

fn take(queue: &mut BatchQueue) -> Batch {
    queue.take(NOW).expect("a batch")
}

#[test]
fn first_call_of_each_kind_is_a_canary() {
    let kinds = (0..30).map(|device| {
        (
            device,
            if device < 20 {
                HWID
            } else {
                IdentifierKind::Mac
            },
        )
    });
    let mut queue = BatchQueue::new(
        CallSizes {
            batch: 12,
            canary: 5,
        },
        kinds,
    );
    let mut sizes = Vec::new();
    while let Some(batch) = queue.take(NOW) {
        sizes.push((batch.kind, batch.devices.len()));
        queue.mark_kind_verified(batch.kind);
    }
    let mac = IdentifierKind::Mac;
    assert_eq!(
        sizes,
        [(HWID, 5), (HWID, 12), (HWID, 3), (mac, 5), (mac, 5)]
    );
}

#[test]
fn halves_are_sent_sibling_before_child_and_before_fresh_devices() {
    let mut queue = queue(20, 8, 8);
    queue.mark_kind_verified(HWID);
    let whole = take(&mut queue);
    queue.halve(whole);
    let left = take(&mut queue);
    assert_eq!(left.devices, [0, 1, 2, 3]);
    queue.halve(left);
    assert_eq!(take(&mut queue).devices, [4, 5, 6, 7]);
    assert_eq!(take(&mut queue).devices, [0, 1]);
    assert_eq!(take(&mut queue).devices, [2, 3]);
    assert_eq!(take(&mut queue).devices, (8..16).collect::<Vec<_>>());
}

#[test]
fn batch_size_shrinks_when_both_halves_pass() {
    let mut queue = queue(20, 9, 9);
    queue.mark_kind_verified(HWID);
    let whole = take(&mut queue);
    queue.halve(whole);
    let left = take(&mut queue);
    assert_eq!(queue.on_answered(&left), None);
    let right = take(&mut queue);
    assert_eq!(queue.on_answered(&right), Some(5));
    assert_eq!(take(&mut queue).devices.len(), 5);
}

#[test]
fn batch_size_shrinks_once_for_two_batches_of_one_size() {
    let mut queue = queue(18, 9, 9);
    queue.mark_kind_verified(HWID);
    let wholes = [take(&mut queue), take(&mut queue)];
    for whole in wholes {
        queue.halve(whole);
    }
    let sizes = [(); 4].map(|()| {
        let half = take(&mut queue);
        queue.on_answered(&half)
    });
    assert_eq!(sizes, [None, Some(5), None, None]);
}

#[test]
fn batch_size_stays_when_one_identifier_is_refused() {
    let mut queue = queue(8, 4, 4);
    queue.mark_kind_verified(HWID);
    let whole = take(&mut queue);
    queue.halve(whole);
    let left = take(&mut queue);
    queue.halve(left);
    let right = take(&mut queue);
    assert_eq!(queue.on_answered(&right), None);
    let first = take(&mut queue);
    assert_eq!(first.devices.len(), 1);
    let second = take(&mut queue);
    assert_eq!(queue.on_answered(&second), None);
    assert_eq!(take(&mut queue).devices.len(), 4);
}

#[test]
fn resend_is_due_after_a_minute_and_expires_ten_minutes_after_the_intent() {
    let mut queue = queue(1, 5, 5);
    take(&mut queue);
    queue.mark_kind_verified(HWID);
    queue.resend_later(HWID, vec![0], NOW, NOW);
    let due = NOW + RESEND_AFTER;
    assert_eq!((queue.take(NOW), queue.due(NOW)), (None, Some(due)));
    // However often it waits for a slot meanwhile, it keeps its time.
    let last = NOW + RESEND_WITHIN - Duration::from_secs(1);
    assert_eq!((queue.due(due), queue.due(last)), (Some(due), Some(last)));
    let mut expired = queue.clone();
    assert_eq!(expired.due(NOW + RESEND_WITHIN), None);
    assert_eq!(expired.take(NOW + RESEND_WITHIN), None);
    let batch = queue.take(last).expect("due");
    assert_eq!(batch.origin, BatchOrigin::Resend);
    queue.put_back(batch);
    assert_eq!(queue.take(due), None, "a tried resend is held");
}

#[test]
fn due_resend_goes_before_planned_devices_but_after_a_canary() {
    let mut queue = queue(20, 5, 2);
    queue.mark_kind_verified(HWID);
    let first = take(&mut queue);
    queue.resend_later(HWID, first.devices, NOW - RESEND_AFTER, NOW - RESEND_AFTER);
    let mut distrusted = queue.clone();
    distrusted.require_canary();
    assert_eq!(take(&mut queue).origin, BatchOrigin::Resend);
    let canary = take(&mut distrusted);
    assert_eq!(
        (canary.origin, canary.devices.len()),
        (BatchOrigin::Fresh, 2)
    );
}

#[test]
fn half_is_cut_to_a_canary_after_a_resume() {
    let mut queue = queue(40, 40, 5);
    queue.mark_kind_verified(HWID);
    let whole = take(&mut queue);
    queue.halve(whole);
    queue.require_canary();
    assert_eq!(take(&mut queue).devices, [0, 1, 2, 3, 4]);
    queue.mark_kind_verified(HWID);
    assert_eq!(take(&mut queue).devices, (5..20).collect::<Vec<_>>());
}

#[test]
fn resend_is_cut_to_a_canary_after_a_resume() {
    let mut queue = queue(8, 8, 3);
    queue.mark_kind_verified(HWID);
    let batch = take(&mut queue);
    queue.resend_later(HWID, batch.devices, NOW - RESEND_AFTER, NOW - RESEND_AFTER);
    queue.require_canary();
    let canary = take(&mut queue);
    assert_eq!(
        (canary.origin, &canary.devices[..]),
        (BatchOrigin::Resend, &[0, 1, 2][..])
    );
    queue.mark_kind_verified(HWID);
    let rest = take(&mut queue);
    assert_eq!(rest.origin, BatchOrigin::Resend);
    assert_eq!(rest.devices, [3, 4, 5, 6, 7]);
    assert_eq!(queue.take(NOW), None);
}

proptest! {
    /// Whatever is put back, refused and halved: each device is taken until it is answered,
    /// and never twice at once.
    #[test]
    fn queue_sends_every_device_until_it_is_answered(
        devices in 1_u32..80, batch in 1_usize..20, canary in 1_usize..8,
        fates in prop::collection::vec(0_u8..4, 0..60),
    ) {
        let mut queue = queue(devices, batch, canary);
        let mut fates = fates.into_iter();
        let mut answered = vec![0_u32; devices as usize];
        while let Some(batch) = queue.take(NOW) {
            match fates.next() {
                Some(0) => queue.put_back(batch),
                Some(1) if batch.devices.len() > 1 => queue.halve(batch),
                Some(2) => { queue.put_back(batch); queue.require_canary(); }
                _ => {
                    queue.on_answered(&batch);
                    queue.mark_kind_verified(batch.kind);
                    for device in batch.devices { answered[device as usize] += 1; }
                }
            }
        }
        prop_assert!(answered.iter().all(|&times| times == 1), "{answered:?}");
    }
}

#[test]
fn resend_is_possible_while_it_is_due_in_time() {
    let mut queue = queue(1, 50, 5);
    let last = NOW + RESEND_WITHIN - Duration::from_secs(60);
    assert!(queue.can_resend(NOW, NOW));
    assert!(queue.can_resend(NOW, last - Duration::from_millis(1)));
    assert!(!queue.can_resend(NOW, last), "due as it expires");
    queue.set_resend_after(Duration::from_secs(6));
    assert!(queue.can_resend(NOW, last));
}

#[test]
fn forgotten_device_is_not_resent_and_the_others_of_its_batch_are() {
    let mut queue = queue(0, 50, 5);
    queue.resend_later(HWID, vec![1, 2], NOW, NOW);
    queue.resend_later(HWID, vec![3], NOW, NOW);
    for device in [1, 3] {
        queue.forget_resend(device);
    }
    let later = NOW + Duration::from_secs(60);
    assert_eq!(queue.take(later).expect("a resend").devices, [2]);
    assert_eq!(queue.take(later), None, "no empty batch");
}
