use super::*;
use proptest::prelude::*;

const MINUTE: i64 = 61_000;

fn budget(calls: u32) -> Budget {
    Budget::per_minute(NonZeroU32::new(calls).expect("positive"))
}

fn slot(number: i64, taken: i64, completed: Option<i64>) -> Slot {
    Slot {
        number,
        taken: BootTime(taken),
        deadline: BootTime(taken + 70_000),
        completed: completed.map(BootTime),
    }
}

fn now(boot: i64) -> Now {
    Now {
        wall: Timestamp::from_second(2_000_000_000).expect("in range"),
        boot: BootTime(boot),
    }
}

#[test]
fn empty_ledger_lets_a_burst_go() {
    assert_eq!(
        next_call(&Ledger::default(), &budget(10), BootTime(0)),
        NextCall::Now
    );
    let status = budget_status(&Ledger::default(), &budget(10), BootTime(0));
    assert_eq!((status.left, status.next), (10, None));
}

#[test]
fn slot_frees_one_window_and_a_second_after_its_call_has_completed() {
    let ledger = Ledger {
        slots: vec![slot(1, 0, Some(20_000))],
        caps: vec![],
    };
    let at = BootTime(20_000 + MINUTE);
    assert_eq!(
        next_call(&ledger, &budget(1), BootTime(20_001)),
        NextCall::At {
            at,
            reason: WaitReason::Budget
        }
    );
    assert_eq!(next_call(&ledger, &budget(1), at), NextCall::Now);
}

#[test]
fn open_slot_completes_at_its_deadline() {
    let ledger = Ledger {
        slots: vec![slot(1, 0, None)],
        caps: vec![],
    };
    let at = BootTime(70_000 + MINUTE);
    assert_eq!(
        next_call(&ledger, &budget(1), BootTime(0)),
        NextCall::At {
            at,
            reason: WaitReason::Budget
        }
    );
}

#[test]
fn server_can_only_tighten_the_limit() {
    let mut ledger = Ledger {
        slots: vec![slot(1, 0, Some(10))],
        caps: vec![],
    };
    let headers = RateHeaders {
        remaining: Some(1),
        reset: Some(30),
        ..RateHeaders::default()
    };
    ledger.caps.extend(headers.cap(&budget(10), 1, now(10)));
    assert_eq!(next_call(&ledger, &budget(10), BootTime(20)), NextCall::Now);
    ledger.slots.push(slot(2, 20, Some(30)));
    let until = BootTime(30_010);
    assert_eq!(
        next_call(&ledger, &budget(10), BootTime(40)),
        NextCall::At {
            at: until,
            reason: WaitReason::ServerLimit
        }
    );
    assert_eq!(budget_status(&ledger, &budget(10), BootTime(40)).left, 0);
    assert_eq!(next_call(&ledger, &budget(10), until), NextCall::Now);

    let generous = RateHeaders {
        remaining: Some(500),
        reset: Some(30),
        ..RateHeaders::default()
    };
    let full = Ledger {
        slots: vec![slot(1, 0, Some(10))],
        caps: generous.cap(&budget(1), 1, now(10)).into_iter().collect(),
    };
    assert!(matches!(
        next_call(&full, &budget(1), BootTime(20)),
        NextCall::At { .. }
    ));
}

#[test]
fn longest_of_several_delays_counts() {
    let cap = |until, source| Cap {
        left: 0,
        after: 1,
        until: BootTime(until),
        source,
    };
    let (remaining, too_many) = (CapSource::Remaining, CapSource::TooMany);
    let own = 10 + MINUTE;
    for (caps, at, reason) in [
        (vec![], own, WaitReason::Budget),
        (vec![cap(own - 1, remaining)], own, WaitReason::Budget),
        (vec![cap(own, remaining)], own, WaitReason::Budget),
        (
            vec![cap(own + 1, remaining)],
            own + 1,
            WaitReason::ServerLimit,
        ),
        (
            vec![cap(own + 2, too_many), cap(own + 1, remaining)],
            own + 2,
            WaitReason::TooMany,
        ),
        (
            vec![cap(own + 1, remaining), cap(own + 2, CapSource::Unknown)],
            own + 2,
            WaitReason::UnknownWindow,
        ),
    ] {
        let ledger = Ledger {
            slots: vec![slot(1, 0, Some(10))],
            caps,
        };
        let expected = NextCall::At {
            at: BootTime(at),
            reason,
        };
        assert_eq!(next_call(&ledger, &budget(1), BootTime(20)), expected);
        let status = budget_status(&ledger, &budget(1), BootTime(20));
        assert_eq!((status.left, status.next), (0, Some(BootTime(at))));
    }
}

