//! State in a file: value and source position in one local transaction. The file is a cache of the topic, so it is
//! written through once a second at most; whenever it cannot be trusted, it is deleted and read again.

mod caught;
mod file;
mod lock;
mod meta;
mod runs;
mod sum;

use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use file::File;
use lock::Lock;
use meta::Meta;
use runs::Runs;

use super::ViewError;
use super::entry::{Entry, Stand};
use super::kept::KeptError;
use super::origin::{Origin, outside};
use super::survey::Survey;
use crate::time::Timestamp;

const FILE: &str = "state.redb";
/// So many records at once are worth a run.
const MANY: usize = 10_000;
/// How many runs there are at most: as many files are open.
const MOST_RUNS: usize = 64;

pub(super) struct Disk {
    folder: PathBuf,
    origin: Mutex<Origin>,
    file: RwLock<Option<File>>,
    /// While nobody may read the view.
    runs: Mutex<Option<Runs>>,
    _lock: Lock,
}

impl Disk {
    /// Takes a folder, and what an earlier view has left in it, where that can still be trusted.
    pub(super) fn open(folder: &Path, survey: &Survey) -> Result<(Self, Option<Stand>), ViewError> {
        let lock = Lock::take(folder)?;
        let path = folder.join(FILE);
        let kept = if path.exists() {
            match reopen(&path, survey) {
                Ok(kept) => Some(kept),
                Err(Unfit::Stale(why)) => {
                    tracing::warn!(file = %path.display(), "the state is read again from the start: {why}");
                    None
                }
                Err(Unfit::Newer(form)) => {
                    let why = format!(
                        "{FILE} is of form {form}, and this revbus reads {}: upgrade it, or delete the file, which is a \
                         cache",
                        meta::FORM
                    );
                    return Err(ViewError::Folder { folder: folder.to_owned(), why });
                }
                Err(Unfit::Failed(error)) => return Err(failed(folder, &error)),
            }
        } else {
            None
        };
        let disk = Self {
            folder: folder.to_owned(),
            origin: Mutex::new(survey.origin.clone()),
            file: RwLock::new(None),
            runs: Mutex::new(Some(Runs::new(folder))),
            _lock: lock,
        };
        let Some((file, stand)) = kept else {
            disk.renew(survey)?;
            return Ok((disk, None));
        };
        *disk.file.write().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok((disk, Some(stand)))
    }

