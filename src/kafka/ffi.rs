//! What the crate cannot do, done with librdkafka itself; the only room that may be unsafe. The crate's header
//! accessors panic on a name that is not UTF-8, its headers cannot be removed, its flush advances in steps of 100 ms,
//! its AlterConfigs forgets every override that it is not told again, it looks for a topic by its name for every record
//! sent, and it does not tell the ids of topics or the rights to them.

#![allow(unsafe_code, reason = "calls of librdkafka that the crate does not wrap; each says why it is sound")]

mod alter;
mod describe;
mod discard;
mod memory;
mod produce;

use std::ffi::{CStr, CString, c_char, c_void};
use std::time::Duration;
use std::{ptr, slice};

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Message, OwnedHeaders};
use sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR as OK;

pub use alter::set_topic_config;
pub use describe::{Sight, describe_topics};
pub use discard::discard_outdated;
pub use memory::{give_back_memory, share_heaps};
pub use produce::{ByHandle, Record};

/// A header as it stands on the record: name and value, or null. A name ends at its first NUL.
pub type RawHeader<'a> = (&'a [u8], Option<&'a [u8]>);

/// The headers of a record, in their order, as bytes.
#[must_use]
pub fn headers<'a>(message: &'a BorrowedMessage<'_>) -> Vec<RawHeader<'a>> {
    message.headers().map(raw).unwrap_or_default()
}

/// The headers of a list, in their order, as bytes.
#[must_use]
pub fn raw(headers: &BorrowedHeaders) -> Vec<RawHeader<'_>> {
    let (list, mut out) = (native(headers), Vec::new());
    loop {
        let (mut name, mut value, mut size) = (ptr::null::<c_char>(), ptr::null::<c_void>(), 0);
        // SAFETY: the list lives as long as the reference; out of range is an error and writes nothing.
        if unsafe { sys::rd_kafka_header_get_all(list, out.len(), &raw mut name, &raw mut value, &raw mut size) } != OK
        {
            return out;
        }
        // SAFETY: on success the name ends in NUL, the value is null or has `size` bytes, and both live in the list.
        out.push(unsafe {
            let value = (!value.is_null()).then(|| slice::from_raw_parts(value.cast::<u8>(), size));
            (CStr::from_ptr(name).to_bytes(), value)
        });
    }
}

/// A copy of a record's headers without those whose name starts with `prefix`, every other byte and the order kept.
#[must_use]
pub fn copy_headers_without(message: &BorrowedMessage<'_>, prefix: &[u8]) -> OwnedHeaders {
    message.headers().map_or_else(OwnedHeaders::new, |headers| copy_without(headers, prefix))
}

pub(super) fn copy_without(headers: &BorrowedHeaders, prefix: &[u8]) -> OwnedHeaders {
    let copy = headers.detach();
    for (name, _) in raw(headers).iter().filter(|(name, _)| name.starts_with(prefix)) {
        let Ok(name) = CString::new(*name) else { continue };
        // SAFETY: the copy is ours alone, and the names point into the original. Not found (removed before) is fine.
        unsafe { sys::rd_kafka_header_remove(native(copy.as_borrowed()), name.as_ptr()) };
    }
    copy
}

/// Appends a header whose name may be any bytes.
pub fn push_header(headers: &OwnedHeaders, name: &[u8], value: Option<&[u8]>) {
    let bytes = value.unwrap_or_default();
    let start = value.map_or(ptr::null(), |_| bytes.as_ptr().cast::<c_void>());
    let (name_len, len) = (name.len().cast_signed(), bytes.len().cast_signed());
    // SAFETY: name and value are copied with the lengths given here. It fails only on read-only lists; this is none.
    unsafe { sys::rd_kafka_header_add(native(headers.as_borrowed()), name.as_ptr().cast(), name_len, start, len) };
}

/// A reference to borrowed headers has the address of librdkafka's list: that is how the crate itself keeps it.
const fn native(headers: &BorrowedHeaders) -> *mut sys::rd_kafka_headers_t {
    ptr::from_ref(headers).cast::<sys::rd_kafka_headers_t>().cast_mut()
}

/// Waits until every record of a producer is delivered or has failed, linger cut short; `OperationTimedOut` after
/// `timeout`. A delivery report counts as outstanding until it is polled, so this is for producers that report
/// errors only, or that another thread polls.
pub fn flush<C: ClientContext>(client: &Client<C>, timeout: Duration) -> Result<(), RDKafkaErrorCode> {
    // SAFETY: the handle lives as long as the client, and the call may be made from any thread.
    let error = unsafe { sys::rd_kafka_flush(client.native_ptr(), millis(timeout)) };
    if error == OK { Ok(()) } else { Err(error.into()) }
}

/// One request of the admin API: `ask` sends it, and `read` reads the answer, which is null where none came in time.
///
/// # Safety
/// What `ask` hands over lives until this returns, and `read` keeps nothing of the event.
unsafe fn request<C: ClientContext, T>(
    client: &Client<C>,
    api: sys::rd_kafka_admin_op_t,
    timeout: Duration,
    ask: impl FnOnce(*const sys::rd_kafka_AdminOptions_t, *mut sys::rd_kafka_queue_t),
    read: impl FnOnce(*mut sys::rd_kafka_event_t) -> T,
) -> T {
    let (handle, wait) = (client.native_ptr(), millis(timeout));
    // SAFETY: the handle lives as long as the client; every pointer made here is freed here.
    unsafe {
        let queue = sys::rd_kafka_queue_new(handle);
        let options = sys::rd_kafka_AdminOptions_new(handle, api);
        sys::rd_kafka_AdminOptions_set_request_timeout(options, wait, ptr::null_mut(), 0);
        ask(options, queue);
        // librdkafka answers by its own timeout; the second more is for its way here.
        let event = sys::rd_kafka_queue_poll(queue, wait.saturating_add(1000));
        let answer = read(event);
        sys::rd_kafka_event_destroy(event);
        sys::rd_kafka_AdminOptions_destroy(options);
        sys::rd_kafka_queue_destroy(queue);
        answer
    }
}

/// Tells a client again of the brokers that it was told of at its beginning; those that it knows are no news. The client
/// remembers each call for good.
pub fn remind_of_brokers<C: ClientContext>(client: &Client<C>) {
    let (handle, name) = (client.native_ptr(), c"bootstrap.servers".as_ptr());
    let mut size = 0;
    // SAFETY: the handle, and its configuration with it, live as long as the client. The first call tells the size of the
    // value, its NUL included, and the second one writes as much; the list is copied. It fails only where it names no broker.
    unsafe {
        let config = sys::rd_kafka_conf(handle);
        if sys::rd_kafka_conf_get(config, name, ptr::null_mut(), &raw mut size)
            == sys::rd_kafka_conf_res_t::RD_KAFKA_CONF_OK
        {
            let mut brokers = vec![0; size];
            sys::rd_kafka_conf_get(config, name, brokers.as_mut_ptr(), &raw mut size);
            sys::rd_kafka_brokers_add(handle, brokers.as_ptr());
        }
    }
}

fn millis(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX)
}
