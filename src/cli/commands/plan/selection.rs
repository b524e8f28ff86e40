//! What `plan` and `run` select, and how.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::terms::{self, TermMatches};

use crate::cli::arguments::candidates;
use crate::cli::arguments::ids::{self, Entries, EntriesOption, Tolerance};
use crate::cli::workspace::Workspace;
use crate::cli::{CommandError, inventory};
use crate::domain::action::Action;
use crate::domain::device::IdentifyBy;
use crate::list::{DeviceId, DeviceList, ReadOptions};
use crate::query::{GRAMMAR, JoinedList, Matcher, Query, StatusSource};

/// What `plan` and `run` select, and how.
#[derive(Debug, Args)]
#[group(id = "selection")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub(in crate::cli) struct SelectionArgs {
    /// The device list; - is standard input. Default: the profile's list, else the last fetched
    /// inventory. With --match, the list of another system
    pub(in crate::cli) list: Option<PathBuf>,
    /// uninstall, archive or remove
    #[arg(long, add = candidates::actions())]
    pub(in crate::cli) action: Action,
    /// Select what matches this query
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true, add = candidates::query(), long_help = query_help())]
    pub(in crate::cli) query: Option<String>,
    /// Select the devices that this file names: a list of any shape, or a text of HWIDs, MACs, serial
    /// numbers, host names, nicknames or accounts; - is standard input
    #[arg(long, value_name = "FILE", group = "entries")]
    pub(in crate::cli) ids: Option<PathBuf>,
    /// LIST is another system's: match its rows with the inventory (by HWID, MAC, serial number, host
    /// name, nickname; persons by user), and select what they match
    #[arg(long = "match", group = "entries")]
    pub(in crate::cli) matching: bool,
    /// Plan all devices of persons who have several; they are listed
    #[arg(long, requires = "entries")]
    pub(in crate::cli) all_devices: bool,
    /// Take the N devices of the selection that were seen longest ago; those without last seen are not
    /// taken
    #[arg(long, value_name = "N")]
    pub(in crate::cli) oldest: Option<NonZeroU64>,
    /// Select everything
    #[arg(long, conflicts_with_all = ["query", "entries"])]
    pub(in crate::cli) all: bool,
    /// Ignore entries of --ids or --match that are missing or invalid
    #[arg(long, requires = "entries")]
    pub(in crate::cli) skip_missing: bool,
    /// Send identifiers of --ids that the list doesn't have
    #[arg(long, requires = "ids", conflicts_with = "query")]
    pub(in crate::cli) add_missing: bool,
    /// Which identifier is sent
    #[arg(long, value_name = "WHICH", default_value = "auto")]
    pub(in crate::cli) identify_by: IdentifyBy,
    /// A note for the record, such as a ticket's number
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) note: Option<String>,
}

impl ValueEnum for IdentifyBy {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Auto => "The HWID, else a MAC that no other device has",
            Self::Hwid => "The HWID",
            Self::Mac => "The MAC",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

fn query_help() -> String {
    format!("Select what matches this query:\n\n{GRAMMAR}\n\nA query may begin with a hyphen.")
}

/// What a plan is made from.
pub(super) struct Sources {
    /// The list to plan from.
    pub(super) list: DeviceList,
    /// The entries that select from it, if there are any.
    pub(super) entries: Option<Entries>,
    /// The list that was matched with it, if it has columns.
    pub(super) foreign: Option<Box<DeviceList>>,
}

impl Sources {
    /// Keeps what the query matches of the selection, and counts what each of its terms matches.
    pub(super) fn retain_matching(
        &self,
        query: &Query,
        states: &dyn StatusSource,
        selection: &mut Vec<DeviceId>,
    ) -> Result<Vec<TermMatches>, CommandError> {
        let joined = self.foreign.as_deref().zip(self.entries.as_ref());
        let joined = joined.map(|(list, entries)| JoinedList {
            list,
            rows: entries.import.rows().collect(),
        });
        let matcher = match &joined {
            Some(joined) => Matcher::with_joined(query, &self.list, states, joined),
            None => Matcher::new(query, &self.list, states),
        }?;
        selection.retain(|&id| matcher.matches(id));
        Ok(terms::of_query(query, &self.list, states, joined.as_ref()))
    }
}

impl SelectionArgs {
    /// The query, if there is one; something has to be selected by.
    pub(super) fn query(&self) -> Result<Option<Query>, CommandError> {
        let Some(text) = &self.query else {
            if self.all || self.matching || self.ids.is_some() {
                return Ok(None);
            }
            return Err(CommandError::usage(
                "nothing is selected: give --where QUERY, --ids FILE, --match, or --all for the whole list",
            ));
        };
        let query = Query::parse(text)?;
        if query.is_empty() {
            return Err(CommandError::usage(
                "--where is empty: give a query, or --all for the whole list",
            ));
        }
        Ok(Some(query))
    }

