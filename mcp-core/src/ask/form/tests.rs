use super::*;
use serde::Deserialize;

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Size {
    Small,
    Large,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
enum Colour {
    #[schemars(title = "Bright red")]
    Red,
    #[schemars(title = "Deep blue")]
    Blue,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct Order {
    /// Whom is it for?
    #[schemars(length(min = 2, max = 10))]
    name: String,
    #[schemars(range(min = 1, max = 5))]
    count: u8,
    size: Size,
    colour: Option<Colour>,
    #[serde(default)]
    extras: Vec<Size>,
    #[serde(default)]
    gift: bool,
}

#[test]
fn a_struct_becomes_a_form() {
    let form = of::<Order>().unwrap();
    let properties = &form["properties"];
    assert_eq!(properties["name"]["description"], "Whom is it for?");
    assert_eq!(properties["name"]["maxLength"], 10);
    assert_eq!(properties["count"]["maximum"], 5);
    assert_eq!(properties["count"].get("format"), None);
    assert_eq!(properties["size"]["enum"], json!(["small", "large"]));
    assert_eq!(
        properties["colour"]["oneOf"][0],
        json!({"const": "Red", "title": "Bright red"})
    );
    assert_eq!(
        properties["extras"]["items"]["enum"],
        json!(["small", "large"])
    );
    assert_eq!(properties["gift"]["default"], false);
    assert_eq!(form["required"], json!(["name", "count", "size"]));
}

#[test]
fn what_no_form_can_ask_for_is_named() {
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Nested {
        inner: Order,
    }
    assert!(of::<Nested>().unwrap_err().contains("`inner`"));
    assert!(of::<String>().is_err());
}

#[test]
fn older_clients_get_older_forms() {
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Plain {
        #[serde(default)]
        count: u8,
        colour: Colour,
        #[serde(default)]
        gift: bool,
    }
    let form = downlevel(of::<Plain>().unwrap(), Revision::V2025_06_18).unwrap();
    let properties = &form["properties"];
    assert_eq!(properties["count"].get("default"), None);
    assert_eq!(properties["gift"]["default"], false);
    assert_eq!(
        properties["colour"]["enumNames"],
        json!(["Bright red", "Deep blue"])
    );
    assert!(downlevel(of::<Order>().unwrap(), Revision::V2025_06_18).is_err());
}

#[test]
fn answers_are_checked() {
    let form = of::<Order>().unwrap();
    let good = json!({"name": "Ada", "count": 2, "size": "small", "colour": "Red", "other": 1});
    assert_eq!(read::<Order>(&form, good).unwrap().name, "Ada");
    let table = [
        (json!({"name": "A", "count": 2, "size": "small"}), "name"),
        (json!({"name": "Ada", "count": 9, "size": "small"}), "count"),
        (
            json!({"name": "Ada", "count": 2, "size": "smal"}),
            "did you mean \"small\"",
        ),
        (
            json!({"name": "Ada", "count": 2, "size": "hunter2"}),
            "size",
        ),
        (json!({"name": 12345, "count": 2, "size": "small"}), "name"),
        (json!({"count": 2, "size": "small"}), "`name` is required"),
        (json!("hunter2"), "object"),
    ];
    for (answer, expected) in table {
        let fault = read::<Order>(&form, answer.clone()).unwrap_err();
        assert!(
            fault.contains(expected) && !fault.contains("hunter2"),
            "{answer}: {fault}"
        );
    }
}
