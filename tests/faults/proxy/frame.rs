//! Kafka's frames: four bytes of length, then a request (api key, version, correlation id, client id, …) or a reply
//! (correlation id, …).

use std::io::{Read, Result, Write};

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Request,
    Reply,
}

/// A request by its api key, of those that tests name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    Produce,
    ListOffsets,
    Metadata,
    OffsetFetch,
    Heartbeat,
    SyncGroup,
    AddOffsetsToTxn,
    OffsetForLeaderEpoch,
    EndTxn,
    TxnOffsetCommit,
    Other(i16),
}

impl Api {
    fn of(key: i16) -> Self {
        match key {
            0 => Self::Produce,
            2 => Self::ListOffsets,
            3 => Self::Metadata,
            9 => Self::OffsetFetch,
            12 => Self::Heartbeat,
            14 => Self::SyncGroup,
            23 => Self::OffsetForLeaderEpoch,
            25 => Self::AddOffsetsToTxn,
            26 => Self::EndTxn,
            28 => Self::TxnOffsetCommit,
            other => Self::Other(other),
        }
    }
}

/// A frame on its way.
#[derive(Debug, Clone)]
pub struct Frame {
    pub way: Way,
    pub api: Api,
    /// What stands behind the length.
    bytes: Vec<u8>,
}

impl Frame {
    pub fn request(bytes: Vec<u8>) -> Self {
        let api = Api::of(i16::from_be_bytes([bytes[0], bytes[1]]));
        Self { way: Way::Request, api, bytes }
    }

    pub fn reply(bytes: Vec<u8>, api: Api) -> Self {
        Self { way: Way::Reply, api, bytes }
    }

    /// What says which reply is whose.
    pub fn correlation(&self) -> i32 {
        let at = if self.way == Way::Request { 4 } else { 0 };
        i32::from_be_bytes(self.bytes[at..at + 4].try_into().unwrap())
    }

    /// Whether it is an EndTxn that aborts: its last byte says so.
    pub fn aborts(&self) -> bool {
        (self.way, self.api) == (Way::Request, Api::EndTxn) && self.bytes.last() == Some(&0)
    }

    /// The error code in a reply to EndTxn of the versions that librdkafka speaks: behind correlation id and throttle
    /// time.
    pub fn end_txn_error(&self) -> i16 {
        assert_eq!((self.way, self.api, self.bytes.len()), (Way::Reply, Api::EndTxn, 10));
        i16::from_be_bytes([self.bytes[8], self.bytes[9]])
    }

    /// A heartbeat as it would be of a member of generation 0, which no group ever has: behind key, version and
    /// correlation id stand the client's id and the group's, then the generation.
    pub fn outdated(mut self) -> Self {
        assert_eq!((self.way, self.api), (Way::Request, Api::Heartbeat));
        let text = |at: usize| at + 2 + usize::from(u16::from_be_bytes([self.bytes[at], self.bytes[at + 1]]));
        let generation = text(text(8));
        self.bytes[generation..generation + 4].fill(0);
        self
    }

    /// A reply to Metadata, of a version since 9, as a broker gives it that knows of none: behind correlation id, tags and
    /// throttle time stand the brokers, each of them a number, a host, a port, a rack, and tags.
    pub fn deserted(mut self) -> Self {
        assert_eq!((self.way, self.api), (Way::Reply, Api::Metadata));
        let first = 10;
        let text = |at: usize| at + usize::from(self.bytes[at]).max(1);
        let broker = |at: usize, _| text(text(at + 4) + 4) + 1;
        let behind = (1..self.bytes[first - 1]).fold(first, broker);
        assert_eq!(self.bytes[4], 0, "no tags");
        self.bytes[first - 1] = 1;
        self.bytes.drain(first..behind);
        self
    }

    /// A reply to OffsetForLeaderEpoch about one partition, of the version that librdkafka speaks, with another end: its
    /// last field.
    pub fn shortened(mut self, end: i64) -> Self {
        assert_eq!((self.way, self.api), (Way::Reply, Api::OffsetForLeaderEpoch));
        let at = self.bytes.len() - 8;
        self.bytes[at..].copy_from_slice(&end.to_be_bytes());
        self
    }

    pub fn write(&self, to: &mut impl Write) -> Result<()> {
        to.write_all(&[&(self.bytes.len() as u32).to_be_bytes()[..], &self.bytes].concat())
    }

    /// The first half of it.
    pub fn write_half(&self, to: &mut impl Write) -> Result<()> {
        to.write_all(&[&(self.bytes.len() as u32).to_be_bytes()[..], &self.bytes[..self.bytes.len() / 2]].concat())
    }
}

/// The bytes of the next frame.
pub fn read(from: &mut impl Read) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
