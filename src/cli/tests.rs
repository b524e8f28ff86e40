mod docs;
mod pages;
mod schemas;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split(' '))
}

#[test]
fn command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn list_or_a_command_can_be_given() {
    assert_eq!(
        parse("offboard devices.json").expect("fine").list,
        Some("devices.json".into())
    );
    assert!(matches!(
        parse("offboard runs").expect("fine").command,
        Some(Command::Runs(_))
    ));
    assert!(parse("offboard --demo").expect("fine").demo);
    let global = parse("offboard runs --profile lab --state-dir /s")
        .expect("fine")
        .global;
    assert_eq!(
        (global.profile.as_deref(), global.state_dir),
        (Some("lab"), Some("/s".into()))
    );
}

#[test]
fn query_may_begin_with_a_hyphen() {
    let cli = parse("offboard plan l.json --action remove --where -group:Sales").expect("fine");
    let Some(Command::Plan(args)) = cli.command else {
        panic!("plan")
    };
    assert_eq!(args.selection.query.as_deref(), Some("-group:Sales"));
}

#[test]
fn action_is_needed_and_must_be_one() {
    assert!(parse("offboard plan l.json --all").is_err());
    assert!(parse("offboard run l.json --all --action delete").is_err());
}
