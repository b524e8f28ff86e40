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
//! cli.rs          the command line;          cli/     one subcommand a file
//! config.rs       what the file says, checked; config/  raw, profile, permissions
//! secret.rs       the one type that holds a secret
//! text.rs         untrusted text -> safe to show
//! clock.rs        wall and boot time behind one handle
//! -- domain: pure, no I/O, no async ------------------------------------------------
//! device.rs       Device identity: Hwid, MacAddress, Identifier
//! action.rs       uninstall, archive, remove
//! list.rs         DeviceList: columns, identity index, problems;  list/   readers, reconciling
//! query.rs        the filter language;       query/   parser, matcher
//! plan.rs         what would be sent, frozen; batches; warnings
//! outcome.rs      how each device ended, what it means, what helps
//! pacer.rs        when may the next call go? a pure function of the ledger and the time
//! -- the outside world --------------------------------------------------------------
//! api.rs          Client: delete, token;     api/     wire shapes, transport errors
//! journal.rs      SQLite: runs, calls, outcomes, the budget's ledger
//! engine.rs       a pure step machine;       engine/  classify, halving, driver
//! simulator.rs    the tenant API on loopback; simulator/  tenant, faults, generate
//! -- front ends: both drive the same engine ------------------------------------------
//! headless.rs     progress and jsonl
//! tui.rs          the one select! loop;      tui/     app, keys, views
//! ```
//!
//! Imports run one way: main → cli → headless, tui → engine driver, simulator → api, journal →
//! config → engine, domain → text, secret, clock.

pub mod action;
pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod device;
pub mod engine;
pub mod export;
pub mod file;
pub mod headless;
pub mod journal;
pub mod list;
pub mod outcome;
pub mod pacer;
pub mod plan;
pub mod query;
pub mod run;
pub mod secret;
pub mod simulator;
pub mod state_dir;
pub mod text;
pub mod tui;
