//! Effects that are answered by a message, which may take a while: not on the drawing thread.

use crate::fetch::Changes;
use crate::list::DeviceList;
use crate::plan::MatchedFrom;
use crate::plan::protection::Protection;
use crate::tui::Outside;
use crate::tui::dialogs::{Matched, write_file};
use crate::tui::message::{Effect, Message};
use crate::tui::reload::Reloaded;
use crate::tui::screens::devices::search;
use crate::tui::screens::history::state::Recall;

/// Does what the app asks and says what came of it.
pub(in crate::tui) fn answer(
    asked: Effect,
    list: &DeviceList,
    protection: &Protection,
    outside: &dyn Outside,
) -> Message {
    match asked {
        Effect::Search {
            generation,
            query,
            sort,
            known,
        } => Message::Found {
            generation,
            rows: search::search(list, &query, &sort, &known),
        },
        Effect::Plan {
            asked,
            action,
            wanted,
        } => Message::Planned {
            asked,
            planned: outside
                .plan(list, protection, action, &wanted)
                .map(Box::new),
        },
        Effect::Record(device) => Message::Record(
            device,
            list.record(device).map_err(|error| error.to_string()),
        ),
        Effect::Outcomes(subject, identity) => {
            Message::Outcomes(subject, outside.outcomes(&identity))
        }
        Effect::Explain(run) => match outside.calls(run) {
            Ok(calls) => Message::Explained(run, calls),
            Err(why) => Message::Failed(why),
        },
        Effect::History => Message::History(outside.history()),
        Effect::FindInRuns(text) => {
            let found = outside.find(&text);
            Message::FoundInRuns(text, found)
        }
        Effect::Earlier => Message::Earlier(outside.earlier(list)),
        Effect::Recall(run, what) => Message::Recalled(what, outside.recall(run).map(Box::new)),
        Effect::RecallNewest => match outside.newest() {
            Ok(Some(run)) => {
                let recalled = outside.recall(run).map(Box::new);
                Message::Recalled(Recall::Review, recalled)
            }
            Ok(None) => Message::Failed("there is no run of this tenant yet".to_owned()),
            Err(why) => Message::Failed(why),
        },
        Effect::Close(run) => Message::Closed(run, outside.close(run)),
        Effect::AskToStop(run) => Message::Told(outside.ask_to_stop(run).unwrap_or_else(|why| why)),
        Effect::Reload(path) => Message::Reloaded(outside.open(&path).map(|opened| {
            let changes = Changes::between(list, &opened.list);
            Box::new(Reloaded { opened, changes })
        })),
        Effect::ReadIds { asked, ids } => Message::IdsRead {
            asked,
            matched: outside.named(&ids).map(|named| {
                Box::new(Matched {
                    import: named.look_up(list),
                    from: MatchedFrom::of(&named),
                })
            }),
        },
        Effect::Write { path, content } => {
            Message::Wrote(write_file(&path, &content, list, outside))
        }
        // These are the engine's or the screen's, and aren't answered.
        Effect::Start(_)
        | Effect::Control(_)
        | Effect::Resume(..)
        | Effect::LookUp(..)
        | Effect::CancelLookups
        | Effect::Fetch(_)
        | Effect::CancelFetch
        | Effect::UseToken(_)
        | Effect::Copy(_)
        | Effect::Suspend
        | Effect::Quit
        | Effect::Abort(_) => Message::Failed("nothing answers that".to_owned()),
    }
}
