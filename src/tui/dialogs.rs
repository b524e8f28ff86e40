//! The dialogs, one file each: its state, its keys, what they do, and how it is drawn.
//!
//! A new dialog is one file here, three lines here (`mod`, `pub use` and the variant of [`Dialog`]), and a binding that opens it.
//! A dialog that requests work takes the answer in `Component::on_answer`.

mod call_devices;
mod close_run;
mod columns;
mod command_palette;
mod copy;
mod delete;
mod device_detail;
mod end_hold;
mod fetch;
mod filter;
mod filters_menu;
mod find_in_runs;
mod help;
mod hold;
mod import;
mod like_this;
mod list_info;
mod look_up;
mod messages;
mod notices;
mod offered_filters;
mod open_fetched;
mod overview;
mod quit;
mod resume;
mod run_info;
mod save_file;
mod save_filter;
mod sort_menu;
mod stop_run;
mod token;
mod trend;
mod vanished_marks;
mod verification;

pub use call_devices::CallDevices;
pub use close_run::CloseRun;
pub use columns::ColumnsDialog;
pub use command_palette::{Action, CommandPalette};
pub use copy::CopyMenu;
#[cfg(test)]
pub use delete::Confirmation;
pub use delete::{ConfirmKey, DeleteDialog};
pub use device_detail::DeviceDetail;
pub use end_hold::EndHold;
pub use fetch::FetchPrompt;
pub use filter::FilterLine;
pub use filters_menu::FiltersMenu;
pub use find_in_runs::FindInRuns;
pub use help::HelpDialog;
pub use hold::HoldDialog;
pub use import::ImportDialog;
#[cfg(test)]
pub use import::Report;
pub use like_this::LikeThis;
pub use list_info::ListInfoDialog;
pub use look_up::LookUpPrompt;
pub use messages::MessagesDialog;
pub use notices::Notices;
pub use open_fetched::OpenFetched;
pub use overview::OverviewDialog;
pub use quit::QuitDialog;
pub use resume::ResumeDialog;
pub use run_info::RunInfo;
pub use save_file::SaveFile;
pub use save_filter::SaveFilter;
pub use sort_menu::SortMenu;
pub use stop_run::StopRun;
pub use token::TokenEntry;
pub use trend::TrendDialog;
pub use vanished_marks::VanishedMarks;
pub use verification::VerificationDialog;

use super::component::Component;
use super::input::dialog_keys::{Hint, Section};

/// Declares the dialogs: the variants, and what they have in common.
macro_rules! dialogs {
    ($($name:ident($kind:ty)),+ $(,)?) => {
        /// The open dialog.
        #[derive(Debug)]
        pub enum Dialog {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`].")]
                $name(Box<$kind>),
            )+
        }

        impl Dialog {
            /// What all dialogs have in common.
            pub fn component(&self) -> &dyn Component {
                match self { $(Self::$name(dialog) => &**dialog),+ }
            }

            /// The same, for changing it.
            pub fn component_mut(&mut self) -> &mut dyn Component {
                match self { $(Self::$name(dialog) => &mut **dialog),+ }
            }
        }

        $(
            impl From<$kind> for Dialog {
                fn from(dialog: $kind) -> Self {
                    Self::$name(Box::new(dialog))
                }
            }
        )+

        /// The sections of the help, in the order in which it shows them.
        pub const SECTIONS: &[Section] = &[ALWAYS, $(<$kind>::HELP),+];
    };
}

dialogs! {
    Filter(FilterLine),
    Filters(FiltersMenu),
    SaveFilter(SaveFilter),
    LikeThis(LikeThis),
    Sort(SortMenu),
    Overview(OverviewDialog),
    Columns(ColumnsDialog),
    Import(ImportDialog),
    Delete(DeleteDialog),
    Hold(HoldDialog),
    EndHold(EndHold),
    Resume(ResumeDialog),
    Token(TokenEntry),
    LookUp(LookUpPrompt),
    Fetch(FetchPrompt),
    OpenFetched(OpenFetched),
    VanishedMarks(VanishedMarks),
    Verification(VerificationDialog),
    CommandPalette(CommandPalette),
    SaveFile(SaveFile),
    Copy(CopyMenu),
    DeviceDetail(DeviceDetail),
    CallDevices(CallDevices),
    FindInRuns(FindInRuns),
    Trend(TrendDialog),
    CloseRun(CloseRun),
    StopRun(StopRun),
    Help(HelpDialog),
    ListInfo(ListInfoDialog),
    RunInfo(RunInfo),
    Messages(MessagesDialog),
    Notices(Notices),
    Quit(QuitDialog),
}

/// What no dialog and no configuration can change.
const ALWAYS: Section = Section {
    title: "always",
    hints: || {
        vec![Hint {
            name: "ctrl-c",
            footer: "",
            help: "quit dialog; again within 2 s exits immediately",
            count: None,
            press: None,
        }]
    },
};
