//! The outcomes of devices in a report: the bar, the counts, and what is to be done about them.

use super::document::{Bars, Block, CountedPart, Tone};
use crate::domain::outcome::{OutcomeClass, Tally};
use crate::text::counted;

/// What every report says of the word "accepted".
pub const MEANING_OF_ACCEPTED: &str = "Accepted means that the cloud accepted the request. \
    Whether an agent was uninstalled, the cloud doesn't say.";

/// What a class of outcomes means for the reader.
pub fn tone(class: OutcomeClass) -> Tone {
    match class {
        OutcomeClass::Accepted => Tone::Good,
        OutcomeClass::Failed => Tone::Bad,
        OutcomeClass::InDoubt => Tone::Warning,
        OutcomeClass::Gone | OutcomeClass::NotSent => Tone::Neutral,
    }
}

/// The counts by class: every class, or those that occur.
fn shares(tally: Tally, is_complete: bool) -> Vec<CountedPart> {
    let classes = OutcomeClass::ALL.into_iter();
    let shares = classes.map(|class| CountedPart {
        label: class.label().into(),
        count: tally.of_class(class),
        tone: tone(class),
    });
    shares
        .filter(|share| is_complete || share.count > 0)
        .collect()
}

/// The bar in parts.
pub fn bar(tally: Tally) -> Block {
    Block::Shares(shares(tally, false))
}

/// The counts of all classes, with a bar each.
pub fn counts(tally: Tally) -> Block {
    Block::Bars(Bars {
        caption: "Devices by outcome".into(),
        label: "outcome".into(),
        unit: "devices".into(),
        shares: shares(tally, true),
        total: tally.total(),
    })
}

/// What is in doubt and what failed, for the beginning of a report. `runs` names where it is.
pub fn notices(tally: Tally, place: &str) -> Vec<Block> {
    let mut notices = Vec::new();
    if tally.in_doubt > 0 {
        let be = if tally.in_doubt == 1 { "is" } else { "are" };
        let text = format!(
            "{} {be} in doubt: sent, and no trustworthy answer came. The request may have been applied. \
             Look them up before you send them again",
            counted(tally.in_doubt, "device")
        );
        notices.push((Tone::Warning, text));
    }
    if tally.failed > 0 {
        let text = format!(
            "{} failed: {place} has the reasons, and what helps",
            counted(tally.failed, "device")
        );
        notices.push((Tone::Bad, text));
    }
    let notices = notices.into_iter().map(|(tone, text)| Block::Notice {
        tone,
        text: text.into(),
        command: None,
    });
    notices.collect()
}
