//! `offboard overview`: counts a list's rows by field, and suggests queries. It sends nothing and
//! needs no configuration.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::candidates;
use crate::cli::arguments::output::TextOrJson;
use crate::cli::arguments::reading::Reading;
use crate::cli::recorded::Recorded;
use crate::cli::workspace::{Workspace, open_list, print_notices};
use crate::cli::{CommandError, Exit, Global, inventory, terminal_support};
use crate::config::Config;
use crate::export::{self, OverviewLine};
use crate::list::{DeviceId, DeviceList, Field, ReadOptions};
use crate::plan::protection::Protection;
use crate::platform::clock::Clock;
use crate::query::facets::{Count, Facet, Facets, OVERVIEW_FIELDS, SuggestionCount, Suggestions};
use crate::query::{Key, Matcher, NoStatus, Query, StatusSource};
use crate::text;

/// The values of a field that are shown; the others are counted.
const TOP: usize = 10;
/// The same if the field was named with `--by`.
const TOP_OF_NAMED: usize = 100;
/// Cells of the longest value and of the longest bar.
const LABEL_WIDTH: usize = 32;
const BAR_WIDTH: usize = 24;

#[derive(Debug, Args)]
pub(in crate::cli) struct OverviewArgs {
    /// The list; - is standard input; default: the profile's list, else the one that fetch read last
    list: Option<PathBuf>,
    /// Count what matches this query, beside the whole list
    #[arg(long = "where", value_name = "QUERY", allow_hyphen_values = true, add = candidates::query())]
    query: Option<String>,
    /// Count by this field, or by this column as in @"Managed by"; may be given several times
    #[arg(long, value_name = "FIELD", add = candidates::fields(""))]
    by: Vec<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    output: TextOrJson,
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
}

/// Runs the command.
pub(in crate::cli) fn run(global: &Global, args: &OverviewArgs) -> Result<Exit, CommandError> {
    // An empty query matches everything.
    let query = Query::parse(args.query.as_deref().unwrap_or_default())?;
    let workspace = match Config::load(global.config.as_deref())? {
        Some(config) if !config.profiles.is_empty() => {
            Some(Workspace::for_config(global, &config)?)
        }
        _ => None,
    };
    let list = read(global, args, workspace.as_ref())?;
    let protection = match &workspace {
        Some(workspace) => workspace.profile.protect.apply(&list),
        None => Ok(Protection::default()),
    };
    let protection = protection.map_err(CommandError::refused)?;
    let recorded = match &workspace {
        Some(workspace) => {
            // What `is:failed` of the suggestions needs.
            let states = Query::parse("is:failed").unwrap_or_default();
            let mut journal = workspace.journal()?;
            Some(Recorded::read(
                workspace,
                &mut journal,
                &list,
                &states,
                &protection,
            )?)
        }
        None => None,
    };
    let states: &dyn StatusSource = match &recorded {
        Some(recorded) => recorded,
        None => &NoStatus,
    };
    let shown = Matcher::new(&query, &list, states)?.select();
    let overview = CountedList::of(&list, states, shown, &keys(&list, &args.by)?);
    let mut out = std::io::stdout().lock();
    let most = if args.by.is_empty() {
        TOP
    } else {
        TOP_OF_NAMED
    };
    match args.output {
        TextOrJson::Json => export::write_line(&mut out, &overview.line(&list, most))?,
        TextOrJson::Text => {
            let bars = if terminal_support::uses_ascii(global.ascii, None) {
                Bars::Ascii
            } else {
                Bars::Blocks
            };
            out.write_all(overview.text(&list, bars, most).as_bytes())?;
        }
    }
    out.flush()?;
    Ok(Exit::Accepted)
}

/// Reads the list and prints its notices to standard error.
fn read(
    global: &Global,
    args: &OverviewArgs,
    workspace: Option<&Workspace>,
) -> Result<DeviceList, CommandError> {
    let default = || inventory::default_list(workspace?);
    let path = args
        .list
        .clone()
        .or_else(default)
        .ok_or_else(|| CommandError::usage(inventory::NO_LIST))?;
    let (spool, options) = match workspace {
        Some(workspace) => (workspace.state_dir.clone(), workspace.reading.clone()),
        None => (
            std::env::temp_dir(),
            global.reading.over(&ReadOptions::default()),
        ),
    };
    let list = open_list(&path, &spool, &options, &mut |_| {})?;
    print_notices(&list, Clock::system().now().wall);
    Ok(list)
}

