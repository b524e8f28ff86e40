//! What can be done with a plan that is being confirmed.

use crate::text::visible;
use crate::tui::dialogs::{ConfirmKey, Dialog};
use crate::tui::plain::Dialogue;
use crate::tui::plain::perform::{Step, press};
use crate::tui::plain::sentences::or_none;

/// What can be done with a plan.
pub(super) const COMMANDS: &str = "Press enter to print more devices. Type confirm to go on to the number. Other \
                                   commands: all, show NUMBER, note TEXT, order, drop (leave out hidden devices), \
                                   save FILE, cancel.";

const NO_TERMINAL: &str = "Confirming needs a terminal: standard input and standard output must both be one. Nothing \
                           was sent. Type save FILE to write the plan, then use `offboard run --plan FILE`.";

impl Dialogue {
    /// Does what a line requests of the open plan.
    pub(super) fn on_plan(&mut self, text: &str) {
        let (word, more) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let more = more.trim();
        match (word, more) {
            ("" | "more", "") => self.more(false),
            ("all", "") => self.more(true),
            ("show", "") => self.print_plan(1),
            ("show", number) => match number.parse() {
                Ok(number @ 1..) => self.print_plan(number),
                _ => self.say("usage: show [NUMBER]"),
            },
            ("order" | "s", "") => {
                self.take_step(press(ConfirmKey::FileOrder.pressed()));
                self.print_plan(1);
            }
            ("note", note) => {
                self.steps.extend([
                    press(ConfirmKey::EditNote.pressed()),
                    Step::Fill(note.to_owned()),
                ]);
                self.say(&format!("Note: {}", or_none(note)));
            }
            ("drop" | "D", "" | "hidden") if !self.has_hidden() => {
                self.say("The filter hides no marked device.");
            }
            ("drop" | "D", "" | "hidden") => {
                let drop = press(ConfirmKey::DropHidden.pressed());
                self.steps.extend([drop, Step::SayError]);
            }
            ("save" | "P", "") => self.say("usage: save FILE"),
            ("save" | "P", file) => {
                let save = press(ConfirmKey::Save.pressed());
                self.steps
                    .extend([save, Step::Fill(file.to_owned()), Step::SayError]);
            }
            ("confirm", "") if self.console.is_terminal() => self.begin_count(),
            ("confirm", "") => self.say(NO_TERMINAL),
            ("help" | "?", _) => self.say(COMMANDS),
            _ => {
                let shown = visible(text).into_owned();
                self.say(&format!("{shown} is not a command for a plan."));
                self.say(COMMANDS);
            }
        }
    }

    /// True if the plan has devices that the filter hides.
    fn has_hidden(&self) -> bool {
        let Some(Dialog::Delete(delete)) = &self.host.app.dialog else {
            return false;
        };
        let confirm = delete.open_confirmation();
        confirm.is_some_and(|confirm| !confirm.hidden.is_empty())
    }
}
