//! The form for other sites.

use axum::http::StatusCode;

use super::harness::{FORM, Town};

/// Returns the values of the fields nobody sees in the form that a page shows at work.
fn hidden(page: &str, name: &str) -> Vec<String> {
    let mark = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    page.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_edition_has_a_form_of_its_own() {
    let town = Town::with_a_monthly().await;
    for (path, edition, title) in [
        ("/embed", "weekly", "“Japan Weekly”"),
        ("/embed?edition=", "weekly", "“Japan Weekly”"),
        ("/embed?edition=weekly", "weekly", "“Japan Weekly”"),
        ("/embed?edition=monthly", "monthly", "“Japan Monthly”"),
    ] {
        let page = town.get(path).await;
        assert_eq!((page.status, hidden(&page.body, "edition")), (StatusCode::OK, vec![edition.to_owned()]), "{path}");
        // Once in the lines to copy, and once at work.
        assert_eq!(page.body.matches(&format!("sends {title} to this address")).count(), 2, "{}", page.body);
        assert!(page.body.contains("<span aria-current=\"page\">Japan "), "{}", page.body);
        let address = format!("of-{edition}@example.jp");
        let sent = town.post("/subscribe", FORM, format!("email={address}&website=&lang=en&edition={edition}")).await;
        assert_eq!(sent.status, StatusCode::OK);
        town.house.settle().await;
        assert_eq!(town.house.find(&address).await.unwrap().editions, [edition]);
    }
    let page = town.get("/embed?lang=ja").await.body;
    assert!(page.contains("<a href=\"/embed?edition=monthly&amp;lang=ja\">Japan Monthly</a>"), "{page}");
    let page = town.get("/embed?edition=monthly&lang=ja").await.body;
    assert!(page.contains("href=\"/embed?edition=monthly&amp;lang=en\""), "the language switch keeps it: {page}");
    assert_eq!(town.get("/embed?edition=daily").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn where_there_is_one_edition_its_form_names_none() {
    let page = Town::new().await.get("/embed").await.body;
    assert!(hidden(&page, "edition").is_empty() && !page.contains("class=\"tabs\""), "{page}");
    assert!(page.contains("sends “Japan Weekly” to this address about once a week."), "{page}");
}
