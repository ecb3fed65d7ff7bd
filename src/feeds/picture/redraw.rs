//! From whatever a server calls a picture to two small JPEGs.
//!
//! The format is told by the first bytes, not by the server. SVG is none of the formats: it is a document, with scripts
//! and addresses in it. How large a picture would be is known from its header, and one that is too large is never
//! decoded.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

/// As wide as pictures are drawn for a mail of 600 px, for screens with two dots to the pixel.
pub const LARGE_WIDTH_PX: u32 = 1200;
/// The small one is shown half as large as this.
const SMALL_PX: (u32, u32) = (224, 168);
/// A telephone's photo has 12 million pixels.
const MAX_PIXELS: u64 = 16_000_000;
const MAX_SIDE_PX: u32 = 12_000;
/// What a decoder may take: four bytes a pixel, and as much again to work in.
const MAX_ALLOC_BYTES: u64 = 160 * 1024 * 1024;
/// Smaller ones are icons, spacers and tracking pixels.
const MIN_SIDE_PX: u32 = 64;
/// A picture higher than wide would fill a telephone's screen by itself; a wider one is a banner.
const ASPECTS: (f64, f64) = (1.0, 3.0);
/// Above this, files grow and eyes see nothing.
const QUALITY: u8 = 80;

/// A picture, drawn anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// For the whole width of a mail.
    pub large: Drawing,
    /// To stand beside a text.
    pub small: Drawing,
}

