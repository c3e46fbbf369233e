use super::*;

#[track_caller]
fn check(pattern: &str, text: &str, expected: bool) {
    let compiled = Pattern::compile(pattern).unwrap_or_else(|error| panic!("/{pattern}/: {error}"));
    let found = compiled.is_found_in(text);
    assert_eq!(found, Ok(expected), "/{pattern}/ on {text:?}");
}

/// Each pattern with texts that it finds, and texts that it does not.
#[test]
fn finds_what_javascript_finds() {
    for (pattern, finds, misses) in [
        ("", &["", "x"][..], &[][..]),
        ("abc", &["xabcx"], &["ab"]),
        ("^abc$", &["abc"], &["xabc", "abcx", "abc\n"]),
        ("a|b|", &["a", "z"], &[]),
        ("^(a|bc)+$", &["abcabc"], &["", "ac"]),
        ("S\\d{2}E\\d{2}", &["Show.S01E02.mkv"], &["S1E2"]),
        ("^.{1,5}$", &["abcde", "日本"], &["", "abcdef", "😀😀😀"]),
        ("^..$", &["😀"], &["日"]),
        (".", &["\u{85}"], &["\n", "\u{2028}"]),
        ("[^]", &["\n"], &[""]),
        ("[]", &[], &["x", ""]),
        ("[\\u4e00-\\u9fa5]", &["中文"], &["abc"]),
        ("(?<=a)b", &["ab"], &["b", "cb"]),
        ("(?<!a)b", &["b", "cb"], &["ab"]),
        ("(?=.*x)a", &["abx"], &["ab"]),
        ("^(?!.*x)a", &["ab"], &["abx"]),
        ("(\\w)\\1", &["book"], &["abab"]),
        ("(?<y>\\d)-\\k<y>", &["1-1"], &["1-2"]),
        ("\\k<y>", &["k<y>"], &["1"]),
        ("(?<=(\\d+)(\\d+))$", &["1234"], &["x"]),
        ("(?<=\\1(a))b", &["aab"], &["ab"]),
        ("^(?:(a)|b)*\\1$", &["ab", "aa", "b"], &["c"]),
        (
            "(z)((a+)?(b+)?(c))*\\4x",
            &["zaacbbbcacx"],
            &["zaacbbbcacy"],
        ),
        ("^(a*)*$", &["", "aaa"], &["b"]),
        ("^(a*)+$", &["", "aaa"], &["b"]),
        ("(a*?)+?b", &["aab", "b"], &["a"]),
        ("^(?:a??){2}$", &["", "a", "aa"], &["aaa"]),
        ("^a{0}b{2,}$", &["bb", "bbb"], &["b", "abb"]),
        ("x{,3}", &["x{,3}"], &["xxx"]),
        ("a{2", &["a{2"], &["aa"]),
        ("]}", &["]}"], &["]"]),
        ("\\p{L}", &["p{L}"], &["é"]),
        ("\\u{3}", &["uuu"], &["u"]),
        ("\\x4a\\u004A", &["JJ"], &["J"]),
        ("\\101\\8\\0", &["A8\0"], &["A8"]),
        ("\\cJ", &["\n"], &["J"]),
        ("\\c1", &["\\c1"], &["\u{11}"]),
        ("[\\c1]", &["\u{11}"], &["1"]),
        ("[\\b]", &["\u{8}"], &["b"]),
        ("[\\w-.]", &["-", ".", "a"], &["+"]),
        ("[a-]", &["-", "a"], &["b"]),
        ("[\\d-x]", &["-", "x", "5"], &["y"]),
        ("\\bweb\\b", &["a web b", "WEB-web"], &["webs"]),
        ("\\Beb", &["web"], &["eb"]),
        (
            "\\s",
            &["\u{a0}", "\u{feff}", "\u{3000}"],
            &["\u{85}", "\u{200b}"],
        ),
        ("^\\S+$", &["a\u{180e}"], &["a b"]),
        ("(?=a)*b", &["b"], &["a"]),
        ("(?:(?=(a)))?\\1b", &["b", "ab"], &["a"]),
        ("e[+-]\\d+", &["1e+21"], &["1"]),
        ("(2147483653|zzz)", &["x2147483653"], &["2147483654"]),
        ("^$", &[""], &["a"]),
        ("$^", &[""], &["a"]),
        ("a.*b.*c$", &["a1b2c"], &["a1b2cd"]),
        ("^(?:ab|a)(?:c|bcd)$", &["abcd", "ac", "abc"], &["ab"]),
    ] {
        finds.iter().for_each(|text| check(pattern, text, true));
        misses.iter().for_each(|text| check(pattern, text, false));
    }
}

#[test]
fn refuses_what_javascript_refuses() {
    for pattern in [
        "(",
        ")",
        "a)",
        "(?",
        "[",
        "[a",
        "a{2,1}",
        "*",
        "+a",
        "a**",
        "a|*",
        "^*",
        "\\b+",
        "{1}",
        "x{1}{2}",
        "(?i)a",
        "(?i:a)",
        "(?<=a)*",
        "\\",
        "[b-a]",
        "(?<1>a)",
        "(?<a>x)(?<a>y)",
        "(?<a>x)\\k<b>",
        "(?<a>x)\\k",
        "(?<a",
        "[\\",
        "a{99999999999999999999,1}",
    ] {
        assert!(
            Pattern::compile(pattern).is_err(),
            "/{pattern}/ is accepted"
        );
    }
}

#[test]
fn ambiguous_repetitions_end_with_the_right_answer() {
    let text = "a".repeat(200);
    for pattern in [
        "(a+)+$",
        "^(a|a)*b",
        "(a*)*b",
        "(?:a|aa)+c",
        "(.*)(.*)(.*)(.*)x",
        "(x+x+)+y",
    ] {
        let compiled = Pattern::compile(pattern).expect("valid");
        assert_eq!(
            compiled.is_found_in(&text),
            Ok(pattern == "(a+)+$"),
            "/{pattern}/"
        );
    }
}

#[test]
fn an_endless_search_is_given_up() {
    let text = format!("{}!", "a".repeat(200));
    for pattern in [
        "^(a+)+\\1b",
        "^(?:a{1,9}){1,99}$",
        "(?=(a+)+\\1b)c",
        "(?<=^(a|a)*\\1)b$",
    ] {
        let compiled = Pattern::compile(pattern).expect("valid");
        assert_eq!(compiled.is_found_in(&text), Err(TooLong), "/{pattern}/");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(Pattern::compile(&deep).is_err());
}

proptest::proptest! {
    #[test]
    fn any_pattern_and_text_come_to_an_end(
        pattern in "[ab.^$|?*+(){}\\[\\]\\\\,1-3dwbk<>=!:\u{e9}-]{0,14}",
        text in "[abé1 ]{0,12}",
    ) {
        if let Ok(compiled) = Pattern::compile(&pattern) {
            let _ = compiled.is_found_in(&text);
        }
    }
}
