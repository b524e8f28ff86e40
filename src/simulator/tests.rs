use serde_json::{Value, json};

use super::*;
use crate::list::DeviceList;

struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
    runtime: tokio::runtime::Runtime,
}

fn client(simulator: &Simulator) -> Client {
    Client {
        http: reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_millis(400))
            .build()
            .expect("a client"),
        base: simulator.url(),
        token: simulator.token(),
        runtime: tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime"),
    }
}

impl Client {
    /// Status, body and headers; none when no whole answer came.
    fn send(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Option<(u16, Value, reqwest::header::HeaderMap)> {
        self.runtime.block_on(async {
            let response = request.send().await.ok()?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = response.bytes().await.ok()?;
            Some((
                status,
                serde_json::from_slice(&body).unwrap_or(Value::Null),
                headers,
            ))
        })
    }

    fn post(&self, path: &str, body: &Value) -> Option<(u16, Value, reqwest::header::HeaderMap)> {
        let url = format!("{}{path}?access_token={}", self.base, self.token);
        self.send(
            self.http
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string()),
        )
    }

    fn delete(&self, body: &Value) -> (u16, Value) {
        let (status, body, _) = self
            .post("/o/api/v2/devices/delete", body)
            .expect("an answer");
        (status, body)
    }

    fn get(&self, path_and_query: &str) -> (u16, Value) {
        let url = format!("{}{path_and_query}&access_token={}", self.base, self.token);
        let (status, body, _) = self.send(self.http.get(url)).expect("an answer");
        (status, body)
    }
}

fn start(settings: SimulatorSettings) -> (Simulator, Fleet) {
    let settings = SimulatorSettings {
        limit: 1000,
        ..settings
    };
    let fleet = Fleet::generate(settings.seed, settings.devices, settings.now);
    (
        Simulator::start_with(settings, &fleet).expect("started"),
        fleet,
    )
}

fn known(fleet: &Fleet) -> Vec<&generate::Machine> {
    fleet
        .machines
        .iter()
        .filter(|machine| machine.known)
        .collect()
}

#[test]
fn remove_deletes_the_record_and_a_repeat_answers_0() {
    let (simulator, fleet) = start(SimulatorSettings::default());
    let client = client(&simulator);
    let hwid = &known(&fleet)[0].hwid;
    let body = json!({ "HWID_list": [hwid, "nobody"], "opt": 1 });
    assert_eq!(client.delete(&body), (200, json!({ "result": [1, 0] })));
    assert_eq!(client.delete(&body), (200, json!({ "result": [0, 0] })));
    assert_eq!(
        client.get(&format!("/o/api/v2.5/devices/{hwid}?opt=0")).0,
        404
    );
    let received = simulator.received();
    let delete = received[0].delete.as_ref().expect("a delete call");
    assert_eq!(
        (delete.opt, delete.list, &delete.applied[..]),
        (Some(1), "HWID_list", &[true, false][..])
    );
}

#[test]
fn uninstall_leaves_the_record_and_a_missing_opt_removes() {
    let (simulator, fleet) = start(SimulatorSettings::default());
    let client = client(&simulator);
    let machine = known(&fleet)
        .into_iter()
        .find(|machine| machine.macs.len() == 1)
        .expect("one");
    let body = json!({ "MAC_list": [machine.macs[0]], "opt": 0 });
    assert_eq!(client.delete(&body).0, 200);
    let path = format!("/o/api/v2.5/devices/{}?opt=1", machine.macs[0]);
    assert_eq!(client.get(&path).0, 200);
    client.delete(&json!({ "MAC_list": [machine.macs[0]] }));
    assert_eq!(client.get(&path).0, 404);
}

