//! `offboard` removes endpoint records from a `MetaDefender` IT-Access tenant.
//!
//! An administrator opens a saved device list, marks devices, chooses uninstall, archive or
//! remove, confirms by typing the number of devices, and watches each device's outcome arrive.
//! What is sent can't be undone. In every conflict, safety comes before speed and accuracy before
//! a quiet screen, and nothing that was sent or answered is ever lost.
//!
//! # Layout
//!
//! ```text
//! main.rs       parse, run, exit code: nothing else
//! secret.rs     a secret that can't be printed, and is masked in other text
//! text.rs       untrusted text -> safe to show
//! platform/     clock, commands, private files, state directory, caught panics, failpoints of debug builds
//! -- pure: no async; of these, only list and import read files --------------------------
//! domain/       device, action, outcome, run, exit, target, rate_limit, licences, trend
//! list/         a list of any system: input (a file to its text), formats (text to rows), fields (headers
//!               and cells), devices (rows to the store), report (what reading found)
//! query/        the filter language: lexer, parser, matcher; explanations, facets
//! import/       pasted identifiers and lists, joined with a list
//! plan/         what would be sent: build, file, protection, warnings, explanation
//! engine/       a run as step(event, now) -> commands
//! verification/ whether the accepted devices are gone, by a later inventory or lookup
//! -- the outside world ------------------------------------------------------------------
//! config/       file -> checked settings
//! api/          the HTTP client: delete, token, inventory, details, account
//! journal/      SQLite: runs, calls, outcomes, totals of fetches, the ledger of the rate limit
//! fetch/        the tenant's inventory as a file
//! export/       JSON lines, tables, reports
//! simulator/    the tenant's API on loopback
//! runner/       performs the engine's commands: admission, calls, inventory, lookups
//! -- front ends -------------------------------------------------------------------------
//! headless/     progress and JSON lines, signals
//! tui/          input, screens, dialogs, widgets, and what drives them: a screen, or lines (plain)
//! cli/          the command line: one file per subcommand (commands), what several take (arguments)
//! fuzzing.rs    what the fuzz targets need of private modules
//! ```
//!
//! A module imports only modules above it in this picture (`main` excepted). `tests/layout.rs` checks every
//! `use`, and that the pure modules other than `list` and `import` do no input and output.
//!
//! # How data flows
//!
//! A list and a selection become a [`plan::Plan`]. The confirmation by the number of its devices
//! makes a [`plan::ConfirmedPlan`], the only thing that the `runner` accepts. The runner writes it
//! to the [`journal`] and reads what to send from there alone. The [`engine::Engine`] decides each
//! step and the runner performs it: slot of the rate limit, intent, call, outcome, each durable
//! before the next. It reports durable results to the front end over a bounded channel. In the
//! terminal UI, `tui::App::update` alone changes state, and returns effects as values.
//!
//! # Invariants
//!
//! - No identifier reaches the server outside a confirmed plan.
//! - Bytes on the wire imply a durable intent with their hash.
//! - Accepted implies that the server answered 1 at that index for that identifier.
//! - A definite outcome never changes.
//! - Never more calls than the rate limit allows arrive in any window.
//! - Outcome counts add up to the plan.
//!
//! # Glossary
//!
//! | term | meaning |
//! |---|---|
//! | device | one endpoint as a list names it |
//! | identifier | what a device is sent by: its hardware ID (HWID) or its MAC address |
//! | list | a file of devices, from any system |
//! | inventory | the list that `offboard fetch` reads from the tenant |
//! | plan | one action on an ordered set of devices, with the identifier of each |
//! | run | a confirmed plan on its way, and what came of it |
//! | batch, call | identifiers of one kind that are sent together; the HTTP request that sends them |
//! | slot, budget | the permission for one call; the calls that an account may make per window |
//! | canary | a small batch, sent first of each kind of identifier to see whether the tenant accepts it |
//! | hold | an exemption of a device until a date: no plan takes it |
//! | outcome | the definite result of a device: accepted, failed, in doubt, … |
//! | in doubt | sent, and no readable answer arrived: it may have worked |
//! | journal | the database in the state directory that records all of this |

pub mod api;
pub mod cli;
mod config;
pub mod domain;
pub mod engine;
pub mod export;
pub mod fetch;
#[cfg(any(test, debug_assertions, fuzzing))]
pub mod fuzzing;
mod headless;
pub mod import;
pub mod journal;
pub mod list;
pub mod plan;
pub mod platform;
pub mod query;
pub mod runner;
pub mod secret;
pub mod simulator;
pub mod text;
mod tui;
pub mod verification;
