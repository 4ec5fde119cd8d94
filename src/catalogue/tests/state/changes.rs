//! What entity types compile to, and what their changes then emit.

use super::STATE;
use crate::catalogue::{Catalogue, Changes, Emission, Readers, StateMode, compile};
use crate::ids::ModuleId;
use crate::schema::Additional;
use crate::trigger::{Facts, StateChange};

fn catalogue(text: &str) -> Catalogue {
    let (catalogue, found) = compile("test.yaml", text);
    catalogue.unwrap_or_else(|| panic!("{found:#?}"))
}

#[test]
fn an_entity_type_is_found_by_module_and_name() {
    let catalogue = catalogue(STATE);
    let account = catalogue.entity_type("success", "account").unwrap();
    let names: Vec<&str> = account.contract.fields.iter().map(|field| &*field.name).collect();
    assert_eq!((&*account.name, account.module, names), ("account", ModuleId(0), vec!["score", "risk", "seen"]));
    assert_eq!((&*account.contract.fields[0].aliases[0], account.contract.additional), ("health", Additional::Refuse));
    assert_eq!(account.readers, Readers::Listed(vec![ModuleId(1)]));
    assert!(account.is_read_by(ModuleId(0)) && account.is_read_by(ModuleId(1)) && !account.is_read_by(ModuleId(2)));
    let none = [("success", "deal"), ("sales", "account"), ("nobody", "account")];
    assert!(none.iter().all(|(module, name)| catalogue.entity_type(module, name).is_none()));
    assert_eq!((catalogue.module_named("sales"), catalogue.module_named("sale")), (Some(ModuleId(1)), None));
}

#[test]
fn without_a_word_everyone_reads_and_only_what_is_declared_is_written() {
    let text = STATE.replace("        readers: [sales]\n", "").replace("            on: change\n", "");
    let catalogue = catalogue(&text);
    let account = catalogue.entity_type("success", "account").unwrap();
    assert_eq!((&account.readers, account.emits[0].on), (&Readers::Everyone, Changes::default()));
    assert_eq!(catalogue.settings.state_mode, StateMode::Declared);
    let open = compile("test.yaml", &text.replace("version: 1", "version: 1\nstate_mode: open"));
    assert_eq!(open.0.unwrap().settings.state_mode, StateMode::Open);
}

/// What an emission makes of a change; nothing where it does not fire.
fn emit(catalogue: &Catalogue, emission: &Emission, old: Option<&str>, new: Option<&str>) -> Result<String, String> {
    let contract = &catalogue.entity_type("success", "account").unwrap().contract;
    let entity = r#"{"id":"A/1","type":"account","module":"success","tenant_id":"acme","version":7}"#;
    let (event, metadata) = (r#"{"event_type":"state.put","user_id":null}"#, r#"{"why":"audit"}"#);
    let facts = Facts::change(contract, StateChange { old, new, entity, event, metadata });
    let holds = match &emission.when {
        Some(when) => when.holds(&facts).map_err(|error| error.message)?,
        None => true,
    };
    if !holds || !emission.on.include(old.is_some(), new.is_some()) {
        return Ok(String::new());
    }
    let mut fields = Vec::new();
    for mapping in &emission.map {
        let mut value = Vec::new();
        mapping.value.write_json(&facts, &mut value).map_err(|error| error.message)?;
        fields.push(format!("{}={}", mapping.field, String::from_utf8(value).unwrap()));
    }
    Ok(fields.join(" "))
}

const LOW: Option<&str> = Some(r#"{"score":10,"risk":"high","seen":null}"#);
const HIGH: Option<&str> = Some(r#"{"score":90,"risk":"low"}"#);

#[test]
fn a_change_emits_what_the_mapping_says() {
    let catalogue = catalogue(STATE);
    let emission = &catalogue.entity_type("success", "account").unwrap().emits[0];
    let say = |old, new| emit(&catalogue, emission, old, new);
    assert_eq!(&*catalogue.event_type(emission.fact).name, "success.score_changed");
    // The alias in `map` has become the fact's own name.
    assert_eq!(say(LOW, HIGH).unwrap(), r#"account_id="A/1" old_score=10.0 new_score=90.0 risk="low""#);
    assert_eq!(say(LOW, LOW).unwrap(), "");
    assert_eq!(say(None, HIGH).unwrap_err(), "there is no field `score`");
}

#[test]
fn one_field_that_is_there_says_that_the_state_is() {
    let text = STATE
        .replace("            on: change\n            when: \"new.score != old.score\"\n", "            on: [create, change, delete]\n            when: \"entity.version > 1 && metadata.why == 'audit' && !has(event.user_id)\"\n")
        .replace("\"old.score\"", "\"has(old.score) ? old.score : 0.0\"")
        .replace("\"new.score\"", "\"has(new.risk) ? new.score : 100.0\"")
        .replace("\"new.risk\"", "\"has(new.risk) ? new.risk : has(old.risk) ? old.risk : 'low'\"");
    let catalogue = catalogue(&text);
    let emission = &catalogue.entity_type("success", "account").unwrap().emits[0];
    let rows = [
        (None, LOW, r#"account_id="A/1" old_score=0.0 new_score=10.0 risk="high""#),
        (LOW, HIGH, r#"account_id="A/1" old_score=10.0 new_score=90.0 risk="low""#),
        (LOW, None, r#"account_id="A/1" old_score=10.0 new_score=100.0 risk="high""#),
    ];
    for (old, new, expect) in rows {
        assert_eq!(emit(&catalogue, emission, old, new).unwrap(), expect);
    }
}

#[test]
fn kinds_of_changes_are_told_apart_by_what_is_there() {
    let of = |on: &str| {
        let when = "            on: change\n            when: \"new.score != old.score\"\n";
        let text = STATE.replace(when, &format!("            on: {on}\n")).replace("\"old.score\"", "\"1.0\"");
        let text = text.replace("\"new.score\"", "\"1.0\"").replace("\"new.risk\"", "\"'low'\"");
        let on = catalogue(&text).entity_type("success", "account").unwrap().emits[0].on;
        [(false, true), (true, true), (true, false), (false, false)].map(|(old, new)| on.include(old, new))
    };
    assert_eq!(of("create"), [true, false, false, false]);
    assert_eq!(of("change"), [false, true, false, false]);
    assert_eq!(of("[delete, create]"), [true, false, true, false]);
    assert_eq!(of("[create, change, delete]"), [true, true, true, false]);
}
