//! MD5, by which MISP's feeds list values so that they can be looked up without being told. Nothing
//! is proved by it: it is broken for everything else, and used for nothing else.

/// Added in each of the 64 steps.
const ADDED: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];
/// Bits by which each of the four steps of a round turns.
const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
/// What it begins with.
const BEGIN: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// SPEC: RFC 1321.
pub(super) fn md5(text: &[u8]) -> [u8; 16] {
    let (blocks, rest) = text.as_chunks::<64>();
    let mut state = blocks.iter().fold(BEGIN, mixed);
    let bits = u64::try_from(text.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    let mut last = rest.to_vec();
    last.push(0x80);
    while last.len() % 64 != 56 {
        last.push(0);
    }
    last.extend_from_slice(&bits.to_le_bytes());
    state = last.as_chunks::<64>().0.iter().fold(state, mixed);
    let mut digest = [0; 16];
    let bytes = state.iter().flat_map(|word| word.to_le_bytes());
    digest.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    digest
}

fn mixed(state: [u32; 4], block: &[u8; 64]) -> [u32; 4] {
    let mut words = [0_u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let mut now = state;
    for (step, added) in ADDED.iter().enumerate() {
        let [a, b, c, d] = now;
        let (chosen, place) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), 5 * step + 1),
            2 => (b ^ c ^ d, 3 * step + 5),
            _ => (c ^ (b | !d), 7 * step),
        };
        let word = words.get(place % 16).copied().unwrap_or(0);
        let turn = TURNS.get(step / 16).and_then(|round| round.get(step % 4)).copied();
        let sum = a.wrapping_add(chosen).wrapping_add(*added).wrapping_add(word);
        now = [d, b.wrapping_add(sum.rotate_left(turn.unwrap_or(0))), b, c];
    }
    for (word, before) in now.iter_mut().zip(state) {
        *word = word.wrapping_add(before);
    }
    now
}

#[cfg(test)]
mod tests;
