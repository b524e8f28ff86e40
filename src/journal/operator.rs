//! Who confirmed a plan, as far as the system knows.

use std::{env, fmt};

use rusqlite::{Connection, ToSql, params_from_iter};

use crate::platform::system_file;

/// Who confirmed a plan, as far as the system knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// The user that the process runs as.
    pub os_user: String,
    /// The user that logged in, which `sudo` doesn't change; Linux only.
    pub login_uid: Option<u32>,
    /// Who called `sudo`.
    pub sudo_user: Option<String>,
    /// Where the SSH session comes from.
    pub ssh_connection: Option<String>,
    /// This host's name.
    pub host: String,
}

impl fmt::Display for Operator {
    /// A sentence of all that is known, with the names as the system has them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.os_user, self.host)?;
        if let Some(sudo) = &self.sudo_user {
            write!(formatter, ", by sudo of {sudo}")?;
        }
        if let Some(uid) = self.login_uid {
            write!(formatter, ", login uid {uid}")?;
        }
        if let Some(ssh) = &self.ssh_connection {
            write!(formatter, ", over SSH ({ssh})")?;
        }
        Ok(())
    }
}

impl Operator {
    /// Reads it from the system and the environment.
    pub fn current() -> Self {
        let uid = rustix::process::getuid().as_raw();
        let name = || {
            let passwd = system_file::read("/etc/passwd").ok()?;
            user_name(&passwd, uid)
        };
        Self {
            os_user: name().unwrap_or_else(|| format!("uid {uid}")),
            login_uid: system_file::read("/proc/self/loginuid")
                .ok()
                .and_then(|text| text.trim().parse().ok())
                // The kernel's value for "nobody logged in".
                .filter(|&uid| uid != u32::MAX),
            sudo_user: env::var("SUDO_USER").ok(),
            ssh_connection: env::var("SSH_CONNECTION").ok(),
            host: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
        }
    }
}

/// Inserts a row of these columns, separated by commas, with who caused it; returns its number.
pub(super) fn insert(
    connection: &Connection,
    table: &str,
    columns: &str,
    values: &[&dyn ToSql],
    operator: &Operator,
) -> rusqlite::Result<i64> {
    let who: [&dyn ToSql; 5] = [
        &operator.os_user,
        &operator.login_uid,
        &operator.sudo_user,
        &operator.ssh_connection,
        &operator.host,
    ];
    let places = vec!["?"; values.len() + who.len()].join(", ");
    let mut statement = connection.prepare_cached(&format!(
        "INSERT INTO {table} ({columns}, os_user, login_uid, sudo_user, ssh_connection, host)
         VALUES ({places})"
    ))?;
    statement.execute(params_from_iter(values.iter().chain(&who)))?;
    Ok(connection.last_insert_rowid())
}

fn user_name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let number: u32 = fields.nth(1)?.parse().ok()?;
        (number == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_name_is_found_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(user_name(passwd, 1000).as_deref(), Some("ada"));
        assert_eq!(user_name(passwd, 7), None);
        assert_eq!(user_name("broken", 0), None);
    }

    #[test]
    fn current_operator_has_a_name_and_a_host() {
        let operator = Operator::current();
        assert!(!operator.os_user.is_empty());
        assert!(!operator.host.is_empty());
    }
}
