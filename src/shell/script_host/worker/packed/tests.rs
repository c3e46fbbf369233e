use super::*;

fn shown(packer: &Packer, packed: &Packed) -> String {
    let field = |(position, name): (usize, &NameId)| {
        format!("{}={:?}", packer.names.text(*name), packed.field(position))
    };
    packed
        .layout
        .names
        .iter()
        .enumerate()
        .map(field)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_kind_of_value_comes_back() {
    let mut packer = Packer::default();
    let long = "x".repeat(300);
    let json = format!(
        r#"{{"a":null,"b":true,"c":false,"d":0,"e":255,"f":256,"g":65536,"h":4294967296,"i":-1,"j":0.1,"k":"é","l":"{long}","m":{{"x":[1]}},"n":[2],"o":-0,"p":"a\n\"b"}}"#
    );
    let packed = packer.pack(&json).expect("valid");
    assert_eq!(
        shown(&packer, &packed),
        format!(
            "a=Null b=Bool(true) c=Bool(false) d=Number(0.0) e=Number(255.0) f=Number(256.0) g=Number(65536.0) h=Number(4294967296.0) i=Number(-1.0) j=Number(0.1) k=Text(\"é\") l=Text(\"{long}\") m=Json(\"{{\\\"x\\\":[1]}}\") n=Json(\"[2]\") o=Number(-0.0) p=Text(\"a\\n\\\"b\")"
        )
    );
}

#[test]
fn changes_are_put_over_what_was() {
    let mut packer = Packer::default();
    let old = packer.pack(r#"{"a":1,"b":"two","c":3}"#).expect("valid");
    let changes = packer.pack(r#"{"d":[4],"b":2}"#).expect("valid");
    let merged = packer.merge(&old, &changes);
    assert_eq!(
        shown(&packer, &merged),
        "a=Number(1.0) b=Number(2.0) c=Number(3.0) d=Json(\"[4]\")"
    );
}

#[test]
fn a_name_given_twice_counts_as_given_last() {
    let mut packer = Packer::default();
    let packed = packer.pack(r#"{"a":1,"b":2,"a":"x"}"#).expect("valid");
    assert_eq!(shown(&packer, &packed), "b=Number(2.0) a=Text(\"x\")");
}

#[test]
fn objects_of_the_same_fields_share_their_layout() {
    let mut packer = Packer::default();
    let one = packer.pack(r#"{"a":1,"b":2}"#).expect("valid");
    let other = packer.pack(r#"{"a":"x","b":null}"#).expect("valid");
    assert!(Rc::ptr_eq(&one.layout, &other.layout));
}

#[test]
fn what_is_no_object_is_refused() {
    let mut packer = Packer::default();
    for json in ["", "[]", "1", "{\"a\":}", "{} x"] {
        assert!(packer.pack(json).is_err(), "{json}");
    }
}
