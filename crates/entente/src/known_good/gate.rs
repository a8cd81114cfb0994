//! The first gate: who hands something in is warned of what is known to be good, and what is this
//! node's own is refused. What partners send is theirs to say: it is flagged where it is shown and
//! silenced where it matches, and never refused for a list of ours.

use crate::runtime::{Runtime, Unavailable};
use detect::known_good::Lists;
use detect::observable::Observable;
use formats::problem::{Problem, shown};
use model::facts::Value;
use model::id::CircleId;
use node::accept::{Draft, Prepared};

/// Looks at what is handed in for a circle.
///
/// # Errors
/// When the circles cannot be read.
pub(crate) async fn gate_here(
    runtime: &Runtime,
    circle: CircleId,
    mut objects: Prepared,
) -> Result<Prepared, Unavailable> {
    let lists = runtime.good();
    let gated = runtime.read(move |reading| {
        let circles = node::read::circles(reading)?;
        let wants = circles.iter().any(|line| line.circle.id == circle && line.circle.known_good);
        gate(&lists, &mut objects, wants);
        Ok(objects)
    });
    gated.await
}

/// Warns where the circle wants to be, and refuses what is never published.
fn gate(lists: &Lists, objects: &mut Prepared, wants: bool) {
    for object in &mut objects.0 {
        let Ok(draft) = object else { continue };
        if let Some(problem) = forbidden(lists, draft) {
            *object = Err((draft.id.clone(), problem));
        } else if wants {
            let warning = draft.values.watched.iter().find_map(|value| warning(lists, value));
            draft.markings.warnings.extend(warning);
        }
    }
}

fn forbidden(lists: &Lists, draft: &Draft) -> Option<Problem> {
    draft.values.watched.iter().find_map(|value| {
        let because = lists.never(&observable(value))?;
        let (value, entry) = (shown(&value.text), shown(&because.entry));
        let message = format!("{value} is on this node's list of what is never published: {entry}");
        Some(
            Problem::error("E-GOOD-003", message)
                .hint("`entente known-good never` shows that list"),
        )
    })
}

fn warning(lists: &Lists, value: &Value) -> Option<Problem> {
    let because = lists.flags(&observable(value))?;
    let (text, list, entry) = (shown(&value.text), because.list, shown(&because.entry));
    let message = format!("{text} is on a list of known-good values: {list} ({entry})");
    let silent = lists.silences(&observable(value)).is_some();
    let hint = if silent {
        "it is shared, and alerts nobody who has the same list"
    } else {
        "it is shared; is the value not too wide?"
    };
    Some(Problem::warning("W-GOOD-001", message).hint(hint))
}

fn observable(value: &Value) -> Observable {
    Observable { kind: value.kind, text: value.text.clone() }
}
