//! JSON merge patch (RFC 7386) on texts: values that a patch does not name stay as they were written (decision 59), which
//! no library that goes through numbers of its own can promise.

use std::collections::HashMap;

use crate::json::{Kind, Member, Value, members, push_string};

/// Appends what a patch makes of a target; both were scanned before. A target that is no object, or none, is taken as an
/// empty one where the patch is an object. Of a name that stands twice in an object, the last counts.
pub fn merge_patch(target: Option<Value<'_>>, patch: Value<'_>, out: &mut Vec<u8>) {
    if patch.kind != Kind::Object {
        return out.extend_from_slice(patch.raw.as_bytes());
    }
    let target = target.map_or_else(Vec::new, last_of_each);
    let patch = last_of_each(patch);
    let index: HashMap<&str, usize> = patch.iter().enumerate().map(|(at, member)| (&*member.name, at)).collect();
    let mut used = vec![false; patch.len()];
    let mut first = true;
    out.push(b'{');
    for old in &target {
        match index.get(&*old.name) {
            None => {
                push_name(&old.name, &mut first, out);
                out.extend_from_slice(old.value.raw.as_bytes());
            }
            Some(&at) => {
                used[at] = true;
                push_merged(Some(old.value), &patch[at], &mut first, out);
            }
        }
    }
    for (new, _) in patch.iter().zip(used).filter(|(_, used)| !used) {
        push_merged(None, new, &mut first, out);
    }
    out.push(b'}');
}

fn push_merged(old: Option<Value<'_>>, new: &Member<'_>, first: &mut bool, out: &mut Vec<u8>) {
    if new.value.kind != Kind::Null {
        push_name(&new.name, first, out);
        merge_patch(old, new.value, out);
    }
}

fn push_name(name: &str, first: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::take(first) {
        out.push(b',');
    }
    push_string(out, name);
    out.push(b':');
}

/// The members of an object, each name once, where it stood first; nothing for any other value.
fn last_of_each(object: Value<'_>) -> Vec<Member<'_>> {
    let mut all: Vec<Member<'_>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    if object.kind == Kind::Object {
        members(object, |member| match places.get(&*member.name) {
            Some(&at) => all[at] = member,
            None => {
                places.insert(member.name.clone().into_owned(), all.len());
                all.push(member);
            }
        });
    }
    all
}
