//! Stands before the C library's `fsync` and `fdatasync` and lets one of them fail: built and
//! preloaded by a test in `disk.rs`, never part of the program.
//!
//! `FSYNC_FAILS_AT` counts from 1. The sync that fails reports `EIO` and throws away what was added to
//! the file since it was last synced, and the ones after it claim to have worked: as a kernel does.
//! `FSYNC_FAILED` names a file that is created when that happens.

use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_long, c_void};
use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::os::unix::fs::MetadataExt;
use std::sync::Mutex;

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn __errno_location() -> *mut c_int;
}

const RTLD_NEXT: *mut c_void = -1 as c_long as *mut c_void;
const EIO: c_int = 5;

/// How many syncs there were, and how long each file was after its last one.
static SYNCS: Mutex<(u32, Option<HashMap<u64, u64>>)> = Mutex::new((0, None));

/// True when this sync fails.
fn fails(file: c_int) -> bool {
    let wanted = std::env::var("FSYNC_FAILS_AT")
        .ok()
        .and_then(|text| text.parse::<u32>().ok());
    // The descriptor is the caller's to close.
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(file) });
    let (Ok(mut syncs), Ok(metadata)) = (SYNCS.lock(), file.metadata()) else {
        return false;
    };
    if !metadata.is_file() {
        // Of a directory, for which SQLite doesn't ask how it went.
        return false;
    }
    syncs.0 += 1;
    let failing = wanted == Some(syncs.0);
    let lengths = syncs.1.get_or_insert_default();
    if failing {
        let kept = lengths.get(&metadata.ino()).copied().unwrap_or(0);
        let _ = file.set_len(kept);
        if let Some(marker) = std::env::var_os("FSYNC_FAILED") {
            let _ = File::create(marker);
        }
        unsafe { *__errno_location() = EIO };
    } else {
        lengths.insert(metadata.ino(), metadata.len());
    }
    failing
}

unsafe fn sync(name: *const c_char, file: c_int) -> c_int {
    if fails(file) {
        return -1;
    }
    let real: unsafe extern "C" fn(c_int) -> c_int =
        unsafe { std::mem::transmute(dlsym(RTLD_NEXT, name)) };
    unsafe { real(file) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(file: c_int) -> c_int {
    unsafe { sync(c"fsync".as_ptr(), file) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(file: c_int) -> c_int {
    unsafe { sync(c"fdatasync".as_ptr(), file) }
}
