use super::*;

/// The value that a condition gets, and a part of the remarks.
#[track_caller]
fn check(key: &str, compare_type: &str, value: &str, role: Role, expected: &str, part: &str) {
    let mut remarks = Remarks::default();
    let written = json!({ "key": key, "compareType": compare_type, "value": value });
    let other = json!({ "key": "size", "compareType": "bigger", "value": "1" });
    let carried = carry(&[written, other], role, "rule", &mut remarks)
        .unwrap_or_else(|_| panic!("{value:?} is lost"));
    let list = Value::List(carried.list).to_string();
    let is_there = list.contains(&format!("\"value\": {expected:?}"));
    assert!(is_there || expected.is_empty(), "{list}");
    assert!(!list.contains(&format!("{value:?}")), "{list}");
    let remarks: String = remarks
        .into_list()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(remarks.contains(part), "{remarks}");
}

#[test]
fn blanks_are_taken_off_with_a_remark() {
    for role in [Role::Act, Role::Protect] {
        check(
            "category",
            "includeIn",
            "KEEP, KEEP2",
            role,
            "KEEP,KEEP2",
            "differs: rule: condition 1",
        );
        check(
            "state",
            "equals",
            " stalledUP",
            role,
            "stalledUP",
            "they are taken off",
        );
    }
    check(
        "category",
        "notIncludeIn",
        "KEEP, KEEP2",
        Role::Act,
        "KEEP,KEEP2",
        "taken off",
    );
}

#[test]
fn mended_protect_rule_excepts_no_more_than_it_did() {
    let protect = Role::Protect;
    check(
        "category",
        "notIncludeIn",
        "a, b",
        protect,
        "a",
        "protects no less",
    );
    check(
        "category",
        "notContain",
        "a , b",
        protect,
        "",
        "It is left out",
    );
    check(
        "category",
        "notIncludeIn",
        " a",
        protect,
        "",
        "It is left out",
    );
}