/// A JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Decodes `bytes` and draws them in two sizes, the large one `large_width_px` wide at most.
pub(super) fn redraw(bytes: &[u8], large_width_px: u32) -> Result<Drawn, String> {
    let picture = decode(bytes)?;
    let picture = cropped(picture, ASPECTS);
    let (width, height) = picture.dimensions();
    let large = if width > large_width_px {
        let scaled = (u64::from(height) * u64::from(large_width_px)).div_ceil(u64::from(width));
        picture.resize_exact(large_width_px, u32::try_from(scaled).unwrap_or(1).max(1), FilterType::Triangle)
    } else {
        picture
    };
    let aspect = f64::from(SMALL_PX.0) / f64::from(SMALL_PX.1);
    // From the large one: it is smaller to read, and the eye sees no difference.
    let small = cropped(large.clone(), (aspect, aspect));
    let small = small.resize_exact(SMALL_PX.0, SMALL_PX.1, FilterType::Triangle);
    Ok(Drawn { large: encode(&large)?, small: encode(&small)? })
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
    let format = image::guess_format(bytes).ok();
    let format = format
        .filter(|f| matches!(f, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP))
        .ok_or("it is neither JPEG, PNG, WebP nor GIF")?;
    let broken = |error: image::ImageError| format!("it cannot be decoded: {error}");
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    limits.max_alloc = Some(MAX_ALLOC_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || width > MAX_SIDE_PX || height > MAX_SIDE_PX {
        return Err(format!("it has {width} × {height} pixels, which is too many"));
    }
    if width < MIN_SIDE_PX || height < MIN_SIDE_PX {
        return Err(format!("it has {width} × {height} pixels, which is too few"));
    }
    // Which way up it goes is all that is kept of its EXIF.
    let orientation = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Cuts off as much at both ends as brings the picture within these aspects, width by height.
fn cropped(picture: DynamicImage, (least, most): (f64, f64)) -> DynamicImage {
    let (width, height) = picture.dimensions();
    let aspect = f64::from(width) / f64::from(height);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a u32, at least 1")]
    let part = |whole: f64| whole.round().max(1.0) as u32;
    if aspect > most {
        let kept = part(f64::from(height) * most).min(width);
        picture.crop_imm((width - kept) / 2, 0, kept, height)
    } else if aspect < least {
        let kept = part(f64::from(width) / least).min(height);
        // What matters in a photo is above its middle.
        picture.crop_imm(0, (height - kept) / 3, width, kept)
    } else {
        picture
    }
}

fn encode(picture: &DynamicImage) -> Result<Drawing, String> {
    let rgb = on_paper(picture);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(&rgb)
        .map_err(|error| format!("it cannot be drawn: {error}"))?;
    Ok(Drawing { width: rgb.width(), height: rgb.height(), bytes })
}

/// Returns a JPEG of which each pixel is what `colour` says, for those who make pictures and do not fetch them.
///
/// # Panics
/// If a side is 0 or longer than JPEG can tell (65,535).
pub fn paint(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb(colour(x, y)));
    let drawing = encode(&DynamicImage::ImageRgb8(picture)).expect("a picture with sides can be drawn");
    drawing.bytes
}

/// Puts what is transparent on white: a JPEG has no other way, and black would be a surprise.
fn on_paper(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let mut paper = image::RgbaImage::from_pixel(picture.width(), picture.height(), image::Rgba([255; 4]));
    imageops::overlay(&mut paper, &picture.to_rgba8(), 0, 0);
    DynamicImage::ImageRgba8(paper).to_rgb8()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
        }))
    }

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_format_becomes_two_jpegs() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let drawn = redraw(&file(&picture(1600, 900), format), LARGE_WIDTH_PX).unwrap();
            assert_eq!((drawn.large.width, drawn.large.height), (1200, 675), "{format:?}");
            assert_eq!((drawn.small.width, drawn.small.height), SMALL_PX);
            for drawing in [&drawn.large, &drawn.small] {
                assert_eq!(image::guess_format(&drawing.bytes).unwrap(), ImageFormat::Jpeg);
                assert_eq!(image::load_from_memory(&drawing.bytes).unwrap().width(), drawing.width);
            }
        }
    }

    #[test]
    fn small_ones_stay_small_and_odd_shapes_are_cut() {
        let of =
            |width, height| redraw(&file(&picture(width, height), ImageFormat::Png), LARGE_WIDTH_PX).unwrap().large;
        assert_eq!((of(300, 200).width, of(300, 200).height), (300, 200));
        assert_eq!((of(300, 900).width, of(300, 900).height), (300, 300));
        assert_eq!((of(900, 100).width, of(900, 100).height), (300, 100));
    }

    #[test]
    fn what_is_transparent_stands_on_white() {
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::from_pixel(80, 80, image::Rgba([0, 0, 0, 0])));
        let drawn = redraw(&file(&clear, ImageFormat::Png), LARGE_WIDTH_PX).unwrap();
        assert_eq!(image::load_from_memory(&drawn.large.bytes).unwrap().to_rgb8().get_pixel(40, 40).0, [255; 3]);
    }

    #[test]
    fn what_stood_in_the_margins_is_gone() {
        let mut jpeg = file(&picture(100, 100), ImageFormat::Jpeg);
        // A comment, as EXIF would stand: right behind the first marker.
        let secret = b"35.6586N 139.7454E";
        let mut segment = vec![0xff, 0xfe, 0, u8::try_from(secret.len() + 2).unwrap()];
        segment.extend_from_slice(secret);
        jpeg.splice(2..2, segment);
        let drawn = redraw(&jpeg, LARGE_WIDTH_PX).unwrap();
        assert!(jpeg.windows(secret.len()).any(|w| w == secret));
        assert!(!drawn.large.bytes.windows(secret.len()).any(|w| w == secret));
    }

    #[test]
    fn bombs_pixels_and_documents_are_refused() {
        let refused = |bytes: &[u8], words: &str| {
            let why = redraw(bytes, LARGE_WIDTH_PX).unwrap_err();
            assert!(why.contains(words), "{why}");
        };
        refused(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "neither JPEG");
        refused(b"<!DOCTYPE html><html>", "neither JPEG");
        refused(b"", "neither JPEG");
        refused(&file(&picture(1, 1), ImageFormat::Gif), "too few");
        // Its header says 60,000 × 60,000 pixels; nothing follows.
        let mut bomb = file(&picture(64, 64), ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        assert!(redraw(&bomb, LARGE_WIDTH_PX).is_err());
        let mut gif = file(&picture(64, 64), ImageFormat::Gif);
        gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert!(redraw(&gif, LARGE_WIDTH_PX).is_err());
        refused(&file(&picture(64, 64), ImageFormat::Jpeg)[..200], "decoded");
    }
}
