//! Catalogues of a given size. The measured fact is always the same; everything else is other types.

use std::fmt::Write as _;

/// How large the rest of the catalogue is.
pub struct World {
    /// Event types: half of them facts, half of them commands.
    pub types: usize,
    pub triggers: usize,
    /// How many of the triggers have a condition and a mapping.
    pub expressions: usize,
}

/// The measured fact.
pub const FACT: &str = "sales.order_placed";

/// How many facts, and how many commands, a module of the rest has.
const A_MODULE: usize = 25;

const SOURCE: &str = "
version: 1
allow: [RB0154]
audit: {mode: off}
modules:
  sales:
    outbound:
      sales.order_placed:
        key: order_id
        payload: {order_id: string, account_id: string, amount: number, currency: string, quantity: integer}
        triggers:
";
const TARGETS: &str = "
  billing:
    actions:
      billing.invoice: {key: order_id, payload: {order_id: string, account_id: string, amount: number}}
";
const CONDITION: &str = "data.amount > 10.0 && data.currency == 'EUR'";

impl World {
    /// No other types.
    pub const NONE: Self = Self { types: 0, triggers: 0, expressions: 0 };

    /// The measured fact has one trigger without a condition.
    pub fn text(&self) -> String {
        format!("{SOURCE}          - billing.invoice{TARGETS}{}", self.rest())
    }

    /// The measured fact has five triggers, so many of them with a condition that holds.
    pub fn text_of_five(&self, conditions: usize) -> String {
        let mut out = SOURCE.to_owned();
        for n in 0..5 {
            let when = if n < conditions { format!(", when: \"{CONDITION}\"") } else { String::new() };
            let _ = writeln!(out, "          - {{emit: billing.invoice, id: t{n}{when}}}");
        }
        format!("{out}{TARGETS}{}", self.rest())
    }

    fn rest(&self) -> String {
        let facts = (self.types / 2).max(1);
        let (modules, mut open, mut expressions) = (facts.div_ceil(A_MODULE), self.triggers, self.expressions);
        let mut out = String::new();
        for at in (0..facts).step_by(A_MODULE) {
            let module = at / A_MODULE;
            let inside = A_MODULE.min(facts - at);
            let _ = write!(out, "  m{module}:\n    outbound:\n");
            for fact in 0..inside {
                let _ = writeln!(
                    out,
                    "      m{module}.f{fact}:\n        key: id\n        payload: {{id: string, amount: number, note: string?}}"
                );
                let rows = open.div_ceil(facts - at - fact);
                open -= rows;
                for row in 0..rows {
                    let key = if row == 0 { "        triggers:\n" } else { "" };
                    let _ =
                        write!(out, "{key}          - {{emit: m{}.c{}, id: t{row}", (module + row) % modules, fact % 2);
                    if expressions > 0 {
                        expressions -= 1;
                        let _ =
                            write!(out, ", when: \"data.amount > {row}.0\", map: {{amount: \"data.amount * 2.0\"}}");
                    }
                    out.push_str("}\n");
                }
            }
            out.push_str("    actions:\n");
            for command in 0..inside.max(2) {
                let _ =
                    writeln!(out, "      m{module}.c{command}: {{key: id, payload: {{id: string, amount: number}}}}");
            }
        }
        out
    }
}