#[test]
fn cap_ends_at_its_moment() {
    let ledger = Ledger {
        slots: vec![],
        caps: vec![Cap {
            left: 0,
            after: 0,
            until: BootTime(100),
            source: CapSource::TooMany,
        }],
    };
    let left = |at| budget_status(&ledger, &budget(10), BootTime(at)).left;
    assert_eq!((left(99), left(100)), (0, 10));
    assert_eq!(
        next_call(&ledger, &budget(10), BootTime(100)),
        NextCall::Now
    );
    assert_ne!(next_call(&ledger, &budget(10), BootTime(99)), NextCall::Now);
}

#[test]
fn gauge_has_no_next_slot_when_all_calls_are_left() {
    let ledger = Ledger {
        slots: vec![],
        caps: vec![Cap {
            left: 10,
            after: 0,
            until: BootTime(100),
            source: CapSource::Remaining,
        }],
    };
    let status = budget_status(&ledger, &budget(10), BootTime(50));
    assert_eq!((status.left, status.next), (10, None));
}

#[test]
fn reset_is_a_delta_an_epoch_or_noise() {
    let wait = |reset, date| {
        RateHeaders {
            reset: Some(reset),
            date,
            ..RateHeaders::default()
        }
        .wait(now(0))
    };
    let at = |second| Some(Timestamp::from_second(second).expect("in range"));
    assert_eq!(wait(42, None), Some(Duration::from_secs(42)));
    assert_eq!(wait(0, None), Some(SHORTEST_WAIT));
    assert_eq!(wait(3601, None), None);
    assert_eq!(wait(-5, None), None);
    assert_eq!(wait(2_000_000_030, None), Some(Duration::from_secs(30)));
    // The server's clock is a year off: its own Date counts.
    assert_eq!(
        wait(1_968_000_030, at(1_968_000_000)),
        Some(Duration::from_secs(30))
    );
    assert_eq!(wait(1_000_000_000, None), None, "still a delta");
    assert_eq!(
        wait(1_000_000_001, None),
        Some(SHORTEST_WAIT),
        "in the past"
    );
    assert_eq!(wait(2_000_003_600, None), Some(LONGEST_WAIT));
    // Milliseconds, and anything else that is more than an hour ahead.
    for noise in [
        2_000_003_601,
        2_000_000_030_000,
        2_000_000_030_000_000,
        i64::MAX,
    ] {
        assert_eq!(wait(noise, None), None, "{noise}");
    }
}

#[test]
fn reset_in_milliseconds_leaves_our_own_window() {
    let headers = RateHeaders {
        remaining: Some(0),
        reset: Some(2_000_000_030_000),
        ..RateHeaders::default()
    };
    let cap = headers.cap(&budget(10), 1, now(10)).expect("a cap");
    assert_eq!(cap.until, BootTime(10) + budget(10).window);
}

#[test]
fn retry_after_as_a_date_is_relative_to_the_servers_date() {
    let at = |second| Some(Timestamp::from_second(second).expect("in range"));
    let wait = |retry_at, date| {
        RateHeaders {
            reset: Some(5),
            retry_at,
            date,
            ..RateHeaders::default()
        }
        .wait(now(0))
    };
    let seconds = Duration::from_secs;
    assert_eq!(
        wait(at(1_000_000_090), at(1_000_000_000)),
        Some(seconds(90))
    );
    assert_eq!(wait(at(2_000_000_070), None), Some(seconds(70)));
    assert_eq!(
        wait(at(1_000_000_000), at(1_000_000_090)),
        Some(SHORTEST_WAIT)
    );
    assert_eq!(
        wait(at(1_000_090_000), at(1_000_000_000)),
        Some(LONGEST_WAIT)
    );
}

#[test]
fn wait_of_hours_after_an_accepted_call_leaves_our_own_window() {
    let until = |retry_after, reset| {
        let headers = RateHeaders {
            remaining: Some(0),
            retry_after: Some(retry_after),
            reset,
            ..RateHeaders::default()
        };
        headers.cap(&budget(10), 1, now(0)).map(|cap| cap.until)
    };
    let seconds = |seconds: i64| Some(BootTime(seconds * 1000));
    assert_eq!(until(3600, None), seconds(3600));
    assert_eq!(until(3601, None), seconds(60));
    assert_eq!(until(30_000, Some(20)), seconds(20));
    assert_eq!(until(i64::MAX, Some(i64::MAX)), seconds(60));
}

