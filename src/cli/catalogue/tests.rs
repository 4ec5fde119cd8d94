use std::io::Write as _;

use super::{load, text_of};
use crate::cli::{Exit, Failure};

fn exit(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<Failure>().unwrap().exit
}

#[test]
fn a_good_file_is_loaded_with_its_text() {
    let text = include_str!("../../../tests/catalogue/small.yaml");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let (catalogue, read) = load(file.path()).unwrap();
    assert_eq!((catalogue.modules.len(), read.as_str()), (2, text));
}

#[test]
fn a_bad_file_and_an_unreadable_one_end_differently() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    assert_eq!(exit(&load(file.path()).unwrap_err()), Exit::Found);
    file.write_all(b"\xff").unwrap();
    let error = load(file.path()).unwrap_err();
    assert_eq!(exit(&error), Exit::Usage);
    assert!(error.to_string().contains("byte 0, in line 1, is not UTF-8"), "{error}");
    assert_eq!(exit(&load("/nowhere/topics.yaml".as_ref()).unwrap_err()), Exit::Usage);
}

#[test]
fn what_comes_through_a_pipe_is_read_as_a_file_is() {
    let of = |bytes: &[u8]| text_of(bytes, "-".as_ref(), "pipe the catalogue in");
    assert_eq!(of(b"version: 1").unwrap(), "version: 1");
    let error = of(b"\xff").unwrap_err();
    assert_eq!(exit(&error), Exit::Usage);
    assert_eq!(error.to_string(), "cannot read stdin: byte 0, in line 1, is not UTF-8; pipe the catalogue in");
}
