#[test]
fn t() {
    super::Templates::load(None).unwrap();
}
