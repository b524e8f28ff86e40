//! Selecting by what became of devices in earlier runs, without a screen.

use super::workbench::{Output, Workbench};

fn bench() -> Workbench {
    Workbench::with(120)
}

fn plan(bench: &Workbench, query: &str) -> Output {
    bench.run(&[
        "plan",
        "devices.json",
        "--action",
        "remove",
        "--where",
        query,
        "--output",
        "jsonl",
        "--allow",
        super::workbench::EVERY_WARNING,
    ])
}

#[test]
fn devices_are_selected_by_the_outcome_of_their_newest_run() {
    let bench = bench();
    let none = plan(&bench, "is:failed");
    none.exits(0);
    assert_eq!(none.event("plan")["devices"], 0, "no run yet");
    let arguments = bench.run_all();
    let done = bench.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let summary = done.event("summary");
    done.exits(3);
    let hwids = |output: &Output, event: &str, outcome: &str| -> Vec<String> {
        let mut hwids: Vec<String> = output
            .events(event)
            .into_iter()
            .filter(|line| line["outcome"] == outcome)
            .map(|line| line["hwid"].to_string() + &line["mac"].to_string())
            .collect();
        hwids.sort();
        hwids
    };
    let failed = plan(&bench, "is:failed");
    failed.exits(0);
    assert!(summary["failed"].as_u64() > Some(0));
    assert_eq!(
        hwids(&failed, "device", "planned"),
        hwids(&done, "device", "failed")
    );
    let both = plan(&bench, "is:failed is:accepted").event("plan")["devices"].clone();
    assert_eq!(both, 0);
    // What was accepted is left out as removed, and selected all the same.
    let accepted = plan(&bench, "is:accepted").events("left_out").len() as u64;
    assert_eq!(Some(accepted), summary["accepted"].as_u64());
}

#[test]
fn query_states_cover_protection_and_the_list_but_not_marks() {
    let bench = bench();
    bench.protect("type:server");
    let protected = plan(&bench, "is:protected");
    protected.exits(0);
    let line = protected.event("plan");
    assert_eq!(line["devices"], 0);
    assert!(line["protected"].as_u64() > Some(0), "{line}");
    bench.write(
        "devices.json",
        r#"[{"hwid": "h1"}, {"hostname": "nameless"}]"#,
    );
    let unusable = plan(&bench, "is:unusable").event("plan");
    assert_eq!(
        (&unusable["devices"], &unusable["unusable"]),
        (&0.into(), &1.into())
    );
    for state in ["marked", "sending"] {
        let refused = plan(&bench, &format!("is:{state}"));
        refused.exits(2);
        refused.says("available on the screen only");
    }
}
