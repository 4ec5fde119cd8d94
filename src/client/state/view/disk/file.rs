//! The file, by redb.

use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use redb::{
    Database, Durability, Error, ReadOnlyTable, ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _,
    TableDefinition, TableError,
};

use super::super::entry::Entry;
use super::caught::caught;
use super::meta::Meta;
use super::sum;

const ENTITIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entities");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// The one row of [`META`].
const ROW: &str = "meta";
/// How much of the file is kept in memory.
const CACHE: usize = 64 << 20;
/// How many bytes are taken in at once where much is loaded: what the cache can hold until they are written.
const PART: u64 = 16 << 20;
/// How often it is written through.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// An open file. One thread writes.
pub(super) struct File {
    database: Database,
    /// As of the last commit.
    table: RwLock<Table>,
    written: Mutex<Written>,
}

type Table = ReadOnlyTable<&'static [u8], &'static [u8]>;

struct Written {
    /// Of keys and values.
    bytes: u64,
    synced: Instant,
    /// Whether something was committed since.
    unsynced: bool,
}

impl File {
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let database = Database::builder().set_cache_size(CACHE).create(path)?;
        let write = database.begin_write()?;
        write.open_table(ENTITIES)?;
        write.open_table(META)?;
        write.commit()?;
        Self::of(database).map(|(file, _)| file)
    }

    /// Opens what is there, with what it says of itself; `None` where that makes no sense.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<Meta>), Error> {
        // It repairs what a crash has left. What it does with a file that something else has damaged is not certain.
        let open = || Database::builder().set_cache_size(CACHE).open(path).map_err(Error::from).and_then(Self::of);
        caught(open)
    }

    fn of(database: Database) -> Result<(Self, Option<Meta>), Error> {
        let read = database.begin_read()?;
        let row = match read.open_table(META) {
            Ok(table) => table.get(ROW)?,
            Err(TableError::TableDoesNotExist(_)) => return Err(Error::Corrupted("its tables are missing".to_owned())),
            Err(error) => return Err(error.into()),
        };
        let meta: Option<Meta> = match row {
            Some(row) => serde_json::from_slice(sum::check(ROW.as_bytes(), row.value())?).ok(),
            None => None,
        };
        let table = RwLock::new(read.open_table(ENTITIES)?);
        let bytes = meta.as_ref().map_or(0, |meta| meta.bytes);
        let written = Mutex::new(Written { bytes, synced: Instant::now(), unsynced: false });
        Ok((Self { database, table, written }, meta))
    }

    /// Takes records in, sorted by key, those of one key in their order; and what the file says of itself after them.
    pub(super) fn apply(&self, batch: &[Entry], meta: Meta) -> Result<(), Error> {
        let durable = self.written().synced.elapsed() >= SYNC_EVERY;
        self.commit(batch, meta, durable)
    }

    /// Takes much in, sorted by key, each key once. What is there before the end is not worth to be kept, and says so.
    pub(super) fn load(&self, entries: impl Iterator<Item = io::Result<Entry>>, meta: Meta) -> Result<(), Error> {
        let (mut part, mut bytes) = (Vec::new(), 0);
        for entry in entries {
            let entry = entry?;
            bytes += entry.size();
            part.push(entry);
            if bytes >= PART {
                self.commit(&part, meta.unfinished(), false)?;
                part.clear();
                bytes = 0;
            }
        }
        self.commit(&part, meta, false)
    }

    fn commit(&self, batch: &[Entry], meta: Meta, durable: bool) -> Result<(), Error> {
        caught(|| self.write(batch, meta, durable))
    }

    fn write(&self, batch: &[Entry], mut meta: Meta, durable: bool) -> Result<(), Error> {
        let mut write = self.database.begin_write()?;
        write.set_durability(if durable { Durability::Immediate } else { Durability::None })?;
        let mut table = write.open_table(ENTITIES)?;
        meta.bytes = change(&mut table, batch, self.written().bytes)?;
        drop(table);
        let bytes = meta.bytes;
        let (row, mut summed) = (serde_json::to_vec(&meta).unwrap_or_default(), Vec::new());
        write.open_table(META)?.insert(ROW, sum::put(ROW.as_bytes(), &row, &mut summed))?;
        write.commit()?;
        let table = self.database.begin_read()?.open_table(ENTITIES)?;
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = table;
        let mut written = self.written();
        (written.bytes, written.unsynced) = (bytes, !durable);
        if durable {
            written.synced = Instant::now();
        }
        Ok(())
    }

    /// Writes through what was committed, where that was long ago.
    pub(super) fn sync(&self) -> Result<(), Error> {
        let written = self.written();
        let due = written.unsynced && written.synced.elapsed() >= SYNC_EVERY;
        drop(written);
        if due { caught(|| self.write_through()) } else { Ok(()) }
    }

    fn write_through(&self) -> Result<(), Error> {
        let mut write = self.database.begin_write()?;
        write.set_durability(Durability::Immediate)?;
        write.commit()?;
        let mut written = self.written();
        (written.synced, written.unsynced) = (Instant::now(), false);
        Ok(())
    }

    pub(super) fn get<T>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>, Error> {
        caught(|| {
            let found = self.table().get(key)?;
            found.map(|value| sum::check(key, value.value()).map(read)).transpose()
        })
    }

    pub(super) fn range(&self, from: Bound<&[u8]>, prefix: &[u8], most: usize) -> Result<Vec<Entry>, Error> {
        caught(|| self.copied(from, prefix, most))
    }

    fn copied(&self, from: Bound<&[u8]>, prefix: &[u8], most: usize) -> Result<Vec<Entry>, Error> {
        let mut out = Vec::new();
        for found in self.table().range::<&[u8]>((from, Bound::Unbounded))? {
            let (key, value) = found?;
            if out.len() >= most || !key.value().starts_with(prefix) {
                break;
            }
            out.extend(Entry::new(key.value(), sum::check(key.value(), value.value())?));
        }
        Ok(out)
    }

    pub(super) fn sizes(&self) -> (u64, u64) {
        (self.table().len().unwrap_or(0), self.written().bytes)
    }

    fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes records into a table of so many bytes; how many it has then.
fn change(table: &mut redb::Table<'_, &[u8], &[u8]>, batch: &[Entry], mut bytes: u64) -> Result<u64, Error> {
    let behind = match (table.last()?, batch.first()) {
        (Some((last, _)), Some(first)) => last.value() < first.key(),
        (None, _) | (_, None) => true,
    };
    let entries = Entry::last_of_each(batch);
    let mut summed = Vec::new();
    if behind {
        let mut end = table.upper_bound_mut(Bound::<&[u8]>::Unbounded)?;
        for entry in entries.filter(|entry| !entry.is_tombstone()) {
            end.insert_before(entry.key(), sum::put(entry.key(), entry.value(), &mut summed))?;
            bytes += entry.size();
        }
        end.close()?;
        return Ok(bytes);
    }
    for entry in entries {
        let key = entry.key();
        let old = if entry.is_tombstone() {
            table.remove(key)?
        } else {
            table.insert(key, sum::put(key, entry.value(), &mut summed))?
        };
        let old = old.map_or(0, |old| (key.len() + old.value().len()).saturating_sub(sum::LENGTH) as u64);
        bytes = bytes.saturating_sub(old) + if entry.is_tombstone() { 0 } else { entry.size() };
    }
    Ok(bytes)
}

impl Drop for File {
    fn drop(&mut self) {
        if self.written().unsynced
            && let Err(error) = caught(|| self.write_through())
        {
            // What is not in the file is read again from the topic.
            tracing::warn!(%error, "the state read last was not written down");
        }
    }
}
