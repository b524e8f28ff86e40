//! Panics that are expected and caught, such as those of parsers of damaged files.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

thread_local! {
    /// True while this thread runs code whose panics are caught.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Calls the panic hook that is installed only for panics that nothing catches; a panic inside
/// [`catch`] goes into the log alone. A hook that is installed later has to ask [`is_caught`].
pub fn install_hook() {
    let report = take_hook();
    set_hook(Box::new(move |panic| {
        if is_caught() {
            tracing::warn!(%panic, "a panic was caught");
        } else {
            report(panic);
        }
    }));
}

/// True when a panic of this thread would be caught by [`catch`].
pub fn is_caught() -> bool {
    CAUGHT.get()
}

/// Runs `code`; none when it panicked. What `code` changed must not be used after a panic.
pub fn catch<T>(code: impl FnOnce() -> T) -> Option<T> {
    let before = CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(code));
    CAUGHT.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The hook is the process's: other tests' panics pass it by as well.
    #[test]
    fn hook_reports_uncaught_panics_only() {
        static REPORTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let original = take_hook();
        set_hook(Box::new(move |panic| match panic.payload_as_str() {
            Some(text) if text.starts_with("hook test") => {
                REPORTED.lock().expect("not poisoned").push(text.to_owned());
            }
            _ => original(panic),
        }));
        install_hook();
        assert!(catch(|| panic!("hook test: caught")).is_none());
        let uncaught = std::thread::spawn(|| panic!("hook test: uncaught")).join();
        assert!(uncaught.is_err());
        assert_eq!(
            *REPORTED.lock().expect("not poisoned"),
            ["hook test: uncaught"]
        );
    }

    #[test]
    fn panic_is_marked_as_caught_inside_catch_only() {
        assert!(!is_caught());
        assert_eq!(catch(is_caught), Some(true));
        // An inner call must not end the outer one's mark.
        assert_eq!(
            catch(|| (catch(|| ()), is_caught())),
            Some((Some(()), true))
        );
        assert_eq!(catch(|| -> u8 { panic!("expected by the test") }), None);
        assert!(!is_caught());
    }
}
