//! Stands before the C library's `clock_gettime` and lets the wall clock jump: built and preloaded by
//! a test in `clocks.rs`, never part of the program.
//!
//! `WALL_JUMP` names a file with the seconds by which the wall clock is wrong; none while it isn't
//! there. The other clocks go on as they are.

use std::ffi::{c_char, c_int, c_long, c_void};

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
}

const RTLD_NEXT: *mut c_void = -1 as c_long as *mut c_void;
const CLOCK_REALTIME: c_int = 0;

#[repr(C)]
pub struct Timespec {
    seconds: i64,
    nanoseconds: c_long,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int {
    let real: unsafe extern "C" fn(c_int, *mut Timespec) -> c_int =
        unsafe { std::mem::transmute(dlsym(RTLD_NEXT, c"clock_gettime".as_ptr())) };
    let result = unsafe { real(clock, time) };
    if clock == CLOCK_REALTIME && result == 0 {
        let jump = std::env::var_os("WALL_JUMP")
            .and_then(|path| std::fs::read_to_string(path).ok())
            .and_then(|text| text.trim().parse::<i64>().ok());
        unsafe { (*time).seconds += jump.unwrap_or(0) };
    }
    result
}
