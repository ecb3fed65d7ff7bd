//! Helpers that prepare a value for readers: dates, shortened texts, the host of a link, the editor's HTML.
//!
//! Each is strict: a variable that is not there, or a word that means nothing, is an error where it stands.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    ScopedJson,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::language;
use crate::domain::language::Language;
use crate::render::dates::{date_era, date_long, date_short};
use crate::render::{markdown, tidy};

type Scoped<'rc> = Result<ScopedJson<'rc>, RenderError>;

fn refuse(problem: impl Into<String>) -> RenderError {
    RenderErrorReason::Other(problem.into()).into()
}

/// Returns the first parameter, which must be there; `None` if it is null.
fn value<'h>(name: &str, helper: &'h Helper<'_>) -> Result<Option<&'h Value>, RenderError> {
    let param = helper.param(0).ok_or_else(|| refuse(format!("`{name}` takes a value")))?;
    if param.is_value_missing() {
        return Err(RenderError::strict_error(param.relative_path()));
    }
    Ok(Some(param.value()).filter(|value| !value.is_null()))
}

fn derived<'rc>(text: impl Into<String>) -> ScopedJson<'rc> {
    ScopedJson::Derived(Value::String(text.into()))
}

/// `{{format_date value "long"}}`: a day (`2026-11-27`), an instant (RFC 3339) or unix milliseconds, written `long`, `short`
/// or by the Japanese `era`. `lang="ja"` asks for another language than that of the mail, `zone="Asia/Tokyo"` for the
/// day an instant falls on there (UTC otherwise).
pub(super) struct Date;

impl HelperDef for Date {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Scoped<'rc> {
        let word = |name: &str| helper.hash_get(name).and_then(|value| value.value().as_str());
        let language = match word("lang") {
            Some(tag) => tag.parse().map_err(|_| refuse(format!("`format_date` knows no language {tag:?}")))?,
            None => language(context),
        };
        let zone = match word("zone") {
            Some(zone) => {
                jiff::tz::db().get(zone).map_err(|_| refuse(format!("`format_date` knows no time zone {zone:?}")))?
            }
            None => TimeZone::UTC,
        };
        let Some(value) = value("format_date", helper)? else { return Ok(derived("")) };
        let day = day(value, &zone).ok_or_else(|| refuse(format!("`format_date` cannot read {value}")))?;
        let form = helper.param(1).map_or(Some("long"), |form| form.value().as_str());
        Ok(derived(match form {
            Some("long") => date_long(language, day),
            Some("short") => date_short(language, day),
            Some("era") => match language {
                Language::Ja => date_era(day),
                Language::En => date_long(language, day),
            },
            _ => return Err(refuse("`format_date` writes \"long\", \"short\" or \"era\"")),
        }))
    }
}

fn day(value: &Value, zone: &TimeZone) -> Option<jiff::civil::Date> {
    let at = |instant: Timestamp| zone.to_datetime(instant).date();
    match value {
        Value::Number(ms) => Timestamp::from_millisecond(ms.as_i64()?).ok().map(at),
        // A timestamp also reads as a date, of another zone: the longer form first.
        Value::String(text) => text.parse().ok().map(at).or_else(|| text.parse().ok()),
        _ => None,
    }
}

/// `{{truncate text 60}}`: the text, cut to so many characters as people count them, the last of them an ellipsis.
pub(super) struct Truncate;

impl HelperDef for Truncate {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Scoped<'rc> {
        let most = helper.param(1).and_then(|most| most.value().as_u64()).filter(|most| *most > 0);
        let most = most.ok_or_else(|| refuse("`truncate` takes a text and a number of characters"))?;
        let text = value("truncate", helper)?.and_then(Value::as_str).unwrap_or_default();
        Ok(derived(tidy::truncate(text, usize::try_from(most).unwrap_or(usize::MAX))))
    }
}

/// `{{host url}}`: the host of a link without `www.`, for people to read: `例え.jp` and not `xn--r8jz45g.jp`.
pub(super) struct Host;

