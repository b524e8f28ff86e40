//! Reports for people who don't use the program: change tickets, managers, auditors.
//!
//! What a report says is decided once, as a [`Document`] of headings, sentences, facts, tables and
//! bars; `markdown` and `html` write it. A document holds only [`Text`](document::Text), which is free of hidden
//! and control characters, and both writers escape all of it, so that a host name in a report is
//! never markup.
//!
//! A new section is a function that returns a [`Section`](document::Section), or none where there is no data.

mod aftermath;
mod calls;
mod devices;
mod document;
mod html;
mod markdown;
mod outcomes;
mod period;
mod run;

pub use document::Document;
pub use html::html;
pub use markdown::markdown;
pub use period::{PeriodReport, PeriodRun, period_document};
pub use run::{RunReport, run_document};
