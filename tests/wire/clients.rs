//! What public clients of the API send is answered by the simulated tenant. The requests are those of
//! `khvalov/opswat-php`, a client in PHP: the token with `file_get_contents`, calls with curl.

use std::io::{Read, Write};
use std::net::TcpStream;

use offboard::simulator::{CLIENT_ID, CLIENT_SECRET, Fleet, Simulator, SimulatorSettings};
use serde_json::{Value, json};

struct Client {
    simulator: Simulator,
    hwids: Vec<String>,
    token: String,
}

impl Client {
    fn new() -> Self {
        let settings = SimulatorSettings {
            devices: 60,
            limit: 1000,
            ..SimulatorSettings::default()
        };
        let fleet = Fleet::generate(settings.seed, settings.devices, settings.now);
        let simulator = Simulator::start_with(settings, &fleet).expect("started");
        Self {
            token: simulator.token(),
            hwids: fleet.known_hwids(),
            simulator,
        }
    }

    /// Sends a request as it is, and reads the status and the JSON of the answer.
    fn send(&self, request: &str) -> (u16, Value) {
        let address = self.simulator.url().replace("http://", "");
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        let (mut answer, mut byte) = (Vec::new(), [0]);
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).expect("a head");
            answer.push(byte[0]);
        }
        let head = String::from_utf8(answer).expect("text").to_lowercase();
        let mut words = head.split_whitespace();
        let status = words.nth(1).expect("a status").parse().expect("a number");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        stream.read_exact(&mut body).expect("a body");
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    /// A POST of the PHP client: the token in the URL and in a header, parameters as JSON.
    fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let (token, length) = (&self.token, body.len());
        self.send(&format!(
            "POST /o/api/{path}?access_token={token} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\
             User-Agent: OpswatPHP PhpClient/1.0.0\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nOpswatPHP-Version: 3.3\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// A GET of the PHP client: parameters in the URL.
    fn get(&self, path: &str, parameters: &str) -> (u16, Value) {
        let token = &self.token;
        self.send(&format!(
            "GET /o/api/{path}?access_token={token}{parameters} HTTP/1.1\r\nHost: localhost\r\n\
             Accept: */*\r\nUser-Agent: OpswatPHP PhpClient/1.0.0\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nOpswatPHP-Version: 3.3\r\n\r\n"
        ))
    }
}

fn ids<'a>(devices: &'a Value, key: &str) -> Vec<&'a str> {
    let devices = devices.as_array().expect("devices").iter();
    devices
        .map(|device| device[key].as_str().expect("an ID"))
        .collect()
}