#[test]
fn bad_requests_are_refused_as_published() {
    let (simulator, _) = start(SimulatorSettings {
        max_list: Some(2),
        ..SimulatorSettings::default()
    });
    let mut client = client(&simulator);
    for body in [
        json!({ "opt": 1 }),
        json!({ "HWID_list": [], "opt": 1 }),
        json!({ "HWID_list": ["a"], "MAC_list": ["b"], "opt": 1 }),
        json!({ "HWID_list": ["a"], "opt": 7 }),
        json!({ "HWID_list": [1], "opt": 1 }),
        json!({ "HWID_list": ["a", "b", "c"], "opt": 1 }),
    ] {
        assert_eq!(client.delete(&body).0, 400, "{body}");
    }
    assert_eq!(client.get("/o/api/v2/devices/delete?x=1").0, 405);
    assert_eq!(client.get("/o/api/nothing?x=1").0, 404);
    let url = format!(
        "{}/o/api/v2/devices/delete?access_token={}",
        client.base, client.token
    );
    let plain = client.http.post(url).body("{}");
    assert_eq!(client.send(plain).expect("an answer").0, 415);
    client.token = "wrong".to_owned();
    assert_eq!(
        client.delete(&json!({ "HWID_list": ["a"], "opt": 1 })).0,
        401
    );
}

