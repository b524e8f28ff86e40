use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{LineEnding, PrivateKey};

use super::*;
use crate::plan::Planner;
use crate::plan::tests::sample;

fn key(seed: u8) -> PrivateKey {
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&[seed; 32]));
    PrivateKey::new(pair, "").expect("a key")
}

fn public(seed: u8) -> String {
    key(seed).public_key().to_openssh().expect("a line")
}

fn signature(seed: u8, namespace: &str, message: &[u8]) -> String {
    let signature = key(seed).sign(namespace, HashAlg::Sha512, message);
    signature
        .expect("signed")
        .to_pem(LineEnding::LF)
        .expect("PEM")
}

fn plan_file(users: &[&str], keys: Vec<String>) -> PlanFile {
    let planner = Planner {
        users: users.iter().map(ToString::to_string).collect(),
        keys,
    };
    sample().into_file(vec![], vec![], planner).expect("a file")
}

fn now() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn verify(approvers: &str, file: &PlanFile) -> Approvals {
    let approvers = Approvers::parse(approvers).expect("approvers");
    approvers.verify(file, None, now())
}

fn names(approvals: &Approvals) -> Vec<&str> {
    approvals
        .counted
        .iter()
        .map(|approval| approval.name.as_str())
        .collect()
}

#[test]
fn verify_counts_each_approver_once_and_says_why_others_dont_count() {
    let mut file = plan_file(&["ada"], vec![]);
    let message = file.message();
    let good = |seed| signature(seed, NAMESPACE, &message);
    let approvers = format!(
        "# who may approve\n\nbob@example.com {}\n\"carol,dave\" namespaces=\"git,offboard-plan\" {}\n\
         ada@example.com {}\neve namespaces=\"git\" {}\nold valid-before=\"20261127Z\" {}\nnew valid-after=\"20261127130000Z\" {}\n",
        public(1),
        public(2),
        public(3),
        public(4),
        public(5),
        public(6)
    );
    for (signatures, counted, ignored) in [
        (vec![good(1)], vec!["bob@example.com"], ""),
        (vec![good(1), good(1)], vec!["bob@example.com"], ""),
        (vec![good(2), good(1)], vec!["bob@example.com", "carol"], ""),
        (vec![good(3)], vec![], "ada@example.com planned it"),
        (vec![good(4)], vec![], "not valid now"),
        (vec![good(5)], vec![], "not valid now"),
        (vec![good(6)], vec![], "not valid now"),
        (vec![good(9)], vec![], "does not belong to an approver"),
        (
            vec![signature(1, "git", &message)],
            vec![],
            "not valid for this plan",
        ),
        (
            vec![signature(1, NAMESPACE, b"another\n")],
            vec![],
            "not valid for this plan",
        ),
        (vec!["-----BEGIN".to_owned()], vec![], "not readable"),
    ] {
        file.signatures = signatures;
        let approvals = verify(&approvers, &file);
        assert_eq!(names(&approvals), counted);
        let all: Vec<String> = approvals.ignored.iter().map(ToString::to_string).collect();
        let all = all.join("; ");
        assert_eq!(all.is_empty(), ignored.is_empty(), "{all}");
        assert!(all.contains(ignored), "{all}");
    }
}

#[test]
fn key_counts_from_its_first_moment_until_its_last() {
    let mut file = plan_file(&["ada"], vec![]);
    file.signatures = vec![signature(1, NAMESPACE, &file.message())];
    for (options, counts) in [
        ("valid-after=\"20261127120000Z\"", true),
        ("valid-after=\"20261127120001Z\"", false),
        ("valid-before=\"20261127120001Z\"", true),
        ("valid-before=\"20261127120000Z\"", false),
    ] {
        let approvals = verify(&format!("bob {options} {}", public(1)), &file);
        assert_eq!(approvals.counted.len(), usize::from(counts), "{options}");
    }
}

#[test]
fn key_is_known_whether_it_is_valid_or_not() {
    let text = format!("bob valid-before=\"20261127Z\" {}", public(1));
    let approvers = Approvers::parse(&text).expect("approvers");
    assert!(approvers.knows(key(1).public_key()));
    assert!(!approvers.knows(key(2).public_key()));
}

#[test]
fn approval_names_the_approver_and_the_key() {
    let mut file = plan_file(&["ada"], vec![]);
    file.signatures = vec![signature(1, NAMESPACE, &file.message())];
    let approvals = verify(&format!("bob {}", public(1)), &file);
    let fingerprint = key(1).public_key().fingerprint(HashAlg::Sha256);
    assert_eq!(
        approvals.counted[0].to_string(),
        format!("bob ({fingerprint})")
    );
}

