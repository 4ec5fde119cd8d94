//! Where a condition can be taken apart.

use std::ops::Range;

use cel::common::ast::{CallExpr, Expr, IdedExpr, SourceInfo, operators};

use super::text;

/// A part and the bytes of the text that it covers.
pub(super) type Placed<'n> = (&'n IdedExpr, Range<usize>);

/// A part that is made of parts.
pub(super) enum Junction<'n> {
    /// `a && b`, `a || b`.
    Both([Placed<'n>; 2]),
    /// `!a`.
    Not(Placed<'n>),
    /// `a ? b : c`.
    Choice { condition: Placed<'n>, then: Placed<'n>, otherwise: Placed<'n> },
}

impl<'n> Junction<'n> {
    /// The junction that a node is, if it is one and its operator stands where it should within its extent.
    pub(super) fn of(node: &'n IdedExpr, places: &SourceInfo, text: &str, extent: &Range<usize>) -> Option<Self> {
        let Expr::Call(CallExpr { func_name, target: None, args }) = &node.expr else { return None };
        let start = places.offset_for(node.id).map(|(start, _)| start as usize)?;
        let behind = |operator: &str| {
            let inside = extent.contains(&start) && text.get(start..)?.starts_with(operator);
            inside.then(|| start + operator.len())
        };
        match (func_name.as_str(), args.as_slice()) {
            (operators::LOGICAL_AND, [left, right]) => {
                Some(Self::Both([(left, extent.start..start), (right, behind("&&")?..extent.end)]))
            }
            (operators::LOGICAL_OR, [left, right]) => {
                Some(Self::Both([(left, extent.start..start), (right, behind("||")?..extent.end)]))
            }
            (operators::LOGICAL_NOT, [inner]) => {
                // Of several the parser keeps one.
                let rest = text.get(behind("!")?..extent.end)?;
                let inner_start = extent.end - rest.trim_start_matches(['!', ' ', '\t', '\n', '\r']).len();
                (start == extent.start).then_some(Self::Not((inner, inner_start..extent.end)))
            }
            (operators::CONDITIONAL, [condition, then, otherwise]) => {
                let behind = behind("?")?;
                let colon = text::outer_colon(text, behind..extent.end)?;
                Some(Self::Choice {
                    condition: (condition, extent.start..start),
                    then: (then, behind..colon),
                    otherwise: (otherwise, colon + 1..extent.end),
                })
            }
            _ => None,
        }
    }
}
