//! The story in its order: which scene comes when, and what the next one needs of it. What happens
//! in a scene stands in `scenes`.

use super::failure::Failure;
use super::run::{ALPHA, BETA, Cast, GAMMA, Plan};
use super::scenes;
use super::terminal::{Ended, Step, Terminal};

/// The measured times that the story closes with, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    /// From the request to publish until everything is readable at Beta.
    pub(super) arrival: f64,
    /// From Beta's line of telemetry until the sighting is at Alpha.
    pub(super) sighting: Option<f64>,
}

/// The story with its people.
#[derive(Debug)]
pub(super) struct Story<'a> {
    cast: &'a Cast,
    plan: &'a Plan,
    terminal: &'a mut Terminal,
}

impl<'a> Story<'a> {
    /// The story that these will play.
    pub(super) const fn new(cast: &'a Cast, plan: &'a Plan, terminal: &'a mut Terminal) -> Self {
        Self { cast, plan, terminal }
    }

    /// Plays it to its end, or to the first scene that does not happen.
    pub(super) async fn tell(&mut self) -> Result<Figures, Ended> {
        let (cast, value) = (self.cast, &self.plan.value);
        let circle = self.told(("circle", ALPHA), scenes::circles(cast).await)?;
        self.told(("join", BETA), scenes::join(cast).await)?;
        let published = self.told(("publish", ALPHA), scenes::publish(cast, value).await)?;
        let step = Ok((scenes::arrived(&published), ()));
        self.told(("arrival", BETA), step)?;
        self.told(("withheld", ALPHA), scenes::withheld(cast, &published.bundle).await)?;
        let sighting = if self.plan.telemetry {
            let seen = scenes::telemetry(cast, value, &published.bundle).await;
            let seen = self.told(("telemetry", BETA), seen)?;
            self.told(("sighting", ALPHA), scenes::came_back(seen))?
        } else {
            self.told(("no-telemetry", BETA), scenes::silence(cast).await)?
        };
        self.told(("outsider", GAMMA), scenes::outsider(cast, value, &published.bundle).await)?;
        let read = scenes::taxii(cast, self.plan, &circle, &published.bundle).await;
        self.told(("taxii", BETA), read)?;
        Ok(Figures { arrival: published.arrival, sighting })
    }

    fn told<T>(
        &mut self,
        scene: (&'static str, &'static str),
        played: Result<(Step, T), Failure>,
    ) -> Result<T, Ended> {
        let (step, made) = self.terminal.unless_failed(scene, played)?;
        self.terminal.tell(&step);
        Ok(made)
    }
}