#[test]
fn verify_ignores_a_key_of_the_planner_under_any_name() {
    let fingerprint = key(1).public_key().fingerprint(HashAlg::Sha256).to_string();
    let mut file = plan_file(&["ada"], vec![fingerprint]);
    file.signatures = vec![signature(1, NAMESPACE, &file.message())];
    let approvals = verify(&format!("bob {}", public(1)), &file);
    assert_eq!(approvals.counted, []);
    assert_eq!(
        approvals.ignored[0].to_string(),
        "signature 1: bob planned it"
    );
}

#[test]
fn signatures_are_added_to_a_file_and_change_no_digest() {
    let file = plan_file(&["ada"], vec![]);
    let mut bytes = Vec::new();
    file.write(&mut bytes).expect("written");
    for seed in [1, 2] {
        let pem = signature(seed, NAMESPACE, &file.message());
        bytes = PlanFile::with_signature(&bytes, pem).expect("signed");
    }
    let read = PlanFile::read(&bytes, now(), file.plan.sizes).expect("read");
    assert_eq!(read.digest(), file.digest());
    let approvals = verify(&format!("bob {}\ncarol {}", public(1), public(2)), &read);
    assert_eq!(names(&approvals), ["bob", "carol"]);
}

#[test]
fn parse_refuses_unsupported_options_and_patterns() {
    for (line, said) in [
        ("bob", "a name and a key"),
        ("bob ssh-ed25519 AAAA", "not a key in OpenSSH's format"),
        (
            "bob namespaces=\"a b\" ssh-ed25519",
            "not a key in OpenSSH's format",
        ),
        ("bob namespaces=\"a b\" KEY", "invalid options"),
        ("\"bob ssh-ed25519", "not closed"),
        ("*@example.com KEY", "is a pattern"),
        ("bob,,carol KEY", "is a pattern"),
        ("bob cert-authority KEY", "cert-authority is not supported"),
        ("bob valid-after=\"soon\" KEY", "'soon' is not a time"),
        (
            "bob valid-after=\"20261301\" KEY",
            "'20261301' is not a time",
        ),
    ] {
        let text = format!("# first\n{}\n", line.replace("KEY", &public(1)));
        let error = Approvers::parse(&text).expect_err(line);
        assert_eq!(error.line, 2);
        assert!(error.to_string().contains(said), "{error}");
    }
}

/// Whoever writes a plan in another's name on another machine can't approve and send it alone.
#[test]
fn verify_ignores_the_sender() {
    let mut file = plan_file(&["ada"], vec![]);
    file.signatures = vec![signature(1, NAMESPACE, &file.message())];
    let approvers = Approvers::parse(&format!("bob@example.com {}", public(1))).expect("approvers");
    let fingerprint = key(1).public_key().fingerprint(HashAlg::Sha256).to_string();
    let person = |users: &[&str], keys| Planner {
        users: users.iter().map(ToString::to_string).collect(),
        keys,
    };
    for (sender, counted) in [
        (person(&["bob"], vec![]), 0),
        (person(&["robert"], vec![fingerprint]), 0),
        (person(&["ada"], vec![]), 1),
    ] {
        let approvals = approvers.verify(&file, Some(&sender), now());
        assert_eq!(approvals.counted.len(), counted, "{sender:?}");
        assert_eq!(approvals.ignored.len(), 1 - counted, "{sender:?}");
    }
}

#[test]
fn one_person_counts_once_under_whatever_names_and_keys() {
    let mut file = plan_file(&["ada"], vec![]);
    let message = file.message();
    let good = |seed| signature(seed, NAMESPACE, &message);
    file.signatures = vec![good(1), good(2)];
    for (one, other) in [
        ("bob", "bob@example.com"),
        ("bob@example.com", "BOB@example.org"),
        ("bob,carol", "carol,dave"),
    ] {
        let approvers = format!("{one} {}\n{other} {}\n", public(1), public(2));
        let approvals = verify(&approvers, &file);
        assert_eq!(approvals.counted.len(), 1, "{one} and {other}");
        let reason = approvals.ignored[0].to_string();
        assert!(reason.contains("same person as"), "{reason}");
    }
    let approvers = format!("bob {}\ncarol {}\n", public(1), public(2));
    assert_eq!(verify(&approvers, &file).counted.len(), 2);
    // The planner's other name.
    let approvers = format!("zoe,ada {}\ncarol {}\n", public(1), public(2));
    assert_eq!(names(&verify(&approvers, &file)), ["carol"]);
}
