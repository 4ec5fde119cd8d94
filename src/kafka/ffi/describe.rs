//! DescribeTopics, for the ids of topics: the crate has no call that tells them.

use std::ffi::{CStr, CString, c_char};
use std::time::Duration;

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;

use super::{OK, request};

/// The ids of those of these topics that exist, as Kafka prints them. A broker that gives topics no id has zeros.
pub fn topic_ids<C: ClientContext>(
    client: &Client<C>,
    topics: &[&str],
    timeout: Duration,
) -> Result<Vec<(String, String)>, RDKafkaErrorCode> {
    let names: Vec<_> = topics.iter().filter_map(|topic| CString::new(*topic).ok()).collect();
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    // SAFETY: the collection copies the names, and is freed here, after the request.
    unsafe {
        let collection = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let (api, handle) = (sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, client.native_ptr());
        let ask = |options, queue| sys::rd_kafka_DescribeTopics(handle, collection, options, queue);
        let found = request(client, api, timeout, ask, |event| described(event));
        sys::rd_kafka_TopicCollection_destroy(collection);
        found
    }
}

/// What an answer to DescribeTopics says; topics that it has an error for are left out.
///
/// # Safety
/// `event` is null or such an answer, alive during the call.
unsafe fn described(event: *mut sys::rd_kafka_event_t) -> Result<Vec<(String, String)>, RDKafkaErrorCode> {
    // SAFETY: by this function's own contract; names and ids live as long as the event, and are copied.
    unsafe {
        if event.is_null() {
            return Err(RDKafkaErrorCode::OperationTimedOut);
        }
        let (error, mut count) = (sys::rd_kafka_event_error(event), 0);
        let result = sys::rd_kafka_event_DescribeTopics_result(event);
        if error != OK || result.is_null() {
            return Err(error.into());
        }
        let topics = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        let mut found = Vec::with_capacity(count);
        for at in 0..count {
            let topic = *topics.add(at);
            if sys::rd_kafka_error_code(sys::rd_kafka_TopicDescription_error(topic)) != OK {
                continue;
            }
            let name = sys::rd_kafka_TopicDescription_name(topic);
            let id = sys::rd_kafka_Uuid_base64str(sys::rd_kafka_TopicDescription_topic_id(topic));
            if !name.is_null() && !id.is_null() {
                let text = |text: *const c_char| CStr::from_ptr(text).to_string_lossy().into_owned();
                found.push((text(name), text(id)));
            }
        }
        Ok(found)
    }
}
