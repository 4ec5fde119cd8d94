//! Producing to a topic by its handle. By its name, as the crate does it, the client looks through all topics that it
//! has produced to, one after the other, for every record, under a lock that shuts out its own threads.

use std::cell::RefCell;
use std::ffi::{CString, c_void};
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use hashbrown::HashMap;
use rdkafka::bindings as sys;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseProducer, Producer as _, ProducerContext};

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

/// A producer that produces by handles; all else is the crate's. No opaque goes with a record, so its context asks for none.
pub struct ByHandle<C: ProducerContext<DeliveryOpaque = ()>> {
    /// The topics that it has produced to. They are dropped first: a handle must not outlive its client.
    topics: RefCell<HashMap<Box<str>, Handle>>,
    producer: Arc<BaseProducer<C>>,
}

struct Handle(NonNull<sys::rd_kafka_topic_t>);

// SAFETY: a handle may be used from any thread, and is given back once.
unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it was made by `rd_kafka_topic_new`, whose client lives longer, and is not used afterwards.
        unsafe { sys::rd_kafka_topic_destroy(self.0.as_ptr()) };
    }
}

impl<C: ProducerContext<DeliveryOpaque = ()>> Deref for ByHandle<C> {
    type Target = BaseProducer<C>;

    fn deref(&self) -> &BaseProducer<C> {
        &self.producer
    }
}

impl<C: ProducerContext<DeliveryOpaque = ()>> ByHandle<C> {
    /// A producer that knows no topic yet.
    pub fn new(producer: Arc<BaseProducer<C>>) -> Self {
        Self { topics: RefCell::default(), producer }
    }

    /// Queues a record, whose bytes are copied.
    ///
    /// # Errors
    /// What the client says; the record is not queued then.
    pub fn produce(&self, topic: &str, record: Record<'_>) -> Result<(), RDKafkaErrorCode> {
        let handle = self.handle(topic)?.as_ptr();
        let (key, key_len) = raw(record.key);
        let (value, value_len) = raw(record.value);
        let headers = record.headers.as_ref().map_or(ptr::null_mut(), |headers| native(headers.as_borrowed()));
        // SAFETY: client and handle are alive; each tag is followed by what it asks for; key and value are copied before
        // the call returns; the headers are the client's own from then on if it succeeds, and ours if it does not.
        let error = unsafe {
            use sys::rd_kafka_vtype_t as tag;
            sys::rd_kafka_producev(
                self.producer.client().native_ptr(),
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

    fn handle(&self, topic: &str) -> Result<NonNull<sys::rd_kafka_topic_t>, RDKafkaErrorCode> {
        let mut topics = self.topics.borrow_mut();
        if let Some(known) = topics.get(topic) {
            return Ok(known.0);
        }
        let name = CString::new(topic).map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
        // SAFETY: the client is alive and copies the name; without settings of its own, the topic has the client's.
        let made =
            unsafe { sys::rd_kafka_topic_new(self.producer.client().native_ptr(), name.as_ptr(), ptr::null_mut()) };
        // SAFETY: the call takes nothing; it tells why the one before it, on this thread, gave nothing.
        let handle = NonNull::new(made).ok_or_else(|| RDKafkaErrorCode::from(unsafe { sys::rd_kafka_last_error() }))?;
        topics.insert(topic.into(), Handle(handle));
        Ok(handle)
    }
}

/// A text as the client takes it: null is none at all.
fn raw(bytes: Option<&[u8]>) -> (*mut c_void, usize) {
    bytes.map_or((ptr::null_mut(), 0), |bytes| (bytes.as_ptr().cast::<c_void>().cast_mut(), bytes.len()))
}
