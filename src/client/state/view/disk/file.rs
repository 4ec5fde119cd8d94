//! The file, by redb.

use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use redb::{
    Database, Durability, Error, ReadOnlyTable, ReadableDatabase as _, ReadableTableMetadata as _, TableDefinition,
    TableError,
};

use super::super::entry::Entry;
use super::meta::Meta;

const ENTITIES: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("entities");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// The one row of [`META`].
const ROW: &str = "meta";
/// How much of the file is kept in memory.
const CACHE: usize = 64 << 20;
/// How often it is written through.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// An open file.
pub(super) struct File {
    database: Database,
    /// As of the last commit.
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
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
        catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(Error::Corrupted("it cannot be opened".to_owned())))
    }

    fn of(database: Database) -> Result<(Self, Option<Meta>), Error> {
        let read = database.begin_read()?;
        let row = match read.open_table(META) {
            Ok(table) => table.get(ROW)?,
            Err(TableError::TableDoesNotExist(_)) => return Err(Error::Corrupted("its tables are missing".to_owned())),
            Err(error) => return Err(error.into()),
        };
        let meta: Option<Meta> = row.and_then(|row| serde_json::from_slice(row.value()).ok());
        let table = read.open_table(ENTITIES)?;
        let bytes = meta.as_ref().map_or(0, |meta| meta.bytes);
        let synced = Instant::now();
        Ok((Self { database, table, bytes, synced, unsynced: false }, meta))
    }

    /// Takes records in, sorted by key, those of one key in their order; and what the file says of itself after them.
    pub(super) fn apply(&mut self, batch: &[Entry], mut meta: Meta) -> Result<(), Error> {
        let mut bytes = self.bytes;
        let durable = self.synced.elapsed() >= SYNC_EVERY;
        let mut write = self.database.begin_write()?;
        write.set_durability(if durable { Durability::Immediate } else { Durability::None })?;
        {
            let mut table = write.open_table(ENTITIES)?;
            for (at, entry) in batch.iter().enumerate() {
                if batch.get(at + 1).is_some_and(|next| next == entry) {
                    continue;
                }
                let (key, value) = (entry.key(), entry.value());
                let old = if entry.is_tombstone() { table.remove(key)? } else { table.insert(key, value)? };
                bytes -= old.map_or(0, |old| (key.len() + old.value().len()) as u64);
                bytes += if entry.is_tombstone() { 0 } else { entry.size() };
            }
            meta.bytes = bytes;
            write.open_table(META)?.insert(ROW, serde_json::to_vec(&meta).unwrap_or_default().as_slice())?;
        }
        write.commit()?;
        self.table = self.database.begin_read()?.open_table(ENTITIES)?;
        (self.bytes, self.unsynced) = (bytes, !durable);
        if durable {
            self.synced = Instant::now();
        }
        Ok(())
    }

    /// Writes through what was committed, where that was long ago.
    pub(super) fn sync(&mut self) -> Result<(), Error> {
        if self.unsynced && self.synced.elapsed() >= SYNC_EVERY {
            self.write_through()?;
        }
        Ok(())
    }

    fn write_through(&mut self) -> Result<(), Error> {
        let mut write = self.database.begin_write()?;
        write.set_durability(Durability::Immediate)?;
        write.commit()?;
        (self.synced, self.unsynced) = (Instant::now(), false);
        Ok(())
    }

    pub(super) fn get<T>(&self, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<Option<T>, Error> {
        Ok(self.table.get(key)?.map(|value| read(value.value())))
    }

    pub(super) fn range(&self, from: Bound<&[u8]>, prefix: &[u8], most: usize) -> Result<Vec<Entry>, Error> {
        let mut out = Vec::new();
        for found in self.table.range::<&[u8]>((from, Bound::Unbounded))? {
            let (key, value) = found?;
            if out.len() >= most || !key.value().starts_with(prefix) {
                break;
            }
            out.extend(Entry::new(key.value(), value.value()));
        }
        Ok(out)
    }

    pub(super) fn sizes(&self) -> (u64, u64) {
        (self.table.len().unwrap_or(0), self.bytes)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        if self.unsynced
            && let Err(error) = self.write_through()
        {
            // What is not in the file is read again from the topic.
            tracing::warn!(%error, "the state read last was not written down");
        }
    }
}
