//! Reading a sign-up, however it is sent: as a form in either encoding, or as JSON.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use serde::Deserialize;

use crate::domain::language::Language;
use crate::web::WebState;
use crate::web::failure::Failure;
use crate::web::wording::media_type;

/// A sign-up as it was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    pub(super) email: String,
    /// A field people do not see. Only programs fill it in.
    pub(super) website: String,
    lang: String,
    /// The editions that are ticked, where there are several.
    editions: Vec<String>,
}

impl Form {
    /// Returns the language of the page the form stood on, if it says.
    pub(super) fn language(&self) -> Option<Language> {
        self.lang.parse().ok()
    }

    /// Returns the editions that are ticked, of those there are.
    pub(super) fn editions_of(&self, state: &WebState) -> Vec<String> {
        let ticked = |name: &&str| self.editions.iter().any(|one| one == name);
        let names = state.site.editions.iter().map(|edition| edition.name.as_str());
        names.filter(ticked).map(str::to_owned).collect()
    }

    fn set(&mut self, name: &str, value: &str) {
        if name == "edition" {
            self.editions.push(value.to_owned());
        }
        let field = match name {
            "email" => &mut self.email,
            "website" => &mut self.website,
            "lang" => &mut self.lang,
            _ => return,
        };
        // Of two fields of one name the first one counts.
        if field.is_empty() {
            value.clone_into(field);
        }
    }

    async fn multipart(request: Request) -> Result<Self, Failure> {
        let mut parts = Multipart::from_request(request, &()).await.map_err(|e| Failure::Unreadable(e.status()))?;
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|e| Failure::Unreadable(e.status()))? {
            let name = part.name().unwrap_or_default().to_owned();
            let value = part.text().await.map_err(|e| Failure::Unreadable(e.status()))?;
            form.set(&name, &value);
        }
        Ok(form)
    }
}

impl FromRequest<WebState> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let media_type = media_type(&parts.headers);
        // The whole body first, in every encoding: one that is too large is then told from one that makes no sense.
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(|e| Failure::Unreadable(e.status()))?;
        match media_type.as_deref() {
            Some("application/x-www-form-urlencoded") => {
                let mut form = Self::default();
                for (name, value) in url::form_urlencoded::parse(&body) {
                    form.set(&name, &value);
                }
                Ok(form)
            }
            Some("multipart/form-data") => Self::multipart(Request::from_parts(parts, body.into())).await,
            // An object and nothing else: serde would take a list for the fields in their order.
            Some("application/json") if body.trim_ascii_start().starts_with(b"{") => {
                serde_json::from_slice(&body).map_err(|_| Failure::Unreadable(StatusCode::BAD_REQUEST))
            }
            Some("application/json") => Err(Failure::Unreadable(StatusCode::BAD_REQUEST)),
            _ => Err(Failure::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        }
    }
}
