use super::*;
use crate::store::{ImageSize, NewImage};

const URL: &str = "https://example.jp/a.jpg";

fn new(size: ImageSize, hash: &str) -> NewImage {
    NewImage { size, hash: hash.to_owned(), width: 1200, height: 800, content_type: "image/jpeg", bytes: vec![1, 2] }
}

#[tokio::test]
async fn a_picture_is_found_by_its_source_and_by_its_hash() {
    on_each_engine(async |store| {
        assert_eq!(store.image_of(URL).await.unwrap(), None);
        let images = [new(ImageSize::Large, "aa"), new(ImageSize::Small, "bb")];
        store.keep_image(URL, &images, minute(1)).await.unwrap();
        // The same picture elsewhere has the same name.
        store.keep_image("https://example.jp/b.jpg", &images[..1], minute(1)).await.unwrap();
        let known = store.image_of(URL).await.unwrap().unwrap();
        assert_eq!(known.fetched, minute(1));
        let sizes: Vec<_> = known.renditions.iter().map(|line| (line.size, line.hash.as_str(), line.width)).collect();
        assert_eq!(sizes, [(ImageSize::Large, "aa", 1200), (ImageSize::Small, "bb", 1200)]);
        let file = store.image_file("aa").await.unwrap().unwrap();
        assert_eq!((file.content_type.as_str(), file.bytes), ("image/jpeg", vec![1, 2]));
        assert_eq!(store.image_file("cc").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_pictures_of_a_page_are_found_in_one_go() {
    on_each_engine(async |store| {
        let images = [new(ImageSize::Large, "aa"), new(ImageSize::Small, "bb")];
        store.keep_image(URL, &images, minute(1)).await.unwrap();
        store.keep_image("https://example.jp/\"'b.jpg", &images[1..], minute(1)).await.unwrap();
        store.keep_image("https://example.jp/other.jpg", &images, minute(1)).await.unwrap();
        store.image_failed("https://example.jp/lost.jpg", "404", minute(1)).await.unwrap();
        let asked = [URL, "https://example.jp/\"'b.jpg", "https://example.jp/lost.jpg", "https://example.jp/never.jpg"];
        let found = store.images_of(&asked).await.unwrap();
        let found: Vec<_> = found.iter().map(|(url, lines)| (url.as_str(), lines.len(), lines[0].size)).collect();
        assert_eq!(found, [(asked[1], 1, ImageSize::Small), (URL, 2, ImageSize::Large)]);
        store.close().await;
        assert!(store.images_of(&[]).await.unwrap().is_empty(), "without an address nothing is asked");
    })
    .await;
}

#[tokio::test]
async fn a_failure_is_remembered_and_takes_no_picture_away() {
    on_each_engine(async |store| {
        store.image_failed(URL, "404", minute(1)).await.unwrap();
        store.image_failed(URL, "timeout", minute(2)).await.unwrap();
        let known = store.image_of(URL).await.unwrap().unwrap();
        assert_eq!((known.fetched, known.renditions.len()), (minute(2), 0));
        store.keep_image(URL, &[new(ImageSize::Large, "aa")], minute(3)).await.unwrap();
        store.image_failed(URL, "404", minute(4)).await.unwrap();
        let known = store.image_of(URL).await.unwrap().unwrap();
        assert_eq!((known.fetched, known.renditions.len()), (minute(3), 1));
    })
    .await;
}

#[tokio::test]
async fn pictures_that_no_issue_shows_are_forgotten_in_time() {
    on_each_engine(async |store| {
        store.keep_image(URL, &[new(ImageSize::Large, "aa")], minute(1)).await.unwrap();
        assert_eq!(store.forget_images(minute(1)).await.unwrap(), 0);
        assert_eq!(store.forget_images(minute(2)).await.unwrap(), 1);
        assert_eq!(store.image_file("aa").await.unwrap(), None);
    })
    .await;
}
