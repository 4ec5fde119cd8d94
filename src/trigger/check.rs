//! From the text of an expression to a tree that is safe to evaluate.
//!
//! The parser and the evaluator are recursive, so depth is bounded here: the parser runs on a stack that no text of
//! the permitted length can use up, and a tree that is deeper than [`MAX_DEPTH`] never leaves it.

use std::cell::Cell;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators as op};

use super::functions::{self, Style, WALK, WHOLE, ZONED};
use super::subject::Variables;
use super::weight::weighed;
use super::{ExpressionError, Subject, pattern, sentence};

/// The longest text, in bytes.
pub(super) const MAX_BYTES: usize = 4096;
/// The deepest tree: a debug build evaluates it on the 2 MiB of an ordinary thread.
pub(super) const MAX_DEPTH: u16 = 32;
/// Enough for [`MAX_BYTES`] of the worst text in a debug build. Only what is used becomes memory.
const PARSER_STACK: usize = 256 << 20;

/// An expression that may be evaluated.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) tree: IdedExpr,
    /// The same, as it is evaluated.
    pub(super) weighed: IdedExpr,
    pub(super) source: SourceInfo,
    pub(super) variables: Variables,
}

/// Parses and checks a text.
pub(super) fn parse(text: &str, subject: Subject) -> Result<Parsed, ExpressionError> {
    if text.len() > MAX_BYTES {
        return Err(ExpressionError::new(format!("the expression is longer than {MAX_BYTES} bytes")));
    }
    if ON_PARSER_STACK.get() {
        return parse_here(text, subject);
    }
    let broken = || ExpressionError::new("the expression could not be parsed");
    on_parser_stack(|| parse_here(text, subject)).ok_or_else(broken)?
}

thread_local! {
    static ON_PARSER_STACK: Cell<bool> = const { Cell::new(false) };
}

/// Does some work on a stack that no expression in it can use up: one thread for all of them. There is no answer where
/// the thread cannot be started, or ended in a panic.
pub(crate) fn on_parser_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let parser = std::thread::Builder::new().name("cel-parser".to_owned()).stack_size(PARSER_STACK);
        let run = || {
            ON_PARSER_STACK.set(true);
            work()
        };
        parser.spawn_scoped(scope, run).ok()?.join().ok()
    })
}

fn parse_here(text: &str, subject: Subject) -> Result<Parsed, ExpressionError> {
    let parser = functions::environment().parser().max_recursion_depth(MAX_DEPTH);
    let (mut tree, source) =
        parser.parse_with_source_info(text).map_err(|errors| sentence::of_syntax(text, &errors))?;
    let mut check = Check { text, source: &source, subject, bound: Vec::new(), variables: Variables::default() };
    check.node(&mut tree, 0)?;
    let variables = check.variables;
    let weighed = weighed(&tree);
    Ok(Parsed { tree, weighed, source, variables })
}

struct Check<'a> {
    text: &'a str,
    source: &'a SourceInfo,
    subject: Subject,
    /// The variables that the macros around a node bind.
    bound: Vec<String>,
    variables: Variables,
}

