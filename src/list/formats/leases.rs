//! Reads the lease databases of ISC dhcpd (`dhcpd.leases`) and dnsmasq (`dnsmasq.leases`).

#[cfg(test)]
mod tests;

use super::neighbours::{ip, mac};

/// Longer lines, in bytes, and longer statements are skipped.
const LONGEST_LINE: usize = 64 * 1024;
/// A statement of interest has fewer words; the rest of a longer one is dropped.
const MOST_WORDS: usize = 8;

/// One lease. The file may hold several of one address; the last one counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lease {
    /// The leased address, with neither a prefix length nor a zone.
    pub ip: String,
    /// The Ethernet address with two digits per byte; `None` for free leases and for clients known by a DUID only.
    pub mac: Option<String>,
    /// The name that the client sent.
    pub hostname: Option<String>,
    /// The client's last transaction, else the lease's start: `2026/10/12 08:00:00` in UTC (with an offset behind it if the file has one),
    /// or epoch seconds if the server writes local time. dnsmasq does not record it.
    pub seen: Option<String>,
    /// The lease's end in the same notation, epoch seconds for dnsmasq; `None` if it never ends.
    pub ends: Option<String>,
    /// The binding state, such as `active`, `free` or `abandoned`.
    pub state: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
}

/// Assembles the leases of `dhcpd.leases` from its lines.
#[derive(Debug, Clone, Default)]
pub struct LeaseReader {
    statement: Vec<String>,
    depth: usize,
    lease: Option<Lease>,
    started: Option<String>,
}

impl LeaseReader {
    /// Takes the next line up to the closing brace of a lease, which dhcpd writes on a line of its own.
    /// Returns the lease and where in the line it ends; none if no lease ends on the line.
    ///
    /// A lease without a closing brace is dropped.
    pub fn line(&mut self, line: &str) -> Option<(Lease, usize)> {
        if line.len() > LONGEST_LINE {
            return None;
        }
        let mut rest = line;
        while let Some((token, behind)) = token(rest) {
            rest = behind;
            if let Some(lease) = self.take(token) {
                return Some((lease, line.len() - rest.len()));
            }
        }
        None
    }

    fn take(&mut self, token: Token) -> Option<Lease> {
        match token {
            Token::Word(word) => {
                if self.statement.len() < MOST_WORDS {
                    self.statement.push(word);
                }
            }
            Token::Open => {
                let address = match self.statement.as_slice() {
                    [keyword, address] if keyword == "lease" => ip(address),
                    _ => None,
                };
                match address {
                    // Leases are never nested: one that opens inside another block follows a truncated one.
                    Some(address) => {
                        self.lease = Some(Lease {
                            ip: address.to_owned(),
                            ..Lease::default()
                        });
                        self.started = None;
                        self.depth = 1;
                    }
                    None => self.depth = self.depth.saturating_add(1),
                }
                self.statement.clear();
            }
            Token::End => {
                if self.depth == 1 {
                    self.apply();
                }
                self.statement.clear();
            }
            Token::Close => {
                self.statement.clear();
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0
                    && let Some(mut lease) = self.lease.take()
                {
                    lease.seen = lease.seen.or(self.started.take());
                    return Some(lease);
                }
            }
        }
        None
    }

    fn apply(&mut self) {
        let Some(lease) = &mut self.lease else { return };
        let words: Vec<&str> = self.statement.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["starts", time @ ..] => self.started = date(time),
            ["cltt", time @ ..] => lease.seen = date(time),
            ["ends", time @ ..] => lease.ends = date(time),
            ["binding", "state", state] => lease.state = Some((*state).to_owned()),
            ["abandoned"] => lease.state = Some("abandoned".to_owned()),
            ["hardware", "ethernet", address] => lease.mac = mac(address),
            ["client-hostname", name] => {
                lease.hostname = Some((*name).to_owned()).filter(|name| !name.is_empty());
            }
            _ => {}
        }
    }
}

/// `4 2026/10/12 08:00:00` (day of the week first) or `epoch 1791806400`; `None` for `never` and for anything else.
fn date(time: &[&str]) -> Option<String> {
    let made_of = |text: &str, extra: u8| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == extra)
    };
    match time {
        ["epoch", seconds] => seconds
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| (*seconds).to_owned()),
        [_, date, time, offset @ ..] if made_of(date, b'/') && made_of(time, b':') => {
            let offset = offset
                .first()
                .filter(|offset| offset.starts_with(['+', '-']));
            Some(offset.map_or_else(
                || format!("{date} {time}"),
                |offset| format!("{date} {time} {offset}"),
            ))
        }
        _ => None,
    }
}

