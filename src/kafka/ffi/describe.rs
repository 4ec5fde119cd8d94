//! DescribeTopics, for the ids of topics and the rights to them: the crate has no call that tells them.

use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::time::Duration;

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;

use super::{OK, request};

const UNSEEN: sys::rd_kafka_resp_err_t = sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
const UNKNOWN: sys::rd_kafka_resp_err_t = sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;

/// What the broker says of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// It is there.
    There {
        /// Its id, as Kafka prints it; zeros where the broker gives topics none.
        id: String,
        /// Whether the client may write to it; `None` where that was not asked, or is not told.
        may_write: Option<bool>,
    },
    /// The client may not see it, if it is there.
    Hidden,
    /// It is not there.
    Missing,
}

/// What a broker says of each of these topics; `rights` asks for the rights to them too. Where none is named, it is the one
/// that the client takes for the controller: where that is gone, the client tries to connect to it thousands of times a second
/// until the time is over, and learns of another within minutes only.
pub fn describe_topics<C: ClientContext>(
    client: &Client<C>,
    broker: Option<i32>,
    topics: &[&str],
    rights: bool,
    timeout: Duration,
) -> Result<Vec<(String, Sight)>, RDKafkaErrorCode> {
    let names: Vec<_> = topics.iter().filter_map(|topic| CString::new(*topic).ok()).collect();
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    // SAFETY: the collection copies the names, and is freed here, after the request.
    unsafe {
        let collection = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let (api, handle) = (sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, client.native_ptr());
        let ask = |options: *const sys::rd_kafka_AdminOptions_t, queue| {
            let asked = sys::rd_kafka_AdminOptions_set_include_authorized_operations(options.cast_mut(), rights.into());
            sys::rd_kafka_error_destroy(asked);
            if let Some(broker) = broker {
                sys::rd_kafka_AdminOptions_set_broker(options.cast_mut(), broker, ptr::null_mut(), 0);
            }
            sys::rd_kafka_DescribeTopics(handle, collection, options, queue);
        };
        let found = request(client, api, timeout, ask, |event| described(event));
        sys::rd_kafka_TopicCollection_destroy(collection);
        found
    }
}

/// What an answer to DescribeTopics says; topics of which it says only that something failed are left out.
///
/// # Safety
/// `event` is null or such an answer, alive during the call.
unsafe fn described(event: *mut sys::rd_kafka_event_t) -> Result<Vec<(String, Sight)>, RDKafkaErrorCode> {
    // SAFETY: by this function's own contract; names, ids and rights live as long as the event, and are copied.
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
            let text = |text: *const c_char| match text.is_null() {
                true => String::new(),
                false => CStr::from_ptr(text).to_string_lossy().into_owned(),
            };
            let name = text(sys::rd_kafka_TopicDescription_name(topic));
            let error = sys::rd_kafka_error_code(sys::rd_kafka_TopicDescription_error(topic));
            if error == OK {
                let id = text(sys::rd_kafka_Uuid_base64str(sys::rd_kafka_TopicDescription_topic_id(topic)));
                found.push((name, Sight::There { id, may_write: may_write(topic) }));
            } else if error == UNSEEN {
                found.push((name, Sight::Hidden));
            } else if error == UNKNOWN {
                found.push((name, Sight::Missing));
            }
        }
        Ok(found)
    }
}

/// Whether a description says that the topic may be written to.
///
/// # Safety
/// `topic` is a description, alive during the call.
unsafe fn may_write(topic: *const sys::rd_kafka_TopicDescription_t) -> Option<bool> {
    let mut count = 0;
    // SAFETY: by this function's own contract; the list has as many operations as it says, or is null.
    unsafe {
        let operations = sys::rd_kafka_TopicDescription_authorized_operations(topic, &raw mut count);
        if operations.is_null() {
            return None;
        }
        let operations = std::slice::from_raw_parts(operations, count);
        Some(operations.contains(&sys::rd_kafka_AclOperation_t::RD_KAFKA_ACL_OPERATION_WRITE))
    }
}