impl Check<'_> {
    fn node(&mut self, node: &mut IdedExpr, depth: u16) -> Result<(), ExpressionError> {
        let id = node.id;
        if depth > MAX_DEPTH {
            return Err(self.fail(id, format!("the expression nests deeper than {MAX_DEPTH} levels")));
        }
        match &mut node.expr {
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.ident(id, name),
            Expr::Call(call) => self.call(id, call, depth),
            Expr::Select(select) => self.node(&mut select.operand, depth + 1),
            Expr::List(list) => list.elements.iter_mut().try_for_each(|node| self.node(node, depth + 1)),
            Expr::Map(map) => map.entries.iter_mut().try_for_each(|entry| match &mut entry.expr {
                EntryExpr::MapEntry(entry) => {
                    self.node(&mut entry.key, depth + 1)?;
                    self.node(&mut entry.value, depth + 1)
                }
                EntryExpr::StructField(_) => Err(self.fail(id, "a map has no fields, only keys")),
            }),
            Expr::Struct(made) => {
                let name = &made.type_name;
                Err(self.fail_before(id, name, format!("there is no type `{name}` to make")))
            }
            Expr::Comprehension(loops) => {
                // The range is outside the scope of the variables, and goes through the walk.
                self.node(&mut loops.iter_range, depth + 2)?;
                through(WALK, &mut loops.iter_range);
                self.node(&mut loops.accu_init, depth + 1)?;
                let outer = self.bound.len();
                self.bound.extend([loops.iter_var.clone(), loops.accu_var.clone()]);
                self.bound.extend(loops.iter_var2.clone());
                for inner in [&mut loops.loop_cond, &mut loops.loop_step, &mut loops.result] {
                    self.node(inner, depth + 1)?;
                }
                self.bound.truncate(outer);
                Ok(())
            }
            Expr::Unspecified => Err(self.fail(id, "a part of the expression is missing")),
        }
    }

    fn ident(&mut self, id: u64, name: &str) -> Result<(), ExpressionError> {
        if self.bound.iter().any(|bound| bound == name) {
            return Ok(());
        }
        let name = name.strip_prefix('.').unwrap_or(name);
        match self.subject.variable(name) {
            Some(variable) => self.variables.insert(variable),
            None if functions::environment().types().find_type(name).is_some() => {}
            None => return Err(self.place(id, "", sentence::unknown_variable(name, self.subject))),
        }
        Ok(())
    }

    fn call(&mut self, id: u64, call: &mut CallExpr, depth: u16) -> Result<(), ExpressionError> {
        // The names of operators, such as `_+_`, are not names that a text can call.
        let named = call.func_name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
        let operator = !named || !call.func_name.bytes().any(|b| b.is_ascii_alphanumeric());
        if let Some(target) = &mut call.target {
            let space = if let Expr::Ident(space) = &target.expr { Some(space) } else { None };
            let qualified = space.map(|space| format!("{space}.{}", call.func_name));
            if qualified.is_some_and(|name| functions::exists(&name, Style::Global)) {
                return call.args.iter_mut().try_for_each(|node| self.node(node, depth + 1));
            }
            self.node(target, depth + 1)?;
            if !functions::exists(&call.func_name, Style::Member) {
                return Err(self.unknown_function(id, &call.func_name, Style::Member));
            }
        } else if !operator && !functions::exists(&call.func_name, Style::Global) {
            return Err(self.unknown_function(id, &call.func_name, Style::Global));
        }
        if call.func_name == "matches" {
            call.args.last().map_or(Ok(()), |pattern| self.pattern(pattern))?;
        }
        let reading = match call.func_name.as_str() {
            "timestamp" => Some(ZONED),
            "duration" => Some(WHOLE),
            _ => None,
        };
        if let (Some(reading), None, [text]) = (reading, &call.target, call.args.as_mut_slice()) {
            self.node(text, depth + 2)?;
            through(reading, text);
            return Ok(());
        }
        call.args.iter_mut().try_for_each(|node| self.node(node, depth + 1))
    }

    /// A pattern that is written out is checked once, here, and not by the first event that meets it.
    fn pattern(&self, arg: &IdedExpr) -> Result<(), ExpressionError> {
        if let Expr::Call(CallExpr { func_name, args, .. }) = &arg.expr
            && func_name == op::CONDITIONAL
        {
            return args.iter().skip(1).try_for_each(|branch| self.pattern(branch));
        }
        let Expr::Literal(LiteralValue::String(pattern)) = &arg.expr else { return Ok(()) };
        let failed = pattern::error(pattern.inner());
        failed.map_or(Ok(()), |why| Err(self.place(arg.id, "", sentence::bad_pattern(pattern.inner(), &why))))
    }

    fn unknown_function(&self, id: u64, name: &str, style: Style) -> ExpressionError {
        self.place(id, name, sentence::unknown_function(name, style))
    }

    /// A failure at a node.
    fn fail(&self, id: u64, message: impl Into<String>) -> ExpressionError {
        self.place(id, "", ExpressionError::new(message))
    }

    /// A failure at a name: the parser places a call, and a type to make, at the bracket behind its name.
    fn fail_before(&self, id: u64, name: &str, message: impl Into<String>) -> ExpressionError {
        self.place(id, name, ExpressionError::new(message))
    }

    fn place(&self, id: u64, name: &str, error: ExpressionError) -> ExpressionError {
        let byte = self.source.offset_for(id).map(|(start, _)| start as usize);
        let before = byte.and_then(|byte| self.text.get(..byte));
        let at = before.map(|before| before.strip_suffix(name).unwrap_or(before).chars().count());
        ExpressionError { at, ..error }
    }
}

/// Puts a node into a call of one of our own functions.
fn through(function: &str, node: &mut IdedExpr) {
    let inner = std::mem::take(node);
    node.id = inner.id;
    node.expr = Expr::Call(CallExpr { func_name: function.to_owned(), target: None, args: vec![inner] });
}
