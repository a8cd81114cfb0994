//! Which content coding a client likes, and answers packed in it. It does not choose what is sent,
//! and the codings themselves stand in `coding`.

pub(crate) use super::coding::Coding;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use model::limits::PACK_BYTES_MIN;

/// Answers larger than this are packed on a thread that may take its time.
const INLINE_BYTES_MAX: usize = 64 << 10;

impl Coding {
    /// The coding that a client likes best of those that we write; of equals, zstd.
    ///
    /// SPEC: RFC 9110 §12.5.3; `*` asks for nothing that the plain answer does not satisfy.
    pub(crate) fn preferred(headers: &HeaderMap) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
        for element in values.flat_map(|value| value.split(',')) {
            let (name, parameter) = element.split_once(';').unwrap_or((element, ""));
            let coding = Self::named(name).filter(|coding| *coding != Self::Deflate);
            let (Some(coding), weight) = (coding, weight(parameter)) else { continue };
            let better = best
                .is_none_or(|(held, _)| weight > held || (weight == held && coding == Self::Zstd));
            if weight > 0 && better {
                best = Some((weight, coding));
            }
        }
        best.map(|(_, coding)| coding)
    }
}

/// A weight in thousandths; what cannot be read weighs nothing.
fn weight(parameter: &str) -> u16 {
    let parameter = parameter.trim();
    if parameter.is_empty() {
        return 1000;
    }
    let Some(number) = parameter.strip_prefix(['q', 'Q']).and_then(|q| q.trim().strip_prefix('='))
    else {
        return 0;
    };
    let (whole, part) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    let part: u16 = format!("{part:0<3}").parse().unwrap_or(0);
    whole
        .parse::<u16>()
        .map_or(0, |whole| whole.saturating_mul(1000).saturating_add(part).min(1000))
}

/// Packs an answer where that is asked and worth it; says which coding it has now.
pub(crate) async fn packed(wanted: Option<Coding>, plain: Vec<u8>) -> (Option<Coding>, Vec<u8>) {
    let Some(coding) = wanted.filter(|_| plain.len() > PACK_BYTES_MIN) else {
        return (None, plain);
    };
    let large = plain.len() > INLINE_BYTES_MAX;
    let pack = move || match coding.pack(&plain) {
        Ok(packed) => (Some(coding), packed),
        Err(error) => {
            tracing::warn!(%error, "an answer is sent unpacked");
            (None, plain)
        }
    };
    if !large {
        return pack();
    }
    // The thread fails only when the node is being torn down, and then nobody reads the answer.
    tokio::task::spawn_blocking(pack).await.unwrap_or_default()
}

#[cfg(test)]
mod tests;
