//! The whole program, as its users run it: the real binary against the simulated tenant, over HTTP.
#![expect(clippy::expect_used, reason = "a test that panics has failed")]

mod program {
    pub mod admission;
    pub mod budget;
    pub mod clocks;
    pub mod compat;
    mod completing;
    pub mod connections;
    pub mod crashes;
    pub mod disk;
    pub mod doubts;
    pub mod exports;
    pub mod facts;
    pub mod faults;
    pub mod fetch;
    pub mod first_config;
    pub mod full_records;
    pub mod guards;
    pub mod headless;
    pub mod history;
    pub mod holds;
    pub mod hostile;
    pub mod importing;
    pub mod journals;
    pub mod licences;
    pub mod lines;
    pub mod lists;
    pub mod locks;
    pub mod lost_journal;
    pub mod matching;
    pub mod nightly;
    pub mod on_finish;
    pub mod panics;
    pub mod pictures;
    pub mod plain;
    pub mod plan_files;
    pub mod plans;
    pub mod protection;
    pub mod release;
    pub mod resending;
    pub mod scenario;
    pub mod screen;
    pub mod secrets;
    pub mod signals;
    pub mod states;
    pub mod stops;
    pub mod targets;
    pub mod terminal;
    pub mod tokens;
    pub mod trend;
    pub mod typing;
    pub mod unattended;
    pub mod unstored;
    pub mod usage;
    pub mod workbench;
}
