//! Who may read a secret and write the configuration, on a machine whose users a test chooses.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use super::workbench::{Output, Workbench};

/// A machine's users and groups.
struct Machine {
    name: &'static str,
    passwd: String,
    group: String,
    nsswitch: &'static str,
}

/// A machine on which `group` is the own group of `user` and of nobody else.
fn own_group(user: u32, group: u32) -> Machine {
    let (other, others) = (user + 1, group + 1);
    Machine {
        name: "the own group",
        passwd: format!("ada:x:{user}:{group}::/:/bin/sh\nbob:x:{other}:{others}::/:/bin/sh\n"),
        group: format!("ada:x:{group}:\nbob:x:{others}:\n"),
        nsswitch: "passwd: files systemd\ngroup: files systemd\n",
    }
}

/// Machines on which others are in `group`, or may be.
fn shared_groups(user: u32, group: u32) -> [Machine; 6] {
    let own = || own_group(user, group);
    let (other, others) = (user + 1, group + 1);
    [
        Machine {
            name: "another member",
            group: format!("ada:x:{group}:bob\nbob:x:{others}:\n"),
            ..own()
        },
        Machine {
            name: "another user's primary group, too",
            passwd: format!("ada:x:{user}:{group}::/:\nbob:x:{other}:{group}::/:\n"),
            ..own()
        },
        Machine {
            name: "a group that the user isn't in",
            passwd: format!("ada:x:{user}:{others}::/:\n"),
            group: format!("staff:x:{group}:\nada:x:{others}:\n"),
            ..own()
        },
        Machine {
            name: "a group of which the user is the only member",
            passwd: format!("ada:x:{user}:{others}::/:\n"),
            group: format!("staff:x:{group}:ada\nada:x:{others}:\n"),
            ..own()
        },
        Machine {
            name: "a directory with members of its own",
            nsswitch: "passwd: files sss\ngroup: files sss\n",
            ..own()
        },
        Machine {
            name: "a user that no file names",
            passwd: String::new(),
            ..own()
        },
    ]
}

impl Machine {
    fn install(&self, bench: &Workbench) {
        std::fs::create_dir_all(bench.path("root/etc")).expect("made");
        bench.write("root/etc/passwd", &self.passwd);
        bench.write("root/etc/group", &self.group);
        bench.write("root/etc/nsswitch.conf", self.nsswitch);
    }
}

/// Removes one device on that machine.
fn run(bench: &Workbench, hwid: &str) -> Output {
    bench.write("one.txt", &format!("{hwid}\n"));
    let mut command = bench.command(&["run", "one.txt", "--action", "remove", "--all"]);
    command
        .args(["--expect-count", "1"])
        .env("OFFBOARD_TEST_ROOT", bench.path("root"));
    Output::of(command)
}

#[test]
fn group_may_read_a_secret_or_write_the_configuration_only_if_it_is_the_users_alone() {
    let bench = Workbench::with(40);
    let hwids = bench.known_hwids();
    let mode = |name: &str, mode: u32| {
        std::fs::set_permissions(bench.path(name), Permissions::from_mode(mode)).expect("changed");
    };
    let file = std::fs::metadata(bench.path("secret")).expect("metadata");
    let (user, group) = (file.uid(), file.gid());

    own_group(user, group).install(&bench);
    mode("secret", 0o660);
    mode("config.toml", 0o660);
    let trusted = run(&bench, &hwids[0]);
    trusted.exits(0);

    let mut unsent = hwids[1..].iter();
    for machine in shared_groups(user, group) {
        machine.install(&bench);
        let calls = bench.simulator.received().len();
        for (secret, config, code, remedy) in [
            (0o600, 0o660, 2, "chmod g-w"),
            (0o660, 0o640, 5, "chmod g-w"),
            (0o640, 0o640, 5, "chmod g-rw"),
        ] {
            mode("secret", secret);
            mode("config.toml", config);
            // A device of a paused run is in no other plan.
            let refused = run(&bench, unsent.next().expect("a device"));
            let (why, said) = (machine.name, &refused.stderr);
            assert_eq!(refused.code, Some(code), "{why}, {secret:o}: {said}");
            assert!(said.contains(remedy), "{why}, {secret:o}: {said}");
        }
        assert_eq!(bench.simulator.received().len(), calls, "{}", machine.name);
    }
}
