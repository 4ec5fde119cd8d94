//! Colours, for light and for dark paper, and the legend.

use std::fmt::Write as _;

/// How many colours the edges have, by the module that they come from. None is near to the red of problems.
pub(super) const COLOURS: usize = 8;

const EDGE_COLOURS: [&str; COLOURS] =
    ["#2f7ed8", "#2a9d6f", "#b8860b", "#8a63d2", "#0f9bb0", "#6b7f1e", "#c06f2b", "#7a869a"];

/// The style sheet.
pub(super) const STYLE: &str = "<style>
text { font: 12px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; text-anchor: middle; }
.paper { fill: #ffffff; }
.module rect { fill: #f3f5f8; stroke: #9aa4b2; }
.module .name { text-anchor: start; font-weight: bold; }
.legend text { text-anchor: start; }
.node rect, .node polygon { stroke-width: 1.5; }
.fact rect { fill: #dff3e6; stroke: #2a9d6f; }
.command polygon { fill: #e0ecfb; stroke: #2f7ed8; }
.inbound rect { fill: #fff7df; stroke: #b8860b; }
.entity rect { fill: #efe6fb; stroke: #8a63d2; }
.edge { fill: none; stroke-width: 1.3; opacity: 0.85; }
.reads { stroke-dasharray: 7 4; }
.answers { stroke-dasharray: 2 4; stroke-width: 2; }
.changes { stroke-width: 2.4; }
.problem rect, .problem polygon { stroke: #e5383b; stroke-width: 3; }
.edge.problem { stroke: #e5383b; stroke-width: 2.5; }
.edge:hover { stroke-width: 4; opacity: 1; }
.c0 { stroke: #2f7ed8; } .c1 { stroke: #2a9d6f; } .c2 { stroke: #b8860b; } .c3 { stroke: #8a63d2; }
.c4 { stroke: #0f9bb0; } .c5 { stroke: #6b7f1e; } .c6 { stroke: #c06f2b; } .c7 { stroke: #7a869a; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.paper { fill: #0d1117; }
.module rect { fill: #161b22; stroke: #586069; }
.fact rect { fill: #12382a; }
.command polygon { fill: #14305a; }
.inbound rect { fill: #3d3211; }
.entity rect { fill: #2d2150; }
.problem rect, .problem polygon { stroke: #ff6b6d; }
.edge.problem { stroke: #ff6b6d; }
}
</style>
";

/// Writes the heads of arrows, and what shapes and lines mean.
pub(super) fn legend(out: &mut String) {
    out.push_str("<defs>");
    let red = [("problem".to_owned(), "#e5383b")];
    for (name, colour) in (0..).zip(EDGE_COLOURS).map(|(at, colour): (usize, _)| (at.to_string(), colour)).chain(red) {
        let _ = write!(
            out,
            "<marker id=\"arrow-{name}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" \
             markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0,1 L10,5 L0,9 z\" fill=\"{colour}\"/></marker>"
        );
    }
    out.push_str(
        "</defs>
<g class=\"legend\">
<g class=\"fact\"><rect x=\"24\" y=\"12\" width=\"30\" height=\"16\" rx=\"8\"/></g><text x=\"62\" y=\"24\">fact</text>
<g class=\"command\"><polygon points=\"120,20 127,12 143,12 150,20 143,28 127,28\"/></g><text x=\"158\" y=\"24\">command</text>
<g class=\"inbound\"><rect x=\"236\" y=\"12\" width=\"30\" height=\"16\"/></g><text x=\"274\" y=\"24\">reads facts itself</text>
<g class=\"entity\"><rect x=\"424\" y=\"12\" width=\"30\" height=\"16\" rx=\"6\"/><rect x=\"427\" y=\"15\" width=\"24\" height=\"10\" rx=\"4\"/></g><text x=\"462\" y=\"24\">keeps its state</text>
<path class=\"edge triggers c7\" d=\"M24,44 H54\" marker-end=\"url(#arrow-7)\"/><text x=\"62\" y=\"48\">triggers</text>
<path class=\"edge reads c7\" d=\"M150,44 H180\" marker-end=\"url(#arrow-7)\"/><text x=\"188\" y=\"48\">is read by</text>
<path class=\"edge answers c7\" d=\"M290,44 H320\" marker-end=\"url(#arrow-7)\"/><text x=\"328\" y=\"48\">may emit</text>
<path class=\"edge problem\" d=\"M416,44 H446\" marker-end=\"url(#arrow-problem)\"/><text x=\"454\" y=\"48\">undeclared, unused, or a cycle</text>
<path class=\"edge changes c7\" d=\"M690,44 H720\" marker-end=\"url(#arrow-7)\"/><text x=\"728\" y=\"48\">a change emits</text>
</g>
",
    );
}