    /// Begins with an empty file.
    pub(super) fn renew(&self, survey: &Survey) -> Result<(), ViewError> {
        self.origin.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&survey.origin);
        *self.runs() = Some(Runs::new(&self.folder));
        let mut file = self.file.write().unwrap_or_else(PoisonError::into_inner);
        *file = None;
        let path = self.folder.join(FILE);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&self.folder, &error.into())),
            Ok(()) | Err(_) => {}
        }
        *file = Some(File::create(&path).map_err(|error| failed(&self.folder, &error))?);
        Ok(())
    }

    /// Takes records in. Before the view has [settled](Disk::settle), they need not be found.
    pub(super) fn apply(&self, batch: &mut Vec<Entry>, stand: &Stand) -> Result<(), KeptError> {
        // In the order of keys, so that each page is written once; of one key, the last record counts.
        batch.sort();
        let mut runs = self.runs();
        let done = match runs.as_mut() {
            Some(runs) if runs.len() > 0 || batch.len() >= MANY => {
                let pushed = runs.push(batch).map_err(|error| self.explain(error.into()));
                pushed.and_then(|()| if runs.len() < MOST_RUNS { Ok(()) } else { self.load(runs, stand) })
            }
            Some(_) | None => self.write(|file| file.apply(batch, self.meta(stand))),
        };
        batch.clear();
        done
    }

    /// From now on the view may be read: what was taken in can be found.
    pub(super) fn settle(&self, stand: &Stand) -> Result<(), KeptError> {
        match self.runs().take() {
            Some(mut runs) if runs.len() > 0 => self.load(&mut runs, stand),
            Some(_) | None => Ok(()),
        }
    }

    fn load(&self, runs: &mut Runs, stand: &Stand) -> Result<(), KeptError> {
        let merged = runs.merge().map_err(|error| self.explain(error.into()))?;
        self.write(|file| file.load(merged, self.meta(stand)))
    }

    pub(super) fn sync(&self) -> Result<(), KeptError> {
        self.write(File::sync)
    }

    fn write(&self, write: impl FnOnce(&File) -> Result<(), redb::Error>) -> Result<(), KeptError> {
        match self.read().as_ref() {
            Some(file) => write(file).map_err(|error| self.explain(error)),
            None => Err(KeptError::Torn("it is gone".to_owned())),
        }
    }

    fn meta(&self, stand: &Stand) -> Meta {
        Meta::new(self.origin.lock().unwrap_or_else(PoisonError::into_inner).clone(), stand)
    }

    fn runs(&self) -> MutexGuard<'_, Option<Runs>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get<T>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>, KeptError> {
        self.read().as_ref().map_or(Ok(None), |file| file.get(key, read)).map_err(|error| self.explain(error))
    }

    pub(super) fn range(&self, from: Bound<&[u8]>, prefix: &[u8], most: usize) -> Result<Vec<Entry>, KeptError> {
        let found = self.read().as_ref().map_or(Ok(Vec::new()), |file| file.range(from, prefix, most));
        found.map_err(|error| self.explain(error))
    }

    pub(super) fn sizes(&self) -> (u64, u64) {
        self.read().as_ref().map_or((0, 0), File::sizes)
    }

    pub(super) fn file_bytes(&self) -> u64 {
        fs::metadata(self.folder.join(FILE)).map_or(0, |file| file.len())
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<File>> {
        self.file.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn explain(&self, error: redb::Error) -> KeptError {
        if let redb::Error::Corrupted(why) = error {
            return KeptError::Torn(why);
        }
        // The follower has met the first one, and ends the view with it.
        let later = matches!(error, redb::Error::PreviousIo);
        KeptError::Failed(if later { ViewError::Stopped } else { failed(&self.folder, &error) })
    }
}

/// Why a file cannot be gone on with.
enum Unfit {
    /// It must be made anew.
    Stale(String),
    /// A later revbus has made it.
    Newer(u32),
    /// The folder cannot be used.
    Failed(redb::Error),
}

fn reopen(path: &Path, survey: &Survey) -> Result<(File, Stand), Unfit> {
    let (file, meta) = File::open(path).map_err(|error| {
        if let redb::Error::Io(io) = &error
            && !is_torn(io.kind())
        {
            return Unfit::Failed(error);
        }
        Unfit::Stale(format!("its file is torn: {error}"))
    })?;
    let meta = meta.ok_or_else(|| Unfit::Stale("its file says nothing of itself".to_owned()))?;
    if meta.form > meta::FORM {
        return Err(Unfit::Newer(meta.form));
    }
    let stand = meta.stand();
    let stale = meta
        .origin
        .differs(&survey.origin)
        .or_else(|| outside(&stand, &survey.ends))
        .or_else(|| survey.stay.overslept(stand.as_of, Timestamp::now()));
    match stale {
        Some(why) => Err(Unfit::Stale(why)),
        None => Ok((file, stand)),
    }
}

/// What a file gives that is shorter than it should be, or holds something else.
fn is_torn(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput)
}

/// A failure, for people.
fn failed(folder: &Path, error: &redb::Error) -> ViewError {
    let full = |kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    if let redb::Error::Io(error) = error
        && full(error.kind())
    {
        let written = fs::metadata(folder.join(FILE)).map_or(0, |file| file.len());
        return ViewError::Full { folder: folder.to_owned(), written };
    }
    ViewError::Folder { folder: folder.to_owned(), why: error.to_string() }
}
