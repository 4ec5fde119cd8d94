use super::super::names::{Named, named};

#[test]
fn expressions_name_fields_in_every_form() {
    for (expression, path, expect) in [
        ("data.amount > 1.0", "amount", Named::Bare),
        ("data . amount > 1.0", "amount", Named::Bare),
        ("data['amount'] > 1.0", "amount", Named::Bare),
        ("data[\"amount\"] > 1.0", "amount", Named::Bare),
        ("data.amount_old > 1.0", "amount", Named::No),
        ("event.data.amount > 1.0", "amount", Named::No),
        ("metadata.amount > 1.0", "amount", Named::No),
        ("mydata.amount > 1.0", "amount", Named::No),
        ("'data.amount' == data.x", "amount", Named::No),
        ("'it\\'s data.amount' == data.x", "amount", Named::No),
        ("true // data.amount", "amount", Named::No),
        ("has(data.amount) && data.amount > 1.0", "amount", Named::Guarded),
        ("data.x == 1 || has( data.amount )", "amount", Named::Guarded),
        ("has(data.x) && data.amount > 1.0", "amount", Named::Bare),
        ("data.address.city == 'Bern'", "address", Named::Bare),
        ("data.address.city == 'Bern'", "address.city", Named::Bare),
        ("data.address['city'] == 'Bern'", "address.city", Named::Bare),
        ("data.address.zip == 'Bern'", "address.city", Named::No),
        ("data", "amount", Named::No),
        ("data.", "amount", Named::No),
    ] {
        let path: Vec<&str> = path.split('.').collect();
        assert_eq!(named(&["data"], expression, &path), expect, "{expression} {path:?}");
    }
}
