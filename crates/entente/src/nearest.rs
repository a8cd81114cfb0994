//! Which known name somebody most likely meant. It guesses for messages; nothing is ever done with a
//! guess.

/// The known name that is nearest, if it is near enough to be told.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let known = known.into_iter().map(|known| (distance(&wanted, &known.to_lowercase()), known));
    let (steps, near) = known.min_by_key(|(steps, _)| *steps)?;
    is_near(&wanted, steps).then_some(near)
}

/// Whether so many steps are few for a name of this length: in short names two change the word.
pub(crate) fn is_near(wanted: &str, steps: usize) -> bool {
    steps <= (wanted.chars().count() / 3).clamp(1, 3)
}

/// How many letters to change, add, leave out or swap with their neighbour.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut now = vec![row + 1];
        for (column, b) in to.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX);
            let change = at(&last, column) + usize::from(a != b);
            let mut least = change.min(at(&last, column + 1) + 1).min(at(&now, column) + 1);
            let swapped = row > 0
                && column > 0
                && from.get(row - 1) == Some(b)
                && to.get(column - 1) == Some(a);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            now.push(least);
        }
        before = std::mem::replace(&mut last, now);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
