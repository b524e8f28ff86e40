//! Parses user accounts and display names in the notations of directories, logs and tickets.

use super::keys::{fold, is_placeholder};

/// Accounts that belong to a machine or an organisation, not to a person.
const SHARED_ACCOUNTS: [&str; 18] = [
    "admin",
    "administrator",
    "defaultaccount",
    "defaultuser0",
    "guest",
    "info",
    "local",
    "localadmin",
    "localuser",
    "office",
    "owner",
    "public",
    "root",
    "service",
    "support",
    "system",
    "user",
    "wdagutilityaccount",
];

/// A user as a text names it; folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum UserName {
    /// `ada`, `ada@corp.example`, `CORP\ada`.
    Account(Account),
    /// `Ada Lovelace`, `Lovelace, Ada`.
    Display(String),
}

/// A directory account; folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Account {
    /// The name without the domain.
    pub local: String,
    /// The domain, in the notation in which it was read.
    pub domain: Option<String>,
}

impl UserName {
    /// `None` for a placeholder or a shared account.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold(text);
        if is_placeholder(&folded) {
            return None;
        }
        if let Some(account) = Account::with_domain(&folded) {
            return account.is_personal().then_some(Self::Account(account));
        }
        if folded.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '\\' | '@')) {
            let words: Vec<&str> = folded.split_whitespace().collect();
            return Some(Self::Display(words.join(" ")));
        }
        let account = Account {
            local: folded,
            domain: None,
        };
        account.is_personal().then_some(Self::Account(account))
    }
}

impl Account {
    /// Parses `CORP\ada` or `ada@corp.example` from a folded text.
    fn with_domain(folded: &str) -> Option<Self> {
        let (domain, local) = match folded.rsplit_once('\\') {
            Some((domain, local)) => (domain, local),
            None => {
                let (local, domain) = folded.rsplit_once('@')?;
                if folded.contains(char::is_whitespace) {
                    return None;
                }
                (domain, local)
            }
        };
        // `.\ada` is a local account.
        let domain = Some(domain.trim_end_matches('.')).filter(|domain| !domain.is_empty());
        (!local.is_empty()).then(|| Self {
            local: local.to_owned(),
            domain: domain.map(str::to_owned),
        })
    }

    fn is_personal(&self) -> bool {
        !is_placeholder(&self.local) && !SHARED_ACCOUNTS.contains(&self.local.as_str())
    }

    /// True if both can belong to one domain: `CORP` may be the short name of `corp.example`, and an
    /// account without a domain may belong to any.
    pub fn may_share_domain(&self, other: &Self) -> bool {
        match (&self.domain, &other.domain) {
            (Some(one), Some(other)) => same_domain(one, other),
            _ => true,
        }
    }
}

/// True if the domains are equal, or one is the short form of the other.
pub(super) fn same_domain(one: &str, other: &str) -> bool {
    let is_short_of =
        |short: &str, long: &str| !short.contains('.') && long.split('.').next() == Some(short);
    one == other || is_short_of(one, other) || is_short_of(other, one)
}

/// True for a text with the form of an account: `ada@corp.example`, `CORP\ada`.
pub(super) fn looks_like_account(text: &str) -> bool {
    let account = fold(text);
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '\''))
    };
    if let Some((domain, local)) = account.split_once('\\') {
        return is_plain(domain) && is_plain(local);
    }
    account
        .split_once('@')
        .is_some_and(|(local, domain)| is_plain(local) && is_plain(domain) && domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(local: &str, domain: Option<&str>) -> UserName {
        UserName::Account(Account {
            local: local.to_owned(),
            domain: domain.map(str::to_owned),
        })
    }

    #[test]
    fn user_name_parses_accounts_in_every_notation_and_display_names() {
        for (text, expected) in [
            ("Ada", Some(account("ada", None))),
            ("CORP\\Ada", Some(account("ada", Some("corp")))),
            (".\\ada", Some(account("ada", None))),
            (
                "ADA@Corp.Example",
                Some(account("ada", Some("corp.example"))),
            ),
            (
                "Ada  Lovelace",
                Some(UserName::Display("ada lovelace".to_owned())),
            ),
            (
                "Lovelace,Ada",
                Some(UserName::Display("lovelace,ada".to_owned())),
            ),
            ("n/a", None),
            ("CORP\\Administrator", None),
            ("info@corp.example", None),
            ("", None),
        ] {
            assert_eq!(UserName::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn same_domain_accepts_the_short_form() {
        assert!(same_domain("corp", "corp.example"));
        assert!(same_domain("corp.example", "corp.example"));
        assert!(!same_domain("corp.example", "corp.test"));
        assert!(!same_domain("lab", "corp.example"));
    }

    #[test]
    fn looks_like_account_rejects_names() {
        for text in ["ada@corp.example", "CORP\\ada", "ada.l+x@corp.example"] {
            assert!(looks_like_account(text), "{text}");
        }
        for text in [
            "ada",
            "LT-4411",
            "who@corp",
            "a b@corp.example",
            "\\\\share\\x",
        ] {
            assert!(!looks_like_account(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parse_never_panics(text in "\\PC{0,30}") {
            let _ = (UserName::parse(&text), looks_like_account(&text));
        }
    }
}