#[test]
fn token_is_given_for_a_query_and_for_a_form() {
    let mut client = Client::new();
    let fields = format!(
        "client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&grant_type=client_credentials"
    );
    let length = fields.len();
    let form = "Content-Type: application/x-www-form-urlencoded";
    for request in [
        format!(
            "GET /o/oauth/token?{fields} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ),
        format!(
            "POST /o/oauth/token?{fields} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        ),
        format!(
            "POST /o/oauth/token HTTP/1.1\r\nHost: localhost\r\n{form}\r\nContent-Length: {length}\r\n\r\n{fields}"
        ),
    ] {
        let (status, answer) = client.send(&request);
        assert_eq!((status, &answer["token_type"]), (200, &json!("bearer")));
        client.token = answer["access_token"].as_str().expect("a token").to_owned();
        assert_eq!(client.get("v3.1/account", "").0, 200, "{request}");
        let wrong = client.send(&request.replace(CLIENT_SECRET, "wrong-as-long-12"));
        assert_eq!(
            wrong,
            (401, json!({ "error": "invalid_client" })),
            "{request}"
        );
    }
}

#[test]
fn all_devices_are_read_page_by_page() {
    let client = Client::new();
    let (status, account) = client.get("v3.1/account", "");
    assert_eq!(status, 200);
    let used = account["devices_used"].as_u64().expect("a number");
    let mut read = Vec::new();
    for page in 1.. {
        let (status, devices) =
            client.post("v3.3/devices", &format!(r#"{{"limit":20,"page":{page}}}"#));
        if status == 413 {
            break;
        }
        assert_eq!(status, 200);
        read.extend(ids(&devices, "device_id").into_iter().map(str::to_owned));
    }
    assert_eq!(read.len() as u64, used);
    assert!(client.hwids.iter().all(|hwid| read.contains(hwid)));
    let (status, devices) = client.post("v3.3/devices", "[]");
    assert_eq!((status, ids(&devices, "device_id").len()), (200, 1));
    for (body, status) in [
        (r#"{"limit":51}"#, 406),
        (r#"{"limit":0}"#, 400),
        (r#"{"page":0}"#, 400),
        (r#"{"filter":{"os":["mac"]}}"#, 400),
        ("limit=20", 400),
    ] {
        assert_eq!(client.post("v3.3/devices", body).0, status, "{body}");
    }
}

#[test]
fn every_version_of_get_devices_answers() {
    let client = Client::new();
    for version in ["v3", "v3.0", "v3.1", "v3.2", "v3.3"] {
        let (status, devices) = client.post(&format!("{version}/devices"), r#"{"limit":3}"#);
        assert_eq!(
            (status, ids(&devices, "device_id").len()),
            (200, 3),
            "{version}"
        );
    }
    for version in ["v3.4", "v3.5", "v3.6", "v3.7"] {
        let (status, answer) = client.post(&format!("{version}/devices"), r#"{"limit":3}"#);
        let devices = ids(&answer["devices"], "device_id");
        assert_eq!((status, devices.len()), (200, 3), "{version}");
        assert_eq!(answer["next_token"], "page-3", "{version}");
    }
    assert_eq!(client.post("v3.9/devices", "{}").0, 404);
    assert_eq!(client.get("v3.3/devices", "").0, 405);
}

#[test]
fn details_and_information_are_of_the_devices_that_exist() {
    let client = Client::new();
    let hwid = client.hwids[0].as_str();
    let verbose = r#"{"system_info":1,"categories":1,"unclassified":1,"mobile_apps":1}"#;
    let (status, details) = client.post(
        "v3.3/devices/detail",
        &format!(r#"{{"opt":1,"ids":["{hwid}","nobody"],"verbose":{verbose}}}"#),
    );
    assert_eq!((status, ids(&details, "device_id")), (200, vec![hwid]));
    assert_eq!(details[0]["linked_id"], hwid);
    let mac = details[0]["network_info"][0]["mac_addr"]
        .as_str()
        .expect("a MAC");
    let (status, by_mac) = client.post("v3.8/devices/detail", &format!(r#"{{"ids":"{mac}"}}"#));
    assert!(status == 200 && ids(&by_mac, "device_id").contains(&hwid));
    let (status, information) = client.post(
        "v3/device_info",
        &format!(r#"{{"ids":["{hwid}"],"opt":0,"select":{{"categories":[]}}}}"#),
    );
    assert_eq!((status, ids(&information, "device_id")), (200, vec![hwid]));
    assert_eq!(information[0]["status"], details[0]["status"]);
    let many = json!({ "ids": vec![hwid; 51] }).to_string();
    for body in [r#"{"ids":[]}"#, r#"{"ids":["a"],"opt":2}"#, "[]", &many] {
        assert_eq!(client.post("v3/device_info", body).0, 400, "{body}");
    }
    for version in ["v2", "v2.0", "v2.1", "v2.2", "v2.3", "v2.4", "v2.5"] {
        let path = format!("{version}/devices/{hwid}");
        let (status, device) = client.get(&path, "&opt=0");
        assert_eq!((status, &device["hwid"]), (200, &json!(hwid)), "{version}");
        assert_eq!(client.get(&path, "&opt=1").0, 404, "{version}");
    }
}

#[test]
fn delete_removes_whatever_opt_its_body_names() {
    let client = Client::new();
    let before = client.get("v3.1/account", "").1;
    for (hwid, opt) in client.hwids.iter().zip([1, 0]) {
        let path = format!("v2.2/devices/{hwid}/delete");
        let body = format!(r#"{{"device_id":"{hwid}","opt":{opt}}}"#);
        let deleted = json!({ "result": 1, "msg": "Device has been deleted" });
        assert_eq!(client.post(&path, &body), (200, deleted));
        let (status, error) = client.post(&path, &body);
        assert!(status == 404 && error["error"].is_string());
    }
    let (_, _, removed) = client.simulator.counts();
    assert_eq!(removed, 2);
    let (status, after) = client.post("v3.2/account", "[]");
    assert_eq!(status, 200);
    assert_eq!(after["devices_allowed"], before["devices_allowed"]);
    let used = |account: &Value| account["devices_used"].as_u64().expect("a number");
    assert_eq!(used(&after) + 2, used(&before));
    for key in ["devices_by_status", "devices_by_issue_severity"] {
        let counts = after[key].as_array().expect("counts").iter();
        let sum: u64 = counts
            .map(|count| count["number_of_devices"].as_u64().expect("a number"))
            .sum();
        assert_eq!(sum, used(&after), "{key}");
    }
}

#[test]
fn no_call_is_answered_without_a_token_in_its_url() {
    let client = Client {
        token: "wrong".to_owned(),
        ..Client::new()
    };
    let posts = ["v3.3/devices", "v3.7/devices", "v3.3/devices/detail"];
    let more = ["v3/device_info", "v2.2/devices/a/delete", "v3.2/account"];
    for path in posts.into_iter().chain(more) {
        assert_eq!(client.post(path, r#"{"ids":["a"]}"#).0, 401, "{path}");
    }
    for path in ["v3.1/account", "v2/devices/a"] {
        assert_eq!(client.get(path, "").0, 401, "{path}");
    }
}
