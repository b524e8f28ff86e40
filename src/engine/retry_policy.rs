//! When calls that only read are retried. They change nothing, so that no outcome is ever in doubt:
//! failures that may pass are retried, others end the attempt with a message.

use std::time::Duration;

use crate::domain::rate_limit::{self, Budget, Cap, RateHeaders};
use crate::domain::run::PauseReason;
use crate::engine::protocol::TokenResult;
use crate::engine::response::NotSent;
use crate::platform::clock::{BootTime, Now};

/// The result of a call that only reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadResult<T> {
    /// A readable answer.
    Read(T),
    /// 401.
    Unauthorized,
    /// 429.
    TooMany,
    /// Nothing reached the server.
    NotSent(NotSent),
    /// Anything else; the message describes it.
    Unclear(String),
}

/// What to do after a call without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// The same call, as soon as the budget allows.
    Again,
    /// The same call after this time, because of this failure.
    After(Duration, String),
    /// No more calls.
    GiveUp(ReadFailure),
}

/// Why calls that only read are given up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadFailure {
    /// The tenant refused the token or the credentials.
    #[error("{0}")]
    Token(PauseReason),
    /// Nothing reaches the server, and waiting doesn't help.
    #[error(transparent)]
    NotSent(NotSent),
    /// 429 for too long.
    #[error("the tenant still answers 429 (too many calls) after 15 minutes")]
    RateLimited,
    /// It failed as often as it is tried; holds the last failure, not safe to show.
    #[error("{0}")]
    Failed(String),
    /// There is no credential, or no client can be made with it; holds the error.
    #[error("{0}")]
    NoCredential(String),
}

/// Decides about the next try by the failures since the last success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Consecutive failures after which it gives up.
    tries: u32,
    failures: u32,
    unauthorized: u32,
    too_many: u32,
    too_many_since: Option<BootTime>,
}

/// Consecutive failures after which it gives up.
pub(super) const TRIES: u32 = 3;
/// The wait before the next try.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// How long 429s may go on without a success.
pub(super) const RATE_LIMIT_PATIENCE: Duration = Duration::from_secs(900);

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::of(TRIES)
    }
}

impl RetryPolicy {
    /// Gives up at the first failure; after a 429 it waits all the same.
    pub fn single_attempt() -> Self {
        Self::of(1)
    }

    fn of(tries: u32) -> Self {
        Self {
            tries,
            failures: 0,
            unauthorized: 0,
            too_many: 0,
            too_many_since: None,
        }
    }

    /// What was read, or what to do next. `renewable` is true for a token that client credentials can
    /// replace.
    pub fn decide<T>(
        &mut self,
        result: ReadResult<T>,
        renewable: bool,
        now: BootTime,
    ) -> Result<T, RetryDecision> {
        Err(match result {
            ReadResult::Read(read) => {
                *self = Self::of(self.tries);
                return Ok(read);
            }
            ReadResult::Unauthorized => {
                self.unauthorized += 1;
                if renewable && self.unauthorized <= 1 {
                    RetryDecision::Again
                } else {
                    RetryDecision::GiveUp(ReadFailure::Token(PauseReason::TokenRefused))
                }
            }
            ReadResult::TooMany => self.too_many(now),
            ReadResult::NotSent(reason) => self.not_sent(&reason),
            ReadResult::Unclear(message) => self.failed(&message),
        })
    }

    /// What to do after a token call.
    pub fn decide_after_token(&mut self, result: &TokenResult, now: BootTime) -> RetryDecision {
        match result {
            TokenResult::Granted(_) => RetryDecision::Again,
            TokenResult::TooMany => self.too_many(now),
            TokenResult::Refused(message) => RetryDecision::GiveUp(ReadFailure::Token(
                PauseReason::CredentialsRefused(message.clone()),
            )),
            TokenResult::Unusable(message) => {
                RetryDecision::GiveUp(ReadFailure::Token(PauseReason::NoToken(message.clone())))
            }
            TokenResult::NotSent(reason) => self.not_sent(reason),
            TokenResult::Failed(message) => self.failed(message),
        }
    }

    /// The limit that an answer named, if it did. `jitter`, from 0 to 1, spreads the wait after a 429,
    /// which is not counted here yet.
    pub fn cap(
        &self,
        too_many: bool,
        rate: &RateHeaders,
        budget: &Budget,
        slot: i64,
        jitter: f64,
        now: Now,
    ) -> Option<Cap> {
        if too_many {
            let tries = self.too_many + 1;
            let cap = rate_limit::cap_after_429(rate, budget, slot, tries, jitter, now);
            Some(cap)
        } else {
            rate.cap(budget, slot, now)
        }
    }

    fn not_sent(&mut self, reason: &NotSent) -> RetryDecision {
        match reason {
            // These don't pass by waiting.
            NotSent::Certificate(_) | NotSent::ProxyLogin => {
                RetryDecision::GiveUp(ReadFailure::NotSent(reason.clone()))
            }
            NotSent::SlotExpired | NotSent::Unreachable(_) => self.failed(&reason.to_string()),
        }
    }

    fn failed(&mut self, message: &str) -> RetryDecision {
        self.failures += 1;
        if self.failures >= self.tries {
            RetryDecision::GiveUp(ReadFailure::Failed(message.to_owned()))
        } else {
            RetryDecision::After(RETRY_AFTER, message.to_owned())
        }
    }

