//! How long calls that only read are tried again. They change nothing, so that nothing of them is
//! ever in doubt: what may pass is tried again, what can't is given up with message.

use std::time::Duration;

use crate::domain::rate_limit::{self, Budget, Cap, RateHeaders};
use crate::engine::protocol::TokenResult;
use crate::engine::response::NotSent;
use crate::platform::clock::{BootTime, Now};

/// What a call that only reads led to.
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
    /// Anything else; the message say what.
    Unclear(String),
}

/// What is to be done after a call that brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same again, as soon as the budget allows.
    Again,
    /// The same after a while.
    After(Duration),
    /// Nothing more; why, to be shown.
    GiveUp(String),
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in a row that led nowhere before it is given up.
    tries: u32,
    trouble: u32,
    unauthorized: u32,
    too_many: u32,
    too_many_since: Option<BootTime>,
}

/// Tries in a row that led nowhere before it is given up.
const TRIES: u32 = 3;
/// How long one waits before the next of them.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// How long 429s may go on without a success.
const LONGEST: Duration = Duration::from_secs(900);

const DEAD_TOKEN: &str = "the token is invalid or expired (401)";

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::of(TRIES)
    }
}

impl RetryPolicy {
    /// Gives up at the first try that leads nowhere; 429s are waited for all the same.
    pub fn single_attempt() -> Self {
        Self::of(1)
    }

    fn of(tries: u32) -> Self {
        Self {
            tries,
            trouble: 0,
            unauthorized: 0,
            too_many: 0,
            too_many_since: None,
        }
    }

    /// What was read, or what to do about it. `renewable` tells a token that can be asked for anew
    /// from a ready one.
    pub fn decide<T>(
        &mut self,
        result: ReadResult<T>,
        renewable: bool,
        now: BootTime,
    ) -> Result<T, Next> {
        Err(match result {
            ReadResult::Read(read) => {
                *self = Self::of(self.tries);
                return Ok(read);
            }
            ReadResult::Unauthorized => {
                self.unauthorized += 1;
                if renewable && self.unauthorized <= 1 {
                    Next::Again
                } else {
                    Next::GiveUp(DEAD_TOKEN.to_owned())
                }
            }
            ReadResult::TooMany => self.too_many(now),
            ReadResult::NotSent(reason) => self.not_sent(&reason),
            ReadResult::Unclear(message) => self.troubled(&message),
        })
    }

    /// What to do after a token call.
    pub fn decide_after_token(&mut self, result: &TokenResult, now: BootTime) -> Next {
        match result {
            TokenResult::Granted(_) => Next::Again,
            TokenResult::TooMany => self.too_many(now),
            TokenResult::Refused(message) => Next::GiveUp(format!(
                "the token endpoint refused the credentials: {message}"
            )),
            TokenResult::NotSent(reason) => self.not_sent(reason),
            TokenResult::Failed(message) => self.troubled(message),
        }
    }

    /// The limit that an answer named, if it did. `jitter`, of 0 to 1, spreads the wait after a 429,
    /// of which the judge has not heard yet.
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

    fn not_sent(&mut self, reason: &NotSent) -> Next {
        match reason {
            // No wait helps these.
            NotSent::Certificate(_) | NotSent::ProxyLogin => Next::GiveUp(reason.to_string()),
            NotSent::SlotExpired | NotSent::Unreachable(_) => self.troubled(&reason.to_string()),
        }
    }

    fn troubled(&mut self, message: &str) -> Next {
        self.trouble += 1;
        if self.trouble >= self.tries {
            Next::GiveUp(message.to_owned())
        } else {
            Next::After(RETRY_AFTER)
        }
    }

    fn too_many(&mut self, now: BootTime) -> Next {
        self.too_many += 1;
        let since = *self.too_many_since.get_or_insert(now);
        if now.since(since) >= LONGEST {
            Next::GiveUp("the tenant goes on answering 429 (too many calls)".to_owned())
        } else {
            Next::Again
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
    fn what_may_pass_is_tried_three_times_and_an_answer_begins_anew() {
        let mut policy = RetryPolicy::default();
        let again = Err(Next::After(RETRY_AFTER));
        assert_eq!(policy.decide(unclear(), true, NOW), again);
        assert_eq!(
            policy.decide_after_token(&TokenResult::Failed("x".to_owned()), NOW),
            Next::After(RETRY_AFTER)
        );
        assert_eq!(
            policy.decide(ReadResult::Read(()), true, NOW),
            Ok(()),
            "an answer"
        );
        assert_eq!(policy.decide(unclear(), true, NOW), again);
        let unreachable = || ReadResult::<()>::NotSent(NotSent::Unreachable("refused".to_owned()));
        assert_eq!(policy.decide(unreachable(), true, NOW), again);
        let Err(Next::GiveUp(why)) = policy.decide(unclear(), true, NOW) else {
            panic!("it goes on");
        };
        assert_eq!(why, "status 502");
        assert!(matches!(
            RetryPolicy::single_attempt().decide(unclear(), true, NOW),
            Err(Next::GiveUp(_))
        ));
    }

    #[test]
    fn no_wait_helps_a_certificate_a_proxys_login_or_refused_credentials() {
        for reason in [
            NotSent::Certificate("expired".to_owned()),
            NotSent::ProxyLogin,
        ] {
            let mut policy = RetryPolicy::default();
            assert!(matches!(
                policy.decide(ReadResult::<()>::NotSent(reason), true, NOW),
                Err(Next::GiveUp(_))
            ));
        }
        let refused = TokenResult::Refused("invalid_client".to_owned());
        assert!(matches!(
            RetryPolicy::default().decide_after_token(&refused, NOW),
            Next::GiveUp(why) if why.contains("refused the credentials: invalid_client")
        ));
    }

    #[test]
    fn a_token_is_renewed_once_and_a_ready_one_never() {
        let unauthorized = || ReadResult::<()>::Unauthorized;
        let mut policy = RetryPolicy::default();
        assert_eq!(policy.decide(unauthorized(), true, NOW), Err(Next::Again));
        let given_up = Err(Next::GiveUp(DEAD_TOKEN.to_owned()));
        assert_eq!(policy.decide(unauthorized(), true, NOW), given_up);
        let mut ready = RetryPolicy::default();
        assert_eq!(ready.decide(unauthorized(), false, NOW), given_up);
    }

    #[test]
    fn too_many_calls_are_waited_for_a_quarter_of_an_hour() {
        let too_many = || ReadResult::<()>::TooMany;
        let mut policy = RetryPolicy::single_attempt();
        let later = |seconds| NOW + Duration::from_secs(seconds);
        for seconds in [0, 60, 899] {
            let next = policy.decide(too_many(), true, later(seconds));
            assert_eq!(next, Err(Next::Again), "{seconds} s");
        }
        assert!(matches!(
            policy.decide(too_many(), true, later(900)),
            Err(Next::GiveUp(_))
        ));
    }
}
