//! Headers as bytes, through librdkafka itself: the crate can neither write nor read a name that is not UTF-8.

#![allow(unsafe_code, reason = "the crate has no safe call for header names that are not UTF-8")]

use std::ffi::{CStr, CString, c_void};
use std::ptr;

use rdkafka::bindings as sys;
use rdkafka::message::BorrowedMessage;
use sys::rd_kafka_resp_err_t::{RD_KAFKA_RESP_ERR__QUEUE_FULL as QUEUE_FULL, RD_KAFKA_RESP_ERR_NO_ERROR as OK};
use sys::rd_kafka_vtype_t as Kind;

use super::record::{Header, Outgoing};

/// Copies a record into the producer's queue; false when the queue is full. `opaque` comes back with its delivery.
pub fn enqueue(producer: *mut sys::rd_kafka_t, record: &Outgoing, opaque: usize) -> bool {
    let topic = CString::new(record.topic.as_str()).unwrap();
    // SAFETY: all pointers live until the call returns, and librdkafka copies key and value (MSG_F_COPY). The list of
    // headers passes to librdkafka when the call succeeds, and is destroyed here when it does not.
    unsafe {
        let headers = sys::rd_kafka_headers_new(record.headers.len());
        for (name, value) in &record.headers {
            let (value, size) = value.as_deref().map_or((ptr::null(), 0), |v| (v.as_ptr().cast(), v.len()));
            let added = sys::rd_kafka_header_add(
                headers,
                name.as_ptr().cast(),
                size_of_val(&name[..]) as isize,
                value,
                size as isize,
            );
            assert_eq!(added, OK);
        }
        let arguments = [
            argument(Kind::RD_KAFKA_VTYPE_TOPIC, |u| u.cstr = topic.as_ptr()),
            argument(Kind::RD_KAFKA_VTYPE_PARTITION, |u| u.i32_ = record.partition.unwrap_or(-1)),
            argument(Kind::RD_KAFKA_VTYPE_MSGFLAGS, |u| u.i = 2), // RD_KAFKA_MSG_F_COPY
            argument(Kind::RD_KAFKA_VTYPE_KEY, |u| u.mem = bytes(record.key.as_deref())),
            argument(Kind::RD_KAFKA_VTYPE_VALUE, |u| u.mem = bytes(record.value.as_deref())),
            argument(Kind::RD_KAFKA_VTYPE_OPAQUE, |u| u.ptr = opaque as *mut c_void),
            argument(Kind::RD_KAFKA_VTYPE_HEADERS, |u| u.headers = headers),
        ];
        let error = sys::rd_kafka_produceva(producer, arguments.as_ptr(), arguments.len());
        if error.is_null() {
            return true;
        }
        let code = sys::rd_kafka_error_code(error);
        sys::rd_kafka_error_destroy(error);
        sys::rd_kafka_headers_destroy(headers);
        assert_eq!(code, QUEUE_FULL, "{}", record.topic);
        false
    }
}

fn argument(vtype: Kind, fill: impl FnOnce(&mut sys::rd_kafka_vu_s__bindgen_ty_1)) -> sys::rd_kafka_vu_t {
    let mut u = sys::rd_kafka_vu_s__bindgen_ty_1 { _pad: [0; 64] };
    fill(&mut u);
    sys::rd_kafka_vu_t { vtype, u }
}

fn bytes(of: Option<&[u8]>) -> sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
    let (ptr, size) = of.map_or((ptr::null(), 0), |b| (b.as_ptr(), b.len()));
    sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 { ptr: ptr.cast_mut().cast(), size }
}

/// The headers of a record, in their order.
pub fn headers(message: &BorrowedMessage<'_>) -> Vec<Header> {
    let mut out = Vec::new();
    // SAFETY: the list belongs to the message, which outlives this call; name and value are copied before it ends.
    unsafe {
        let mut list = ptr::null_mut();
        if sys::rd_kafka_message_headers(message.ptr(), &raw mut list) != OK {
            return out;
        }
        let (mut name, mut value, mut size) = (ptr::null(), ptr::null(), 0);
        while sys::rd_kafka_header_get_all(list, out.len(), &raw mut name, &raw mut value, &raw mut size) == OK {
            let value = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size).to_vec());
            out.push((CStr::from_ptr(name).to_bytes().to_vec(), value));
        }
    }
    out
}
