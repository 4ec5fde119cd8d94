//! What stands for an event in the ledger.

use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

use crate::kernel::worker::SourcePartition;

/// A remembered event: 128 bits of a keyed hash, so that no tenant can choose ids that collide with another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerKey([u32; 4]);

/// Makes the keys of one process; they mean nothing outside it.
#[derive(Debug, Clone, Copy)]
pub struct LedgerKeys(SipHasher13);

impl LedgerKeys {
    /// Keys under a secret of this process.
    #[must_use]
    pub fn new(secret: &[u8; 16]) -> Self {
        Self(SipHasher13::new_with_key(secret))
    }

    /// The key of an event that stands on this partition.
    #[must_use]
    pub fn key(&self, partition: SourcePartition, tenant: &str, event_id: &str) -> LedgerKey {
        let mut hasher = self.0;
        hasher.write_u32(partition.topic.0);
        hasher.write_i32(partition.partition);
        hasher.write_usize(tenant.len());
        hasher.write(tenant.as_bytes());
        hasher.write(event_id.as_bytes());
        let hash = hasher.finish128();
        let half = |bits: u64| [(bits >> 32) as u32, bits as u32];
        let ([a, b], [c, d]) = (half(hash.h1), half(hash.h2));
        LedgerKey([a, b, c, d])
    }
}

impl LedgerKey {
    /// Of an event that nobody will ask for.
    pub(in crate::kernel) const NONE: Self = Self([0; 4]);

    pub(super) const fn hash(self) -> u64 {
        (self.0[0] as u64) << 32 | self.0[1] as u64
    }
}
