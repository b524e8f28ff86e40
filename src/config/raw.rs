//! The shape of the configuration file, without checks of its values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::theme::RawTheme;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    pub(super) default_profile: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) profiles: BTreeMap<String, Spanned<Profile>>,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) run: Run,
    #[serde(default)]
    pub(super) ui: Ui,
    #[serde(default)]
    pub(super) themes: BTreeMap<String, RawTheme>,
    #[serde(default)]
    pub(super) filters: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) keys: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) lists: Lists,
    #[serde(default)]
    pub(super) journal: Journal,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    pub(super) keep: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    #[serde(default)]
    pub(super) columns: BTreeMap<Spanned<String>, Headers>,
    pub(super) encoding: Option<Spanned<String>>,
    pub(super) delimiter: Option<Spanned<String>>,
    pub(super) sheet: Option<String>,
    pub(super) header_row: Option<Spanned<u64>>,
    pub(super) date_order: Option<Spanned<String>>,
    pub(super) max_expanded: Option<Spanned<u64>>,
    pub(super) max_rows: Option<Spanned<u64>>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a header is a string, several are an array of strings"
)]
pub(super) enum Headers {
    One(String),
    Several(Vec<String>),
}

impl IntoIterator for Headers {
    type Item = String;
    type IntoIter = std::vec::IntoIter<String>;

    fn into_iter(self) -> Self::IntoIter {
        match self {
            Self::One(header) => vec![header].into_iter(),
            Self::Several(headers) => headers.into_iter(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) base_url: Spanned<String>,
    pub(super) client_id: Option<Spanned<String>>,
    pub(super) client_secret_env: Option<Spanned<String>>,
    pub(super) client_secret_file: Option<Spanned<PathBuf>>,
    pub(super) client_secret_command: Option<Spanned<Vec<String>>>,
    pub(super) token_env: Option<Spanned<String>>,
    pub(super) token_file: Option<Spanned<PathBuf>>,
    pub(super) token_command: Option<Spanned<Vec<String>>>,
    pub(super) account: Option<Spanned<String>>,
    pub(super) list: Option<PathBuf>,
    #[serde(default)]
    pub(super) read_only: bool,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) proxy: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) protect: Vec<Spanned<String>>,
    pub(super) approvals: Option<Spanned<usize>>,
    pub(super) approvers: Option<PathBuf>,
    #[serde(default)]
    pub(super) lists: Lists,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) requests_per_minute: Option<Spanned<u32>>,
    pub(super) batch_size: Option<Spanned<usize>>,
    pub(super) canary: Option<Spanned<usize>>,
    pub(super) max_devices: Option<Spanned<u64>>,
    pub(super) max_per_day: Option<Spanned<u64>>,
    pub(super) max_share: Option<Spanned<f64>>,
    pub(super) min_enrolled: Option<Spanned<String>>,
    pub(super) shrunk: Option<Spanned<f64>>,
    pub(super) connect_timeout: Option<Spanned<String>>,
    pub(super) request_timeout: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub(super) on_doubt: Option<OnDoubt>,
    pub(super) on_hangup: Option<OnHangup>,
    pub(super) licences: Option<bool>,
    pub(super) on_finish: Option<Spanned<Vec<String>>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OnDoubt {
    ResendOnce,
    Hold,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum OnHangup {
    Stop,
    Finish,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ui {
    pub(super) theme: Option<Spanned<String>>,
    pub(super) columns: Option<Spanned<Vec<String>>>,
    pub(super) ascii: Option<bool>,
    pub(super) mouse: Option<bool>,
    pub(super) bell: Option<bool>,
}
