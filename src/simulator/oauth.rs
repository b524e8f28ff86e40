//! Tokens: handed out for the right credentials, and good for a while.

use std::collections::HashMap;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Tokens {
    lifetime: Duration,
    /// When each expires, since the start. Names stay taken for ever.
    expiries: HashMap<String, Duration>,
}

impl Tokens {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            expiries: HashMap::new(),
        }
    }

    /// A new token, issued at `now` since the start.
    pub(super) fn issue(&mut self, now: Duration) -> String {
        let token = format!("simulator-token-{}", self.expiries.len() + 1);
        self.expiries.insert(token.clone(), now + self.lifetime);
        token
    }

    /// True for a token that was issued and hasn't expired.
    pub(super) fn holds(&self, token: &str, now: Duration) -> bool {
        self.expiries.get(token).is_some_and(|&expiry| now < expiry)
    }

    /// Ends all tokens, as an administrator's "revoke" does.
    pub(super) fn revoke_all(&mut self) {
        self.expiries
            .values_mut()
            .for_each(|expiry| *expiry = Duration::ZERO);
    }

    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }
}