/// The first token of the rest of a line, and what follows it; none before a comment and at the
/// end. A string that is not closed ends with the line.
fn token(rest: &str) -> Option<(Token, &str)> {
    let rest = rest.trim_start();
    let first = rest.chars().next()?;
    let behind = rest.get(first.len_utf8()..).unwrap_or_default();
    Some(match first {
        '#' => return None,
        '{' => (Token::Open, behind),
        '}' => (Token::Close, behind),
        ';' => (Token::End, behind),
        '"' => {
            let (string, behind) = quoted(behind);
            (Token::Word(string), behind)
        }
        _ => {
            let end = rest.find(|character: char| {
                character.is_whitespace() || matches!(character, '{' | '}' | ';' | '"' | '#')
            });
            let (word, behind) = rest
                .split_at_checked(end.unwrap_or(rest.len()))
                .unwrap_or((rest, ""));
            (Token::Word(word.to_owned()), behind)
        }
    })
}

fn tokens(line: &str) -> Vec<Token> {
    let mut rest = line;
    std::iter::from_fn(|| {
        let (token, behind) = token(rest)?;
        rest = behind;
        Some(token)
    })
    .collect()
}

/// The string behind an opening quote, with `\"`, `\\` and octal bytes decoded, and the text behind its closing quote.
fn quoted(text: &str) -> (String, &str) {
    let mut bytes = Vec::new();
    let mut input = text.bytes().enumerate().peekable();
    let mut end = text.len();
    while let Some((offset, byte)) = input.next() {
        match byte {
            b'"' => {
                end = offset;
                break;
            }
            b'\\' => {
                let octal = text
                    .get(offset + 1..offset + 4)
                    .filter(|digits| !digits.starts_with('+'));
                let octal = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
                if let Some(value) = octal {
                    bytes.push(value);
                    input.nth(2);
                } else if let Some((_, escaped)) = input.next() {
                    bytes.push(escaped);
                }
            }
            _ => bytes.push(byte),
        }
    }
    (
        String::from_utf8_lossy(&bytes).into_owned(),
        text.get(end + 1..).unwrap_or_default(),
    )
}

/// Whether the lines hold a dhcpd lease block with one of its statements and most are statements, braces or comments.
pub fn looks_like_leases(first_lines: &[&str]) -> bool {
    let (mut lines, mut grammatical, mut opened, mut known) = (0_usize, 0_usize, false, false);
    for line in first_lines.iter().filter(|line| line.len() <= LONGEST_LINE) {
        let tokens = tokens(line);
        let Some(last) = tokens.last() else { continue };
        lines += 1;
        grammatical += usize::from(!matches!(last, Token::Word(_)));
        match tokens.as_slice() {
            [Token::Word(keyword), Token::Word(address), Token::Open, ..] => {
                opened |= keyword == "lease" && ip(address).is_some();
            }
            [Token::Word(keyword), .., Token::End] => {
                known |= ["starts", "ends", "cltt", "tstp", "binding", "hardware"]
                    .contains(&keyword.as_str());
            }
            _ => {}
        }
    }
    opened && known && grammatical * 10 >= lines * 9
}

/// Reads one line of `dnsmasq.leases`: expiry in epoch seconds (0 is never), MAC or the IAID of an IPv6 client, address, name or `*`, client ID.
pub fn dnsmasq(line: &str) -> Option<Lease> {
    let mut fields = line.split_whitespace();
    let (expiry, client, address) = (fields.next()?, fields.next()?, ip(fields.next()?)?);
    let (name, id) = (fields.next()?, fields.next()?);
    let digits = |text: &str| {
        !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let identifies = id == "*"
        || id
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    let mac = mac(client).filter(|_| client.contains(':'));
    let known = mac.is_some()
        || (address.contains(':') && digits(client.strip_prefix('T').unwrap_or(client)));
    (digits(expiry) && identifies && known && fields.next().is_none()).then(|| Lease {
        ip: address.to_owned(),
        mac,
        hostname: Some(name.to_owned()).filter(|name| name != "*"),
        ends: Some(expiry.to_owned()).filter(|expiry| expiry != "0"),
        ..Lease::default()
    })
}

/// Whether every line that is not blank, a comment or the server's `duid` is a dnsmasq lease, and there is one.
pub fn looks_like_dnsmasq(first_lines: &[&str]) -> bool {
    let mut lines = first_lines
        .iter()
        .filter(|line| {
            !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with("duid ")
        })
        .peekable();
    lines.peek().is_some() && lines.all(|line| dnsmasq(line).is_some())
}