#[test]
fn inventory_is_read_in_pages_by_enrolment() {
    let (simulator, fleet) = start(SimulatorSettings {
        devices: 120,
        ..SimulatorSettings::default()
    });
    let client = client(&simulator);
    let page = |token: &str, limit: u64| {
        let body = json!({ "limit": limit, "token": token });
        let (status, body, _) = client
            .post("/o/api/v3.7/devices", &body)
            .expect("an answer");
        (status, body)
    };
    let (mut token, mut devices) = (String::new(), Vec::new());
    loop {
        let (status, body) = page(&token, 50);
        assert_eq!(status, 200);
        devices.extend(body["devices"].as_array().expect("devices").clone());
        token = body["next_token"].as_str().expect("a token").to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(devices.len(), known(&fleet).len());
    assert!(devices.is_sorted_by_key(|device| device["enrolled_at"].as_str().map(str::to_owned)));
    assert_eq!(page("", 51).0, 406);
    assert_eq!(page("", 0).0, 400);
    assert_eq!(page("nonsense", 50).0, 400);
}

#[test]
fn tokens_are_for_the_right_credentials_and_expire() {
    let (simulator, _) = start(SimulatorSettings {
        token_lifetime: Duration::ZERO,
        ..SimulatorSettings::default()
    });
    let client = client(&simulator);
    let ask = |secret: &str| {
        let form = [
            ("client_id", CLIENT_ID),
            ("client_secret", secret),
            ("grant_type", "client_credentials"),
        ];
        client
            .send(
                client
                    .http
                    .post(format!("{}/o/oauth/token", client.base))
                    .form(&form),
            )
            .expect("an answer")
    };
    let (status, body, _) = ask("wrong");
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    let (status, body, _) = ask(CLIENT_SECRET);
    assert!(status == 200 && body["access_token"].is_string());
    assert_eq!(
        client.delete(&json!({ "HWID_list": ["a"], "opt": 1 })).0,
        401,
        "expired at once"
    );
}

#[test]
fn calls_over_the_limit_are_answered_429_with_headers() {
    let fleet = Fleet::generate(1, 5, Timestamp::UNIX_EPOCH);
    let simulator = Simulator::start_with(
        SimulatorSettings {
            limit: 2,
            ..SimulatorSettings::default()
        },
        &fleet,
    )
    .expect("started");
    let client = client(&simulator);
    let statuses: Vec<_> = (0..3)
        .map(|_| {
            let body = json!({ "HWID_list": ["a"], "opt": 1 });
            let (status, _, headers) = client
                .post("/o/api/v2/devices/delete", &body)
                .expect("an answer");
            (
                status,
                headers["x-ratelimit-remaining"]
                    .to_str()
                    .expect("text")
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(
        statuses,
        [
            (200, "1".to_owned()),
            (200, "0".to_owned()),
            (429, "0".to_owned())
        ]
    );
}

#[test]
fn faults_answer_and_apply_as_documented() {
    let fleet = Fleet::generate(1, 60, Timestamp::UNIX_EPOCH);
    for (fault, status) in [
        ("reset-before", None),
        ("reset-after", None),
        ("no-answer", None),
        ("truncated", None),
        ("503", Some(503)),
        ("lost-behind-gateway", Some(502)),
        ("wrong-length", Some(200)),
        ("wrong-element", Some(200)),
        ("web-page", Some(200)),
        ("redirect", Some(302)),
        ("no-result", Some(200)),
        ("text-type", Some(200)),
        ("revoke", Some(401)),
    ] {
        let plan: FaultPlan = format!("{fault}@1").parse().expect("a plan");
        let applies = plan.fault(1, 1.0).expect("a fault").applies();
        let settings = SimulatorSettings {
            faults: plan,
            limit: 1000,
            ..SimulatorSettings::default()
        };
        let simulator = Simulator::start_with(settings, &fleet).expect("started");
        let client = client(&simulator);
        let body = json!({ "HWID_list": [known(&fleet)[0].hwid], "opt": 1 });
        let answer = client.post("/o/api/v2/devices/delete", &body);
        assert_eq!(answer.map(|(status, ..)| status), status, "{fault}");
        let (_, _, removed) = simulator.counts();
        assert_eq!(removed, usize::from(applies), "{fault}");
    }
}

#[test]
fn simulator_listens_on_loopback_only() {
    let address = "0.0.0.0:0".parse().expect("an address");
    let error = Simulator::start(SimulatorSettings {
        address,
        ..SimulatorSettings::default()
    })
    .expect_err("refused");
    assert!(matches!(error, StartError::NotLoopback(_)));
}

#[test]
fn fleet_is_the_same_for_the_same_seed() {
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    assert_eq!(Fleet::generate(7, 300, now), Fleet::generate(7, 300, now));
    assert_ne!(Fleet::generate(7, 300, now), Fleet::generate(8, 300, now));
}

#[test]
fn fleet_has_the_properties_of_real_lists() {
    let now: Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
    let fleet = Fleet::generate(1, 500, now);
    let list = DeviceList::read_bytes("v2.json", fleet.list(Shape::V2).as_bytes()).expect("a list");
    let counts = list.counts();
    assert!(
        counts.devices > 450 && counts.unusable > 0 && counts.repeated > 0,
        "{counts:?}"
    );
    let mut hostnames: Vec<_> = fleet
        .machines
        .iter()
        .map(|machine| &machine.hostname)
        .collect();
    hostnames.sort();
    hostnames.dedup();
    assert!(hostnames.len() < fleet.len(), "no reimaged machine");
    let some = |what: &str, is: fn(&generate::Machine) -> bool| {
        assert!(fleet.machines.iter().any(is), "no {what}");
    };
    some("machine that the tenant doesn't know", |machine| {
        !machine.known
    });
    some("machine without a hardware ID", |machine| {
        !machine.identified
    });
    some("machine with several adapters", |machine| {
        machine.macs.len() > 1
    });
    some("machine without adapters", |machine| {
        machine.macs.is_empty()
    });
    some("VPN adapter", |machine| {
        machine.macs.iter().any(|mac| mac == "00:05:9a:3c:7a:00")
    });
    let old = now - Duration::from_secs(90 * 86_400);
    assert!(fleet.machines.iter().any(|machine| machine.last_seen < old));
}

#[test]
fn list_shapes_round_trip() {
    let fleet = Fleet::generate(1, 130, "2026-11-23T10:00:00Z".parse().expect("a time"));
    for shape in [Shape::V2, Shape::V3, Shape::Csv] {
        let list = DeviceList::read_bytes("list", fleet.list(shape).as_bytes()).expect("a list");
        assert!(
            list.counts().devices > 115,
            "{shape:?}: {:?}",
            list.counts()
        );
    }
}
