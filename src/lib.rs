//! `offboard` retires endpoint records of a `MetaDefender` IT-Access tenant.
//!
//! An administrator loads a saved device list, marks devices, chooses uninstall, archive or
//! remove, confirms by typing the number of devices, and watches each device's outcome arrive.
//! What is sent can't be undone, so in every conflict: safe beats fast, honest beats smooth, and
//! nothing that was sent or answered is ever lost.
//!
//! # Layout
//!
//! ```text
//! main.rs         parse, run, exit code: nothing else
//! cli.rs          the command line;            cli/        one subcommand a file
//! config.rs       what the file says, checked; config/     raw, check, profile, credential, permissions
//! state_dir.rs    the private directory of the journal
//! secret.rs       the one type that holds a secret
//! text.rs         untrusted text -> safe to show
//! clock.rs        wall and boot time behind one handle
//! file.rs         a file that is there whole or not at all
//! failpoint.rs    where tests make a debug build die
//! panics.rs       panics of parsers, caught without a word on the terminal
//! -- domain: pure, no I/O, no async ----------------------------------------------------
//! device.rs       how a device is named: Hwid, MacAddress, Identifier
//! action.rs       uninstall, archive, remove
//! list.rs         DeviceList: columns, identity index, problems;  list/  readers, reconciling
//! query.rs        the filter language;         query/      parser, matcher
//! plan.rs         what would be sent, frozen;  plan/       working it out
//! target.rs       tenant and account; what a profile allows to be sent
//! protect.rs      which devices are never sent
//! import.rs       a pasted list, matched;      import/     cleaning, names
//! run.rs          a run's name, state, and why it paused
//! outcome.rs      how each device ended, what it means, what helps
//! lookup.rs       what a lookup saw, and what follows
//! pacer.rs        when may the next call go? a pure function of the ledger and the time
//! -- the outside world ------------------------------------------------------------------
//! engine.rs       a run as a pure step machine; engine/    classify, queue, judge, patience; driver
//! api.rs          Client: delete, token;       api/        details, wire shapes, transport errors
//! journal.rs      SQLite: runs, calls, outcomes, the budget's ledger
//! export.rs       JSON lines, tables, report;  export/
//! simulator.rs    the tenant API on loopback;  simulator/  tenant, faults, generate
//! fetch.rs        the inventory as a list;     fetch/     what is kept aside, what has changed
//! -- front ends: both drive the same engine ----------------------------------------------
//! headless.rs     progress, JSON lines;        headless/   signals, teller, verify
//! tui.rs          the one select! loop;        tui/        app, update, keys, view/
//! ```
//!
//! Imports run one way: main → cli → headless, tui → engine driver, export, simulator → fetch, api,
//! journal → config → engine, domain → text, secret, clock.
//!
//! # How data flows
//!
//! A list and a selection become a [`plan::Plan`]; confirming it by the number of its devices makes
//! a [`plan::ConfirmedPlan`], the only thing that the engine takes. The [`engine::driver`] journals
//! it, and from then on reads what to send from the journal alone. The [`engine::Engine`] decides
//! each step; the driver performs it: slot in the budget, intent, call, outcome, each durable before
//! the next; and reports what is durable to the front end over a bounded channel. In the terminal
//! UI, [`tui::App::update`] alone changes state, and returns effects as values.
//!
//! # What always holds
//!
//! No identifier reaches the server outside a confirmed plan. Bytes on the wire imply a durable
//! intent with their hash. Accepted implies that the server answered 1 at that index for that
//! identifier. A definite outcome never changes. Never more than the budget's calls arrive in any
//! window. Outcome counts add up to the plan.

pub mod action;
pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod device;
pub mod engine;
pub mod export;
pub mod failpoint;
pub mod fetch;
pub mod file;
pub mod headless;
pub mod import;
pub mod journal;
pub mod list;
pub mod lookup;
pub mod outcome;
pub mod pacer;
mod panics;
pub mod plan;
pub mod protect;
pub mod query;
pub mod run;
pub mod secret;
pub mod simulator;
pub mod state_dir;
pub mod target;
pub mod text;
pub mod tui;