/// The fields and columns to count by.
fn keys(list: &DeviceList, by: &[String]) -> Result<Vec<Key>, CommandError> {
    if by.is_empty() {
        return Ok(OVERVIEW_FIELDS.map(Key::Field).into());
    }
    let available = Facets::keys(list);
    by.iter()
        .map(|name| {
            let header = name
                .strip_prefix('@')
                .map(|header| header.trim_matches('"'));
            let key = match header {
                Some(header) => Some(Key::Column(header.into())),
                None => Field::from_name(&name.to_ascii_lowercase()).map(Key::Field),
            };
            key.filter(|key| Facet::of(list, key).is_some())
                .ok_or_else(|| {
                    let names: Vec<String> = available.iter().map(ToString::to_string).collect();
                    CommandError::usage(format!(
                        "--by: the list has no field or column '{}': use {}",
                        text::clip(name, 40),
                        names.join(" ")
                    ))
                })
        })
        .collect()
}

/// The counts of one list.
struct CountedList {
    all: usize,
    shown: usize,
    facets: Facets,
    counts: Vec<Vec<Count>>,
    histogram: Vec<u32>,
    suggestions: Suggestions,
    shown_rows: Vec<DeviceId>,
}

impl CountedList {
    fn of(
        list: &DeviceList,
        states: &dyn StatusSource,
        shown: Vec<DeviceId>,
        keys: &[Key],
    ) -> Self {
        let facets = Facets::of(list, keys);
        let seen = Facet::of(list, &Key::Field(Field::Seen));
        let dated = |facet: &Facet| {
            let dated = (0..facet.len()).filter(|&value| !facet.is_missing(value));
            dated.map(|value| facet.total(value)).collect()
        };
        Self {
            all: list.len(),
            shown: shown.len(),
            counts: facets.count(&shown, |_| false),
            facets,
            histogram: seen.as_ref().map(dated).unwrap_or_default(),
            suggestions: Suggestions::of(list, states),
            shown_rows: shown,
        }
    }

    fn line(&self, list: &DeviceList, most: usize) -> OverviewLine {
        let mut line = OverviewLine::new(list, self.shown);
        line.set_histogram(&self.histogram);
        for (facet, counts) in self.facets.iter().zip(&self.counts) {
            line.add_facet(facet, counts, most);
        }
        for count in self.suggestions.count(&self.shown_rows) {
            line.add_suggestion(&count);
        }
        line
    }

    fn text(&self, list: &DeviceList, bars: Bars, most: usize) -> String {
        let mut lines = match list.time() {
            Some(time) => format!("{} · of {time:.0}", text::visible(list.name())),
            None => text::visible(list.name()).into_owned(),
        };
        if self.shown == self.all {
            let counts = list.counts();
            lines.push_str(&format!(" · {}", text::counted(counts.devices, "device")));
            if counts.unusable > 0 {
                lines.push_str(&format!(" · {} unusable", text::grouped(counts.unusable)));
            }
            lines.push('\n');
        } else {
            let shown = text::grouped(self.shown as u64);
            let all = text::counted(self.all as u64, "row");
            lines.push_str(&format!(" · {shown} of {all} match\n"));
        }
        let histogram: String = self
            .histogram
            .iter()
            .map(|&one| bars.level(one, self.histogram.iter().copied().max().unwrap_or(0)))
            .collect();
        // A field that no row has is shown only if it was named.
        let has_values = |facet: &Facet| most > TOP || facet.len() != 1 || !facet.is_missing(0);
        let counted = self.facets.iter().zip(&self.counts);
        for (facet, counts) in counted.filter(|(facet, _)| has_values(facet)) {
            lines.push_str(&section(facet, counts, bars, most, &histogram));
        }
        let suggestions = self.suggestions.count(&self.shown_rows);
        lines.push_str(&suggested(&suggestions, bars));
        lines
    }
}

