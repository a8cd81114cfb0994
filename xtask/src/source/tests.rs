//! Each row: a line of Rust, the code that must remain, the literal text that must be found.

use super::{Line, has_word, lines};

fn only(text: &str) -> Line {
    lines(text).into_iter().next().unwrap_or_default()
}

#[test]
fn code_comments_and_literals_are_kept_apart() {
    let table = [
        ("let a = 1; // SELECT", "let a = 1; ", ""),
        (r#"f("SELECT 1", 'x')"#, r#"f("", '')"#, "SELECT 1 "),
        (r##"f(r#"say "hi""#)"##, r#"f("")"#, r#"say "hi" "#),
        (r#"f("a \" // b")"#, r#"f("")"#, r#"a \" // b "#),
        ("a /* b /* c */ d */ e", "a  e", ""),
        ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}", ""),
        (r"let q = '\''; // '", "let q = ''; ", ""),
        (r#"let r = "ends with r"; r"raw""#, r#"let r = ""; """#, "ends with r raw "),
        ("bar\"not raw\"", "bar\"\"", "not raw "),
    ];
    for (text, code, strings) in table {
        let expected = Line { code: code.to_owned(), strings: strings.to_owned() };
        assert_eq!(only(text), expected, "{text}");
    }
}

#[test]
fn literals_and_block_comments_run_over_lines() {
    let taken = lines("f(\"SELECT\n  name\"); /* one\n two */ g()");
    assert_eq!(taken.len(), 3);
    assert_eq!(taken[0].strings, "SELECT");
    assert_eq!(taken[1].strings, "  name ");
    assert_eq!(taken[1].code, "\"); ");
    assert_eq!(taken[2].code, " g()");
}

#[test]
fn a_word_is_found_whole_or_not_at_all() {
    assert!(has_word("use tokio::net;", "tokio"));
    assert!(!has_word("use tokio_rustls::X;", "tokio"));
    assert!(!has_word("my_std::env", "std::env"));
    assert!(has_word("a = std::env::var", "std::env"));
}
