//! One run: the stage, the three nodes, the story, and its end, whether it comes by itself or by a
//! Ctrl-C. What happens in the story is not its matter.

use super::bundle::Value;
use super::failure::Failure;
use super::nodes::{Node, Stage};
use super::story::{Figures, Story};
use super::terminal::{Ended, Step, Terminal, milliseconds};
use crate::signals::{ENDING, Signals};
use tokio::signal::unix::SignalKind;
use tokio::time::Instant;

/// What was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What Alpha publishes.
    pub(crate) value: Value,
    /// Whether the value is met in Beta's telemetry.
    pub(crate) telemetry: bool,
    /// Whether the nodes run on until Ctrl-C.
    pub(crate) stay: bool,
}

/// The partner that convenes both circles.
pub(super) const ALPHA: &str = "CERT Alpha";
/// The partner in Alpha's circle.
pub(super) const BETA: &str = "CERT Beta";
/// The partner in another circle of Alpha's.
pub(super) const GAMMA: &str = "Gamma Ltd";

/// The three of them.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) alpha: Node,
    pub(super) beta: Node,
    pub(super) gamma: Node,
}

const PICTURE: &str = r#"
  Three partners, each with a node of its own. No server stands between them.

     ┌────────────┐     circle "lighthouse"     ┌────────────┐
     │ CERT Alpha │◄───────────────────────────►│ CERT Beta  │
     └─────▲──────┘                             └────────────┘
           │            circle "suppliers"      ┌────────────┐
           └───────────────────────────────────►│ Gamma Ltd  │  the outsider
                                                └────────────┘"#;

/// Tells the story; true when all of it happened.
pub(crate) async fn run(plan: &Plan, json: bool) -> bool {
    let mut terminal = Terminal::new(json);
    terminal.say(PICTURE);
    perform(plan, &mut terminal).await.is_ok()
}

async fn perform(plan: &Plan, terminal: &mut Terminal) -> Result<(), Ended> {
    let began = Instant::now();
    let at_start = ("start", "all");
    // A terminal that is closed ends the story, too.
    let kinds = [&ENDING[..], &[SignalKind::hangup()]].concat();
    let signals = Signals::new(&kinds).map_err(|error| Failure::Otherwise(error.to_string()));
    let mut signals = terminal.unless_failed(at_start, signals)?;
    let stage = terminal.unless_failed(at_start, Stage::new(plan.stay))?;
    // Whoever is dropped by a signal takes its process and its folder along.
    let cast = tokio::select! {
        cast = start(&stage) => terminal.unless_failed(at_start, cast)?,
        () = signals.came() => return Err(Ended),
    };
    let text = "Three nodes run, each with its own keys, database and rules";
    terminal.tell(&Step::done("start", "all", text).took(elapsed(began)));
    let mut story = Story::new(&cast, plan, terminal);
    let figures = tokio::select! {
        figures = story.tell() => figures,
        () = signals.came() => Err(Ended),
    };
    let all = elapsed(began);
    if let (Ok(figures), true) = (&figures, plan.stay) {
        close(plan, figures, all, terminal);
        stay(&stage, &cast, plan, terminal);
        signals.came().await;
        let path = stage.path().display();
        terminal.say(&format!("\n  Stopped. What they held is still in {path}"));
    }
    let Cast { alpha, beta, gamma } = cast;
    tokio::join!(alpha.stop(), beta.stop(), gamma.stop());
    let figures = figures?;
    if !plan.stay {
        close(plan, &figures, all, terminal);
    }
    Ok(())
}

/// Starts all three at once.
async fn start(stage: &Stage) -> Result<Cast, Failure> {
    let (alpha, beta, gamma) = tokio::try_join!(
        stage.start(ALPHA, "alpha"),
        stage.start(BETA, "beta"),
        stage.start(GAMMA, "gamma"),
    )?;
    Ok(Cast { alpha, beta, gamma })
}

/// Milliseconds since then.
pub(super) fn elapsed(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

/// The closing words.
fn close(plan: &Plan, figures: &Figures, all: f64, terminal: &mut Terminal) {
    let there = milliseconds(figures.arrival);
    let back = figures.sighting.map(|ms| format!(", back in {}", milliseconds(ms)));
    let (back, all) = (back.unwrap_or_default(), milliseconds(all));
    let text = format!("There in {there}{back}; the whole story took {all}");
    let step = Step::done("end", "all", text);
    if plan.stay {
        terminal.tell(&step);
        return;
    }
    terminal.tell(&step.means("The nodes are stopped and their folder is removed."));
    let again = crate::config::typed_name();
    terminal.whisper(&format!(
        "\n  {again} demo --stay                 keep them running, and play with them\
         \n  {again} demo --value evil.example   tell it about another value"
    ));
}

/// What there is to play with.
fn stay(stage: &Stage, cast: &Cast, plan: &Plan, terminal: &mut Terminal) {
    let Cast { alpha, beta, gamma } = cast;
    let (entente, value) = (crate::config::typed_name(), &plan.value.text);
    let folder = |node: &Node| node.folder.display().to_string();
    let mut step = Step::done("stay", "all", "They run on until you press Ctrl-C")
        .means("Each node's address and its administrator's token:");
    for node in [alpha, beta, gamma] {
        step = step.shows(format!("{:<10}  {}", node.name, node.http)).shows(node.door.token());
    }
    step = step
        .shows("")
        .shows(format!("{entente} search {value} --data {}", folder(beta)))
        .shows(format!("{entente} partner list --data {}", folder(alpha)));
    if let Ok(echo) = quoted(&plan.value.event()) {
        step = step.shows(format!("echo {echo} | {entente} watch - --data {}", folder(beta)));
    }
    terminal.tell(&step);
    terminal.whisper(&format!("\n  Their data stays in {}", stage.path().display()));
}

/// A text as one word of a shell; refused when it holds a quote itself.
fn quoted(text: &str) -> Result<String, ()> {
    if text.contains('\'') { Err(()) } else { Ok(format!("'{text}'")) }
}
