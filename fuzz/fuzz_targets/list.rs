#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code)]
mod checks;

libfuzzer_sys::fuzz_target!(
    init: checks::let_parsers_panic(),
    |bytes: &[u8]| checks::list(bytes)
);
