//! Checks the raw configuration and converts it. Every error has its place in the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reqwest::Url;
use toml::Spanned;

use super::problem::{Checked, ConfigProblem, line_of, refuse};
use super::{
    Config, CredentialSetting, KeySetting, OnDoubt, OnHangup, Profile, RunPolicy, SecretSource,
    limits, raw, ui,
};
use crate::list::{
    ColumnAssignment, DateOrder, ReadOptions, parse_delimiter, parse_encoding, parse_field,
};
use crate::plan::protection::Rules;
use crate::platform::command::CommandLine;
use crate::query::Query;

pub(super) fn check(raw: raw::Config, path: &Path, text: &str) -> Checked<Config> {
    let lists = check_lists(raw.lists, &ReadOptions::default())?;
    let profiles = raw
        .profiles
        .into_iter()
        .map(|(name, profile)| {
            let at = profile.span().start;
            Ok((name, check_profile(profile.into_inner(), at, &lists, path)?))
        })
        .collect::<Checked<BTreeMap<_, _>>>()?;
    if let Some(name) = &raw.default_profile
        && !profiles.contains_key(name.get_ref())
    {
        let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
        return refuse(
            name,
            format!(
                "default_profile is not a profile of this file: choose one of {}",
                known.join(", ")
            ),
        );
    }
    Ok(Config {
        path: path.to_owned(),
        default_profile: raw.default_profile.map(Spanned::into_inner),
        profiles,
        lists,
        limits: limits::check(&raw.limits)?,
        run: check_run(&raw.run)?,
        ui: ui::check(raw.ui, &raw.themes, text)?,
        journal: super::journal::check(raw.journal)?,
        filters: check_filters(raw.filters)?,
        keys: raw
            .keys
            .into_iter()
            .map(|(action, key)| KeySetting {
                action,
                line: line_of(text, key.span().start),
                key: key.into_inner(),
            })
            .collect(),
    })
}

/// A path of the configuration, which is relative to its directory.
fn beside(config: &Path, path: PathBuf) -> PathBuf {
    match config.parent() {
        Some(directory) => directory.join(path),
        None => path,
    }
}

fn check_profile(
    raw: raw::Profile,
    at: usize,
    lists: &ReadOptions,
    path: &Path,
) -> Checked<Profile> {
    if let Some(account) = &raw.account
        && account.get_ref().trim().is_empty()
    {
        return refuse(account, "account is empty: remove it, or name the account");
    }
    if let Some(approvals) = &raw.approvals
        && *approvals.get_ref() > 0
        && raw.approvers.is_none()
    {
        return refuse(
            approvals,
            "approvals needs approvers: name the file that lists who may approve",
        );
    }
    Ok(Profile {
        base_url: check_base_url(&raw.base_url)?,
        credential: check_credential(&raw, at)?,
        approvals: raw.approvals.map_or(0, Spanned::into_inner),
        approvers: raw.approvers.map(|file| beside(path, expand_home(file))),
        lists: check_lists(raw.lists, lists)?,
        account: raw.account.map(Spanned::into_inner),
        list: raw.list.map(expand_home),
        read_only: raw.read_only,
        ca_file: raw.ca_file.map(expand_home),
        proxy: raw.proxy.as_ref().map(check_proxy).transpose()?,
        protect: Rules::new(
            raw.protect
                .iter()
                .map(check_rule)
                .collect::<Checked<Vec<_>>>()?,
        ),
    })
}

