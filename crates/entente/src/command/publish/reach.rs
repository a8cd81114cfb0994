//! Whom a dry run would reach: the answers for several chunks summed up, and shown. It decides
//! nothing; the node has.

use crate::command::failure::Failure;
use crate::command::output::line;
use crate::command::table::Table;
use crate::http::api::publish::{ProblemView, Published, ReachView, WithheldView};

impl Published {
    /// Whether there was no object at all.
    pub(super) const fn is_nothing(&self) -> bool {
        self.accepted == 0 && self.duplicate == 0 && self.refused == 0 && self.problems.is_empty()
    }

    /// Adds what became of another chunk, with its problems at their places in the file.
    pub(super) fn add(&mut self, part: Self, place: impl Fn(ProblemView) -> ProblemView) {
        self.accepted += part.accepted;
        self.duplicate += part.duplicate;
        self.refused += part.refused;
        for problem in part.problems.into_iter().map(place) {
            // What is wrong with the terms and not with an object comes with every chunk.
            let terms = problem.id.is_empty() && problem.path.trim().is_empty();
            let same = |known: &ProblemView| {
                known.code == problem.code && known.message == problem.message
            };
            if !(terms && self.problems.iter().any(same)) {
                self.problems.push(problem);
            }
        }
        self.losses.extend(part.losses);
        if let Some(more) = part.reaches {
            let reaches = self.reaches.get_or_insert_default();
            more.into_iter().for_each(|one| add_reach(reaches, one));
        }
        if let Some(more) = part.withheld {
            let withheld = self.withheld.get_or_insert_default();
            more.into_iter().for_each(|one| add_withheld(withheld, one));
        }
    }
}

fn add_reach(all: &mut Vec<ReachView>, one: ReachView) {
    match all.iter_mut().find(|known| known.partner == one.partner) {
        Some(known) => {
            known.objects += one.objects;
            for (name, count) in one.types {
                *known.types.entry(name).or_default() += count;
            }
        }
        None => all.push(one),
    }
}

fn add_withheld(all: &mut Vec<WithheldView>, one: WithheldView) {
    let same =
        |known: &&mut WithheldView| known.partner == one.partner && known.reason == one.reason;
    match all.iter_mut().find(same) {
        Some(known) => known.objects += one.objects,
        None => all.push(one),
    }
}

/// Who would be sent how much of what; who would not, and why.
pub(super) fn print(reaches: &[ReachView], withheld: &[WithheldView]) -> Result<(), Failure> {
    if reaches.is_empty() {
        line("It would be sent to nobody.")?;
    } else {
        let mut table = Table::new(&["WOULD BE SENT TO", "OBJECTS", "OF WHICH"]);
        for ReachView { partner, objects, types } in reaches {
            let types: Vec<String> =
                types.iter().map(|(name, count)| format!("{count} {name}")).collect();
            table.row([partner.clone(), objects.to_string(), types.join(", ")]);
        }
        table.print("")?;
    }
    if withheld.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&["WOULD NOT", "OBJECTS", "WHY"]);
    for WithheldView { partner, objects, reason } in withheld {
        table.row([partner.clone(), objects.to_string(), reason.clone()]);
    }
    table.print("")
}
