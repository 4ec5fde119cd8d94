//! IncrementalAlterConfigs: the crate's AlterConfigs forgets every override that it is not told again.

use std::ffi::{CStr, CString};
use std::time::Duration;

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;

use super::{OK, request};

/// Sets keys of one topic's configuration and leaves its other keys alone (IncrementalAlterConfigs). The error has
/// the broker's sentence, or librdkafka's.
pub fn set_topic_config<C: ClientContext>(
    client: &Client<C>,
    topic: &str,
    entries: &[(String, String)],
    timeout: Duration,
) -> Result<(), (RDKafkaErrorCode, String)> {
    let text = |s: &str| CString::new(s).map_err(|e| (RDKafkaErrorCode::InvalidArgument, e.to_string()));
    let topic = text(topic)?;
    let pairs = entries.iter().map(|(k, v)| Ok((text(k)?, text(v)?))).collect::<Result<Vec<_>, _>>()?;
    // SAFETY: every pointer made here is freed here, after the request; the calls copy the texts.
    unsafe {
        let mut resource =
            sys::rd_kafka_ConfigResource_new(sys::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC, topic.as_ptr());
        let set = sys::rd_kafka_AlterConfigOpType_t::RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET;
        for (key, value) in &pairs {
            let (key, value) = (key.as_ptr(), value.as_ptr());
            // An error here means an empty name, which the broker refuses as well.
            sys::rd_kafka_error_destroy(sys::rd_kafka_ConfigResource_add_incremental_config(resource, key, set, value));
        }
        let api = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS;
        let (handle, asked) = (client.native_ptr(), &raw mut resource);
        let ask = |options, queue| sys::rd_kafka_IncrementalAlterConfigs(handle, asked, 1, options, queue);
        let outcome = request(client, api, timeout, ask, |event| alter_outcome(event));
        sys::rd_kafka_ConfigResource_destroy(resource);
        outcome
    }
}

/// What an answer to IncrementalAlterConfigs of one resource says.
///
/// # Safety
/// `event` is null or such an answer, alive during the call.
unsafe fn alter_outcome(event: *mut sys::rd_kafka_event_t) -> Result<(), (RDKafkaErrorCode, String)> {
    // SAFETY: by this function's own contract; texts are null or end in NUL, and are copied.
    unsafe {
        if event.is_null() {
            return Err((RDKafkaErrorCode::OperationTimedOut, "no answer".to_owned()));
        }
        let (mut error, mut sentence) = (sys::rd_kafka_event_error(event), sys::rd_kafka_event_error_string(event));
        let (result, mut count) = (sys::rd_kafka_event_IncrementalAlterConfigs_result(event), 0);
        if error == OK && !result.is_null() {
            let resources = sys::rd_kafka_IncrementalAlterConfigs_result_resources(result, &raw mut count);
            for at in 0..count {
                error = sys::rd_kafka_ConfigResource_error(*resources.add(at));
                sentence = sys::rd_kafka_ConfigResource_error_string(*resources.add(at));
            }
        }
        let said = if sentence.is_null() { sys::rd_kafka_err2str(error) } else { sentence };
        if error == OK { Ok(()) } else { Err((error.into(), CStr::from_ptr(said).to_string_lossy().into_owned())) }
    }
}
