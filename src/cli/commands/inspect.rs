//! `offboard inspect`: shows how a list is read. It sends nothing and needs no configuration.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::output::TextOrJson;
use crate::cli::arguments::reading::Reading;
use crate::cli::workspace::open_list;
use crate::cli::{CommandError, Exit, Global};
use crate::config::Config;
use crate::list::ReadOptions;

#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArgs {
    /// The list; - is standard input
    list: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJson,
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &InspectArgs) -> Result<Exit, CommandError> {
    let lists = match Config::load(global.config.as_deref())? {
        Some(config) if !config.profiles.is_empty() => {
            config.profile(global.profile.as_deref())?.1.lists.clone()
        }
        Some(config) => config.lists,
        None => ReadOptions::default(),
    };
    let options = args.reading.over(&lists);
    let list = open_list(&args.list, &std::env::temp_dir(), &options, &mut |_| {})?;
    let report = list.report();
    let mut out = std::io::stdout().lock();
    match args.output {
        TextOrJson::Text => out.write_all(report.text().as_bytes())?,
        TextOrJson::Json => {
            serde_json::to_writer_pretty(&mut out, &report).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    if report.can_be_planned() {
        Ok(Exit::Accepted)
    } else {
        Ok(Exit::Refused)
    }
}
