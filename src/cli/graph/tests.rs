use super::Format;
use crate::catalogue::graph;

const SMALL: &str = include_str!("../../../tests/catalogue/small.yaml");

fn write(format: Format, text: &str) -> String {
    format.write(&graph("topics.yaml", text).0.unwrap()).unwrap()
}

#[test]
fn the_small_catalogue_in_each_format() {
    let formats = [(Format::Mermaid, "mmd"), (Format::Dot, "dot"), (Format::Svg, "svg"), (Format::Json, "json")];
    for (format, ending) in formats {
        crate::golden::check(&format!("tests/catalogue/small.{ending}"), &write(format, SMALL));
    }
}

#[test]
fn the_picture_of_the_shipped_catalogue_is_committed() {
    crate::golden::check("docs/catalogue.svg", &write(Format::Svg, include_str!("../../../topics.yaml")));
}

/// Text that means something in the language of each format stays text.
#[test]
fn texts_are_escaped() {
    let name = "name: 'A \"b\" <c> & \\ `d` #1; ]]>'";
    let text = SMALL.replace("name: Sales", name).replace("data.amount > 1000.0", "data.stage == \\\"<&>\\\"");
    let mermaid = write(Format::Mermaid, &text);
    assert!(mermaid.contains("[\"A #quot;b#quot; #lt;c#gt; #amp; #92; #96;d#96; #35;1#59; ]]#gt;\"]"), "{mermaid}");
    assert!(mermaid.contains("|\"data.stage == #quot;#lt;#amp;#gt;#quot;\"|"), "{mermaid}");
    let dot = write(Format::Dot, &text);
    assert!(dot.contains("label=\"A \\\"b\\\" <c> & \\\\ `d` #1; ]]>\""), "{dot}");
    let svg = write(Format::Svg, &text);
    assert!(svg.contains(">A &quot;b&quot; &lt;c&gt; &amp; \\ `d` #1; ]]&gt;</text>"), "{svg}");
    let json: serde_json::Value = serde_json::from_str(&write(Format::Json, &text)).unwrap();
    assert_eq!(json["modules"][0]["title"], "A \"b\" <c> & \\ `d` #1; ]]>");
}

/// What is wrong is red in each format: here a cycle, two names that nobody declares, and a command that nobody sends.
#[test]
fn problems_are_red() {
    let text = SMALL
        .replace("- pay.calculate\n", "- pay.calc\n")
        .replace("pay.paid:\n        action", "pay.payed:\n        action");
    let text = text.replace("pay.bonus:\n", "pay.bonus:\n        may_emit: [pay.paid]\n");
    let text = text.replace("sales.book:\n", "sales.book:\n        may_emit: [sales.deal_won]\n");
    let mermaid = write(Format::Mermaid, &text);
    assert!(mermaid.contains("class e0,e1,e3,e4,e5,e6,e7 problem"), "{mermaid}");
    assert!(mermaid.contains("linkStyle 0,1,2,3,5,6 stroke:#e5383b"), "{mermaid}");
    let dot = write(Format::Dot, &text);
    assert_eq!(dot.matches("tooltip=").count(), 7, "{dot}");
    assert!(dot.contains("style=\"dashed\", color=\"#e5383b\""), "who reads what nobody declares: {dot}");
    let svg = write(Format::Svg, &text);
    assert_eq!((svg.matches("class=\"node").count(), svg.matches(" problem\"><title>").count()), (10, 7), "{svg}");
    assert_eq!(svg.matches("class=\"edge reads problem").count(), 1, "{svg}");
    let json: serde_json::Value = serde_json::from_str(&write(Format::Json, &text)).unwrap();
    let problems: Vec<_> =
        json["events"].as_array().unwrap().iter().filter_map(|one| one["problem"].as_str()).collect();
    assert_eq!(problems, ["cycle", "cycle", "cycle", "unsent", "cycle", "undeclared", "undeclared"]);
}

/// An entity type is a node of its module, and what its changes emit hangs on it, in each format.
#[test]
fn entity_types_are_drawn_with_what_their_changes_emit() {
    let state = "    state:
      rep:
        fields: {paid: number}
        emits:
          pay.bonus_paid:
            on: [create, change]
            when: \"new.paid > 0.0\"
            map: {rep_id: entity.id}
      team: {}
";
    let text = SMALL.replace(
        "      pay.paid:\n        key",
        "      pay.bonus_paid:\n        payload: {rep_id: string}\n      pay.paid:\n        key",
    );
    let text = format!("{text}{state}");
    let mermaid = write(Format::Mermaid, &text);
    let edge = "    s0 ==>|\"create, change: new.paid #gt; 0.0\"| e3\n";
    assert!(
        mermaid.contains("        s0[(\"rep\")]\n        s1[(\"team\")]\n    end\n") && mermaid.contains(edge),
        "{mermaid}"
    );
    let dot = write(Format::Dot, &text);
    assert!(dot.contains("        s0 [label=\"rep\", shape=\"cylinder\"];\n"), "{dot}");
    assert!(dot.contains("    s0 -> e3 [label=\"create, change: new.paid > 0.0\", style=\"bold\"];\n"), "{dot}");
    let svg = write(Format::Svg, &text);
    assert_eq!(
        (svg.matches("<g class=\"node entity\">").count(), svg.matches("class=\"edge changes c1\"").count()),
        (2, 1)
    );
    assert!(svg.contains("a change of pay/rep emits pay.bonus_paid (create, change: new.paid &gt; 0.0)"), "{svg}");
    let json: serde_json::Value = serde_json::from_str(&write(Format::Json, &text)).unwrap();
    assert_eq!(json["entities"][0], serde_json::json!({"name": "pay/rep", "module": "pay"}));
    let edges: Vec<_> = json["edges"].as_array().unwrap().iter().rev().take(3).map(ToString::to_string).collect();
    assert_eq!(
        edges,
        [
            r#"{"kind":"change_emits","from":"pay/rep","to":"pay.bonus_paid","on":["create","change"],"when":"new.paid > 0.0"}"#,
            r#"{"kind":"keeps","from":"pay","to":"pay/team"}"#,
            r#"{"kind":"keeps","from":"pay","to":"pay/rep"}"#,
        ]
    );
}