/// These settings, with those of `base` where they have none.
fn check_lists(raw: raw::Lists, base: &ReadOptions) -> Checked<ReadOptions> {
    let mut lists = base.clone();
    let mut columns = Vec::new();
    for (name, headers) in raw.columns {
        let field = match parse_field(name.get_ref()) {
            Ok(field) => field,
            Err(error) => return refuse(&name, error.to_string()),
        };
        let headers = headers.into_iter();
        columns.extend(headers.map(|header| ColumnAssignment { header, field }));
    }
    columns.append(&mut lists.columns);
    lists.columns = columns;
    if let Some(name) = &raw.encoding {
        let encoding = parse_encoding(name.get_ref());
        lists.encoding = Some(encoding.or_else(|error| refuse(name, error.to_string()))?);
    }
    if let Some(text) = &raw.delimiter {
        let delimiter = parse_delimiter(text.get_ref());
        lists.delimiter = Some(delimiter.or_else(|error| refuse(text, error.to_string()))?);
    }
    if let Some(order) = &raw.date_order {
        let parsed = order.get_ref().parse::<DateOrder>();
        lists.date_order = Some(parsed.or_else(|error| refuse(order, error.to_string()))?);
    }
    if let Some(line) = &raw.header_row {
        if *line.get_ref() == 0 {
            return refuse(line, "header_row must be at least 1, the first line");
        }
        lists.header_row = Some(*line.get_ref());
    }
    if let Some(limit) = &raw.max_expanded {
        if *limit.get_ref() < 1 << 20 {
            return refuse(limit, "max_expanded must be at least 1048576 bytes");
        }
        lists.max_expanded = *limit.get_ref();
    }
    if let Some(limit) = &raw.max_rows {
        if *limit.get_ref() == 0 {
            return refuse(limit, "max_rows must be at least 1");
        }
        lists.max_rows = *limit.get_ref();
    }
    lists.sheet = raw.sheet.or(lists.sheet);
    Ok(lists)
}

fn check_query(raw: &Spanned<String>, name: &str) -> Checked<Query> {
    match Query::parse(raw.get_ref()) {
        Ok(query) if query.is_empty() => refuse(
            raw,
            format!("{name} is empty: write a query such as \"type:server\""),
        ),
        Ok(query) => Ok(query),
        Err(error) => refuse(raw, format!("{name}: {error}")),
    }
}

fn check_rule(raw: &Spanned<String>) -> Checked<Query> {
    let query = check_query(raw, "protect")?;
    match Rules::unfit(&query) {
        None => Ok(query),
        Some(reason) => refuse(raw, reason),
    }
}

fn check_filters(raw: BTreeMap<String, Spanned<String>>) -> Checked<BTreeMap<String, Query>> {
    raw.into_iter()
        .map(|(name, text)| {
            let label = format!("the filter {}", crate::text::visible(&name));
            Ok((name, check_query(&text, &label)?))
        })
        .collect()
}

