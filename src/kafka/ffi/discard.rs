//! Letting go of records that the client holds for nobody.

use std::ffi::{CStr, CString};
use std::ptr;

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};

/// Drops what was fetched for a partition before it was given back. Only of a partition whose fetching has ended and was
/// not begun again: its queue is that of the whole consumer otherwise, and the first record there would be taken, which is
/// told, with topic, partition and offset, so that it is read again.
pub fn discard_outdated<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    partition: i32,
) -> Option<(String, i32, i64)> {
    let name = CString::new(topic).ok()?;
    let mut current = ptr::null_mut();
    // SAFETY: the handle lives as long as the client, the name is copied, and the queue that is made here is freed here.
    // The call drops all that is outdated, and fills the one place that it has with what is not; a record that it gives is
    // ours until it is destroyed, and lives without the queue.
    unsafe {
        let queue = sys::rd_kafka_queue_get_partition(client.native_ptr(), name.as_ptr(), partition);
        if queue.is_null() {
            return None;
        }
        let taken = sys::rd_kafka_consume_batch_queue(queue, 0, &raw mut current, 1);
        sys::rd_kafka_queue_destroy(queue);
        if taken < 1 {
            return None;
        }
        let record = &*current;
        let is_record = record.err == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR && !record.rkt.is_null();
        let place = is_record.then(|| {
            let name = CStr::from_ptr(sys::rd_kafka_topic_name(record.rkt)).to_string_lossy().into_owned();
            (name, record.partition, record.offset)
        });
        sys::rd_kafka_message_destroy(current);
        place
    }
}