    fn too_many(&mut self, now: BootTime) -> RetryDecision {
        self.too_many += 1;
        let since = *self.too_many_since.get_or_insert(now);
        if now.since(since) >= RATE_LIMIT_PATIENCE {
            RetryDecision::GiveUp(ReadFailure::RateLimited)
        } else {
            RetryDecision::Again
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: BootTime = BootTime(1_000_000);

    fn unclear() -> ReadResult<()> {
        ReadResult::Unclear("status 502".to_owned())
    }

    #[test]
    fn decide_retries_three_times_and_starts_again_after_an_answer() {
        let mut policy = RetryPolicy::default();
        let again = |reason: &str| RetryDecision::After(RETRY_AFTER, reason.to_owned());
        assert_eq!(
            policy.decide(unclear(), true, NOW),
            Err(again("status 502"))
        );
        assert_eq!(
            policy.decide_after_token(&TokenResult::Failed("x".to_owned()), NOW),
            again("x")
        );
        assert_eq!(
            policy.decide(ReadResult::Read(()), true, NOW),
            Ok(()),
            "an answer"
        );
        assert_eq!(
            policy.decide(unclear(), true, NOW),
            Err(again("status 502"))
        );
        let unreachable = || ReadResult::<()>::NotSent(NotSent::Unreachable("refused".to_owned()));
        assert!(matches!(
            policy.decide(unreachable(), true, NOW),
            Err(RetryDecision::After(RETRY_AFTER, reason)) if reason.contains("refused")
        ));
        let Err(RetryDecision::GiveUp(reason)) = policy.decide(unclear(), true, NOW) else {
            panic!("it continues");
        };
        assert_eq!(reason, ReadFailure::Failed("status 502".to_owned()));
        assert!(matches!(
            RetryPolicy::single_attempt().decide(unclear(), true, NOW),
            Err(RetryDecision::GiveUp(_))
        ));
    }

    #[test]
    fn decide_gives_up_at_certificates_proxy_logins_and_refused_credentials() {
        for reason in [
            NotSent::Certificate("expired".to_owned()),
            NotSent::ProxyLogin,
        ] {
            let mut policy = RetryPolicy::default();
            assert!(matches!(
                policy.decide(ReadResult::<()>::NotSent(reason), true, NOW),
                Err(RetryDecision::GiveUp(_))
            ));
        }
        let refused = TokenResult::Refused("invalid_client".to_owned());
        assert!(matches!(
            RetryPolicy::default().decide_after_token(&refused, NOW),
            RetryDecision::GiveUp(ReadFailure::Token(PauseReason::CredentialsRefused(reason))) if reason == "invalid_client"
        ));
    }

    #[test]
    fn decide_renews_a_token_once_and_a_static_one_never() {
        let unauthorized = || ReadResult::<()>::Unauthorized;
        let mut policy = RetryPolicy::default();
        assert_eq!(
            policy.decide(unauthorized(), true, NOW),
            Err(RetryDecision::Again)
        );
        let given_up = Err(RetryDecision::GiveUp(ReadFailure::Token(
            PauseReason::TokenRefused,
        )));
        assert_eq!(policy.decide(unauthorized(), true, NOW), given_up);
        let mut ready = RetryPolicy::default();
        assert_eq!(ready.decide(unauthorized(), false, NOW), given_up);
    }

    #[test]
    fn cap_comes_from_a_429_or_from_the_headers() {
        let wall = "2026-11-27T12:00:00Z".parse().expect("a time");
        let now = Now { wall, boot: NOW };
        let budget = Budget::per_minute(std::num::NonZeroU32::MIN);
        let mut policy = RetryPolicy::default();
        let none = RateHeaders::default();
        // The wait doubles with each.
        for tries in [1, 2] {
            let expected = rate_limit::cap_after_429(&none, &budget, 7, tries, 0.0, now);
            let cap = policy.cap(true, &none, &budget, 7, 0.0, now);
            assert_eq!(cap, Some(expected), "without headers, too");
            let next = policy.decide(ReadResult::<()>::TooMany, true, NOW);
            assert_eq!(next, Err(RetryDecision::Again));
        }
        let cap = |rate: &RateHeaders| policy.cap(false, rate, &budget, 7, 0.0, now);
        let none_left = RateHeaders {
            remaining: Some(0),
            reset: Some(30),
            ..RateHeaders::default()
        };
        assert_eq!(cap(&none), None);
        assert_eq!(cap(&none_left), none_left.cap(&budget, 7, now));
        assert!(cap(&none_left).is_some());
    }

    #[test]
    fn decide_waits_a_quarter_of_an_hour_for_429() {
        let too_many = || ReadResult::<()>::TooMany;
        let mut policy = RetryPolicy::single_attempt();
        let later = |seconds| NOW + Duration::from_secs(seconds);
        for seconds in [0, 60, 899] {
            let next = policy.decide(too_many(), true, later(seconds));
            assert_eq!(next, Err(RetryDecision::Again), "{seconds} s");
        }
        assert!(matches!(
            policy.decide(too_many(), true, later(900)),
            Err(RetryDecision::GiveUp(_))
        ));
    }
}
