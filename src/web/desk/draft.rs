//! A draft as it is now, with the buttons that approve and hold what is seen.

use axum::extract::State;

use super::over::follow;
use super::{digests, page, path};
use crate::digest::DraftView;
use crate::domain::desk::Waits;
use crate::domain::token::Purpose;
use crate::render::{DeskDraft, PageItem, date_long};
use crate::web::WebState;
use crate::web::failure::Answer;
use crate::web::language::Asked;
use crate::web::pictures::{Gallery, Seen};
use crate::web::token::TokenText;

/// Shows it.
pub(super) async fn show(State(state): State<WebState>, asked: Asked, TokenText(token): TokenText) -> Answer {
    let language = asked.language();
    let digests = digests(&state)?;
    let draft = follow(&state, language, digests.open_draft(language, &token).await)?;
    let issue = &draft.link.issue;
    let gallery = Gallery::of(&state, &draft.items).await?;
    let zone = state.zone(&issue.edition);
    let action = |purpose| path(&state, purpose, issue.id.0, draft.link.fingerprint) + &asked.query_suffix();
    let context = DeskDraft {
        page: state.frame(language, &format!("/desk/draft/{token}")),
        edition_title: draft.link.edition_title.clone(),
        number: issue.number.unwrap_or_default(),
        date: date_long(language, zone.to_datetime(issue.scheduled).date()),
        due: digests.due_in_words(language, issue, draft.stands.by_approval()),
        subject: draft.subject,
        stands: match draft.stands {
            DraftView::Goes => "goes",
            DraftView::Approved => "approved",
            DraftView::Waits(Waits::Held) => "held",
            DraftView::Waits(Waits::NotApproved) => "not_approved",
        },
        past: draft.past,
        entry: state.templates.issue_entry(language, issue.desk.introduction.as_deref(), &draft.items, |item| {
            PageItem {
                image: gallery.picture(&state, item, Seen::OnPage),
                ..PageItem::new(language, item, &zone, None)
            }
        }),
        approve_action: action(Purpose::Approve),
        hold_action: action(Purpose::Hold),
    };
    page(&state, language, &context)
}