impl HelperDef for Host {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Scoped<'rc> {
        let text = value("host", helper)?.and_then(Value::as_str).unwrap_or_default();
        let url = url::Url::parse(text).ok();
        let host = url.as_ref().and_then(url::Url::host_str).unwrap_or_default();
        let (host, _) = idna::domain_to_unicode(host.strip_prefix("www.").unwrap_or(host));
        Ok(derived(host))
    }
}

/// `{{html introduction_html}}`: what the editor wrote, as HTML. It goes through the allow-list here as well, so that no
/// template can print anything else unescaped.
pub(super) struct Html;

impl HelperDef for Html {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let html = value("html", helper)?.and_then(Value::as_str).unwrap_or_default();
        out.write(&markdown::clean(html))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use crate::render::blame::Blame;
    use crate::render::helpers::{escape_html, registry};
    use crate::render::locale::Locales;
    use crate::render::sources::Sources;

    fn render(template: &str) -> Result<String, String> {
        let locales = Arc::new(Locales::load(&Sources::read(None).unwrap(), &mut Blame::first()).unwrap());
        let data = json!({
            "language": "en",
            "day": "2026-11-27",
            "at": "2026-11-27T16:00:00Z",
            "ms": 1_764_259_200_000_i64,
            "none": null,
            "title": "家族👨‍👩‍👧‍👦の<b>週末</b>",
            "url": "https://www.xn--r8jz45g.jp/a?b",
            "html": "<p onclick=x>a <b>b</b> <a href='javascript:x'>c</a><script>d</script></p>",
        });
        registry(&locales, escape_html).render_template(template, &data).map_err(|error| error.to_string())
    }

    #[test]
    fn dates_are_written_as_asked() {
        assert_eq!(render("{{format_date day}}").unwrap(), "Friday 27 November 2026");
        assert_eq!(render("{{format_date day \"short\" lang=\"ja\"}}").unwrap(), "11月27日");
        assert_eq!(render("{{format_date day \"era\" lang=\"ja\"}}").unwrap(), "令和8年11月27日（金）");
        assert_eq!(render("{{format_date at \"short\"}}").unwrap(), "27 November");
        assert_eq!(render("{{format_date at \"short\" zone=\"Asia/Tokyo\"}}").unwrap(), "28 November");
        assert_eq!(render("{{format_date ms}}").unwrap(), "Thursday 27 November 2025");
        assert_eq!(render("[{{format_date none}}]").unwrap(), "[]");
        for (bad, words) in [
            ("{{format_date dya}}", "dya"),
            ("{{format_date title}}", "cannot read"),
            ("{{format_date day \"log\"}}", "\"long\", \"short\""),
            ("{{format_date day lang=\"de\"}}", "no language"),
            ("{{format_date day zone=\"Asia/Edo\"}}", "no time zone"),
        ] {
            let error = render(bad).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn texts_are_cut_between_characters_and_escaped_afterwards() {
        assert_eq!(render("{{truncate title 4}}").unwrap(), "家族👨‍👩‍👧‍👦…");
        assert_eq!(render("{{truncate title 5}}").unwrap(), "家族👨‍👩‍👧‍👦の…");
        assert_eq!(render("{{truncate title 6}}").unwrap(), "家族👨‍👩‍👧‍👦の&lt;…");
        assert!(render("{{truncate titel 5}}").is_err() && render("{{truncate title}}").is_err());
    }

    #[test]
    fn a_host_is_told_without_its_www() {
        assert_eq!(render("{{host url}}").unwrap(), "例え.jp");
        assert_eq!(render("[{{host title}}{{host none}}]").unwrap(), "[]");
    }

    #[test]
    fn html_is_what_the_allow_list_leaves() {
        assert_eq!(render("{{html html}}").unwrap(), "<p>a <b>b</b> <a rel=\"noopener noreferrer\">c</a></p>");
    }
}
