use super::*;

#[test]
fn any_bytes_make_a_name_and_null_is_not_empty() {
    let given: &[RawHeader<'_>] = &[
        (b"\xff\xfe", Some(b"\x00\x01")),
        (b"", Some(b"")),
        (b"twice", None),
        (b"twice", Some(b"x")),
        ("naïve".as_bytes(), None),
    ];
    let headers = build(given);
    assert_eq!(ffi::raw(headers.as_borrowed()), given);
}

#[test]
fn a_thousand_headers_keep_their_order() {
    let names: Vec<String> = (0..1000).map(|n| format!("h{n}")).collect();
    let given: Vec<RawHeader<'_>> = names.iter().map(|name| (name.as_bytes(), Some(&b"v"[..]))).collect();
    assert_eq!(ffi::raw(build(&given).as_borrowed()), given);
}

#[test]
fn a_copy_loses_every_header_of_a_prefix_and_nothing_else() {
    let headers = build(&[
        (b"revbus.dead.reason", Some(b"old")),
        (b"keep", Some(b"1")),
        (b"revbus.dead.reason", None),
        (b"revbus.dead.\xff", Some(b"")),
        (b"revbus.deadly", Some(b"2")),
    ]);
    let copy = ffi::copy_without(headers.as_borrowed(), b"revbus.dead.");
    assert_eq!(ffi::raw(copy.as_borrowed()), [(&b"keep"[..], Some(&b"1"[..])), (b"revbus.deadly", Some(b"2"))]);
    assert_eq!(ffi::raw(headers.as_borrowed()).len(), 5);
}
