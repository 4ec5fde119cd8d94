//! Producing to a topic by its handle. By its name, as the crate does it, the client looks through all topics that it
//! has produced to, one after the other, for every record, under a lock that shuts out its own threads.

use std::ffi::{CString, c_void};
use std::ptr::{self, NonNull};

use hashbrown::HashMap;
use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::OwnedHeaders;

use super::{OK, native};

/// `RD_KAFKA_PARTITION_UA`, which the bindings leave out.
const PARTITION_BY_KEY: i32 = -1;

/// A record for a topic.
pub struct Record<'a> {
    /// On which partition; by the key where absent.
    pub partition: Option<i32>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value; `None` for a tombstone.
    pub value: Option<&'a [u8]>,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// Its headers.
    pub headers: Option<OwnedHeaders>,
}

/// The topics that a producer has produced to. It must be dropped before its client.
#[derive(Default)]
pub struct Topics(HashMap<Box<str>, Handle>);

struct Handle(NonNull<sys::rd_kafka_topic_t>);

// SAFETY: a handle may be used from any thread, and is given back once.
unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it was made by `rd_kafka_topic_new`, whose client lives longer, and is not used afterwards.
        unsafe { sys::rd_kafka_topic_destroy(self.0.as_ptr()) };
    }
}

impl Topics {
    /// Queues a record, whose bytes are copied, without a delivery report's opaque.
    ///
    /// # Errors
    /// What the client says; the record is not queued then.
    pub fn produce<C: ClientContext>(
        &mut self,
        client: &Client<C>,
        topic: &str,
        record: Record<'_>,
    ) -> Result<(), RDKafkaErrorCode> {
        let handle = self.handle(client, topic)?.as_ptr();
        let (key, key_len) = raw(record.key);
        let (value, value_len) = raw(record.value);
        let headers = record.headers.as_ref().map_or(ptr::null_mut(), |headers| native(headers.as_borrowed()));
        // SAFETY: client and handle are alive; each tag is followed by what it asks for; key and value are copied before
        // the call returns; the headers are the client's own from then on if it succeeds, and ours if it does not.
        let error = unsafe {
            use sys::rd_kafka_vtype_t as tag;
            sys::rd_kafka_producev(
                client.native_ptr(),
                tag::RD_KAFKA_VTYPE_RKT,
                handle,
                tag::RD_KAFKA_VTYPE_PARTITION,
                record.partition.unwrap_or(PARTITION_BY_KEY),
                tag::RD_KAFKA_VTYPE_MSGFLAGS,
                sys::RD_KAFKA_MSG_F_COPY,
                tag::RD_KAFKA_VTYPE_VALUE,
                value,
                value_len,
                tag::RD_KAFKA_VTYPE_KEY,
                key,
                key_len,
                tag::RD_KAFKA_VTYPE_TIMESTAMP,
                record.timestamp,
                tag::RD_KAFKA_VTYPE_HEADERS,
                headers,
                tag::RD_KAFKA_VTYPE_END,
            )
        };
        if error != OK {
            return Err(error.into());
        }
        std::mem::forget(record.headers);
        Ok(())
    }

    fn handle<C: ClientContext>(
        &mut self,
        client: &Client<C>,
        topic: &str,
    ) -> Result<NonNull<sys::rd_kafka_topic_t>, RDKafkaErrorCode> {
        if let Some(known) = self.0.get(topic) {
            return Ok(known.0);
        }
        let name = CString::new(topic).map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
        // SAFETY: the client is alive and copies the name; without settings of its own, the topic has the client's.
        let made = unsafe { sys::rd_kafka_topic_new(client.native_ptr(), name.as_ptr(), ptr::null_mut()) };
        // SAFETY: the call takes nothing; it tells why the one before it, on this thread, gave nothing.
        let handle = NonNull::new(made).ok_or_else(|| RDKafkaErrorCode::from(unsafe { sys::rd_kafka_last_error() }))?;
        self.0.insert(topic.into(), Handle(handle));
        Ok(handle)
    }
}

/// A text as the client takes it: null is none at all.
fn raw(bytes: Option<&[u8]>) -> (*mut c_void, usize) {
    bytes.map_or((ptr::null_mut(), 0), |bytes| (bytes.as_ptr().cast::<c_void>().cast_mut(), bytes.len()))
}
