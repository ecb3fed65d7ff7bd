//! The pictures of the sample articles, painted when they are asked for: a sky, a low sun, hills or waves in front.

use crate::feeds::paint;

const WIDTH: u32 = 960;
const HEIGHT: u32 = 540;

/// What a picture is made of; each colour is red, green, blue.
struct Scene {
    sky: [[f32; 3]; 2],
    ground: [[f32; 3]; 2],
    sun: [f32; 2],
    /// How rough the horizon is: the sea is nearly flat.
    hills: f32,
}

const SCENES: [Scene; 4] = [
    // Evening at the coast.
    Scene {
        sky: [[40.0, 58.0, 108.0], [240.0, 148.0, 96.0]],
        ground: [[38.0, 66.0, 104.0], [14.0, 28.0, 54.0]],
        sun: [0.68, 0.50],
        hills: 0.012,
    },
    // Snow and the first light.
    Scene {
        sky: [[150.0, 186.0, 214.0], [246.0, 226.0, 206.0]],
        ground: [[224.0, 234.0, 240.0], [120.0, 152.0, 178.0]],
        sun: [0.28, 0.40],
        hills: 0.10,
    },
    // Green hills.
    Scene {
        sky: [[120.0, 176.0, 196.0], [236.0, 232.0, 200.0]],
        ground: [[104.0, 140.0, 84.0], [32.0, 66.0, 52.0]],
        sun: [0.78, 0.26],
        hills: 0.12,
    },
    // Night over the mountains.
    Scene {
        sky: [[14.0, 18.0, 44.0], [72.0, 74.0, 120.0]],
        ground: [[30.0, 34.0, 62.0], [8.0, 10.0, 22.0]],
        sun: [0.34, 0.22],
        hills: 0.09,
    },
];

/// Returns the picture of the sample article at `index`, as a JPEG of 960 × 540 pixels.
pub fn picture(index: usize) -> Vec<u8> {
    let scene = &SCENES[index % SCENES.len()];
    paint(WIDTH, HEIGHT, |x, y| scene.colour(part(x, WIDTH), part(y, HEIGHT)))
}

/// Returns the middle of the same picture as a small one has it, four wide and three high, as a JPEG.
pub fn small_picture(index: usize) -> Vec<u8> {
    let scene = &SCENES[index % SCENES.len()];
    let width = HEIGHT / 3 * 4;
    let left = (WIDTH - width) / 2;
    paint(width, HEIGHT, |x, y| scene.colour(part(left + x, WIDTH), part(y, HEIGHT)))
}

fn part(at: u32, of: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "both have less than a thousand values")]
    let part = at as f32 / of as f32;
    part
}

impl Scene {
    fn colour(&self, x: f32, y: f32) -> [u8; 3] {
        // Three ridges, one in front of the other, each darker than the one behind it.
        let mut colour = mixed(self.sky[0], self.sky[1], y / 0.66);
        let aspect = 16.0 / 9.0;
        let distance = ((x - self.sun[0]) * aspect).hypot(y - self.sun[1]);
        let glow = (1.0 - distance / 0.5).clamp(0.0, 1.0).powi(3);
        colour = mixed(colour, [255.0, 240.0, 208.0], if distance < 0.055 { 0.95 } else { glow * 0.5 });
        for (ridge, depth) in [(0.58, 0.0), (0.70, 0.5), (0.84, 1.0)] {
            let phase = ridge * 37.0;
            let wave = (x * 7.0 + phase).sin() + 0.5 * (x * 17.0 + phase * 2.0).sin() + 0.22 * (x * 43.0).sin();
            if y > ridge - self.hills * wave {
                colour = mixed(self.ground[0], self.ground[1], depth);
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
        colour.map(|channel| channel.clamp(0.0, 255.0) as u8)
    }
}

fn mixed(from: [f32; 3], to: [f32; 3], share: f32) -> [f32; 3] {
    let share = share.clamp(0.0, 1.0);
    [0, 1, 2].map(|channel: usize| from[channel] + (to[channel] - from[channel]) * share)
}