fn check_base_url(raw: &Spanned<String>) -> Checked<Url> {
    let Ok(url) = Url::parse(raw.get_ref()) else {
        return refuse(
            raw,
            "base_url is not a valid URL: give the tenant's address, such as https://gears.opswat.com",
        );
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return refuse(
                raw,
                "base_url must be https, since the URL carries the token (plain http is for loopback only)",
            );
        }
        _ => return refuse(raw, "base_url must begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            raw,
            "base_url must not contain a user or password: use client_id or token_… keys",
        );
    }
    if url.query().is_some() || url.fragment().is_some() || !matches!(url.path(), "" | "/") {
        return refuse(
            raw,
            "base_url must be the bare address, without path, query or fragment",
        );
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn check_proxy(raw: &Spanned<String>) -> Checked<Url> {
    let Ok(url) = Url::parse(raw.get_ref()) else {
        return refuse(
            raw,
            "proxy is not a valid URL: give one such as http://proxy.corp:3128",
        );
    };
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || !url.has_host() {
        return refuse(
            raw,
            "proxy must be an http, https, socks5 or socks5h URL with a host",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            raw,
            "proxy must not contain a user or password: only proxies without a login are supported",
        );
    }
    Ok(url)
}

fn check_credential(raw: &raw::Profile, at: usize) -> Checked<Option<CredentialSetting>> {
    let secret = sources(
        raw.client_secret_env.as_ref(),
        raw.client_secret_file.as_ref(),
        raw.client_secret_command.as_ref(),
    )?;
    let token = sources(
        raw.token_env.as_ref(),
        raw.token_file.as_ref(),
        raw.token_command.as_ref(),
    )?;
    let several = |keys: &str| {
        Err(ConfigProblem {
            at,
            message: format!("{keys}: keep one of them"),
        })
    };
    match (&raw.client_id, secret.as_slice(), token.as_slice()) {
        (Some(id), ..) if id.get_ref().trim().is_empty() => refuse(id, "client_id is empty"),
        (None, [], []) => Ok(None),
        (None, [], [token]) => Ok(Some(CredentialSetting::Token(token.clone()))),
        (Some(id), [secret], []) => Ok(Some(CredentialSetting::Client {
            client_id: id.get_ref().trim().to_owned(),
            client_secret: secret.clone(),
        })),
        (Some(id), [], []) => refuse(
            id,
            "client_id needs client_secret_env, client_secret_file or client_secret_command",
        ),
        (None, [_, ..], _) => Err(ConfigProblem {
            at,
            message: "a client_secret_… key needs client_id".to_owned(),
        }),
        (_, [_, _, ..], _) => several("several client_secret_… keys"),
        (_, _, [_, _, ..]) => several("several token_… keys"),
        (Some(_), _, [_]) => several("both a token and client credentials"),
    }
}

fn sources(
    variable: Option<&Spanned<String>>,
    file: Option<&Spanned<PathBuf>>,
    command: Option<&Spanned<Vec<String>>>,
) -> Checked<Vec<SecretSource>> {
    let mut sources = Vec::new();
    if let Some(variable) = variable {
        if variable.get_ref().is_empty() || variable.get_ref().contains(['=', '\0']) {
            return refuse(
                variable,
                "not the name of an environment variable: give its name, not its value",
            );
        }
        sources.push(SecretSource::Variable(variable.get_ref().clone()));
    }
    if let Some(file) = file {
        sources.push(SecretSource::File(expand_home(file.get_ref().clone())));
    }
    if let Some(command) = command {
        let Some(line) = command_line(command.get_ref()) else {
            return refuse(
                command,
                "the command is empty: give a list such as [\"pass\", \"show\", \"opswat\"]",
            );
        };
        sources.push(SecretSource::Command(line));
    }
    Ok(sources)
}

/// A program and its arguments; none if the list names no program.
fn command_line(words: &[String]) -> Option<CommandLine> {
    let (program, arguments) = words
        .split_first()
        .filter(|(program, _)| !program.is_empty())?;
    Some(CommandLine {
        program: expand_home(PathBuf::from(program)),
        arguments: arguments.to_vec(),
    })
}

fn check_run(raw: &raw::Run) -> Checked<RunPolicy> {
    let on_finish = match &raw.on_finish {
        None => None,
        Some(command) if command.get_ref().first().is_some_and(String::is_empty) => {
            return refuse(
                command,
                "on_finish names no program: give a list such as [\"/usr/local/bin/notify\", \"--quiet\"]",
            );
        }
        Some(command) => command_line(command.get_ref()),
    };
    Ok(RunPolicy {
        on_doubt: match raw.on_doubt {
            Some(raw::OnDoubt::Hold) => OnDoubt::Hold,
            Some(raw::OnDoubt::ResendOnce) | None => OnDoubt::ResendOnce,
        },
        on_hangup: match raw.on_hangup {
            Some(raw::OnHangup::Finish) => OnHangup::Finish,
            Some(raw::OnHangup::Stop) | None => OnHangup::Stop,
        },
        licences: raw.licences.unwrap_or(RunPolicy::default().licences),
        on_finish,
    })
}

/// Replaces a leading `~/` by the home directory.
pub(crate) fn expand_home(path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), directories::BaseDirs::new()) {
        (Ok(rest), Some(base)) => base.home_dir().join(rest),
        _ => path,
    }
}
