#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code)]
mod checks;

// The workbook reader catches the panics of its parsers, at which libFuzzer's hook would abort; a
// panic that nobody catches still ends the run.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |bytes: &[u8]| checks::import(bytes)
);
