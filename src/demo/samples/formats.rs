//! Feeds in the formats they come in.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Sample, Shape, Source};

/// A feed as it goes over the wire.
pub(super) struct Document {
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

/// Writes the feed of `source`, found at `base`, as it stands at `started`.
pub(super) fn document(source: &Source, base: &str, started: Timestamp) -> Document {
    let (content_type, body) = match source.shape {
        Shape::Atom => ("application/atom+xml; charset=utf-8", atom(source, base, started).into_bytes()),
        Shape::Rss => ("application/rss+xml; charset=UTF-8", rss(source, base, started, "UTF-8").into_bytes()),
        // The charset stands in the prolog alone, as it does on old servers.
        Shape::RssInShiftJis => {
            let text = rss(source, base, started, "Shift_JIS");
            ("text/xml", encoding_rs::SHIFT_JIS.encode(&text).0.into_owned())
        }
        Shape::JsonFeed => ("application/feed+json", json_feed(source, base, started).into_bytes()),
    };
    Document { content_type, body }
}

/// Returns the page of the item at `index`.
pub(super) fn page_url(source: &Source, base: &str, index: usize) -> String {
    format!("{base}/{}/{}", source.folder, index + 1)
}

fn atom(source: &Source, base: &str, started: Timestamp) -> String {
    let entries = each(source, |index, item| {
        let url = page_url(source, base, index);
        let published = item.published(started);
        let (title, category) = (escape(item.title), escape(item.category));
        let html = escape(&html(item));
        format!(
            "<entry>\n<id>{url}</id>\n<title>{title}</title>\n<link rel=\"alternate\" href=\"{url}\"/>\n\
             <published>{published}</published>\n<updated>{published}</updated>\n<category term=\"{category}\"/>\n\
             <summary>{}</summary>\n<content type=\"html\">{html}</content>\n{}</entry>\n",
            escape(item.summary()),
            media(source, base, index)
        )
    });
    let (title, about, feed) = (escape(source.title), escape(source.about), feed_url(source, base));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\" xml:lang=\"{}\">\n\
         <id>{feed}</id>\n<title>{title}</title>\n<subtitle>{about}</subtitle>\n<link rel=\"self\" href=\"{feed}\"/>\n\
         <updated>{started}</updated>\n<author><name>{title}</name></author>\n{entries}</feed>\n",
        source.language
    )
}

fn rss(source: &Source, base: &str, started: Timestamp, charset: &str) -> String {
    let items = each(source, |index, item| {
        let url = page_url(source, base, index);
        let (title, category, summary) = (escape(item.title), escape(item.category), escape(item.summary()));
        format!(
            "<item>\n<title>{title}</title>\n<link>{url}</link>\n<guid isPermaLink=\"false\">{}-{}</guid>\n\
             <pubDate>{}</pubDate>\n<category>{category}</category>\n<description>{summary}</description>\n\
             <content:encoded><![CDATA[{}]]></content:encoded>\n{}{}</item>\n",
            source.folder,
            index + 1,
            mail_date(item.published(started)),
            html(item),
            media(source, base, index),
            job(source, index)
        )
    });
    let (title, about) = (escape(source.title), escape(source.about));
    format!(
        "<?xml version=\"1.0\" encoding=\"{charset}\"?>\n\
         <rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"
           xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:job_listing=\"http://example.com/job\">\n<channel>\n\
         <title>{title}</title>\n<link>{base}/{}/</link>\n<description>{about}</description>\n\
         <language>{}</language>\n<lastBuildDate>{}</lastBuildDate>\n{items}</channel>\n</rss>\n",
        source.folder,
        source.language,
        mail_date(started)
    )
}

/// Returns the picture of an item, as Media RSS has it.
fn media(source: &Source, base: &str, index: usize) -> String {
    source.picture(index).map_or_else(String::new, |alt| {
        let url = format!("{}.jpg", page_url(source, base, index));
        format!(
            "<media:content url=\"{url}\" medium=\"image\" type=\"image/jpeg\" width=\"960\" height=\"540\">\
             <media:description>{}</media:description><media:credit>{}</media:credit></media:content>\n",
            escape(alt),
            escape(source.title)
        )
    })
}

/// Returns where and whose an opening is, as job boards made with WordPress say it.
fn job(source: &Source, index: usize) -> String {
    source.jobs.get(index).map_or_else(String::new, |(place, company)| {
        format!(
            "<job_listing:location>{}</job_listing:location>\n<job_listing:company>{}</job_listing:company>\n",
            escape(place),
            escape(company)
        )
    })
}

fn json_feed(source: &Source, base: &str, started: Timestamp) -> String {
    let items: Vec<_> = source
        .items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            json!({
                "id": page_url(source, base, index),
                "url": page_url(source, base, index),
                "title": item.title,
                "summary": item.summary(),
                "content_html": html(item),
                "date_published": item.published(started).to_string(),
                "tags": [item.category],
            })
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": source.title,
        "description": source.about,
        "feed_url": feed_url(source, base),
        "language": source.language,
        "items": items,
    })
    .to_string()
}

fn feed_url(source: &Source, base: &str) -> String {
    format!("{base}/{}/{}", source.folder, source.file)
}

fn each(source: &Source, item: impl Fn(usize, &Sample) -> String) -> String {
    source.items.iter().enumerate().map(|(index, sample)| item(index, sample)).collect()
}

/// Returns the text as the HTML feeds carry.
fn html(item: &Sample) -> String {
    item.text.iter().map(|paragraph| format!("<p>{}</p>", escape(paragraph))).collect()
}

/// Writes a date as RSS wants it (RFC 822 with a year of four digits), on Japanese clocks.
fn mail_date(at: Timestamp) -> String {
    let nine_hours = jiff::tz::Offset::constant(9);
    TimeZone::fixed(nine_hours).to_datetime(at).strftime("%a, %d %b %Y %H:%M:%S +0900").to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::{ARTICLES, SOURCES};
    use super::*;

    const STARTED: Timestamp = Timestamp::constant(1_795_734_000, 0);

    #[test]
    fn every_feed_can_be_read() {
        let mut found = 0;
        for source in SOURCES {
            let Document { content_type, body } = document(source, "http://127.0.0.1:1", STARTED);
            let url = feed_url(source, "http://127.0.0.1:1").parse().unwrap();
            let feed = crate::feeds::parse(&body, Some(content_type), &url).unwrap();
            assert_eq!(feed.title.as_deref(), Some(source.title));
            assert_eq!(feed.skipped, Vec::<String>::new());
            for (index, (item, sample)) in feed.items.iter().zip(source.items).enumerate() {
                assert_eq!(item.title, sample.title.replace('\u{3000}', " "));
                assert_eq!(item.url, page_url(source, "http://127.0.0.1:1", index));
                assert_eq!(item.summary, sample.summary());
                assert_eq!(item.published, Some(sample.published(STARTED)));
                assert_eq!(item.categories, [sample.category]);
                assert_eq!(item.language.as_deref(), Some(source.language));
            }
            found += feed.items.len();
        }
        assert_eq!(found, ARTICLES);
    }

    #[test]
    fn old_japanese_text_fits_its_charset() {
        let source = SOURCES.iter().find(|source| matches!(source.shape, Shape::RssInShiftJis)).unwrap();
        let text = rss(source, "http://127.0.0.1:1", STARTED, "Shift_JIS");
        assert!(!encoding_rs::SHIFT_JIS.encode(&text).2);
    }

    #[test]
    fn dates_are_written_as_in_mails() {
        assert_eq!(mail_date(STARTED), "Fri, 27 Nov 2026 08:00:00 +0900");
    }
}
