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
    assert!(mermaid.contains("linkStyle 0,1,2,3,5 stroke:#e5383b"), "{mermaid}");
    let dot = write(Format::Dot, &text);
    assert_eq!(dot.matches("tooltip=").count(), 7, "{dot}");
    let svg = write(Format::Svg, &text);
    assert_eq!((svg.matches("class=\"node").count(), svg.matches(" problem\"><title>").count()), (10, 7), "{svg}");
    let json: serde_json::Value = serde_json::from_str(&write(Format::Json, &text)).unwrap();
    let problems: Vec<_> =
        json["events"].as_array().unwrap().iter().filter_map(|one| one["problem"].as_str()).collect();
    assert_eq!(problems, ["cycle", "cycle", "cycle", "unsent", "cycle", "undeclared", "undeclared"]);
}