    /// Standard input is one thing only.
    fn check_standard_input(&self, inventory: Option<&Path>) -> Result<(), CommandError> {
        let files = [self.list.as_deref(), self.ids.as_deref(), inventory];
        let files = files.into_iter().flatten();
        if files.filter(|path| *path == Path::new("-")).count() > 1 {
            return Err(CommandError::usage(
                "of the list, --ids and --inventory only one can be standard input: name files for the others",
            ));
        }
        Ok(())
    }

    pub(super) fn tolerance(&self) -> Tolerance {
        Tolerance {
            skip_missing: self.skip_missing,
            add_missing: self.add_missing,
            all_devices: self.all_devices,
        }
    }

    /// Reads the list to plan from and what selects from it.
    pub(super) fn read(
        &self,
        workspace: &Workspace,
        inventory: Option<&Path>,
    ) -> Result<Sources, CommandError> {
        self.check_standard_input(inventory)?;
        if self.matching {
            let Some(foreign) = &self.list else {
                return Err(CommandError::usage(
                    "--match needs LIST, the list of another system to match with the inventory",
                ));
            };
            let named = ids::read(workspace, foreign, EntriesOption::Match)?;
            let inventory = read_inventory(workspace, inventory)?;
            let entries = Entries::look_up(&named, &inventory, EntriesOption::Match);
            return Ok(Sources {
                list: inventory,
                entries: Some(entries),
                foreign: named.into_list(),
            });
        }
        let path = match &self.list {
            Some(path) => path.clone(),
            None => inventory::default_list(workspace)
                .ok_or_else(|| CommandError::usage(inventory::NO_LIST))?,
        };
        let named = self
            .ids
            .as_deref()
            .map(|path| ids::read(workspace, path, EntriesOption::Ids))
            .transpose()?;
        let list = super::read_list(workspace, &path, &workspace.reading)?;
        let entries = named.map(|named| Entries::look_up(&named, &list, EntriesOption::Ids));
        Ok(Sources {
            list,
            entries,
            foreign: None,
        })
    }

    /// The query, the file or both, for the record.
    pub(super) fn in_words(&self, query: Option<&Query>) -> String {
        let ids = self.ids.as_ref();
        let parts = [
            query.map(|query| query.text().to_owned()),
            ids.map(|path| format!("--ids {}", path.display())),
            self.list
                .as_ref()
                .filter(|_| self.matching)
                .map(|list| format!("--match {}", list.display())),
            self.all.then(|| "--all".to_owned()),
            self.oldest.map(|devices| format!("--oldest {devices}")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// The inventory that the list is matched with.
fn read_inventory(workspace: &Workspace, named: Option<&Path>) -> Result<DeviceList, CommandError> {
    if let Some(path) = named {
        return super::read_list(workspace, path, &ReadOptions::default());
    }
    let path = inventory::path(workspace);
    if !path.exists() {
        return Err(CommandError::usage(
            "there is no inventory to match with: read it with `offboard fetch`, or name one with --inventory FILE",
        ));
    }
    super::read_list(workspace, &path, &ReadOptions::default())
}