#[test]
fn retry_after_alone_allows_no_call_until_then() {
    let cap = |retry_after, reset| {
        let headers = RateHeaders {
            reset,
            retry_after,
            ..RateHeaders::default()
        };
        let cap = headers.cap(&budget(10), 1, now(0))?;
        Some((cap.left, cap.until))
    };
    assert_eq!(cap(Some(30), None), Some((0, BootTime(30_000))));
    assert_eq!(cap(Some(3601), None), None, "noise");
    assert_eq!(
        cap(None, Some(30)),
        None,
        "when it starts anew, not whether it is used up"
    );
}

#[test]
fn retry_after_wins_over_the_reset_and_is_clamped() {
    let headers = RateHeaders {
        reset: Some(5),
        retry_after: Some(90_000),
        ..RateHeaders::default()
    };
    assert_eq!(headers.wait(now(0)), Some(LONGEST_WAIT));
}

#[test]
fn status_429_fills_the_window_and_backs_off() {
    let silent = RateHeaders::default();
    let wait = |streak, jitter| {
        cap_after_429(&silent, &budget(10), 7, streak, jitter, now(0))
            .until
            .since(BootTime(0))
    };
    assert_eq!(wait(1, 0.0), Duration::from_secs(60));
    assert_eq!(wait(2, 0.0), Duration::from_secs(120));
    assert_eq!(wait(40, 0.0), Duration::from_secs(900));
    assert!(wait(1, 1.0) > wait(1, 0.0));
    // The server's word makes it longer, never shorter than the window.
    for (asked, waited) in [(1, 60_000), (120, 120_000)] {
        let headers = RateHeaders {
            retry_after: Some(asked),
            ..RateHeaders::default()
        };
        let cap = cap_after_429(&headers, &budget(10), 7, 5, 0.0, now(0));
        assert_eq!((cap.left, cap.until), (0, BootTime(waited)));
    }
}

proptest! {
    /// The property that the rate limit needs: whatever the latency and wherever between send and
    /// completion each call arrives, no window of a minute sees more than the limit.
    #[test]
    fn never_more_than_the_limit_arrives_in_any_window(
        calls in 1_u32..12,
        demand in prop::collection::vec((0_i64..20_000, 0_i64..69_000, 0_u8..=100, any::<bool>()), 1..80),
    ) {
        let budget = budget(calls);
        let mut ledger = Ledger::default();
        let mut clock = 0_i64;
        let mut arrivals = Vec::new();
        for (number, (pause, latency, arrival, crashes)) in demand.into_iter().enumerate() {
            clock += pause;
            if let NextCall::At { at, .. } = next_call(&ledger, &budget, BootTime(clock)) {
                prop_assert!(at.0 > clock);
                clock = at.0;
                prop_assert_eq!(next_call(&ledger, &budget, at), NextCall::Now);
            }
            arrivals.push(clock + latency * i64::from(arrival) / 100);
            let completed = (!crashes).then_some(clock + latency);
            ledger.slots.push(slot(i64::try_from(number).expect("small"), clock, completed));
            if !crashes { clock += latency; }
        }
        arrivals.sort_unstable();
        for window in arrivals.windows(calls as usize + 1) {
            prop_assert!(window[calls as usize] - window[0] >= 60_000, "{window:?}");
        }
    }

    /// At `next` more calls may go than now, and not a moment sooner.
    #[test]
    fn gauge_and_the_pacer_agree(
        calls in 1_u32..12,
        slots in prop::collection::vec((0_i64..200_000, prop::option::of(0_i64..70_000)), 0..20),
        caps in prop::collection::vec((0_u32..12, 0_i64..10, 0_i64..300_000), 0..3),
        at in 0_i64..300_000,
    ) {
        let slots = (0..).zip(slots)
            .map(|(number, (taken, latency))| slot(number, taken, latency.map(|latency| taken + latency)))
            .collect();
        let caps = caps
            .into_iter()
            .map(|(left, after, until)| Cap { left, after, until: BootTime(until), source: CapSource::Remaining })
            .collect();
        let ledger = Ledger { slots, caps };
        let status = |at| budget_status(&ledger, &budget(calls), at);
        let now = status(BootTime(at));
        let answer = next_call(&ledger, &budget(calls), BootTime(at));
        prop_assert_eq!(answer == NextCall::Now, now.left > 0);
        if let NextCall::At { at, .. } = answer {
            prop_assert_eq!(now.next, Some(at));
        }
        match now.next {
            Some(next) => {
                prop_assert!(status(next).left > now.left);
                prop_assert_eq!(status(BootTime(next.0 - 1)).left, now.left);
            }
            None => prop_assert_eq!(now.left, calls),
        }
    }
}
