use super::of;
use crate::catalogue::codes;
use crate::cli::{Exit, Failure};

#[test]
fn every_page_reads_as_plain_text() {
    for code in codes::ALL {
        let page = of(&code.id.to_lowercase()).unwrap();
        assert!(page.starts_with(&format!("{}: ", code.id)), "{page}");
        let markup = page.lines().find(|line| line.starts_with(['#', '<']) || line.contains("```"));
        assert_eq!(markup, None, "{}", code.id);
        assert!(page.contains("\nWrong\n") && page.contains("\n    version: 1\n"), "{page}");
    }
}

#[test]
fn an_unknown_code_is_wrong_usage_and_says_which_there_are() {
    let fails = |name: &str| {
        let error = of(name).unwrap_err();
        assert_eq!(error.downcast_ref::<Failure>().unwrap().exit, Exit::Usage);
        error.to_string()
    };
    assert_eq!(fails("107"), "there is no code `107`; did you mean `RB0107`?");
    assert_eq!(fails("E0140"), "there is no code `E0140`; did you mean `RB0140`?");
    let all = fails("RB9999");
    assert!(all.starts_with("there is no code `RB9999`; there are\n  RB0101  The file is not YAML.\n"), "{all}");
    assert_eq!(all.lines().count(), codes::ALL.len() + 1);
}