/// A field's heading and values, a line each.
fn section(facet: &Facet, counts: &[Count], bars: Bars, most: usize, histogram: &str) -> String {
    let heading = text::visible(facet.heading()).into_owned();
    if facet.is_undecided() {
        return format!(
            "\n{heading}\n  some dates are ambiguous (day or month?): give --date-order dmy or mdy\n"
        );
    }
    let top = facet.top(most);
    let shown = |value: usize| counts.get(value).copied().unwrap_or_default().shown;
    let largest = top
        .values
        .iter()
        .map(|&value| shown(value))
        .max()
        .unwrap_or(0);
    let mut lines = match facet.key() {
        Key::Field(Field::Seen) => format!("\n{heading}  {histogram}\n"),
        _ => format!("\n{heading}\n"),
    };
    for value in top.values {
        let label = bars.plain(&text::clip(facet.label(value), LABEL_WIDTH));
        let (shown, all) = (shown(value), facet.total(value));
        lines.push_str(&format!(
            "  {}  {}  {:>15}\n",
            padded(&label, LABEL_WIDTH),
            padded(&bars.bar(shown, largest), BAR_WIDTH),
            format!(
                "{}/{}",
                text::grouped(shown.into()),
                text::grouped(all.into())
            ),
        ));
    }
    if top.more > 0 {
        lines.push_str(&format!("  {} more\n", text::grouped(top.more as u64)));
    }
    lines
}

/// The suggestions with the query to paste.
fn suggested(suggestions: &[SuggestionCount<'_>], bars: Bars) -> String {
    if suggestions.is_empty() {
        return String::new();
    }
    let mut lines = "\nworth a look\n".to_owned();
    for one in suggestions {
        lines.push_str(&format!(
            "  {}  {:>9}  --where '{}'\n",
            padded(&bars.plain(one.heading), LABEL_WIDTH),
            text::grouped(one.shown.into()),
            one.query
        ));
    }
    lines
}

/// `text`, filled with spaces to `width` cells.
fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text::width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// The characters that bars are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bars {
    Blocks,
    Ascii,
}

impl Bars {
    /// A bar of `count`, where `largest` fills the width. Any count but 0 is visible.
    fn bar(self, count: u32, largest: u32) -> String {
        const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        if count == 0 {
            return String::new();
        }
        let cells = u64::try_from(BAR_WIDTH).unwrap_or(0);
        let eighths = (u64::from(count) * cells * 8 / u64::from(largest.max(1))).max(1);
        let whole = usize::try_from(eighths / 8).unwrap_or(0);
        match self {
            Self::Blocks => {
                let rest = usize::try_from(eighths % 8).unwrap_or(0);
                format!("{}{}", "█".repeat(whole), EIGHTHS.get(rest).unwrap_or(&""))
            }
            Self::Ascii => "#".repeat(whole.max(1)),
        }
    }

    /// A column of a histogram.
    fn level(self, count: u32, largest: u32) -> char {
        let levels = match self {
            Self::Blocks => ['▁', '▂', '▃', '▅', '▇'],
            Self::Ascii => ['.', ':', '-', '=', '#'],
        };
        let level = u64::from(count) * 4 / u64::from(largest.max(1));
        let level = usize::try_from(level).unwrap_or(0);
        levels.get(level).copied().unwrap_or(' ')
    }

    /// The text without signs that ASCII lacks.
    fn plain(self, text: &str) -> String {
        match self {
            Self::Blocks => text.to_owned(),
            Self::Ascii => text.replace('–', "-").replace('≥', ">="),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_fills_the_width_and_shows_every_count() {
        assert_eq!(Bars::Blocks.bar(0, 10), "");
        assert_eq!(Bars::Blocks.bar(1, 1_000_000), "▏");
        assert_eq!(Bars::Blocks.bar(10, 10), "█".repeat(BAR_WIDTH));
        assert_eq!(Bars::Ascii.bar(1, 1_000_000), "#");
        assert_eq!(Bars::Blocks.level(0, 9), '▁');
        assert_eq!(Bars::Ascii.level(9, 9), '#');
        assert_eq!(Bars::Ascii.level(0, 0), '.');
    }
}
