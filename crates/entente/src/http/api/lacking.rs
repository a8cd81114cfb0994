//! Refusals for names that nobody has: they say what was most likely meant, among what the caller
//! may see. They tell nothing of what it may not.

use super::answer::Refusal;
use super::names::Names;
use crate::nearest::nearest;
use crate::runtime::Runtime;
use formats::problem::{Problem, shown};
use model::circle::Circle;
use node::Rights;
use node::token::Caller;

/// Names listed in a hint.
const LISTED: usize = 8;

/// The refusal for a circle that there is not, or not for this caller.
pub(super) async fn circle(runtime: &Runtime, caller: &Caller, name: &str) -> Refusal {
    let lines = match runtime.read(node::read::circles).await {
        Ok(lines) => lines,
        Err(error) => return error.into(),
    };
    let admin = caller.rights.has(Rights::ADMIN);
    let offered = |line: &&node::read::CircleLine| !line.accepted && line.circle.name == name;
    if admin && lines.iter().any(|line| offered(&line)) {
        let message = format!("circle `{}` is on offer and not followed yet", shown(name));
        let hint = format!("entente circle accept \"{}\"", shown(name));
        return Problem::error("E-CIRCLE-001", message).hint(hint).into();
    }
    let seen = lines.iter().filter(|line| line.accepted && caller.sees(&line.circle.id));
    let names = seen.map(|line| line.circle.name.as_str());
    let message = format!("no circle `{}` is followed here", shown(name));
    let hint = meant(name, names, "`entente circle list` shows those that there are");
    Problem::error("E-CIRCLE-001", message).hint(hint).into()
}

/// The refusal for a partner that there is not.
pub(super) async fn partner(runtime: &Runtime, name: &str) -> Refusal {
    let lines = match runtime.read(node::read::partners).await {
        Ok(lines) => lines,
        Err(error) => return error.into(),
    };
    let same = lines.iter().filter(|line| line.partner.name == name).count();
    if same > 1 {
        let message = format!("several partners are called `{}`", shown(name));
        let hint = "use the node id that `entente partner list` shows";
        return Problem::error("E-PARTNER-001", message).hint(hint).into();
    }
    let names = lines.iter().map(|line| line.partner.name.as_str());
    let hint = meant(name, names, "`entente partner list` shows those that there are");
    Problem::error("E-PARTNER-001", format!("no partner `{}`", shown(name))).hint(hint).into()
}

/// The refusal for a recipient who is no member of the circle.
pub(super) fn member(circle: &Circle, names: &Names, name: &str) -> Refusal {
    let members: Vec<String> = circle.members.iter().map(|m| names.node(&m.node())).collect();
    let message = format!("`{}` is no member of `{}`", shown(name), shown(&circle.name));
    let near = nearest(name, members.iter().map(String::as_str));
    let listed: Vec<String> = members.iter().take(LISTED).map(|name| shown(name)).collect();
    let more = if members.len() > LISTED { ", …" } else { "" };
    let listed = format!("its members are: {}{more}", listed.join(", "));
    let hint =
        near.map_or(listed.clone(), |near| format!("did you mean `{}`? {listed}", shown(near)));
    Problem::error("E-PARTNER-011", message).hint(hint).into()
}

fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>, otherwise: &str) -> String {
    nearest(name, known).map_or_else(
        || otherwise.to_owned(),
        |near| format!("did you mean `{}`? {otherwise}", shown(near)),
    )
}
