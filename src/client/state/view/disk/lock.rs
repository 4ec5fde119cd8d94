//! A folder belongs to one view at a time, in all processes of a machine: a lock on a file beside the state.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::super::ViewError;

const FILE: &str = "state.lock";

/// Held while the folder is ours. The system gives it back however the process ends.
#[derive(Debug)]
pub(super) struct Lock(#[allow(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Lock {
    /// Makes the folder where there is none, and takes it.
    pub(super) fn take(folder: &Path) -> Result<Self, ViewError> {
        let failed = |error: std::io::Error| ViewError::Folder { folder: folder.to_owned(), why: error.to_string() };
        fs::create_dir_all(folder).map_err(failed)?;
        let path = folder.join(FILE);
        let file = File::options().create(true).truncate(false).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(ViewError::Owned(folder.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
