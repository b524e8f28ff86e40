//! `offboard profiles`: the configured tenants, a line each.

use std::io::Write;

use clap::Args;
use serde_json::json;

use crate::cli::arguments::output::TextOrJson;
use crate::cli::ui_options::UiOptions;
use crate::cli::{CommandError, Exit, Global};
use crate::config::Config;
use crate::export;
use crate::text;

#[derive(Debug, Args)]
pub(in crate::cli) struct ProfilesArgs {
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJson,
}

/// Runs the command. Nothing is connected to.
pub(in crate::cli) fn run(global: &Global, args: &ProfilesArgs) -> Result<Exit, CommandError> {
    let config = Config::load(global.config.as_deref())?
        .ok_or_else(|| CommandError::usage(crate::cli::workspace::NO_CONFIGURATION))?;
    // Validate `[keys]` and colours, as every command does.
    UiOptions::of(&config)?;
    // The default profile, if there is one.
    let default = config.profile(None).ok().map(|(name, _)| name);
    let mut out = std::io::stdout().lock();
    if args.output == TextOrJson::Json {
        let objects = config.profiles.iter().map(|(name, profile)| {
            let target = profile.target(name);
            json!({
                "name": name,
                "host": target.host(),
                "tenant": target.tenant,
                "account": target.account,
                "read_only": profile.read_only,
                "default": default == Some(name.as_str()),
            })
        });
        export::write_json(&mut out, objects)?;
        out.flush()?;
        return Ok(Exit::Accepted);
    }
    let width = config.profiles.keys().map(|name| text::width(name)).max();
    for (name, profile) in &config.profiles {
        let target = profile.target(name);
        let mark = if default == Some(name.as_str()) {
            "*"
        } else {
            " "
        };
        let padding = " ".repeat(width.unwrap_or(0) - text::width(name));
        let mut about = vec![target.host().to_string()];
        about.extend(
            target
                .account
                .map(|account| format!("account {}", text::visible(&account))),
        );
        if profile.read_only {
            about.push("read-only".to_owned());
        }
        if mark == "*" {
            about.push("default".to_owned());
        }
        writeln!(
            out,
            "{mark} {}{padding}  {}",
            text::visible(name),
            about.join(" · ")
        )?;
    }
    out.flush()?;
    Ok(Exit::Accepted)
}
