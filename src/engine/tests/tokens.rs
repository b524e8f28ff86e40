//! Credentials and tokens.

use super::*;

#[test]
fn static_token_that_expires_pauses_the_run() {
    let mut world = world(&[HWID; 9], 50).script([Reply::Status(401)]);
    assert_eq!(world.run(), paused(PauseReason::TokenRefused));
    assert_eq!(world.engine.tally().left, 9);
    assert_eq!(world.resume(), finished());
    assert_eq!(world.sizes(), [5, 5, 4]);
}

#[test]
fn client_credentials_are_renewed_once_after_a_401() {
    let mut renewed = world(&[HWID; 9], 50).script([Reply::Answer(vec![]), Reply::Status(401)]);
    renewed.credential = Event::Credential(CredentialKind::Client);
    assert_eq!(renewed.run(), finished());
    assert_eq!((renewed.token_calls, renewed.sizes()), (2, vec![5, 4, 4]));
    let mut refused = world(&[HWID; 9], 50);
    refused.credential = Event::Credential(CredentialKind::Client);
    refused.afterwards = Reply::Status(401);
    assert_eq!(refused.run(), paused(PauseReason::TokenRefused));
    assert_eq!(refused.sent.len(), 2);
}

#[test]
fn refused_credentials_pause_after_one_token_call() {
    let mut world = world(&[HWID; 9], 50);
    world.credential = Event::Credential(CredentialKind::Client);
    world
        .tokens
        .push_back(TokenResult::Refused("invalid_client".to_owned()));
    assert_eq!(
        world.run(),
        paused(PauseReason::CredentialsRefused("invalid_client".to_owned()))
    );
    assert_eq!((world.token_calls, world.sent.len()), (1, 0));
}

#[test]
fn short_lived_token_is_used_before_it_is_renewed() {
    let mut world = world(&[HWID; 100], 5);
    world.credential = Event::Credential(CredentialKind::Client);
    for _ in 0..50 {
        world
            .tokens
            .push_back(TokenResult::Granted(Some(Duration::from_secs(20))));
    }
    assert_eq!(world.run(), finished());
    let renewed_in_time = 2..10;
    let calls = world.token_calls;
    assert!(renewed_in_time.contains(&calls), "{calls}");
}

#[test]
fn token_is_renewed_before_a_call_could_outlast_it() {
    let mut world = world(&[HWID; 20], 5);
    world.credential = Event::Credential(CredentialKind::Client);
    world.latency = Duration::from_secs(60);
    let lifetime = Duration::from_secs(240);
    world.tokens.push_back(TokenResult::Granted(Some(lifetime)));
    assert_eq!(world.run(), finished());
    // After three calls, a minute is left: no more than the fourth may take.
    assert_eq!((world.token_calls, world.sizes().len()), (2, 4));
}

#[test]
fn token_that_expires_at_once_is_used_for_one_call() {
    let mut world = world(&[HWID; 15], 5);
    world.credential = Event::Credential(CredentialKind::Client);
    for _ in 0..50 {
        let lifetime = Duration::from_nanos(1);
        world.tokens.push_back(TokenResult::Granted(Some(lifetime)));
    }
    assert_eq!(world.run(), finished());
    assert_eq!((world.token_calls, world.sizes()), (3, vec![5, 5, 5]));
}

#[test]
fn unreadable_credential_pauses_before_any_call() {
    let mut world = world(&[HWID; 9], 50);
    world.credential = Event::NoCredential("no such variable".to_owned());
    assert_eq!(
        world.run(),
        paused(PauseReason::Setup("no such variable".to_owned()))
    );
    assert!(world.ledger.slots.is_empty());
}
